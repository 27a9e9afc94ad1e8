// The numbers around the volumes: chunk against weights, the sum, the column of neurons.

import { colored, el, numberText, refill, typedNumber, write } from "./kit.js";
import { numberGrid, paint, paintAll, setCurrent } from "./grid.js";
import { weightPicture } from "./volume_scene.js";
import { answered, close, neuron, owner, parts, response, window as chunkOf } from "./volume_state.js";

const WHOSE = {
  convolution: "the same weights at every place of the slice",
  "locally connected": "weights of this one neuron: another place, other weights",
  "fully connected": "weights of this one neuron, one for every number of the input",
};

// act: {onWeight(index, value), onBias(value), onSlice(slice)}.
export function numbers(act) {
  const view = { act, lenses: [], partials: [], built: "" };
  view.heading = el("p", { class: "ck-title" });
  view.panels = el("div", { class: "ck-lenses" });
  view.sum = sumTable(act.onBias);
  view.column = el("div", { class: "ck-column-panel" });
  const products = el("div", {}, view.heading, view.panels);
  const result = el("div", { class: "ck-result-panel" }, view.sum.element, view.column);
  return { products, result, show: (state) => show(view, state) };
}

function show(view, state) {
  const key = JSON.stringify([state.sharing, state.neurons, state.image.shape[0], state.size]);
  if (key !== view.built) build(view, state);
  view.built = key;
  refill(view.heading, colored("input", "chunk"), " × ", colored("weights", "weights"),
    `: ${WHOSE[state.sharing]}`);
  paintLenses(view, state);
  paintColumn(view, state);
  view.sum.show(state);
}

function build(view, state) {
  const channels = Array.from({ length: state.image.shape[0] }, (_, c) => c);
  const full = state.sharing === "fully connected";
  view.partials = channels.map(() => el("p", { class: "ck-partial" }));
  view.lenses = channels.map((c) => (full ? null : lens(view, state, c)));
  view.pictures = channels.map(() => el("div"));
  view.panels.replaceChildren(...channels.map((c) => el("div", { class: "ck-panel" },
    view.lenses[c]?.element ?? view.pictures[c], view.partials[c])));
  view.grid = numberGrid({ label: "Column of neurons at this place", rows: state.neurons, cols: 1, hue: "output",
    onMove: (row) => view.act.onSlice(row) });
  view.columnTitle = el("p", { class: "ck-title" });
  view.whose = el("p", { class: "ck-whose" });
  view.column.replaceChildren(view.columnTitle, view.grid.element, view.whose);
}

// Only shared weights are kept as an array, so only they can be changed.
function lens(view, state, channel) {
  const { size } = state;
  const onEdit = (row, col, value) => view.act.onWeight((channel * size + row) * size + col, value);
  const label = `Chunk and weights of channel ${channel + 1}`;
  const grid = numberGrid({ label, rows: size, cols: size, hue: "weights",
    onEdit: state.sharing === "convolution" ? onEdit : null });
  grid.element.classList.add("ck-lens");
  return grid;
}

function paintLenses(view, state) {
  const { weights } = neuron(state, state.position);
  const { top, left } = chunkOf(state, state.position);
  const [, rows, cols] = state.image.shape;
  const most = weights.reduce((so, weight) => Math.max(so, Math.abs(weight)), 0) || 1;
  const sums = parts(state, state.position);
  const brightest = state.image.data.reduce((so, value) => Math.max(so, Math.abs(value)), 0) || 1;
  view.lenses.forEach((grid, c) => {
    write(view.partials[c], `channel ${c + 1}: ${numberText(sums[c])}`);
    if (!grid) return void view.pictures[c].replaceChildren(weightPicture(state, c));
    paintAll(grid, (u, v) => {
      const pixel = state.image.data[(c * rows + top + u) * cols + left + v];
      const weight = weights[(c * state.size + u) * state.size + v];
      const above = { text: numberText(pixel), level: pixel / brightest };
      const note = `w[${state.position[0]}, ${c}, ${u}, ${v}]`;
      return { text: numberText(weight), above, level: weight / most, note };
    });
  });
}

function paintColumn(view, state) {
  const { position, neurons, relu } = state;
  const sums = Array.from({ length: neurons }, (_, d) => response(state, [d, position[1], position[2]]));
  const own = answered(state);
  const top = Math.max(...sums.map(Math.abs)) || 1;
  sums.forEach((sum, d) => {
    const right = !own || close(own[d], sum);
    const shown = own ? own[d] : relu ? Math.max(sum, 0) : sum;
    const note = right ? `h[${d}]` : `${owner(state.answer)} ${state.answer.name} gives ${numberText(own[d])}, the sum is ${numberText(sum)}`;
    paint(view.grid, d, 0, { text: numberText(shown), level: right ? shown / top : 0, state: right ? "" : "ck-wrong", note });
  });
  setCurrent(view.grid, position[0], 0);
  refill(view.columnTitle, "column ", colored("output", `${neurons} × 1 × 1`));
  write(view.whose, whoseText(state, own));
}

function whoseText({ answer }, own) {
  if (!answer) return "";
  const name = `${owner(answer)} ${answer.name}`;
  if (answer.problem) return `${name} ${answer.problem}.`;
  return own ? `by ${name.toLowerCase()}, before the ReLU` : "";
}

// ---- the sum of the chosen neuron ----

function sumTable(onBias) {
  const bias = el("input", { type: "text", class: "ck-bias ck-weights", inputmode: "decimal", "aria-label": "bias" });
  bias.addEventListener("change", () => {
    const value = typedNumber(bias.value);
    if (value === null) bias.value = bias.dataset.shown;
    else onBias(value);
  });
  const caption = el("caption");
  const body = el("tbody");
  const element = el("table", { class: "ck-sum" }, caption, body);
  const row = (look, name, ...cell) => el("tr", { class: look }, el("th", { scope: "row" }, name), el("td", {}, ...cell));
  const biasRow = row("", "+ bias b", bias);
  let shown = 0;
  const show = (state) => {
    const { position, relu } = state;
    const h = response(state, position);
    bias.dataset.shown = numberText(neuron(state, position).bias);
    bias.readOnly = state.sharing !== "convolution";
    if (document.activeElement !== bias) bias.value = bias.dataset.shown;
    refill(caption, colored("output", `h[${position.join(", ")}]`), " = Σ x·W + b");
    const terms = parts(state, position).map((sum, c) => row("", `${c ? "+ " : ""}channel ${c + 1}`, numberText(sum)));
    const last = [row("ck-total", "= h", colored("output", numberText(h)))];
    if (relu) last.push(row("", "ReLU: max(0, h)", colored("output", numberText(Math.max(h, 0)))));
    const rows = [...terms, biasRow, ...last];
    if (shown !== rows.length) body.replaceChildren(...rows);
    else rows.forEach((each, i) => each !== biasRow && refill(body.children[i], ...each.childNodes));
    shown = rows.length;
  };
  return { element, show };
}
