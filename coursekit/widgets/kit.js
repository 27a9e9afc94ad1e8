// What every widget of the course is made of: arrays, numbers in words, elements, the frame
// around a picture (keys, problems, the spoken sentence), sliders, a player. Pure functions
// first; they run in node as well.

// ---- arrays: {shape, data} here, {shape, dtype, data: bytes} on the way ----

const READERS = {
  float32: (view, i) => view.getFloat32(4 * i, true),
  float64: (view, i) => view.getFloat64(8 * i, true),
  int32: (view, i) => view.getInt32(4 * i, true),
  uint8: (view, i) => view.getUint8(i),
};

export function decode(parcel) {
  const size = parcel.shape.reduce((product, n) => product * n, 1);
  const bytes = parcel.data;
  const view = new DataView(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength);
  const read = READERS[parcel.dtype];
  return { shape: parcel.shape, data: Float64Array.from({ length: size }, (_, i) => read(view, i)) };
}

const decodedBefore = new WeakMap();

// The same array object for the same parcel, so that others see what has not changed.
export function decodedOnce(parcel) {
  if (!decodedBefore.has(parcel)) decodedBefore.set(parcel, decode(parcel));
  return decodedBefore.get(parcel);
}

export function encode(array) {
  const data = new DataView(Float32Array.from(array.data).buffer);
  return { shape: [...array.shape], dtype: "float32", data };
}

// ---- numbers in words; wording.py says the same ones ----

export function numberText(value) {
  if (textsBefore.size > 5000) textsBefore.clear();
  if (!textsBefore.has(value)) textsBefore.set(value, textOf(value));
  return textsBefore.get(value);
}

const textsBefore = new Map(); // a grid asks for all of its numbers at every step

function textOf(value) {
  const size = Math.abs(value);
  if (size < 5e-7) return "0";
  const short = size < 0.005 || size >= 1e6;
  const text = short ? size.toExponential(0).replace(/^(\d)e-3$/, "0.00$1") : size.toFixed(2).replace(/\.?0+$/, "");
  return (value < 0 ? "−" : "") + text.replace("+", "").replace("-", "−");
}

export function countText(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

const COMMAS = new Intl.NumberFormat("en-US");

// A count with commas, as in 14,455,392.
export function grouped(number) {
  return COMMAS.format(number);
}

// A number as people type it: comma or point, any minus. null when it is none.
export function typedNumber(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  const value = Number(plain);
  return plain === "" || !Number.isFinite(value) ? null : value;
}

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

// Row and column after a key in a grid, or null when the key moves nothing.
export function moved(key, [row, col], [rows, cols], ctrl = false) {
  const targets = {
    ArrowLeft: [row, col - 1],
    ArrowRight: [row, col + 1],
    ArrowUp: [row - 1, col],
    ArrowDown: [row + 1, col],
    Home: [ctrl ? 0 : row, 0],
    End: [ctrl ? rows - 1 : row, cols - 1],
  };
  const target = targets[key];
  return target ? [clamp(target[0], 0, rows - 1), clamp(target[1], 0, cols - 1)] : null;
}

// ---- elements ----

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children);
  return element;
}

function setAttribute(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (typeof value === "boolean") element.toggleAttribute(name, value);
  else if (value !== undefined) element.setAttribute(name, value);
}

// The same text again would be laid out again, and a new text node costs more than new text in it.
export function write(element, text) {
  const node = element.firstChild;
  if (node?.nodeType !== Node.TEXT_NODE || node.nextSibling) element.textContent = text;
  else if (node.data !== `${text}`) node.data = text;
}

// Give an element these children where they differ from its own: what stays need not be laid out
// again. For children that nobody listens to.
export function refill(element, ...children) {
  const wanted = children.map((child) => (typeof child === "string" ? document.createTextNode(child) : child));
  const old = [...element.childNodes];
  const same = old.length === wanted.length && old.every(({ nodeName }, i) => nodeName === wanted[i].nodeName);
  if (same) old.forEach((node, i) => become(node, wanted[i]));
  else element.replaceChildren(...wanted);
}

