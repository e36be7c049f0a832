// Each table can be copied as it is seen, filtered and sorted: as Markdown for people, as CSV
// with plain numbers.

const textOf = e => e ? e.textContent.trim() : "";

// wordsOf is a cell for people: its text, what stands below it in parentheses, what is said of it.
function wordsOf(cell) {
  const name = cell.querySelector(".open span:last-child, .own");
  const flag = textOf(cell.querySelector(".flag"));
  const below = textOf(cell.querySelector(".below"));
  const said = textOf(cell.querySelector(".said"));
  const all = name || cell.cloneNode(true);
  if (!name) for (const part of all.querySelectorAll(".below, .said")) part.remove();
  return [flag, textOf(all), below && `(${below})`, said].filter(Boolean).join(" ");
}

const shownRows = table => [...table.tBodies].filter(b => !b.hidden).map(b => [...b.rows[0].cells]);
const headsOf = table => table.tHead ? [...table.tHead.rows[0].cells] : [];

function markdown(table) {
  const escape = s => s.replace(/\s+/g, " ").replace(/[\\|]/g, "\\$&");
  const line = cells => "| " + cells.join(" | ") + " |\n";
  const heads = headsOf(table);
  return line(heads.map(h => escape(h.dataset.title))) + line(heads.map(h => h.classList.contains("n") ? "---:" : ":---")) +
    shownRows(table).map(cells => line(cells.map(c => escape(wordsOf(c))))).join("");
}

// csv has words as they are seen and of numbers their values, with two more columns where they have intervals.
function csv(table) {
  const heads = headsOf(table), rows = shownRows(table);
  const bounds = heads.map((_, i) => rows.some(r => "low" in r[i].dataset));
  const number = v => (v || "").replace("Infinity", "inf");
  const word = s => /^[=+\-@]/.test(s) ? "'" + s : s; // which a spreadsheet would read as a formula
  const quote = s => /[",\n]/.test(s) ? '"' + s.replaceAll('"', '""') + '"' : s;
  const line = cells => cells.map(quote).join(",") + "\n";
  return line(heads.flatMap((h, i) => [h.dataset.name, ...(bounds[i] ? [h.dataset.name + "_low", h.dataset.name + "_high"] : [])])) +
    rows.map(cells => line(cells.flatMap((c, i) => {
      const words = !heads[i].classList.contains("n") || c.scope === "row";
      const value = words ? word(wordsOf(c).replace(/^! /, "")) : number(c.dataset.v);
      return [value, ...(bounds[i] ? [number(c.dataset.low), number(c.dataset.high)] : [])];
    }))).join("");
}

// offer puts text where it can be copied by hand: not every page may write to the clipboard.
function offer(text, status) {
  const area = element("textarea", { value: text, readOnly: true, rows: 6, ariaLabel: "Text to copy" });
  status.replaceChildren("Copy it from here:", area);
  area.focus();
  area.select();
}

async function copy(text, status, rows) {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = `Copied: ${rows} ${rows === 1 ? "row" : "rows"}.`;
  } catch {
    offer(text, status);
  }
}

function makeCopying() {
  for (const table of document.querySelectorAll("table.rows:not(.bare)")) {
    const status = element("span", { role: "status" });
    const label = table.closest("section").querySelector("h2").textContent;
    const button = (name, of) => {
      const b = element("button", { type: "button", ariaLabel: `Copy the table “${table.parentNode.ariaLabel || label}” as ${name}` }, name);
      b.addEventListener("click", () => copy(of(table), status, shownRows(table).length));
      return b;
    };
    table.parentNode.after(element("p", { className: "copy faint" }, "Copy as ", button("Markdown", markdown), " ", button("CSV", csv), " ", status));
  }
}
