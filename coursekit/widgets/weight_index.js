// The weight index: the picture of four axes, an index to type and to step, both orders, memory.

import { choice, clamp, colored, el, fitted, frame, numberText, refill, update, watch, write } from "./kit.js";
import { numberGrid, paint, setCurrent } from "./grid.js";
import { NOUNS, ORDERS, TRAITS, flatFormula, flatPosition, holds, indexOf, indexText, otherOrder, placeAt, placeOf,
  readIndex, readState, sentence, shapeIn, trapText, valueOf } from "./index_state.js";

const [SMALLEST, LARGEST] = [3, 26]; // pixels of a cell
const [WIDE, NARROW] = [{ gap: 14, labels: 74 }, { gap: 6, labels: 18 }]; // pixels
const ROOM = 480; // below it, narrow
const SVG = "http://www.w3.org/2000/svg";

function choose(model, place) {
  update(model, { index: indexText(indexOf(place, model.get("order"))) });
}

// ---- the index, typed and stepped ----

function indexRow(model) {
  const field = el("input", { type: "text", class: "ck-index-field", "aria-label": "Index, for example 2, colon, 3" });
  const complaint = el("p", { class: "ck-problem", role: "alert", hidden: true });
  const read = () => {
    const parts = readIndex(field.value);
    complaint.hidden = parts !== null;
    if (parts) update(model, { index: indexText(parts) });
    else complaint.textContent = "Write up to four whole numbers or colons, for example 2, :, 3.";
  };
  field.addEventListener("change", read);
  const steppers = el("div", { class: "ck-control" });
  const code = el("code", {}, "w[");
  const element = el("div", { class: "ck-settings" }, el("label", { class: "ck-index" }, code, field, el("code", {}, "]")),
    steppers, complaint);
  let built = "";
  const show = (state) => {
    if (document.activeElement !== field || readIndex(field.value)) field.value = indexText(state.parts);
    const key = JSON.stringify([state.order, state.shape]);
    if (key !== built) steppers.replaceChildren(...ORDERS[state.order].map((axis, number) => stepper(model, axis, number, state)));
    built = key;
    for (const input of steppers.querySelectorAll("input")) {
      const part = state.parts[Number(input.dataset.number)];
      if (document.activeElement !== input || part !== undefined) input.value = part ?? "";
    }
  };
  return { element, show };
}

// One axis: its number, or nothing for all of it.
function stepper(model, axis, number, { shape }) {
  const input = el("input", { type: "number", min: 0, max: shape[axis] - 1, step: 1, placeholder: ":",
    "aria-label": `${NOUNS[axis]}, axis ${number}` });
  input.dataset.number = number;
  input.addEventListener("input", () => {
    const { parts } = readState(model);
    const filled = [0, 1, 2, 3].map((i) => parts[i] ?? null);
    filled[number] = input.value === "" ? null : clamp(Math.round(Number(input.value)), 0, shape[axis] - 1);
    while (filled.length && filled.at(-1) === null) filled.pop();
    update(model, { index: indexText(filled) });
  });
  return el("label", { class: "ck-axis" }, el("span", {}, NOUNS[axis]), input);
}

// Keep the weight and rewrite its index.
function reorder(model, order) {
  const { parts, order: old, shape } = readState(model);
  const { place } = placeOf(parts, old, shape);
  update(model, { order, ...(place ? { index: indexText(indexOf(place, order)) } : {}) });
}

// ---- the picture: channels down, filters across ----

function picture(model) {
  const element = el("div", { class: "ck-filters" });
  const view = { element, built: "", grid: null };
  const show = (_, state) => {
    view.state = state;
    if (JSON.stringify(state.shape) !== view.built) build(view, model);
    view.built = JSON.stringify(state.shape);
    paintWeights(view);
  };
  return fitted(view, show, fit);
}

function build(view, model) {
  const [filters, channels, rows, cols] = view.state.shape;
  const onMove = (row, col) => choose(model, weightAt(view.state.shape, row, col));
  view.grid = numberGrid({ label: "Weights: channels down, filters across", rows: channels * rows, cols: filters * cols,
    hue: "weights", onMove });
  const named = (noun, count) => Array.from({ length: count }, (_, i) => el("span", {}, el("i", {}, `${noun} `), `${i}`));
  const [heads, sides] = [named("filter", filters), named("channel", channels)];
  view.element.replaceChildren(el("div", { class: "ck-heads" }, ...heads), el("div", { class: "ck-sides" }, ...sides),
    view.grid.element);
  fit(view);
}

function weightAt([, , rows, cols], row, col) {
  return [Math.floor(col / cols), Math.floor(row / rows), row % rows, col % cols];
}

function fit(view) {
  const [filters, , rows, cols] = view.state.shape;
  const { gap, labels } = view.room < ROOM ? NARROW : WIDE;
  const room = view.room - labels - 6 - (filters - 1) * gap - 2;
  const cell = clamp(Math.floor(room / (filters * cols)), SMALLEST, LARGEST);
  const sizes = { cell: `${cell}px`, rows, cols, gap: `${gap}px`, labels: `${labels}px` };
  for (const [name, value] of Object.entries(sizes)) view.element.style.setProperty(`--${name}`, value);
  view.element.classList.toggle("ck-narrow", gap === NARROW.gap);
}

