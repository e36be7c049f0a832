// flame makes a flame graph alive that is drawn already: root has the frames, each of whose titles
// is a name and, in a second line, its share. A frame stands before those that it calls.
function flame(root) {
  const svg = root.querySelector(".frames");
  const controls = root.querySelector(".controls");
  const field = controls.querySelector("input"), whole = controls.querySelector("button"), status = controls.querySelector("p");
  const alone = root === document.documentElement;
  const box = alone ? root : svg; // an SVG within another is as wide as what is in it, for scripts
  const frames = [...svg.querySelectorAll(".f")].map(e => {
    const [name, share] = e.querySelector("title").textContent.split("\n");
    const text = e.querySelector("text");
    return {
      e, name, share, text, label: Array.from(text.textContent), level: Number(e.getAttribute("aria-level")),
      x: parseFloat(e.getAttribute("x")), width: parseFloat(e.getAttribute("width")), shown: 0, parent: null, children: [],
    };
  });
  const of = new Map(frames.map(f => [f.e, f]));
  const path = [];
  for (const f of frames) {
    path.length = f.level - 1;
    f.parent = path[path.length - 1] || null;
    if (f.parent) f.parent.children.push(f);
    path.push(f);
  }
  let view = frames[0]; // which is as wide as all
  let current = frames[0]; // the one in the order of the Tab key
  const before = []; // views to come back to
  let found = "";

  function place() {
    for (const f of frames) f.shown = 0;
    const show = (f, x, width, up) => {
      f.shown = width;
      f.e.setAttribute("x", x + "%");
      f.e.setAttribute("width", width + "%");
      f.e.classList.toggle("up", up);
    };
    const below = f => {
      show(f, 100 * (f.x - view.x) / view.width, 100 * f.width / view.width, false);
      f.children.forEach(below);
    };
    below(view);
    for (let f = view.parent; f; f = f.parent) show(f, 0, 100, true);
    for (const f of frames) f.e.style.display = f.shown ? "" : "none";
    whole.disabled = view === frames[0];
    fit();
  }

  // fit writes as much of each name as its frame has room for.
  function fit() {
    const width = box.getBoundingClientRect().width;
    if (!width) return; // within something that is closed
    const sample = frames[0].text;
    sample.removeAttribute("display");
    sample.textContent = "0123456789";
    const character = sample.getComputedTextLength() / 10 || 7.3;
    for (const f of frames) {
      if (!f.shown) continue;
      const room = Math.floor((f.shown * width / 100 - 6) / character);
      f.text.removeAttribute("display");
      f.text.textContent = room < 3 ? "" : f.label.length <= room ? f.label.join("") : f.label.slice(0, room - 1).join("") + "…";
    }
  }

  function focus(f) {
    if (!f) return;
    current.e.setAttribute("tabindex", "-1");
    current = f;
    f.e.setAttribute("tabindex", "0");
    f.e.focus();
  }

  function zoom(f) {
    if (f === view) return;
    before.push(view);
    view = f;
    place();
  }

  function back() {
    if (view === frames[0]) return;
    view = before.pop() || frames[0];
    place();
    focus(current.shown ? current : view);
  }

  function search() {
    found = field.value.trim().toLowerCase();
    let n = 0, share = 0;
    const visit = (f, within) => {
      const match = found !== "" && f.parent !== null && f.name.toLowerCase().includes(found);
      f.e.classList.toggle("match", match);
      if (match) {
        n++;
        if (!within) share += f.width;
      }
      for (const child of f.children) visit(child, within || match);
    };
    visit(frames[0], false);
    status.textContent = found === "" ? "" : n === 0 ? "no match" : "matched: " + Number(share.toPrecision(3)) + " % in " + n + (n === 1 ? " frame" : " frames");
  }

  const say = f => { status.textContent = f.name + ": " + f.share; };
  const frameOf = event => of.get(event.target.closest(".f"));

  // beside is the frame at the same depth before or after one.
  function beside(f, step) {
    const row = frames.filter(other => other.level === f.level && other.shown);
    return row[row.indexOf(f) + step];
  }

  const widest = list => list.reduce((best, f) => !best || f.width > best.width ? f : best, null);

  const keys = {
    ArrowUp: f => focus(f.parent),
    ArrowDown: f => focus(widest(f.children.filter(child => child.shown))),
    ArrowLeft: f => focus(beside(f, -1)),
    ArrowRight: f => focus(beside(f, 1)),
    Home: () => focus(view),
    Enter: f => zoom(f),
    " ": f => zoom(f),
    Escape: back,
  };

  svg.addEventListener("click", event => {
    const f = frameOf(event);
    if (!f) return;
    focus(f);
    zoom(f);
  });
  svg.addEventListener("focusin", event => { if (frameOf(event)) say(frameOf(event)); });
  svg.addEventListener("pointerover", event => { if (frameOf(event)) say(frameOf(event)); });
  svg.addEventListener("pointerleave", search);
  root.addEventListener("keydown", event => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const finds = event.key === "/" && !modified || alone && event.key === "f" && (event.ctrlKey || event.metaKey);
    const f = frameOf(event);
    if (event.target === field) {
      if (event.key !== "Escape") return;
      field.value = "";
      search();
    } else if (finds) {
      field.focus();
    } else if (f && !modified && keys[event.key]) {
      keys[event.key](f);
    } else if (alone && event.key === "Escape") {
      back();
    } else {
      return;
    }
    event.preventDefault();
  });
  field.addEventListener("input", search);
  whole.addEventListener("click", () => {
    before.length = 0;
    view = frames[0];
    place();
    focus(view);
  });

  controls.removeAttribute("hidden");
  if (alone) root.setAttribute("width", "100%");
  new ResizeObserver(fit).observe(box);
  place();
}
