// The pooling router's picture: map, output and index; the map's gradient and dout, beside them
// where there is room.

import { clamp, el, fitted, numberText } from "./kit.js";
import { classNames, currentCell, follow, numberGrid, paintAll, place } from "./grid.js";
import { answered, close, fairest, isWinner, outputShape, ownerOf, routed, same, windows } from "./pooling_state.js";
import { at, indexText } from "./backward_state.js";

// Pixels: what stands between the grids, a cell at least and at most, the least to be read well.
const [BETWEEN, SMALLEST, LARGEST, READABLE] = [74, 18, 40, 30];
const TITLES = { x: "map x", out: "output", index: "index of the maximum", dout: "dout = ∂L/∂output", dx: "dx = ∂L/∂x" };
const HUES = { x: "input", out: "output", index: "output", dout: "gradient", dx: "gradient" };

// question: the form that stands in dx's place while it is asked for.
// act: {onPixel(pixel), onStep(step), onEdit(name, flatIndex, value)}.
export function stage(question, act) {
  const element = el("div", { class: "ck-pooling-stage" });
  const view = { element, question, act, built: "" };
  return { ...fitted(view, show, fit), focus: () => focusPixel(view) };
}

function show(view, state) {
  view.state = state;
  view.shape = outputShape(state);
  const key = JSON.stringify([state.x.shape, view.shape]);
  if (key !== view.built) build(view);
  view.built = key;
  view.found = windows(state);
  view.now = state.revealed ? view.found[state.step - 1] ?? null : null;
  view.own = answered(state);
  paintMap(view);
  if (view.shape === null) return;
  paintOutputs(view);
  paintGradient(view);
}

// ---- building ----

function build(view) {
  const { x } = view.state;
  const sizes = { x: x.shape, out: view.shape, index: view.shape, dout: view.shape, dx: x.shape };
  const names = view.shape === null ? ["x"] : Object.keys(sizes);
  view.grids = Object.fromEntries(names.map((name) => [name, gridOf(view, name, sizes[name])]));
  for (const grid of Object.values(view.grids)) grid.window = el("div", { class: "ck-window" });
  view.blocks = Object.fromEntries(names.map((name) => [name, block(name, view.grids[name])]));
  const { x: map, out, index, dout, dx } = view.blocks;
  const line = (label, ...parts) => el("div", { class: "ck-line", role: "group", "aria-label": label }, ...parts);
  if (view.shape === null) {
    view.element.replaceChildren(line("Forward", map, el("p", { class: "ck-nothing" }, "no output")));
  } else {
    dx.append(view.question);
    const arrow = (text) => el("p", { class: "ck-way", "aria-hidden": "true" }, text);
    const outputs = el("div", { class: "ck-outputs" }, out, index);
    view.element.replaceChildren(line("Forward", map, arrow("→"), outputs),
      line("Backward", dx, arrow("←"), dout));
  }
  fit(view);
}

function gridOf(view, name, [rows, cols]) {
  const onMove = (row, col) => (["x", "dx"].includes(name) ? view.act.onPixel([row, col])
    : view.act.onStep(row * cols + col + 1));
  const onEdit = ["x", "dout"].includes(name) ? (row, col, value) => view.act.onEdit(name, row * cols + col, value) : null;
  return numberGrid({ label: TITLES[name], rows, cols, hue: HUES[name], onMove, onEdit });
}

function block(name, grid) {
  return el("div", { class: `ck-block ck-${name}` }, el("p", { class: `ck-title ck-${HUES[name]}` }, TITLES[name]), grid.element);
}

// Both halves side by side, or one half as wide as there is room, or the map alone.
function fit(view) {
  const { room } = view;
  const map = view.state.x.shape[1];
  const half = map + Math.max(view.shape?.[1] ?? 0, 4);
  const beside = (room - 3 * BETWEEN) / (2 * half);
  const single = (room - BETWEEN) / half;
  const cell = [beside, single, (room - 4) / map].find((size) => size >= READABLE) ?? (room - 4) / map;
  view.element.style.setProperty("--cell", `${clamp(Math.floor(cell), SMALLEST, LARGEST)}px`);
}

function focusPixel(view) {
  const { dx } = view.grids;
  if (dx) currentCell(dx).focus({ preventScroll: true });
}

