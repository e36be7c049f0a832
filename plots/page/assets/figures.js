// Marks of figures say what they are of: to a pointer, a finger, and the arrow keys. A figure is
// one stop of the Tab key. Its parts are groups with the class panel, line, bar or mark; what
// they are of is in data-key, what a mark says in data-said, where it is in data-at.

const drawings = [...document.querySelectorAll(".drawing")];
const marksOf = part => [...part.querySelectorAll(".mark[data-said]")];
const shownMarks = drawing => marksOf(drawing).filter(m => m.style.display !== "none");
const pointOf = mark => mark.dataset.at.split(",").map((v, i) => Number(v) + (i && mark.lowered || 0));
const near = 20, nearFinger = 44; // pixels

// ---- filters ----

function narrowFigures(keys) {
  const all = data.rows.map(r => r.key);
  const matches = new Map(); // by data-key, as many parts have the same
  const match = part => {
    const json = part.dataset.key;
    if (!json) return true;
    if (!matches.has(json)) {
      const fields = Object.entries(JSON.parse(json));
      const fits = key => fields.every(([name, value]) => key[name] === value);
      matches.set(json, keys.some(fits) || !all.some(fits));
    }
    return matches.get(json);
  };
  for (const drawing of drawings) {
    for (const part of drawing.querySelectorAll(".mark, .bar, .line")) show(part, match(part));
    for (const panel of drawing.querySelectorAll(".panel")) narrowPanel(panel);
    closeRows(drawing.querySelector("svg"));
    const marks = marksOf(drawing);
    const [first] = shownMarks(drawing);
    drawing.closest("figure").hidden = marks.length > 0 && !first;
    drawing.current = null;
    if (first && keys.length < all.length) reveal(drawing, first);
  }
}

const show = (part, shown) => { part.style.display = shown ? "" : "none"; };

// narrowPanel hides lines without a mark, and fades those without some, and a panel without any: it
// may have the axis of its row.
function narrowPanel(panel) {
  const marks = marksOf(panel);
  for (const line of panel.querySelectorAll(".line[data-line]")) {
    const own = marks.filter(m => m.dataset.line === line.dataset.line);
    const shown = own.filter(m => m.style.display !== "none").length;
    if (own.length > 0) show(line, shown > 0);
    line.style.opacity = shown < own.length ? .3 : "";
  }
  panel.style.opacity = marks.length === 0 || marks.some(m => m.style.display !== "none") ? "" : .3;
}

// closeRows lowers the rows of dots, and what heads them, to the axis below, where others between are
// left out, and crops what that leaves above.
function closeRows(svg) {
  const rows = [];
  for (const part of svg.querySelectorAll("[data-row]")) (rows[part.dataset.row] ||= []).push(part);
  if (rows.length < 3) return;
  const heightOf = row => Number(row.find(p => p.dataset.at).dataset.at.split(",")[1]);
  const step = heightOf(rows[2]) - heightOf(rows[1]);
  let lowered = 0;
  const lower = part => {
    part.lowered = lowered;
    part.setAttribute("transform", `translate(0,${-lowered})`); // within a group whose y points up
  };
  for (const row of rows.slice(1).reverse()) {
    row.forEach(lower);
    if (!row.some(p => p.dataset.at && p.style.display !== "none")) lowered += step;
  }
  svg.querySelectorAll(".head").forEach(lower);
  svg.dataset.box ||= svg.getAttribute("viewBox");
  const [, , width, height] = svg.dataset.box.split(" ");
  svg.setAttribute("viewBox", `0 ${lowered} ${width} ${height - lowered}`);
}

// ---- values ----

function point(drawing, mark) {
  const svg = drawing.querySelector("svg");
  let ring = svg.querySelector(".ring");
  if (!ring) {
    ring = document.createElementNS(svg.namespaceURI, "circle");
    ring.setAttribute("class", "ring");
    ring.setAttribute("r", 6.5);
    svg.append(ring);
  }
  const [x, y] = pointOf(mark);
  ring.setAttribute("cx", x);
  ring.setAttribute("cy", y);
  drawing.current = mark;
  showTip(mark.dataset.said.split("\n"), ring);
}

function leave(drawing) {
  drawing.querySelector(".ring")?.remove();
  hideTip();
}

// nearest is the mark within reach of the pointer.
function nearest(drawing, e, reach) {
  const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(drawing.querySelector("svg").getScreenCTM().inverse());
  const scale = drawing.querySelector("svg").getScreenCTM().a;
  let best = null, least = reach / scale;
  for (const mark of shownMarks(drawing)) {
    const [x, y] = pointOf(mark);
    const far = Math.hypot(x - at.x, y - at.y);
    if (far < least) [best, least] = [mark, far];
  }
  return best;
}

// next is where a key leads: along a line, or at about the same place to the next one.
function next(drawing, key) {
  const marks = shownMarks(drawing);
  const i = marks.indexOf(drawing.current);
  if (i < 0 || key === "Home") return marks[0];
  if (key === "End") return marks.at(-1);
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
  if (key === "ArrowRight" || key === "ArrowLeft") return marks[i + step] || marks[i];
  const lineOf = m => m.dataset.line + "/" + (m.closest(".panel") ? marks.indexOf(shownMarks(m.closest(".panel"))[0]) : "");
  const own = lineOf(marks[i]);
  let k = i;
  while (marks[k] && lineOf(marks[k]) === own) k += step;
  if (!marks[k]) return marks[i];
  const [x] = pointOf(marks[i]), other = marks.filter(m => lineOf(m) === lineOf(marks[k]));
  return other.reduce((a, b) => Math.abs(pointOf(b)[0] - x) < Math.abs(pointOf(a)[0] - x) ? b : a);
}

// reveal scrolls a figure that is wider than its window to a mark.
function reveal(drawing, mark) {
  const x = pointOf(mark)[0] * drawing.querySelector("svg").getScreenCTM().a;
  if (x < drawing.scrollLeft + 30 || x > drawing.scrollLeft + drawing.clientWidth - 30) drawing.scrollLeft = x - drawing.clientWidth / 2;
}

function makeFigures() {
  const said = document.getElementById("said");
  for (const drawing of drawings) {
    if (marksOf(drawing).length === 0) continue;
    drawing.setAttribute("role", "application"); // or a screen reader keeps the arrow keys to itself
    drawing.ariaRoleDescription = "figure";
    drawing.ariaLabel += ": the arrow keys go through its values";
    const go = key => {
      const mark = next(drawing, key);
      if (!mark) return;
      reveal(drawing, mark);
      point(drawing, mark);
      said.textContent = mark.dataset.said.replaceAll("\n", ", ");
    };
    drawing.addEventListener("keydown", e => {
      if (e.key === "Escape") leave(drawing);
      if (!/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(e.key) || e.ctrlKey || e.altKey || e.metaKey) return;
      e.preventDefault();
      go(e.key);
    });
    drawing.addEventListener("focus", () => { if (drawing.matches(":focus-visible") && !drawing.current) go("Home"); });
    drawing.addEventListener("blur", () => leave(drawing));
    const follow = e => {
      const mark = nearest(drawing, e, e.pointerType === "mouse" ? near : nearFinger);
      if (mark) point(drawing, mark);
      else leave(drawing);
    };
    drawing.addEventListener("pointermove", follow);
    drawing.addEventListener("pointerdown", follow);
    drawing.addEventListener("pointerleave", e => { if (e.pointerType === "mouse") leave(drawing); });
  }
}