function paintWeights({ state, grid }) {
  const { shape, parts, order } = state;
  const { place } = placeOf(parts, order, shape);
  const { place: trap } = placeOf(parts, otherOrder(order), shape);
  const top = state.weights.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  let first = null;
  for (const [row, cells] of grid.cells.entries())
    for (const col of cells.keys()) {
      const weight = weightAt(shape, row, col);
      const [picked, trapped] = [holds(place, weight), holds(trap, weight)];
      if (picked) first ??= [row, col];
      paint(grid, row, col, look(state, weight, { picked, trapped, top }));
    }
  if (first) setCurrent(grid, ...first);
}

function look(state, weight, { picked, trapped, top }) {
  const value = valueOf(state, weight);
  const marks = [picked && "ck-picked", trapped && !picked && "ck-trap", weight[3] === 0 && weight[0] > 0 && "ck-new-filter",
    weight[2] === 0 && weight[1] > 0 && "ck-new-channel"];
  const name = `w[${indexText(indexOf(weight, state.order))}]`;
  return { text: "", level: value / top, state: marks.filter(Boolean).join(" "), note: `${name} = ${numberText(value)}` };
}

// ---- memory ----

// All weights in the order they stand in memory; marked are those that the index means.
function memory(model) {
  const strip = document.createElementNS(SVG, "svg");
  strip.setAttribute("class", "ck-memory-strip");
  strip.setAttribute("preserveAspectRatio", "none");
  strip.setAttribute("aria-hidden", "true");
  const title = el("p", { class: "ck-title" });
  const field = el("input", { type: "number", min: 0, step: 1, "aria-label": "Place in memory" });
  field.addEventListener("input", () => {
    const { order, shape, weights } = readState(model);
    const position = Math.round(Number(field.value));
    if (field.value !== "" && position >= 0 && position < weights.data.length) choose(model, placeAt(position, order, shape));
  });
  const formula = el("span", { class: "ck-flat" });
  const row = el("div", { class: "ck-control" }, "place in memory", formula, field);
  const element = el("div", { class: "ck-memory" }, title, strip, row);
  const show = (state) => {
    const { parts, order, shape, weights } = state;
    const count = weights.data.length;
    const { place } = placeOf(parts, order, shape);
    const single = place && !place.includes(null);
    write(title, `memory: ${count} numbers one after the other, in ${order}'s order`);
    field.max = count - 1;
    write(formula, single ? `${flatFormula(place, order, shape)} =` : "");
    if (document.activeElement !== field || single) field.value = single ? flatPosition(place, order, shape) : "";
    strip.setAttribute("viewBox", `0 0 ${count} 1`);
    refill(strip, ...runs(count, (i) => holds(place, placeAt(i, order, shape))));
  };
  return { element, show };
}

// One rectangle for each run of marked positions.
function runs(count, marked) {
  const found = [];
  for (let i = 0; i < count; i += 1)
    if (marked(i)) {
      if (found.at(-1)?.end === i) found.at(-1).end += 1;
      else found.push({ start: i, end: i + 1 });
    }
  return found.map(({ start, end }) => {
    const part = document.createElementNS(SVG, "rect");
    const width = Math.max(end - start, count / 400); // wide enough to be seen
    for (const [name, value] of Object.entries({ x: start, y: 0, height: 1, width })) part.setAttribute(name, value);
    return part;
  });
}

// ---- the page ----

function expression() {
  const element = el("p", { class: "ck-formula ck-expression" });
  const show = ({ parts, order, shape, ...state }) => {
    const { place, error } = placeOf(parts, order, shape);
    const single = place && !place.includes(null);
    const names = ORDERS[order].map((axis) => NOUNS[axis]).join(", ");
    const value = error ? colored("error", `IndexError: ${error}`) : single ? numberText(valueOf({ ...state, shape }, place)) : "";
    refill(element, "shape ", colored("weights", `(${shapeIn(order, shape).join(", ")})`), ` = (${names})    `,
      colored("weights", `w[${indexText(parts)}]`), error || single ? " = " : "", value);
  };
  return { element, show };
}

function legend() {
  const mark = (style, text) => el("span", {}, el("i", { class: `ck-cell ${style}` }), text);
  const trap = el("span", {}, "");
  const element = el("div", { class: "ck-legend" }, mark("ck-picked", "what the index means"),
    el("span", {}, el("i", { class: "ck-cell ck-trap" }), trap), el("span", { class: "ck-muted-note" },
      "click a weight, move with the arrow keys, or type; a colon stands for all"));
  return { element, show: (state) => write(trap, trapText(state)) };
}

function render({ model, el: el_ }) {
  const shell = frame(el_, model, "Weight index");
  shell.root.classList.add("ck-weight-index");
  const orders = choice("Order of the axes", Object.keys(ORDERS), (order) => reorder(model, order));
  const parts = [expression(), indexRow(model), picture(model), legend(), memory(model)];
  shell.body.append(orders.element, ...parts.map((part) => part.element));
  const draw = () => {
    const state = readState(model);
    orders.show(state.order);
    for (const part of parts) part.show(state);
    shell.say(sentence(state));
  };
  draw();
  const unwatch = watch(model, TRAITS, draw);
  return () => {
    unwatch();
    parts[2].dispose();
  };
}

export default { render };