// ---- painting ----

function paintMap(view) {
  const { x, pixel } = view.state;
  const top = largest(x);
  const hidden = !view.state.revealed;
  paintAll(view.grids.x, (row, col) => {
    const here = [row, col];
    const value = at(x, here);
    const has = (list) => list?.some((other) => same(other, here));
    const state = [has(view.now?.winners) && !has(view.now?.takers) && "ck-tied", has(view.now?.takers) && "ck-taker",
      same(pixel, here) && "ck-chosen"];
    const index = `index ${row * x.shape[1] + col}`;
    return { text: numberText(value), level: value / top, state: classNames(state), note: `${indexText("x", here)}, ${index}` };
  });
  follow(view.grids.x, ...pixel);
  frameWindow(view.grids.x, hidden ? null : view.now, view.state);
}

function frameWindow(grid, now, { stride, kernel_size }) {
  grid.window.hidden = !now;
  if (!now) return;
  const [top, left] = now.place.map((i) => i * stride);
  place(grid, grid.window, { top, left, height: kernel_size, width: kernel_size });
}

function paintOutputs(view) {
  const { state, own, found, grids, now } = view;
  const [, cols] = view.shape;
  const width = state.x.shape[1];
  const top = Math.max(...found.map(({ value }) => Math.abs(value))) || 1;
  const marked = (place) => (now && same(now.place, place) ? "ck-now" : "");
  paintAll(grids.out, (row, col) => {
    const { value } = found[row * cols + col];
    return judgedCell(state, { name: `output[${row}, ${col}]`, shown: own.out ? at(own.out, [row, col]) : value, value, top,
      mark: marked([row, col]), from: "forward" });
  });
  view.blocks.index.hidden = state.kind !== "max";
  paintAll(grids.index, (row, col) => {
    const window_ = found[row * cols + col];
    const first = window_.winners[0][0] * width + window_.winners[0][1];
    const shown = own.index ? at(own.index, [row, col]) : first;
    const value = isWinner(state, window_, shown) ? shown : first;
    const all = window_.winners.map(([r, c]) => r * width + c).join(", ");
    const content = judgedCell(state, { name: `index[${row}, ${col}]`, shown, value, top: Infinity, mark: marked([row, col]), from: "forward" });
    return window_.winners.length > 1 ? { ...content, note: `${content.note}; the maximum stands at ${all}` } : content;
  });
  const most = largest(state.dout);
  paintAll(grids.dout, (row, col) => {
    const value = at(state.dout, [row, col]);
    return { text: numberText(value), level: value / most, state: marked([row, col]), note: indexText("dout", [row, col]) };
  });
  if (now) for (const name of ["out", "index", "dout"]) follow(grids[name], ...now.place);
}

// A cell that shows the student's number, struck through where another is right.
function judgedCell({ answer }, { name, shown, value, top, mark, from }) {
  const right = close(shown, value);
  const note = right ? name : `${name}: ${ownerOf(answer[from])} gives ${numberText(shown)}; right is ${numberText(value)}`;
  return { text: numberText(shown), level: right ? value / top : 0, state: classNames([mark, !right && "ck-wrong"]), note };
}

function paintGradient(view) {
  const { state, found, own, grids, now } = view;
  grids.dx.element.hidden = !state.revealed;
  const finished = state.step === found.length && state.rule === "accumulate";
  const [shown, right] = finished && own.dx ? [own.dx, fairest(state, own.dx, found)]
    : [state.rule, "accumulate"].map((rule) => routed(state, { count: state.step, rule, found }));
  const top = largest(right);
  paintAll(grids.dx, (row, col) => {
    const here = [row, col];
    const [a, b] = [at(shown, here), at(right, here)];
    const wrong = !close(a, b);
    const taken = now?.takers.some((taker) => same(taker, here));
    const marks = [wrong && "ck-wrong", taken && "ck-taker", same(state.pixel, here) && "ck-chosen"];
    const name = indexText("dx", here);
    const note = wrong ? `${name}: ${numberText(a)}; adding gives ${numberText(b)}` : name;
    return { text: numberText(a), level: wrong ? 0 : b / top, state: classNames(marks), note };
  });
  follow(grids.dx, ...state.pixel);
  frameWindow(grids.dx, now, state);
}

function largest({ data }) {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}
