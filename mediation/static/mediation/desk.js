// Counts down what the page shows as the time left of a lease; the page reads well without it.
document.addEventListener("DOMContentLoaded", () => {
  const loaded = performance.now();
  const show = (element) => {
    const passed = (performance.now() - loaded) / 1000;
    const left = Math.max(0, Math.round(Number(element.dataset.seconds) - passed));
    const minutes = Math.floor(left / 60);
    element.textContent = `${minutes}:${String(left % 60).padStart(2, "0")}`;
    element.classList.toggle("late", left < 300);
  };
  const running = document.querySelectorAll("[data-countdown]");
  running.forEach(show);
  if (running.length) setInterval(() => running.forEach(show), 1000);
});
document.addEventListener("change", (event) => {
  if (event.target.closest("form[data-at-once]")) event.target.form.submit();
});
