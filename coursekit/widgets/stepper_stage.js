// The stepper's picture: input channels, the window against its weights, the output.

import { clamp, colored, el, fitted, numberText, typedNumber, write } from "./kit.js";
import { classNames, currentCell, numberGrid, paintAll, place, setCurrent } from "./grid.js";
import { convolve, kernelExtent, overlap, partialSums, tapValue, taps, uncovered, valueAt, windowTaps } from "./geometry.js";
import { answered, close, owner, sizes } from "./stepper_state.js";

// Pixels. The room from which the output stands beside the channels; the room for its sum.
const [WIDE, SUM_WIDTH] = [860, 190];
// Between the channels; what a channel's titles need.
const [GAP, COLUMN] = [22, 165];
// A cell: in a crowd, at most, where its number can be read; and of the weights at most.
const [SMALLEST, LARGEST, READABLE, LENS] = [7, 34, 19, 42];

// question: the form that stands in the output's place while the size is hidden.
// act: {onMove(position), onEdit(name, index, value), onBias(value)}.
export function stage(question, act) {
  const element = el("div", { class: "ck-stage" });
  const view = { element, question, act, inputs: [], lenses: [], output: null, built: "" };
  view.result = el("div", { class: "ck-result" });
  view.sum = sumTable(act.onBias);
  view.sums = onceEach((state, size) => convolve(state.image, state.weights, state.bias, state.setting, size));
  return { ...fitted(view, show, fit), focusOutput: () => focusOutput(view) };
}

// A function of (state, size) that works only when the numbers or the setting changed: moving the
// window changes neither.
function onceEach(compute) {
  let known = { key: "", image: null, weights: null, value: null };
  return (state, size) => {
    const { image, weights, bias, setting } = state;
    const key = JSON.stringify([bias, setting, size]);
    if (key !== known.key || image !== known.image || weights !== known.weights)
      known = { key, image, weights, value: compute(state, size) };
    return known.value;
  };
}

function show(view, state) {
  view.state = state;
  view.axes = sizes(state);
  view.possible = view.axes.every(({ fit: windows }) => windows !== null);
  const drawn = view.axes.map((axis) => axis.drawn);
  const key = JSON.stringify([state.image.shape, state.padding, state.kernel_size, drawn, state.revealed]);
  if (key !== view.built) build(view);
  view.built = key;
  paintInputs(view);
  paintLenses(view);
  paintOutput(view);
}

function focusOutput({ output }) {
  if (output) currentCell(output).focus({ preventScroll: true });
}

// ---- building ----

function build(view) {
  const { image, padding, kernel_size } = view.state;
  const [channels, height, width] = image.shape;
  const each = Array.from({ length: channels }, (_, channel) => channel);
  const ring = 2 * padding;
  view.inputs = each.map((c) => inputGrid(view, c, [height + ring, width + ring]));
  view.lenses = each.map((c) => lensGrid(view, c, kernel_size));
  view.partials = each.map(() => el("p", { class: "ck-partial" }));
  view.output = outputGrid(view);
  view.panels = each.map((c) => [
    panel(`input channel ${c + 1}`, `x[${c}]`, view.inputs[c].element),
    panel(view.output ? "window × weights" : "weights", `w[${c}]`, view.lenses[c].element, view.partials[c]),
  ]);
  view.element.replaceChildren(...view.panels.flat(), view.result, view.sum.element);
  fillResult(view);
  fit(view);
}

function panel(title, code, grid, ...more) {
  const heading = el("p", { class: "ck-title" }, title, " ", el("code", {}, code));
  return el("div", { class: "ck-panel" }, heading, grid, ...more);
}

function inputGrid(view, channel, [rows, cols]) {
  const { padding, image } = view.state;
  const onEdit = (row, col, value) => {
    const [, height, width] = image.shape;
    const at = [row - padding, col - padding];
    const inside = at[0] >= 0 && at[0] < height && at[1] >= 0 && at[1] < width;
    if (inside) view.act.onEdit("image", (channel * height + at[0]) * width + at[1], value);
  };
  const grid = numberGrid({ label: `Input channel ${channel + 1}`, rows, cols, hue: "input", onEdit });
  grid.next = el("div", { class: "ck-window ck-next" });
  grid.window = el("div", { class: "ck-window" });
  return grid;
}

function lensGrid(view, channel, size) {
  const onEdit = (row, col, value) => view.act.onEdit("weights", (channel * size + row) * size + col, value);
  const label = `Weights of channel ${channel + 1}`;
  const grid = numberGrid({ label, rows: size, cols: size, hue: "weights", onEdit });
  grid.element.classList.add("ck-lens");
  return grid;
}

