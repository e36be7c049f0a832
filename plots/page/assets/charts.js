// The charts: a line for each model, or a list where there is one value to draw
// against.

const colour = model => `var(--c${model.colour})`;

function marker(model, hollow, infinite) {
  const path = infinite ? "M0 -4.6L4 2.3L-4 2.3Z" : model.marker;
  return shape("path", { d: path, fill: hollow ? "var(--paper)" : colour(model), stroke: hollow ? colour(model) : "var(--paper)", "stroke-width": hollow ? 1.6 : 0.8, transform: "scale(1.25)" });
}

function line(model, d) {
  return shape("path", { d, class: "line", fill: "none", stroke: colour(model), "stroke-width": 1.6, "stroke-dasharray": model.dashes || "none" });
}

// sample is a model as it looks in the charts.
function sample(model) {
  return shape("svg", { width: 36, height: 14, viewBox: "-18 -7 36 14", "aria-hidden": "true" }, line(model, "M-17 0H17"), marker(model));
}

// place draws a dot where it is, with its interval from one end to the other.
function place(dot, x, y, from, to) {
  const { model, flagged } = dot.point;
  const all = shape("g", { class: "dot", role: "img", tabindex: "-1", "aria-label": dot.lines.join("; ") });
  if (from) all.append(shape("path", { d: `M${from}L${to}`, stroke: colour(data.models[model]), "stroke-width": 1.2, fill: "none" }));
  all.append(shape("g", { transform: `translate(${x} ${y})` },
    shape("circle", { r: 9, class: "halo" }), marker(data.models[model], flagged, dot.y === Infinity)));
  return Object.assign(dot, { x0: x, y0: y, all });
}

