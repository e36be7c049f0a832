// What is chosen above the answer narrows answer, tables and figures alike. It is in the
// page's address, with how tables are sorted, so that a copied address opens the same view.

const filters = document.getElementById("filters");
const boxes = filters ? [...filters.querySelectorAll("input[type=checkbox]")] : [];
const selects = filters ? [...filters.querySelectorAll("select")] : [];

// narrow shows what is chosen and hides the rest.
function narrow() {
  if (!filters) return;
  const names = new Set(boxes.filter(b => b.checked).map(b => b.value));
  const choices = selects.filter(s => s.value !== "all");
  const chosen = data.rows.map(r => names.has(r.key.Model) && choices.every(c => "=" + r.key[c.dataset.name] === c.value));
  const bodies = [...document.querySelectorAll("tbody[data-row]")];
  for (const body of bodies) body.hidden = !chosen[body.dataset.row - 1];
  for (const graph of document.querySelectorAll("details[data-row]")) graph.hidden = !chosen[graph.dataset.row - 1];
  for (const part of document.querySelectorAll("article:has(tbody[data-row])")) part.hidden = !part.querySelector("tbody[data-row]:not([hidden])");
  const few = document.querySelectorAll("#answer article:has(.ranked):not([hidden]) .ranked");
  if (few.length === 1) few[0].open = true;
  narrowWords(names, choices.length > 0);
  narrowFigures(data.rows.filter((_, i) => chosen[i]).map(r => r.key));
  const own = bodies.filter(b => b.closest("#" + filters.dataset.table));
  const shown = own.filter(b => !b.hidden).length;
  const all = shown === own.length;
  document.getElementById("shown").textContent = all ? `all ${own.length} rows` : `${shown} of ${own.length} rows; tiers and ratios are still those of all`;
  document.getElementById("clear").hidden = all;
  filters.classList.toggle("narrowed", !all);
}

// narrowWords hides the sentences of the answer and on where the time goes that speak of nothing but rows
// left out, and where points or rows are left out that on all of them. A line in small print speaks of the
// row that it begins with.
function narrowWords(names, fewer) {
  const pattern = b => new RegExp("(?<![\\w-])" + b.value.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&") + "(?![\\w-])", "u");
  const patterns = boxes.map(b => [names.has(b.value), pattern(b)]);
  for (const p of document.querySelectorAll("#time article p.faint")) {
    const of = boxes.find(b => p.textContent.startsWith(b.value + ": "));
    p.hidden = of !== undefined && !names.has(of.value);
  }
  for (const p of document.querySelectorAll(":is(#answer, #time) article p:not(.faint)")) {
    const named = patterns.filter(([, pattern]) => pattern.test(p.textContent));
    p.hidden = named.length > 0 && !named.some(([chosen]) => chosen);
  }
  for (const p of document.querySelectorAll("#time article:has(tbody[hidden]) .lead")) p.hidden = true;
  const whole = document.querySelector("#answer:has(.ranked) > article:not(:has(h3, table))");
  if (whole) whole.hidden = fewer;
}

// address is the view as a query; the row names are those fewer ones that are chosen or left out.
function address() {
  const view = new URLSearchParams();
  for (const s of selects) if (s.value !== "all") view.append(s.name, s.value.slice(1));
  const on = boxes.filter(b => b.checked), off = boxes.filter(b => !b.checked);
  const [name, named] = on.length > 0 && on.length < off.length ? ["only", on] : ["without", off];
  for (const b of named) view.append(name, b.value);
  for (const head of document.querySelectorAll("th[data-sorted]")) view.append("sort", [head.closest("table").id, head.cellIndex, head.ariaSort].join("."));
  return view.toString();
}

function keepAddress() {
  const query = address();
  if (query === location.search.slice(1)) return;
  try {
    history.pushState(null, "", (query ? "?" + query : location.pathname) + location.hash);
  } catch { /* a page in a frame may have no address of its own */ }
}

// readAddress shows the view that the address has; what it names and is not here is passed over.
function readAddress() {
  const view = new URLSearchParams(location.search);
  for (const s of selects) {
    const value = "=" + view.get(s.name);
    s.value = [...s.options].some(o => o.value === value) ? value : "all";
  }
  const only = view.getAll("only").filter(name => boxes.some(b => b.value === name)), without = view.getAll("without");
  for (const b of boxes) b.checked = only.length > 0 ? only.includes(b.value) : !without.includes(b.value);
  const sorted = new Map(view.getAll("sort").map(s => s.split(".")).map(([table, ...how]) => [table, how]));
  for (const table of document.querySelectorAll("table.rows")) {
    const [column, order] = sorted.get(table.id) || [];
    const head = table.tHead && table.tHead.rows[0].cells[column];
    if (head && ["ascending", "descending"].includes(order)) sortBy(table, head, order);
    else unsort(table);
  }
  narrow();
}

function changed() {
  narrow();
  keepAddress();
}

function makeFilters() {
  if (filters) {
    filters.hidden = false;
    filters.addEventListener("change", changed);
    filters.addEventListener("submit", e => e.preventDefault());
    const check = (id, checked) => document.getElementById(id).addEventListener("click", () => {
      for (const b of boxes) b.checked = checked;
      if (id === "clear") for (const s of selects) s.value = "all";
      changed();
    });
    check("every", true);
    check("none", false);
    check("clear", true);
  }
  addEventListener("popstate", readAddress);
  readAddress();
}
