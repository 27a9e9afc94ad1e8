// The two volumes as stacks of slices that can be laid side by side, with the neuron's chunk, its
// column, and the lines between them.

import { clamp, el, fitted, moved as movedBy, refill, write } from "./kit.js";
import { neuron, outShape, slice, window as chunkOf } from "./volume_state.js";

// Pixels: between the slices of a stack, between slices side by side, between the volumes; a label.
const [STEP, GAP, BETWEEN, LABEL] = [18, 12, 110, 20];
const [SMALLEST, LARGEST, UNRAVELED] = [1, 6, 4];
const MILLISECONDS = 350;
const SVG = "http://www.w3.org/2000/svg";

// ---- where the slices stand, in pixels ----

// {cell, height, inputs: [[x, y]…], outputs: [[x, y]…]}; shapes are (channels, rows, columns).
export function stacked(room, inShape, shape) {
  const step = Math.min(STEP, room / 45);
  const between = Math.min(BETWEEN, room / 10);
  const steps = (inShape[0] + shape[0] - 2) * step;
  const cell = clamp((room - steps - between) / (inShape[2] + shape[2]), SMALLEST, LARGEST);
  const stack = (count, left) => Array.from({ length: count }, (_, d) => [left + d * step, LABEL + (count - 1 - d) * step * 0.6]);
  const width = inShape[2] * cell + (inShape[0] - 1) * step;
  const tall = ([count, rows]) => LABEL + rows * cell + (count - 1) * step * 0.6;
  return { cell, height: Math.max(tall(inShape), tall(shape)), inputs: stack(inShape[0], 0),
    outputs: stack(shape[0], width + between) };
}

// All in one row where there is room for it, otherwise the outputs below the inputs.
export function unraveled(room, inShape, shape) {
  const gaps = (inShape[0] + shape[0] - 2) * GAP + 3 * GAP;
  const one = (room - gaps) / (inShape[0] * inShape[2] + shape[0] * shape[2]);
  if (one >= 3) {
    const cell = Math.min(one, LARGEST);
    const inputs = rowsOf(inShape, cell, room, 0);
    const left = inShape[0] * (inShape[2] * cell + GAP) + 2 * GAP;
    const outputs = rowsOf(shape, cell, Infinity, 0).map(([x, y]) => [x + left, y]);
    return { cell, inputs, outputs, height: LABEL + Math.max(inShape[1], shape[1]) * cell };
  }
  const cell = clamp(room / inShape[2], SMALLEST, UNRAVELED);
  const inputs = rowsOf(inShape, cell, room, 0);
  const below = inputs.at(-1)[1] + inShape[1] * cell + GAP;
  const outputs = rowsOf(shape, cell, room, below);
  return { cell, inputs, outputs, height: outputs.at(-1)[1] + shape[1] * cell };
}

function rowsOf([count, rows, cols], cell, room, top) {
  const across = Math.max(1, Math.floor((room + GAP) / (cols * cell + GAP)));
  return Array.from({ length: count }, (_, d) => [(d % across) * (cols * cell + GAP),
    top + LABEL + Math.floor(d / across) * (rows * cell + GAP + LABEL)]);
}

function between(a, b, t) {
  const mix = (from, to) => from + (to - from) * t;
  const places = (from, to) => from.map(([x, y], i) => [mix(x, to[i][0]), mix(y, to[i][1])]);
  return { cell: mix(a.cell, b.cell), height: mix(a.height, b.height),
    inputs: places(a.inputs, b.inputs), outputs: places(a.outputs, b.outputs) };
}

// ---- pictures of numbers ----

const [POSITIVE, NEGATIVE, WEIGHT] = [[20, 150, 112], [120, 124, 130], [206, 130, 10]];

