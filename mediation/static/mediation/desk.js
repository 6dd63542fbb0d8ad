// The desk's own script. Every page reads and works without it.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Counts down what the page shows as the time left of a lease.
function countDown() {
  const running = all("[data-countdown]");
  const begin = (element, seconds) => {
    element.dataset.end = performance.now() / 1000 + Number(seconds);
  };
  const show = (element) => {
    const left = Math.max(0, Math.round(element.dataset.end - performance.now() / 1000));
    const minutes = Math.floor(left / 60);
    element.textContent = `${minutes}:${String(left % 60).padStart(2, "0")}`;
    element.classList.toggle("late", left < 300);
  };
  running.forEach((element) => begin(element, element.dataset.seconds));
  running.forEach(show);
  if (running.length) setInterval(() => running.forEach(show), 1000);
  all("[data-stay]").forEach((lease) => stay(lease, (seconds) => begin(lease, seconds)));
}

// Keeps the lease of whoever reads, scrolls or types; asks at most every two minutes.
function stay(lease, renewed) {
  let asked = performance.now();
  const ask = async () => {
    if (performance.now() - asked < 120000) return;
    asked = performance.now();
    const body = new URLSearchParams({ lease: lease.dataset.lease });
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
    const options = { method: "POST", body, headers: { "X-CSRFToken": token } };
    const answer = await fetch(lease.dataset.stay, options);
    if (answer.ok || answer.status === 409) renewed((await answer.json()).seconds);
  };
  for (const sign of ["keydown", "pointerdown", "scroll"]) {
    document.addEventListener(sign, () => ask().catch(() => {}), { capture: true, passive: true });
  }
}

// Asks the server, while somebody types, what an act would lead to.
function previews() {
  all("form[data-preview]").forEach((form) => {
    const box = form.querySelector(".preview");
    const touched = new Set();
    let timer = null;
    let asking = null;
    const typed = () => {
      const data = new FormData(form);
      [...data].forEach(([name, value]) => value instanceof File && data.delete(name));
      return data;
    };
    const ask = async () => {
      asking?.abort();
      asking = new AbortController();
      try {
        const answer = await fetch(form.dataset.preview, {
          method: "POST",
          body: typed(),
          headers: { "X-Requested-With": "fetch" },
          signal: asking.signal,
        });
        if (!answer.ok || answer.redirected) return box.replaceChildren();
        const said = await answer.json();
        box.innerHTML = said.html;
        complain(form, said.errors, touched);
      } catch (error) {
        if (error.name !== "AbortError") box.replaceChildren();
      }
    };
    const soon = (wait) => {
      clearTimeout(timer);
      timer = setTimeout(ask, wait);
    };
    form.addEventListener("input", (event) => {
      touched.add(event.target.name);
      soon(350);
    });
    const fold = form.closest("details");
    if (fold?.open) soon(0);
    fold?.addEventListener("toggle", () => fold.open && soon(0));
    form.addEventListener("submit", () => asking?.abort());
  });
  all("[data-scriptless]").forEach((element) => element.remove());
}

// Shows what is wrong at the fields that somebody has been in.
function complain(form, errors, touched) {
  all("[data-field]", form).forEach((field) => {
    const name = field.dataset.field;
    const list = field.querySelector(".errors") ?? document.createElement("ul");
    const told = touched.has(name) ? errors[name] ?? [] : [];
    list.className = "errorlist errors";
    list.replaceChildren(...told.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
    if (told.length) field.append(list);
    else list.remove();
  });
}

// Puts a text that was chosen where words are typed.
document.addEventListener("change", (event) => {
  const select = event.target.closest("select[data-inserts]");
  const words = select?.selectedOptions[0]?.dataset.words;
  if (!words) return;
  const area = select.form.querySelector("textarea");
  area.value = area.value.trim() ? `${area.value.trimEnd()}\n${words}` : words;
  select.value = "";
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("change", (event) => {
  if (event.target.closest("form[data-at-once]")) event.target.form.submit();
});

// Looks at files: one or two beside each other, larger, turned, or played.
function viewer() {
  const dialog = document.getElementById("viewer");
  if (!dialog) return;
  const files = all("a[data-view]");
  const panes = dialog.querySelector(".panes");
  const choices = all("select[data-pane]", dialog);
  choices.forEach((select) => {
    if (select.dataset.none) select.add(new Option(select.dataset.none, ""));
    files.forEach((file, number) => select.add(new Option(`${file.dataset.what} · ${file.dataset.about}`, number)));
    select.addEventListener("change", show);
  });
  function show() {
    panes.replaceChildren(...choices.filter((select) => select.value !== "").map((select) => pane(dialog, files[select.value])));
  }
  files.forEach((file, number) =>
    file.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      choices[0].value = number;
      choices[1].value = "";
      show();
      dialog.showModal();
    }),
  );
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => panes.replaceChildren()); // a video stops
}

