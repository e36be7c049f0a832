// Filters are of tables and charts alike.

const filters = document.getElementById("filters");
const boxes = filters ? [...filters.querySelectorAll("input[type=checkbox]")] : [];
let chosen = new Set(data.points.keys());

function applyFilters() {
  if (filters) choose();
  drawAll();
}

function choose() {
  const models = new Set(boxes.filter(b => b.checked).map(b => b.value));
  const choices = [...filters.querySelectorAll("select")].filter(s => s.value !== "");
  chosen = new Set();
  data.points.forEach((p, i) => {
    if (models.has(data.models[p.model].name) && choices.every(c => Number(p[c.dataset.name] || 0) === Number(c.value))) chosen.add(i);
  });
  for (const body of document.querySelectorAll("tbody[data-point]")) body.hidden = !chosen.has(Number(body.dataset.point));
  for (const part of document.querySelectorAll(".filtered")) part.hidden = !part.querySelector("tbody[data-point]:not([hidden])");
  document.getElementById("shown").textContent = `${chosen.size} of ${data.points.length} rows`;
}

function makeFilters() {
  if (!filters) return;
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