function become(node, wanted) {
  if (node.nodeType === Node.TEXT_NODE) {
    if (node.data !== wanted.data) node.data = wanted.data;
    return;
  }
  for (const { name } of [...node.attributes]) if (!wanted.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  refill(node, ...wanted.childNodes);
}

// A piece of text in one of the course's colors: "input", "weights", "output", "gradient".
export function colored(role, text) {
  return el("span", { class: `ck-${role}` }, text);
}

const ICONS = {
  first: "M5 4h2v12H5zM16 4v12L8 10z",
  back: "M14 4v12L5 10z",
  play: "M6 3l11 7-11 7z",
  pause: "M5 4h4v12H5zM11 4h4v12h-4z",
  step: "M6 4v12l9-6z",
  last: "M13 4h2v12h-2zM4 4v12l8-6z",
  up: "M4 14h12l-6-9z",
  down: "M4 6h12l-6 9z",
  copy: "M7 2h9v12h-3v3H4V6h3zm2 2v8h5V4zM6 8v7h5v-1H7V8z",
};

// Drawn here: fonts on small systems lack such signs.
export function icon(name) {
  const holder = el("span", { class: "ck-icon", "aria-hidden": "true" });
  holder.innerHTML = `<svg viewBox="0 0 20 20"><path d="${ICONS[name]}"/></svg>`;
  return holder;
}

export function button(label, iconName, onclick) {
  return el("button", { type: "button", "aria-label": label, title: label, onclick }, icon(iconName));
}

// ---- the frame ----

const KERNEL_GONE = "The kernel that made this picture is gone: Python no longer hears what is done here. "
  + "Run this cell again to connect them.";

// The root of a widget: places for problems and for a lost kernel, the picture, and the sentence
// that is spoken.
export function frame(el_, model, name) {
  const problem = el("p", { class: "ck-problem", role: "alert", hidden: true });
  const gone = el("p", { class: "ck-gone", role: "status", hidden: true });
  const body = el("div", { class: "ck-body" });
  const sentence = el("p", { class: "ck-sentence", "aria-live": "polite" });
  const root = el("section", { class: "ck-root", "aria-label": name }, problem, gone, body, sentence);
  root.addEventListener("focusin", keepShortcutsOff);
  root.addEventListener("keydown", keepKey);
  el_.replaceChildren(root);
  const showProblem = () => {
    problem.textContent = model.get("problem");
    problem.hidden = problem.textContent === "";
  };
  showProblem();
  model.on("change:problem", showProblem);
  onKernelGone(model, () => {
    gone.hidden = false;
    gone.textContent = KERNEL_GONE;
  });
  const say = (text) => write(sentence, text);
  return { root, body, sentence, say };
}

// A widget's way to its kernel changes once in its life: it is cut when the kernel restarts. Running
// the cell again makes a new widget.
export function onKernelGone(model, tell) {
  model.on("comm_live_update", tell);
}

// JupyterLab and slides act on plain keys; those typed here are ours alone.
function keepKey(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}

// Notebook 7 looks for its shortcuts before a widget hears of the key, and asks what has the focus.
function keepShortcutsOff({ target }) {
  target.dataset.lmSuppressShortcuts = "true";
}

const asked = new Set();
let turn = null;

// Once the event at hand is dealt with, so that the next one does not wait; in the order of asking,
// one callback once however often it is asked for, and what is asked meanwhile follows at once. Not
// with the next frame: most of it passes first.
export function soon(callback) {
  asked.add(callback);
  turn ??= setTimeout(takeTurn);
}

function takeTurn() {
  try {
    for (const callback of asked) {
      asked.delete(callback);
      callback();
    }
  } finally {
    turn = asked.size ? setTimeout(takeTurn) : null; // one of them failed
  }
}

// Redraw soon when any of these traits changes, once however many do.
export function watch(model, names, draw) {
  const schedule = () => soon(draw);
  for (const name of names) model.on(`change:${name}`, schedule);
  return () => {
    asked.delete(draw);
    names.forEach((name) => model.off(`change:${name}`, schedule));
  };
}

// What shows a picture that fits its element, view.element, whose width is view.room. draw(view,
// state) follows every state, from when the page has laid out the element: numbers that came before
// would be styled and laid out twice. fit(view) follows every other width.
export function fitted(view, draw, fit) {
  const { element } = view;
  let state = null;
  const show = (next) => {
    state = next;
    view.room ||= element.clientWidth;
    if (view.room) draw(view, state);
  };
  const resize = new ResizeObserver(() => {
    const [before, now] = [view.room, element.clientWidth];
    if (!state || !now) return;
    view.room = now;
    if (before) fit(view);
    else draw(view, state);
  });
  resize.observe(element);
  return { element, show, dispose: () => resize.disconnect() };
}

export function update(model, values) {
  for (const [name, value] of Object.entries(values)) model.set(name, value);
  model.save_changes();
}

// ---- controls ----

export function slider(label, [low, high], onChange) {
  const readout = el("output", { class: "ck-readout", "aria-hidden": "true" });
  const range = el("input", { type: "range", min: low, max: high, step: 1, "aria-label": label });
  range.addEventListener("input", () => onChange(Number(range.value)));
  const element = el("label", { class: "ck-slider" }, el("span", {}, label), range, readout);
  const show = (value) => {
    if (range.value !== `${value}`) range.value = value; // the same again would be laid out again
    write(readout, value);
  };
  return { element, range, show };
}

// One of a few words, as radio buttons side by side.
export function choice(label, words, onChange) {
  const name = unique("choice");
  const boxes = words.map((word) => {
    const box = el("input", { type: "radio", name, value: word });
    box.addEventListener("change", () => onChange(word));
    return box;
  });
  const options = boxes.map((box) => el("label", { class: "ck-check" }, box, box.value));
  const element = el("fieldset", { class: "ck-choice" }, el("legend", {}, label), ...options);
  const show = (word) => boxes.forEach((box) => (box.checked = box.value === word));
  return { element, show };
}

// A name for what has to differ in the whole page: ids, and names that hold radio buttons together.
// Counting would not do: every widget is a module of its own and begins at 1.
export function unique(kind) {
  return `ck-${kind}-${Math.random().toString(36).slice(2)}`;
}

// Back, step, play and pause. `go(name)` gets "first", "back", "step" or "last" and says whether
// there was somewhere to go; playing ends where stepping does.
export function player(go, { pace = 700, onPlay = () => {} } = {}) {
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    showPlaying(false);
  };
  const tick = () => go("step") || stop();
  const start = () => {
    timer = setInterval(tick, pace);
    showPlaying(true);
    tick();
  };
  const play = button("Play", "play", () => (timer === null ? start() : stop()));
  const showPlaying = (playing) => {
    play.replaceChildren(icon(playing ? "pause" : "play"));
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    play.title = playing ? "Pause" : "Play";
    element.closest(".ck-root")?.classList.toggle("ck-playing", playing);
    onPlay(playing);
  };
  const jump = (label, name) => button(label, name, () => (stop(), go(name)));
  const buttons = [jump("First", "first"), jump("Back", "back"), play, jump("Step", "step"), jump("Last", "last")];
  const element = el("div", { class: "ck-player", role: "group", "aria-label": "Steps" }, ...buttons);
  const enable = (enabled) => {
    if (!enabled && timer !== null) stop();
    for (const each of buttons) each.disabled = !enabled;
  };
  return { element, stop, enable };
}