// drawLines is values upwards against clients or rates.
function drawLines(chart, dots, svg, width) {
  const height = Math.round(Math.min(340, Math.max(240, width * 0.62)));
  const left = 56, right = width - 12, top = 14, bottom = height - 40;
  const scale = valueScale(chart, dots);
  const y = v => bottom - scale.share(v) * (bottom - top);
  const f = chart.logX ? Math.log : v => v;
  const [first, last] = [f(chart.ticks[0].at), f(chart.ticks.at(-1).at)];
  const x = v => left + 18 + (right - left - 36) * (last > first ? (f(v) - first) / (last - first) : 0.5);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const [v, text] of scale.ticks) {
    svg.append(shape("path", { class: "grid", d: `M${left} ${y(v)}H${right}` }), shape("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, text));
  }
  labelAcross(chart.ticks.map(t => [x(t.at), t.text]), bottom, svg);
  svg.append(shape("path", { class: "axis", d: `M${left} ${bottom}H${right}` }));
  const under = `${chart.axis}${chart.logX ? " (log scale)" : ""}${scale.log ? " · vertical: log scale" : ""}`;
  svg.append(shape("text", { x: (left + right) / 2, y: height - 6, "text-anchor": "middle" }, under));
  placeLines(dots, svg, x, y, closest(chart.ticks.map(t => x(t.at))));
}

const closest = xs => Math.min(...xs.slice(1).map((v, i) => v - xs[i]), 200);

function placeLines(dots, svg, x, y, gap) {
  const models = [...new Set(dots.map(d => d.point.model))].sort((a, b) => a - b);
  const step = Math.min(3.2, Math.min(0.6 * gap, 34) / models.length);
  const lines = shape("g"), marks = shape("g");
  models.forEach((m, i) => {
    const shift = step * (i - (models.length - 1) / 2);
    const own = dots.filter(d => d.point.model === m).sort((a, b) => a.x - b.x);
    const at = d => [x(d.x) + shift, y(d.y)];
    let path = "";
    own.forEach((d, j) => {
      const edge = j > 0 && d.y === Infinity && own[j - 1].y === Infinity;
      path += `${j && !edge ? "L" : "M"}${at(d).join(" ")}`;
      const whisker = d.low > -Infinity && [`${at(d)[0]} ${y(d.low)}`, `${at(d)[0]} ${y(d.high)}`];
      marks.append(place(d, ...at(d), ...(whisker || [])).all);
    });
    const drawn = line(data.models[m], path);
    for (const d of own) d.line = drawn;
    lines.append(drawn);
  });
  svg.append(lines, marks);
}

// labelAcross leaves out labels that would touch the one before.
function labelAcross(labels, bottom, svg) {
  let free = -Infinity;
  for (const [x, text] of labels) {
    svg.append(shape("path", { class: "axis", d: `M${x} ${bottom}v4` }));
    if (x - text.length * 3.5 < free) continue;
    svg.append(shape("text", { x, y: bottom + 17, "text-anchor": "middle" }, text));
    free = x + text.length * 3.5 + 6;
  }
}

// drawList is a row for each model, the best first, where there is nothing to draw
// against: a line through one value is none.
function drawList(chart, dots, svg, width) {
  const more = chart.more;
  dots.sort((a, b) => a.y === b.y ? 0 : (a.y < b.y) === more ? 1 : -1);
  const longest = Math.max(...dots.map(d => data.models[d.point.model].name.length));
  const left = Math.min(width * 0.48, longest * 6.6 + 14), right = width - 16, top = 8, row = 22;
  const bottom = top + dots.length * row, height = bottom + 40;
  const scale = valueScale({ ...chart, scale: chart.listScale }, dots);
  const x = v => left + 8 + scale.share(v) * (right - left - 8);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const [v] of scale.ticks) svg.append(shape("path", { class: "grid", d: `M${x(v)} ${top}V${bottom}` }));
  labelAcross(scale.ticks.map(([v, text]) => [x(v), text]), bottom, svg);
  svg.append(shape("text", { x: (left + right) / 2, y: height - 6, "text-anchor": "middle" }, (timed(chart) ? "" : chart.unit) + (scale.log ? " (log scale)" : "")));
  dots.forEach((d, i) => {
    const y = top + (i + 0.5) * row;
    const name = data.models[d.point.model].name, fits = Math.max(3, Math.floor((left - 12) / 6.4));
    svg.append(shape("path", { class: "grid", d: `M${left} ${y}H${right}` }));
    if (d.said) svg.append(shape("rect", { class: "said", x: x(d.said[0]), width: x(d.said[1]) - x(d.said[0]), y: y - 7, height: 14 }));
    svg.append(shape("text", { x: left - 8, y: y + 4, "text-anchor": "end", class: "name" }, name.length > fits ? name.slice(0, fits - 1) + "…" : name));
    const whisker = d.low > -Infinity && [`${x(d.low)} ${y}`, `${x(d.high)} ${y}`];
    svg.append(place(d, x(d.y), y, ...(whisker || [])).all);
  });
}

// linesOf is what is said of a dot.
function linesOf(dot, chart) {
  if (dot.lines) return dot.lines;
  const used = dot.point.trials.filter(t => t.used);
  const kind = dot.point.valid ? `${dot.point.valid} valid trials` : `${used.length} trials, none of them valid`;
  return [
    data.models[dot.point.model].name,
    `${chart.title.split(" · ")[0]}: ${dot.text}`,
    `at ${dot.point.at}`,
    `95 % interval of the median: ${dot.interval}`,
    `single trials: ${dot.range}`,
    `${kind}: ${used.map(t => t.trial).join(", ")}`,
    ...(dot.point.flagged ? ["not to be ranked"] : []),
  ];
}

