// Filters narrow the tables; the figures are of all rows.

const filters = document.getElementById("filters");
const boxes = filters ? [...filters.querySelectorAll("input[type=checkbox]")] : [];

function choose() {
  const models = new Set(boxes.filter(b => b.checked).map(b => b.value));
  const choices = [...filters.querySelectorAll("select")].filter(s => s.value !== "");
  const chosen = new Set();
  data.points.forEach((p, i) => {
    if (models.has(p.model) && choices.every(c => Number(p[c.dataset.name] || 0) === Number(c.value))) chosen.add(i);
  });
  for (const body of document.querySelectorAll("tbody[data-point]")) body.hidden = !chosen.has(Number(body.dataset.point));
  for (const part of document.querySelectorAll(".filtered")) part.hidden = !part.querySelector("tbody[data-point]:not([hidden])");
  document.getElementById("shown").textContent = `${chosen.size} of ${data.points.length} rows`;
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