function outputGrid(view) {
  if (!view.possible || !view.state.revealed) return null;
  const [rows, cols] = view.axes.map(({ drawn }) => drawn);
  return numberGrid({ label: "Output", rows, cols, hue: "output", onMove: (row, col) => view.act.onMove([row, col]) });
}

function fillResult(view) {
  const [rows, cols] = view.axes.map(({ drawn }) => drawn);
  const size = view.output ? `${rows} × ${cols}` : "";
  const agreed = view.axes.every(({ fit: windows, drawn }) => windows === drawn);
  const nothing = el("p", { class: "ck-nothing" }, "no output");
  const shown = view.output?.element ?? (view.possible ? view.question : nothing);
  view.result.replaceChildren(el("p", { class: "ck-title" }, "output ", colored(agreed ? "output" : "error", size)), shown);
  view.sum.element.hidden = !view.output;
}

// ---- sizes in pixels ----

// How many channels stand side by side, whether the output stands beside them, and how large a
// cell is: as many, beside, and as large as the room allows.
export function arrangement(room, channels, cols, outCols) {
  const most = Math.min(channels, Math.max(1, Math.floor((room + GAP) / (COLUMN + GAP))));
  const beside = Math.min((room - channels * GAP - SUM_WIDTH) / (channels * cols),
    (room - channels * GAP) / (channels * cols + outCols));
  const fits = room >= Math.max(WIDE, channels * (COLUMN + GAP) + SUM_WIDTH);
  if (fits && beside >= SMALLEST) return { across: channels, beside: true, cell: beside };
  let across = most;
  const cell = () => (room - (across - 1) * GAP) / (across * cols);
  while (across > 1 && cell() < SMALLEST) across -= 1;
  return { across, beside: false, cell: cell() };
}

function fit(view) {
  const { image, padding, kernel_size } = view.state;
  const room = view.room - 2 * image.shape[0] - 2; // less the frames of the grids
  const cols = image.shape[2] + 2 * padding;
  const outCols = Math.max(view.output?.cols ?? 0, 6);
  const { across, beside, cell } = arrangement(room, image.shape[0], cols, outCols);
  const side = (pixels, low, high) => clamp(Math.floor(pixels), low, high);
  const out = side(beside ? cell : (room - SUM_WIDTH) / outCols, 4, LARGEST);
  const pixels = { cell: side(cell, 4, LARGEST), out, lens: side((cols * cell) / kernel_size, 20, LENS) };
  for (const [name, size] of Object.entries(pixels)) view.element.style.setProperty(`--${name}`, `${size}px`);
  view.element.classList.toggle("ck-dense-inputs", pixels.cell < READABLE);
  view.element.classList.toggle("ck-dense-output", out < READABLE);
  arrange(view, across, beside);
}

function arrange(view, across, beside) {
  view.element.style.setProperty("--across", across);
  view.panels.forEach(([input, lens], channel) => {
    const row = 2 * Math.floor(channel / across) + 1;
    put(input, row, (channel % across) + 1);
    put(lens, row + 1, (channel % across) + 1);
  });
  const below = 2 * Math.ceil(view.panels.length / across) + 1;
  view.element.classList.toggle("ck-beside", beside);
  put(view.result, beside ? 1 : below, beside ? across + 1 : "1 / -1");
  put(view.sum.element, beside ? 2 : below, beside ? across + 1 : "1 / -1");
}

function put(element, row, column) {
  element.style.gridRow = row;
  element.style.gridColumn = column;
}

// ---- painting ----

function largest({ data }) {
  return data.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0) || 1;
}

function paintInputs(view) {
  const { state, axes } = view;
  const [, height, width] = state.image.shape;
  const top = largest(state.image);
  const unreadRows = new Set(uncovered(height, state.setting, axes[0].drawn ?? 0));
  const unreadCols = new Set(uncovered(width, state.setting, axes[1].drawn ?? 0));
  const known = view.output !== null;
  const read = known ? state.position.map((at) => new Set(taps(at, state.setting))) : [new Set(), new Set()];
  view.inputs.forEach((grid, channel) => {
    paintAll(grid, (row, col) => {
      const [y, x] = [row - state.padding, col - state.padding];
      const ring = y < 0 || y >= height || x < 0 || x >= width;
      const unread = known && !ring && (unreadRows.has(y) || unreadCols.has(x));
      const tap = read[0].has(y) && read[1].has(x);
      const value = tapValue(state.image, state.padding, channel, y, x);
      return inputCell(value / top, value, { ring, unread, tap });
    });
    frameWindow(view, grid, known);
  });
}