// watch shows what is said of the dot next to the pointer, or with the focus; arrow
// keys move that.
function watch(svg, dots) {
  let on = null;
  // The other models fade beside that of the dot.
  const mark = (dot, is) => {
    svg.classList.toggle("picked", is);
    dot.all.classList.toggle("on", is);
    for (const d of dots) if (d.point.model === dot.point.model) for (const e of [d.all, d.line]) e?.classList.toggle("own", is);
  };
  const leave = () => { if (on) mark(on, false); on = null; hideTip(); };
  const enter = dot => {
    if (on !== dot) { leave(); mark(dot, true); on = dot; }
    showTip(dot.lines, dot.all.lastChild);
  };
  const near = e => {
    const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const far = d => Math.hypot(d.x0 - at.x, d.y0 - at.y);
    const dot = dots.reduce((a, b) => far(b) < far(a) ? b : a);
    if (far(dot) < 32) enter(dot); else leave();
  };
  svg.addEventListener("pointermove", near);
  svg.addEventListener("pointerdown", near);
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("focusin", e => { const d = dots.find(d => d.all === e.target); if (d) enter(d); });
  svg.addEventListener("focusout", leave);
  svg.addEventListener("keydown", e => {
    const from = dots.find(d => d.all === e.target), to = from && beside(dots, from, e.key);
    if (!to) return;
    e.preventDefault();
    from.all.setAttribute("tabindex", "-1");
    to.all.setAttribute("tabindex", "0");
    to.all.focus();
  });
  dots[0].all.setAttribute("tabindex", "0");
}

// beside is the next dot up or down at the same value, or of the same model to
// either side.
function beside(dots, from, key) {
  const upright = key === "ArrowUp" || key === "ArrowDown";
  if (!upright && key !== "ArrowLeft" && key !== "ArrowRight") return null;
  const sign = key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1;
  const along = upright ? d => d.y0 + d.x0 / 1e4 : d => d.x0;
  const ahead = dots.filter(d => (upright ? d.x === from.x : d.point.model === from.point.model) && sign * (along(d) - along(from)) > 0);
  return ahead.length ? ahead.reduce((a, b) => sign * (along(b) - along(a)) < 0 ? b : a) : null;
}

function draw(chart, figure) {
  const dots = chart.dots.filter(d => chosen.has(d.point)).map(d => {
    const dot = { ...d, point: data.points[d.point], x: Number(d.x), y: Number(d.y), low: Number(d.low), high: Number(d.high) };
    return Object.assign(dot, { lines: linesOf(dot, chart) });
  });
  figure.hidden = dots.length === 0;
  figure.querySelector("svg")?.remove();
  if (figure.hidden) return;
  const svg = shape("svg", { role: "group", "aria-label": chart.title });
  const width = Math.max(260, Math.round(fixedWidth || figure.clientWidth || 420));
  const several = new Set(dots.map(d => d.x)).size > 1;
  (several ? drawLines : drawList)(chart, dots, svg, width);
  watch(svg, dots);
  figure.querySelector("figcaption").after(svg);
}

const figures = [];
let fixedWidth = 0; // of the charts; 0 for what the page has

function drawAll() {
  hideTip();
  for (const [chart, figure] of figures) draw(chart, figure);
  const legend = document.getElementById("legend");
  if (!legend) return;
  const drawn = figures.flatMap(([chart]) => chart.dots.map(d => d.point)).filter(i => chosen.has(i));
  const shown = new Set(drawn.map(i => data.points[i].model));
  legend.replaceChildren(...data.models.filter((m, i) => shown.has(i)).map(m => element("li", {}, sample(m), m.name)));
}

function makeCharts() {
  const place = document.getElementById("charts");
  if (!place) return;
  for (const chapter of data.chapters) {
    const lists = chapter.charts.every(c => c.ticks.length === 0);
    const grid = element("div", { className: lists ? "chapter lists" : "chapter" });
    for (const chart of chapter.charts) {
      const figure = element("figure", {}, element("figcaption", {}, chart.title));
      if (chart.note) figure.append(element("p", { className: "faint" }, chart.note));
      figures.push([chart, figure]);
      grid.append(figure);
    }
    if (chapter.title) place.append(element("h3", {}, chapter.title));
    place.append(grid);
  }
  let width = place.clientWidth;
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    drawAll();
  }).observe(place);
}