function pane(dialog, file) {
  const made = dialog.querySelector("template").content.firstElementChild.cloneNode(true);
  const stage = made.querySelector(".stage");
  const tags = { image: "img", video: "video", pdf: "iframe" };
  const seen = document.createElement(tags[file.dataset.view]);
  seen.src = file.dataset.src + (file.dataset.view === "pdf" ? "#navpanes=0" : "");
  if (file.dataset.view === "video") Object.assign(seen, { controls: true, preload: "metadata" });
  if (file.dataset.view === "image") seen.alt = file.dataset.what;
  if (file.dataset.view === "pdf") seen.title = file.dataset.what;
  stage.append(seen);
  made.querySelector("[data-what]").textContent = file.dataset.what;
  made.querySelector("[data-about]").textContent = file.dataset.about;
  made.querySelector("[data-open]").href = file.href;
  if (file.dataset.view === "pdf") made.querySelector(".tools").remove();
  else movable(made, stage, seen);
  return made;
}

function movable(made, stage, seen) {
  let [scale, turn, x, y] = [1, 0, 0, 0];
  const draw = () => {
    seen.style.transform = `translate(${x}px, ${y}px) rotate(${turn}deg) scale(${scale})`;
  };
  const zoom = (by) => {
    scale = Math.min(12, Math.max(0.25, scale * by));
    draw();
  };
  const tools = {
    in: () => zoom(1.4),
    out: () => zoom(1 / 1.4),
    turn: () => { turn = (turn + 90) % 360; draw(); },
    fit: () => { [scale, turn, x, y] = [1, 0, 0, 0]; draw(); },
  };
  made.addEventListener("click", (event) => tools[event.target.dataset.tool]?.());
  stage.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15); }, { passive: false });
  stage.addEventListener("keydown", (event) => {
    const tool = { "+": "in", "=": "in", "-": "out", r: "turn", 0: "fit" }[event.key];
    if (tool) { event.stopPropagation(); tools[tool](); }
  });
  if (seen.tagName !== "IMG") return;
  seen.draggable = false;
  stage.addEventListener("pointerdown", (event) => stage.setPointerCapture(event.pointerId));
  stage.addEventListener("pointermove", (event) => {
    if (!stage.hasPointerCapture(event.pointerId)) return;
    [x, y] = [x + event.movementX, y + event.movementY];
    draw();
  });
}

// Keys: the element that carries a key is opened or clicked; others go to a place on the page.
const PLACES = { e: "#evidence a.file, #evidence", m: "#messages textarea" };
function keys() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typing?.form) return typing.form.requestSubmit(typing.form.querySelector(".button:not([data-scriptless])"));
    if (event.key === "Escape" && typing) return typing.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const help = document.getElementById("keys");
    if (event.key === "?" && help) return help.showModal();
    const target = all("[data-key]").find((element) => element.dataset.key === event.key);
    const place = PLACES[event.key] && document.querySelector(PLACES[event.key]);
    if (target) event.preventDefault();
    if (target?.tagName === "SUMMARY") decide(target.parentElement);
    else if (target) target.click();
    else if (place) { event.preventDefault(); place.scrollIntoView({ block: "center" }); place.focus(); }
  });
}

function decide(fold) {
  fold.open = true;
  fold.scrollIntoView({ block: "nearest" });
  const first = fold.querySelector("select:not([data-inserts]), textarea, input:not([type=hidden]), button");
  first?.focus();
}

document.addEventListener("DOMContentLoaded", () => [countDown, previews, viewer, keys].forEach((start) => start()));
