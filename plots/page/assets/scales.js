// Scales map values to 0 to 1, and have ticks.

const shortest = v => String(Number(v.toPrecision(3)));

function durationText(ns) {
  if (ns === 0) return "0";
  for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]]) if (ns >= size) return shortest(ns / size) + " " + unit;
  return shortest(ns) + " ns";
}

function countText(v) {
  for (const [unit, size] of [["M", 1e6], ["k", 1e3]]) if (v >= size) return shortest(v / size) + unit;
  return shortest(v);
}

function bytesText(v) {
  for (const [unit, size] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 1024]]) if (v >= size) return shortest(v / size) + " " + unit;
  return shortest(v) + " B";
}

// timed reports whether the ticks of a chart say its unit.
const timed = chart => chart.unit === "ns" || chart.unit === "bytes";

// binary is the largest power of 1024 up to v.
const binary = v => 1024 ** Math.max(0, Math.floor(Math.log2(v) / 10));

function linearScale(high, text) {
  const unit = text === bytesText && high ? binary(high) : 1;
  const step = unit * roundStep((high || 1) / unit / 5);
  const top = Math.ceil((high || 1) / step - 1e-9) * step;
  const ticks = [];
  for (let i = 0; i * step <= top * (1 + 1e-9); i++) ticks.push([i * step, text(i * step)]);
  return { share: v => v / top, ticks };
}

function roundStep(v) {
  const power = 10 ** Math.floor(Math.log10(v));
  return ([1, 2, 2.5, 5].find(f => f * power >= v) || 10) * power;
}

function logScale(low, high, text) {
  const lo = low / 1.25, hi = high * 1.25;
  const share = v => Math.log(v / lo) / Math.log(hi / lo);
  if (text === bytesText) return { share, ticks: binaryTicks(lo, hi, text) };
  const every = [1e6, 60, 12].findIndex(limit => hi / lo > limit);
  const steps = [[1], [1], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]][every < 0 ? 3 : every];
  const ticks = [];
  for (let decade = 10 ** Math.floor(Math.log10(lo)); decade <= hi; decade *= 10) {
    for (const s of steps) if (s * decade >= lo && s * decade <= hi) ticks.push([s * decade, text(s * decade)]);
  }
  return { share, ticks };
}

function binaryTicks(lo, hi, text) {
  const factor = [2, 4, 16, 1024].find(f => Math.log(hi / lo) / Math.log(f) <= 7) || 1024;
  const ticks = [];
  for (let v = 1; v <= hi; v *= factor) if (v >= lo) ticks.push([v, text(v)]);
  return ticks;
}

// valueScale maps values to 0 to 1; infinity, where there is any, to 1 alone.
function valueScale(chart, dots) {
  const all = dots.flatMap(d => [d.y, ...(d.low > -Infinity ? [d.low, d.high] : []), ...(d.said || [])]);
  const finite = all.filter(v => Number.isFinite(v) && v >= 0);
  const low = Math.min(...finite.filter(v => v > 0)), high = Math.max(0, ...finite);
  const text = { ns: durationText, bytes: bytesText }[chart.unit] || countText;
  const log = high > 0 && (chart.scale === "log" || chart.scale === "wide" && high > 8 * low);
  const scale = log ? logScale(low, high, text) : linearScale(high, text);
  if (all.every(Number.isFinite) || !all.includes(Infinity)) return { ...scale, log };
  const ticks = [...scale.ticks, [Infinity, "∞"]];
  return { log, ticks, share: v => v === Infinity ? 1 : Math.min(1, scale.share(v)) * 0.92 };
}
