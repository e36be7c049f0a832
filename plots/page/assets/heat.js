// A heat map has one cell in the order of focus, from which arrow keys lead to the others.

const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function makeHeat() {
  for (const table of document.querySelectorAll("table.heat")) {
    const rows = [...table.tBodies[0].rows].map(r => [...r.querySelectorAll("td")]);
    rows[0]?.[0]?.setAttribute("tabindex", "0");
    table.addEventListener("keydown", e => {
      const step = steps[e.key], from = e.target.closest("td");
      if (!step || !from) return;
      const row = rows.findIndex(r => r.includes(from));
      const to = rows[row + step[0]]?.[rows[row].indexOf(from) + step[1]];
      if (!to) return;
      e.preventDefault();
      from.setAttribute("tabindex", "-1");
      to.setAttribute("tabindex", "0");
      to.focus();
    });
  }
}
