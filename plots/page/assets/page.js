// The pages work without their script but for sorting, filters, values of figures and the
// trials behind a row. All texts come from the page's data and are only ever set as text.
// The files are put together in one function, see frame.go, which calls start.

const data = JSON.parse(document.getElementById("data").textContent);
const tip = document.getElementById("tip");

function element(name, properties = {}, ...children) {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...children);
  return e;
}

// ---- what is said beside the pointer or the focus ----

let anchor = null; // the element that is spoken of

function showTip(lines, beside) {
  tip.replaceChildren(...lines.map((l, i) => element("div", {}, i ? l : element("b", {}, l))));
  tip.hidden = false;
  anchor = beside;
  placeTip();
}

function placeTip() {
  if (!anchor) return;
  const box = anchor.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  const above = box.top - height - 10;
  tip.style.left = Math.max(8, Math.min(room - width - 8, (box.left + box.right - width) / 2)) + "px";
  tip.style.top = (above >= 4 ? above : box.bottom + 10) + "px";
}

function hideTip() {
  tip.hidden = true;
  anchor = null;
}

// explain says what a verdict means, and what an element's own lines say.
function explain() {
  const spoken = e => e.target instanceof Element && e.target.closest(".verdict, [data-tip]");
  const show = e => {
    const s = spoken(e);
    if (!s) return;
    s.setAttribute("aria-describedby", "tip");
    const { verdict, tip } = s.dataset;
    showTip(verdict === undefined ? tip.split("\n") : [verdict, data.verdicts[verdict]], s);
  };
  for (const name of ["pointerover", "focusin", "click"]) document.addEventListener(name, show);
  for (const name of ["pointerout", "focusout"]) document.addEventListener(name, e => { if (spoken(e)) hideTip(); });
  document.addEventListener("keydown", e => { if (e.key === "Escape") hideTip(); });
  document.addEventListener("scroll", placeTip, { passive: true, capture: true });
}

// Paper has no buttons: what is closed is opened for it, but for what only programs read, and for flame
// graphs, of which each takes a page.
function openForPrint() {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main details:not([open]):not(.machine):not(#flames details)")];
    for (const d of opened) d.open = true;
  });
  addEventListener("afterprint", () => {
    for (const d of opened) d.open = false;
  });
}

function start() {
  explain();
  makeTables();
  makeCopying();
  makeFigures();
  makeFilters();
  openForPrint();
}
