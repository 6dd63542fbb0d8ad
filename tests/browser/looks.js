// Runs in every page that a test visits; what it finds it says as an error on the console.
// LATIN: the words that may stand in Latin letters on a Chinese page, in lower case.
(() => {
  if (window !== window.top) return;
  // Icons, keys, files as they are, what is said in a language of its own, and a label that a library wrote.
  const SILENT = 'script, style, noscript, template, textarea, code, pre, kbd, .material-symbols-outlined, [lang]:not(html)';
  const LABELLED = '.simplebar-content-wrapper';
  const SPOKEN = ['title', 'aria-label', 'placeholder', 'alt'];
  const said = new Set();
  const say = (line) => {
    if (!said.has(line)) { said.add(line); console.error(`${line} (${location.pathname})`); }
  };
  const name = (element) => `${element.tagName.toLowerCase()}.${element.className}`;

  // Wider than its parent: content that is neither cut nor scrolled and leaves its box, unless a
  // margin below zero says that it is meant to.
  const wide = (element) => {
    const style = getComputedStyle(element);
    if (style.overflowX !== 'visible' || style.display === 'inline' || !element.clientWidth) return false;
    if ([...element.children].some((child) => parseFloat(getComputedStyle(child).marginRight) < 0)) return false;
    return element.scrollWidth > element.clientWidth + 1;
  };
  const widest = () => {
    const all = [...document.body.querySelectorAll('*:not(svg *)')].filter(wide);
    all.filter((element) => !all.some((other) => other !== element && element.contains(other)))
      .forEach((element) => say(`content wider than ${name(element)} in ${name(element.parentElement)}`));
    if (document.documentElement.scrollWidth > innerWidth) say(`the page is wider than ${innerWidth}`);
  };

  const texts = function* () {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement.closest(SILENT)) yield walker.currentNode.data;
    }
    for (const attribute of SPOKEN) {
      for (const element of document.querySelectorAll(`body [${attribute}]`)) {
        if (!element.matches(LABELLED) && !element.closest(SILENT)) yield element.getAttribute(attribute);
      }
    }
    yield document.title;
  };
  const words = (chinese) => {
    for (const text of texts()) {
      for (const word of text.match(/[A-Za-z0-9][\w.@*:+-]*/g) || []) {
        const plain = word.replace(/[.:+-]+$/, '').toLowerCase();
        if (/^[a-z]+(_[a-z0-9]+)+$/.test(word)) say(`raw code ${word}`);
        else if (chinese && plain.length > 1 && !/[0-9@]/.test(word) && !LATIN.includes(plain)) {
          say(`untranslated: ${word} in "${text.trim().slice(0, 80)}"`);
        }
      }
    }
  };

  window.lookAtPage = () => {
    if (!document.body) return;
    widest();
    words(document.documentElement.lang.startsWith('zh'));
  };
  addEventListener('load', () => setTimeout(window.lookAtPage, 0));
  addEventListener('pagehide', window.lookAtPage);
  document.addEventListener('toggle', () => setTimeout(window.lookAtPage, 0), true);
})();
