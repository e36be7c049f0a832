// Tables are sorted by a column's title, and a row opens to its trials.

// compare puts what was not measured last, whichever way it is sorted.
function compare(a, b, sign) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const x = Number(a), y = Number(b);
  const order = Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x < y ? -1 : x > y ? 1 : 0;
  return sign * order;
}

// sortBy leaves rows that must not be ranked last.
function sortBy(table, head, order) {
  mark(table, head, order);
  head.dataset.sorted = "";
  const flagged = body => body.classList.contains("flagged");
  const value = body => body.rows[0].cells[head.cellIndex].dataset.v;
  const bodies = [...table.tBodies];
  bodies.sort((a, b) => flagged(a) - flagged(b) || compare(value(a), value(b), order === "ascending" ? 1 : -1));
  table.append(...bodies);
}

// mark says in the heads that one, if any, is what the rows are sorted by.
function mark(table, head, order) {
  for (const h of headsOf(table)) {
    h.ariaSort = h === head ? order : "none";
    delete h.dataset.sorted;
  }
}

// orders are how tables come, which is how they are again where the address has no order for them.
const orders = new Map();

function unsort(table) {
  if (!table.querySelector("th[data-sorted]")) return;
  const { bodies, head, order } = orders.get(table);
  mark(table, head, order);
  table.append(...bodies);
}

function turn(table, head) {
  const first = "more" in head.dataset ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  sortBy(table, head, head.ariaSort === first ? other : first);
  keepAddress();
}

// lineOf links to a trial's line: browsers that know text fragments go to it.
function lineOf(trial, line) {
  const text = `"trial":${trial.trial},` + (trial.attempt ? `"attempt":${trial.attempt},` : "");
  return element("a", { href: (data.folder || "") + "trials.jsonl#:~:text=" + encodeURIComponent(text) }, String(line));
}

function verdictOf(name) {
  const button = element("button", { type: "button", className: "verdict" }, name);
  button.dataset.verdict = name;
  return button;
}

// trialTable has the lines of trials.jsonl that a row rests on.
function trialTable(table, row) {
  const heads = ["trial", "line", ...data.heads[table.id], "served", "log", "notes"];
  const head = element("tr", {}, ...heads.map((h, i) => element("th", { scope: "col", className: i < heads.length - 1 ? "n" : "" }, h)));
  const rows = row.trials.map(b => {
    const t = data.trials[b.line - 1];
    const number = t.trial + (t.attempt ? ", attempt " + (t.attempt + 1) : "");
    const notes = element("td", { className: "wrap" });
    for (const v of t.verdicts || []) notes.append(verdictOf(v), " ");
    if (t.notes) notes.append(t.notes);
    const log = t.log ? element("a", { href: (data.folder || "") + t.log }, "hlog") : "–";
    const cells = [number, lineOf(t, b.line), ...b.texts, t.served || "–", log].map(c => element("td", { className: "n" }, c));
    return element("tr", { className: b.used ? "" : "unused" }, ...cells, notes);
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
  const row = data.rows[body.dataset.row - 1];
  const about = element("p", { className: "faint" }, row.about);
  const hold = element("div", { className: "hold", tabIndex: 0, role: "region", ariaLabel: "Trials" }, about, trialTable(table, row));
  const cell = element("td", { colSpan: body.rows[0].cells.length }, hold);
  body.append(element("tr", { className: "detail" }, cell));
}

function makeTables() {
  for (const table of document.querySelectorAll("table.rows")) {
    const head = table.querySelector("th[aria-sort]:not([aria-sort=none])");
    orders.set(table, { bodies: [...table.tBodies], head, order: head?.ariaSort });
    table.addEventListener("click", e => {
      const button = e.target.closest("button");
      if (!button) return;
      if (button.classList.contains("open")) openRow(table, button);
      else if (button.closest("thead")) turn(table, button.closest("th"));
    });
  }
}