function inputCell(level, value, { ring, unread, tap }) {
  const state = classNames([ring && "ck-ring", unread && "ck-unread", tap && "ck-tap"]);
  const note = ring ? "padding, always 0" : unread ? "never read by any window" : "";
  return { text: numberText(value), level: ring ? 0 : level, state, note };
}

// The window, and dashed the one after it: what both cover is read twice.
function frameWindow({ state, output }, grid, known) {
  grid.window.hidden = !known;
  grid.next.hidden = !known || state.position[1] + 1 >= output.cols || overlap(state.setting) === 0;
  const extent = kernelExtent(state.setting);
  const [top, left] = state.position.map((at) => at * state.stride);
  const past = known && (top + extent > grid.rows || left + extent > grid.cols);
  grid.window.classList.toggle("ck-past", past);
  place(grid, grid.next, { top, left: left + state.stride, height: extent, width: extent });
  place(grid, grid.window, { top, left, height: extent, width: extent });
}

function paintLenses(view) {
  const { state, lenses, partials, output } = view;
  const [brightest, heaviest] = [largest(state.image), largest(state.weights)];
  const sums = output ? partialSums(state.image, state.weights, state.setting, state.position) : [];
  lenses.forEach((grid, channel) => {
    const found = windowTaps(state.image, state.weights, state.setting, channel, state.position);
    paintAll(grid, (row, col) => {
      const { value, weight } = found[row * grid.cols + col];
      const above = output ? { text: shownNumber(value), level: (value || 0) / brightest } : null;
      return { text: numberText(weight), above, level: weight / heaviest };
    });
    write(partials[channel], output ? `sum ${shownNumber(sums[channel])}` : "");
  });
}

function shownNumber(value) {
  return Number.isNaN(value) ? "·" : numberText(value);
}

// The sums, or the student's own numbers where there are some; those that differ are marked.
function paintOutput(view) {
  const { state, output } = view;
  if (!output) return;
  const sums = view.sums(state, [output.rows, output.cols]);
  const own = answered(state);
  const top = largest(sums);
  paintAll(output, (row, col) => outputCell(state, sums, own, [row, col], top), [sums, own]);
  setCurrent(output, ...state.position);
  view.sum.show(state);
}

function outputCell(state, sums, own, [row, col], top) {
  const sum = valueAt(sums, 0, row, col);
  if (Number.isNaN(sum)) return { text: "·", state: "ck-wrong", note: "this window reaches past the padded input" };
  const number = own ? valueAt(own, 0, row, col) : sum;
  const right = close(number, sum);
  const note = right ? "" : `${owner(state.answer)} ${state.answer.name} gives ${numberText(number)}, `
    + `the sum is ${numberText(sum)}`;
  return { text: numberText(number), level: right ? number / top : 0, state: right ? "" : "ck-wrong", note };
}

// ---- the sum for the current output ----

function sumTable(onBias) {
  const body = el("tbody");
  const bias = el("input", { type: "text", class: "ck-bias ck-weights", inputmode: "decimal", "aria-label": "bias" });
  bias.addEventListener("change", () => {
    const value = typedNumber(bias.value);
    if (value === null) bias.value = bias.dataset.shown;
    else onBias(value);
  });
  const caption = el("caption", {}, colored("output", ""), " = Σ x·w + b");
  const element = el("table", { class: "ck-sum" }, caption, body);
  const row = (name, ...cell) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, ...cell));
  const channelRow = (_, c) => row(`${c === 0 ? "" : "+ "}channel ${c + 1}`);
  const [biasRow, last] = [row("+ bias b", bias), row("= output", colored("output", ""))];
  last.className = "ck-total";
  const show = (state) => {
    const sums = partialSums(state.image, state.weights, state.setting, state.position);
    const total = sums.reduce((a, b) => a + b, state.bias);
    bias.dataset.shown = numberText(state.bias);
    if (document.activeElement !== bias) bias.value = bias.dataset.shown;
    if (body.children.length !== sums.length + 2) body.replaceChildren(...sums.map(channelRow), biasRow, last);
    write(caption.firstElementChild, `out[${state.position.join(", ")}]`);
    sums.forEach((sum, c) => write(body.children[c].lastElementChild, shownNumber(sum)));
    write(last.querySelector("span"), shownNumber(total));
  };
  return { element, show };
}
