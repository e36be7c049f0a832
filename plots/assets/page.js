// The page works without its script but for sorting, filters, figures and the trials
// behind a row. All texts come from the page's data and are only ever set as text.
// The files are put together in one function, see html.go, which calls start.

const data = JSON.parse(document.getElementById("data").textContent);
const tip = document.getElementById("tip");
const filters = document.getElementById("filters");
const svgSpace = "http://www.w3.org/2000/svg";

function element(name, properties = {}, ...children) {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...children);
  return e;
}

function shape(name, attributes = {}, ...children) {
  const e = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
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

function explainVerdicts() {
  const verdictAt = e => e.target instanceof Element && e.target.closest(".verdict");
  const show = e => {
    const v = verdictAt(e);
    if (!v) return;
    v.setAttribute("aria-describedby", "tip");
    showTip([v.dataset.verdict, data.verdicts[v.dataset.verdict]], v);
  };
  for (const name of ["pointerover", "focusin", "click"]) document.addEventListener(name, show);
  for (const name of ["pointerout", "focusout"]) document.addEventListener(name, e => { if (verdictAt(e)) hideTip(); });
  document.addEventListener("keydown", e => { if (e.key === "Escape") hideTip(); });
  document.addEventListener("scroll", placeTip, { passive: true, capture: true });
}

// ---- tables ----

// compare puts what was not measured last, whichever way it is sorted.
function compare(a, b, sign) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const x = Number(a), y = Number(b);
  const order = Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x < y ? -1 : x > y ? 1 : 0;
  return sign * order;
}

function sortBy(table, head) {
  const heads = [...head.parentNode.children];
  const before = head.getAttribute("aria-sort");
  const first = "more" in head.dataset ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const order = before === first ? other : first;
  for (const h of heads) h.setAttribute("aria-sort", h === head ? order : "none");
  const value = body => body.rows[0].cells[heads.indexOf(head)].dataset.v;
  const bodies = [...table.tBodies];
  bodies.sort((a, b) => compare(value(a), value(b), order === "ascending" ? 1 : -1));
  table.append(...bodies);
}

// trialTable has the lines of trials.jsonl that a row rests on.
function trialTable(table, point) {
  const [from, to] = data.tables[table.id];
  const heads = ["trial", "line", ...data.columns.slice(from, to), "served", "notes"];
  const head = element("tr", {}, ...heads.map((h, i) => element("th", { scope: "col", className: i < heads.length - 1 ? "n" : "" }, h)));
  const rows = point.trials.map(t => {
    const texts = t.texts ? t.texts.slice(from, to) : Array(to - from).fill("–");
    const number = t.trial + (t.attempt ? ", attempt " + (t.attempt + 1) : "");
    const notes = element("td", { className: "wrap" });
    for (const v of t.verdicts || []) notes.append(element("div", {}, v + ": " + data.verdicts[v]));
    if (t.notes) notes.append(t.notes);
    const cells = [number, t.line, ...texts, t.served || "–"].map(c => element("td", { className: "n" }, String(c)));
    return element("tr", { className: t.used ? "" : "unused" }, ...cells, notes);
  });
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
}

function openRow(table, button) {
  const body = button.closest("tbody");
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  if (open) {
    body.rows[1].remove();
    return;
  }
  const point = data.points[body.dataset.point];
  const used = point.trials.filter(t => t.used).length;
  const title = element("p", { className: "faint" },
    `${data.models[point.model].name} at ${point.at}: its figures are medians over the ${used} trials in full colour.`);
  const cell = element("td", { colSpan: body.rows[0].cells.length }, element("div", { className: "hold" }, title, trialTable(table, point)));
  body.append(element("tr", { className: "detail" }, cell));
}

function makeTables() {
  for (const table of document.querySelectorAll("table.points")) {
    table.addEventListener("click", e => {
      const button = e.target.closest("button");
      if (!button) return;
      if (button.classList.contains("open")) openRow(table, button);
      else if (button.closest("thead")) sortBy(table, button.closest("th"));
    });
  }
}

// ---- filters, of tables and charts alike ----

const boxes = [...filters.querySelectorAll("input[type=checkbox]")];
let chosen = new Set(data.points.keys());

function applyFilters() {
  const models = new Set(boxes.filter(b => b.checked).map(b => b.value));
  const choices = [...filters.querySelectorAll("select")].filter(s => s.value !== "");
  chosen = new Set();
  data.points.forEach((p, i) => {
    if (models.has(data.models[p.model].name) && choices.every(c => Number(p[c.dataset.name]) === Number(c.value))) chosen.add(i);
  });
  for (const body of document.querySelectorAll("tbody[data-point]")) body.hidden = !chosen.has(Number(body.dataset.point));
  document.getElementById("shown").textContent = `${chosen.size} of ${data.points.length} rows`;
  drawAll();
}

function makeFilters() {
  filters.hidden = false;
  filters.addEventListener("change", applyFilters);
  filters.addEventListener("submit", e => e.preventDefault());
  for (const [id, checked] of [["every", true], ["none", false]]) {
    document.getElementById(id).addEventListener("click", () => {
      for (const b of boxes) b.checked = checked;
      applyFilters();
    });
  }
  for (const s of filters.querySelectorAll(".sample")) s.append(sample(data.models[s.dataset.model]));
  // A browser that comes back to the page may have kept what was chosen.
  filters.reset();
}

// Paper has no buttons: what is closed is opened for it. Its columns are narrower than
// the screen's, and what is written in the charts would shrink with them.
function openForPrint() {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("#answer details:not([open]), #environment details:not([open])")];
    for (const d of opened) d.open = true;
    fixedWidth = 340;
    drawAll();
  });
  addEventListener("afterprint", () => {
    for (const d of opened) d.open = false;
    fixedWidth = 0;
    drawAll();
  });
}

function start() {
  explainVerdicts();
  makeTables();
  makeFilters();
  makeCharts();
  openForPrint();
  applyFilters();
}