// Numbers onto a canvas, one pixel each: gray from black to white, or tinted by sign.
export function paintNumbers(canvas, [rows, cols], values, top, hue) {
  Object.assign(canvas, { width: cols, height: rows });
  const picture = new ImageData(cols, rows);
  for (let i = 0; i < rows * cols; i += 1) {
    const level = clamp(values[i] / top, -1, 1);
    const rgba = hue === "input" ? [255 * level, 255 * level, 255 * level, 255]
      : [...(level < 0 ? NEGATIVE : hue === "weights" ? WEIGHT : POSITIVE), 255 * Math.abs(level)];
    picture.data.set(rgba, 4 * i);
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

function largest(values) {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}

// One channel of a fully connected neuron's weights.
export function weightPicture(state, channel) {
  const canvas = el("canvas", { class: "ck-pixels ck-weight-picture", role: "img", "aria-label": `weights of channel ${channel + 1}` });
  const [, rows, cols] = state.image.shape;
  const { weights } = neuron(state, state.position);
  const part = weights.subarray(channel * rows * cols, (channel + 1) * rows * cols);
  paintNumbers(canvas, [rows, cols], part, largest(part), "weights");
  return canvas;
}

// ---- the page ----

// onMove([slice, row, column]): a neuron was chosen by hand.
export function scene(onMove) {
  const element = el("div", { class: "ck-volumes", role: "application", tabindex: 0,
    "aria-label": "Output volume. Arrow keys move the neuron, Page Up and Page Down change its slice." });
  const lines = document.createElementNS(SVG, "svg");
  lines.setAttribute("class", "ck-lines");
  lines.setAttribute("aria-hidden", "true");
  const titles = ["input", "output"].map((hue) => el("p", { class: `ck-volume-title ck-${hue}` }));
  const view = { element, lines, titles, inputs: [], outputs: [], painted: [], spread: null, onMove };
  element.addEventListener("keydown", (event) => pressed(view, event));
  element.addEventListener("pointerdown", (event) => pointed(view, event));
  const fitting = fitted(view, show, arrange);
  const dispose = () => (fitting.dispose(), cancelAnimationFrame(view.frame));
  return { ...fitting, dispose };
}

function show(view, state) {
  const before = view.state;
  view.state = state;
  const count = [state.image.shape[0], state.neurons];
  if (view.inputs.length !== count[0] || view.outputs.length !== count[1]) build(view, count);
  paintSlices(view);
  const target = state.unraveled ? 1 : 0;
  view.spread ??= target;
  if (before && before.unraveled !== state.unraveled) spread(view, target);
  else arrange(view);
}

function build(view, [channels, neurons]) {
  const names = channels === 3 ? ["red", "green", "blue"] : [];
  const inputs = Array.from({ length: channels }, (_, c) => sliceOf("input", `x[${c}] ${names[c] ?? ""}`));
  const outputs = Array.from({ length: neurons }, (_, d) => sliceOf("output", `h[${d}]`));
  outputs.forEach((each, d) => (each.canvas.slice = d));
  Object.assign(view, { inputs, outputs, painted: [] });
  const all = [...inputs, ...outputs].map(({ box }) => box);
  view.element.replaceChildren(...view.titles, ...all, view.lines);
}

function sliceOf(hue, name) {
  const canvas = el("canvas", { class: "ck-pixels" });
  const label = el("span", { class: `ck-slice-name ck-${hue}` }, name);
  return { canvas, label, box: el("div", { class: `ck-slice ck-slice-${hue}` }, canvas, label) };
}

function paintSlices(view) {
  const { state } = view;
  const [channels, rows, cols] = state.image.shape;
  const values = Array.from({ length: state.neurons }, (_, d) => slice(state, d));
  const now = [state.image, state.relu, ...values];
  if (now.length === view.painted.length && now.every((part, i) => part === view.painted[i])) return;
  view.painted = now;
  for (let c = 0; c < channels; c += 1) {
    const plane = state.image.data.subarray(c * rows * cols, (c + 1) * rows * cols);
    paintNumbers(view.inputs[c].canvas, [rows, cols], plane, largest(state.image.data), "input");
  }
  values.forEach((numbers, d) => {
    const drawn = state.relu ? numbers.map((h) => Math.max(h, 0)) : numbers;
    paintNumbers(view.outputs[d].canvas, outShape(state).slice(1), drawn, largest(numbers), "output");
  });
}

// Lay the slices side by side (target 1) or stack them (0), gliding where motion is welcome.
function spread(view, target) {
  cancelAnimationFrame(view.frame);
  const start = view.spread;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const began = performance.now();
  const tick = (now) => {
    const t = still ? 1 : clamp((now - began) / MILLISECONDS, 0, 1);
    view.spread = start + (target - start) * t * t * (3 - 2 * t);
    arrange(view);
    if (t < 1) view.frame = requestAnimationFrame(tick);
  };
  tick(began);
}

function arrange(view) {
  const { state, element } = view;
  const room = view.room - 2;
  const shapes = [state.image.shape, outShape(state)];
  const layout = between(stacked(room, ...shapes), unraveled(room, ...shapes), view.spread);
  view.layout = layout;
  element.style.height = `${layout.height + 6}px`;
  element.classList.toggle("ck-spread", view.spread === 1);
  element.classList.toggle("ck-whole", state.sharing === "fully connected");
  view.inputs.forEach((each, c) => put(each.box, layout.inputs[c], shapes[0], layout.cell, -c));
  view.outputs.forEach((each, d) => put(each.box, layout.outputs[d], shapes[1], layout.cell, -d));
  view.outputs.forEach(({ box }, d) => box.classList.toggle("ck-behind", view.spread < 1 && d < state.position[0]));
  const names = room < 560 ? ["", ""] : ["input x: ", "output h: "];
  const words = names.map((name, i) => name + shapes[i].join(" × "));
  view.titles.forEach((title, i) => {
    write(title, words[i]);
    title.style.left = `${[layout.inputs, layout.outputs][i][0][0]}px`;
  });
  drawLines(view);
}

function put(box, [x, y], [, rows, cols], cell, depth) {
  Object.assign(box.style, { left: `${x}px`, top: `${y}px`, width: `${cols * cell}px`,
    height: `${rows * cell}px`, zIndex: 20 + depth });
}

// ---- chunk, column, and the lines between them ----

function drawLines(view) {
  const { state, layout, lines } = view;
  const { top, left, height, width } = chunkOf(state, state.position);
  const [slicePlace, row, col] = state.position;
  const square = ([x, y], at, size) => [x + at[1] * layout.cell, y + at[0] * layout.cell, size[1] * layout.cell, size[0] * layout.cell];
  const chunks = layout.inputs.map((origin) => square(origin, [top, left], [height, width]));
  const column = layout.outputs.map((origin) => square(origin, [row, col], [1, 1]));
  const grown = column.map(([x, y, w, h]) => [x - 2, y - 2, w + 4, h + 4]);
  const stack = view.spread < 0.5;
  const spots = stack ? [...edges(chunks, "ck-chunk"), ...edges(grown, "ck-column")] : [];
  const [near, target] = [chunks[0], grown[slicePlace]];
  const ties = !stack ? [] : [0, near[3]].map((down) =>
    drawn("line", { class: "ck-tie", x1: near[0] + near[2], y1: near[1] + down, x2: target[0], y2: target[1] + (down && target[3]) }));
  const frames = [...chunks.map((box) => rect(box, "ck-chunk")),
    ...grown.map((box, d) => rect(box, d === slicePlace ? "ck-column ck-chosen" : "ck-column"))];
  refill(lines, ...spots, ...ties, ...frames);
}

// The edges that make boxes out of squares one behind another.
function edges(squares, look) {
  const corners = ([x, y, w, h]) => [[x, y], [x + w, y], [x, y + h], [x + w, y + h]];
  const [first, last] = [squares[0], squares.at(-1)].map(corners);
  return first.map(([x1, y1], i) => drawn("line", { class: look, x1, y1, x2: last[i][0], y2: last[i][1] }));
}

function rect([x, y, width, height], look) {
  return drawn("rect", { class: look, x, y, width, height });
}

function drawn(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// ---- the hand ----

function pointed(view, event) {
  const canvas = event.target;
  if (canvas.slice === undefined) return;
  const [, rows, cols] = outShape(view.state);
  const go = (moved) => {
    const box = canvas.getBoundingClientRect();
    const at = (from, extent, n) => clamp(Math.floor((from / extent) * n), 0, n - 1);
    view.onMove([canvas.slice, at(moved.clientY - box.top, box.height, rows), at(moved.clientX - box.left, box.width, cols)]);
  };
  event.preventDefault();
  view.element.focus({ preventScroll: true });
  canvas.setPointerCapture?.(event.pointerId);
  canvas.onpointermove = (moved) => moved.buttons && go(moved);
  go(event);
}

function pressed(view, event) {
  const [index, row, col] = view.state.position;
  const [count, ...size] = outShape(view.state);
  const step = { PageUp: -1, PageDown: 1 }[event.key];
  const place = movedBy(event.key, [row, col], size, event.ctrlKey);
  if ((!step && !place) || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  view.onMove(step ? [clamp(index + step, 0, count - 1), row, col] : [index, ...place]);
}
