// Filters narrow the tables; the figures are of all rows.

const filters = document.getElementById("filters");
const boxes = filters ? [...filters.querySelectorAll("input[type=checkbox]")] : [];

function choose() {
  const names = new Set(boxes.filter(b => b.checked).map(b => b.value));
  const choices = [...filters.querySelectorAll("select")].filter(s => s.value !== "all");
  const chosen = data.rows.map(r => names.has(r.key.Model) && choices.every(c => "=" + r.key[c.dataset.name] === c.value));
  const bodies = [...document.querySelectorAll("tbody[data-row]")];
  for (const body of bodies) body.hidden = !chosen[body.dataset.row - 1];
  for (const part of document.querySelectorAll("article:has(tbody[data-row])")) part.hidden = !part.querySelector("tbody[data-row]:not([hidden])");
  const own = bodies.filter(b => filters.parentNode.contains(b));
  document.getElementById("shown").textContent = `${own.filter(b => !b.hidden).length} of ${own.length} rows`;
}

function makeFilters() {
  if (!filters) return;
  filters.hidden = false;
  filters.addEventListener("change", choose);
  filters.addEventListener("submit", e => e.preventDefault());
  for (const [id, checked] of [["every", true], ["none", false]]) {
    document.getElementById(id).addEventListener("click", () => {
      for (const b of boxes) b.checked = checked;
      choose();
    });
  }
  // A browser that comes back to the page may have kept what was chosen.
  filters.reset();
  choose();
}
