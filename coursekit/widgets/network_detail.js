// The chosen unit's map, large; the numbers of one neuron of it; what the network says.

import { colored, el, moved, numberText, refill, slider, update, write } from "./kit.js";
import { classNames, numberGrid, paintAll } from "./grid.js";
import { paintMap } from "./network_overview.js";
import {
  channelsOf, firstLargest, fullColors, greatest, reluInput, seenBy, softmaxTerms, sumOf, verdict,
} from "./network_state.js";

const MOST_CLASSES = 12;

// A picture in whose cells one moves by pointer and keys. onMove(place, kind): kind is "key", "down"
// or "drag". onKey(event): any other key.
export function field(onMove, onKey = () => {}) {
  const canvas = el("canvas", { "aria-hidden": "true" });
  const cursor = el("span", { class: "ck-net-cursor", "aria-hidden": "true" });
  const element = el("div", { class: "ck-net-field", role: "application", tabindex: 0 }, canvas, cursor);
  const view = { canvas, element, size: [1, 1], place: [0, 0] };
  const placeOf = (event) => {
    const box = canvas.getBoundingClientRect();
    const shares = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    return shares.map((share, axis) => Math.max(0, Math.min(view.size[axis] - 1, Math.floor(share * view.size[axis]))));
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    onMove(placeOf(event), "down");
  });
  element.addEventListener("pointermove", (event) => event.buttons && onMove(placeOf(event), "drag"));
  element.addEventListener("keydown", (event) => {
    const target = moved(event.key, view.place, view.size, event.ctrlKey);
    if (!target) return onKey(event);
    event.preventDefault();
    onMove(target, "key");
  });
  view.show = (label, size, place) => {
    Object.assign(view, { size, place });
    element.setAttribute("aria-label", label);
    element.style.aspectRatio = `${size[1]} / ${size[0]}`;
    const percent = (share) => `${100 * share}%`;
    Object.assign(cursor.style, { top: percent(place[0] / size[0]), left: percent(place[1] / size[1]),
      height: percent(1 / size[0]), width: percent(1 / size[1]) });
  };
  return view;
}

// ---- the map ----

export function bigMap(model) {
  const title = el("p", { class: "ck-title" });
  const view = field((position) => update(model, { position }));
  const element = el("div", { class: "ck-map" }, title, view.element);
  const show = (state) => {
    const { at, layer, unit, rows, cols, out, position } = state;
    refill(title, colored(layer.kind === "input" ? "input" : "output", layer.name),
      layer.shape.length === 1 ? ` unit ${unit}: one number` : ` unit ${unit}: ${rows}×${cols}, neuron (${position.join(", ")})`);
    view.element.hidden = layer.shape.length === 1;
    if (view.element.hidden) return;
    const values = out.subarray(unit * rows * cols, (unit + 1) * rows * cols);
    paintMap(view.canvas, values, [rows, cols], { most: fullColors(state, at)[unit], input: layer.kind === "input" });
    view.show(`Map of unit ${unit} of ${layer.name}; arrow keys choose a neuron`, [rows, cols], position);
  };
  return { element, show };
}

// ---- the numbers ----

export function numbers(model) {
  const title = el("p", { class: "ck-title" });
  const holder = el("div", { class: "ck-net-lens-holder" });
  const channel = slider("Channel", [0, 0], (value) => update(model, { channel: value }));
  const left = el("div", {}, title, channel.element, holder);
  const sum = el("table", { class: "ck-sum" });
  const element = el("div", { class: "ck-numbers" }, left, sum);
  const view = { title, holder, channel, sum, grid: null, built: "" };
  return { element, show: (state) => SHOWN[state.layer.kind](view, state) };
}

function gridFor(view, rows, cols, hue, label) {
  const key = `${rows} ${cols} ${hue} ${label}`;
  if (key !== view.built) {
    view.grid = numberGrid({ label, rows, cols, hue });
    view.grid.element.classList.add("ck-net-lens");
    view.holder.replaceChildren(view.grid.element);
  }
  view.built = key;
  return view.grid;
}

function noGrid(view) {
  view.built = "";
  view.holder.replaceChildren();
}

function showSum(view, state) {
  const found = sumOf(state);
  const { channel, before } = state;
  const [rows, cols] = found.sizes;
  const [chunk, weights, inside] = [found.chunk(channel), found.weights(channel), found.inside(channel)];
  const from = `channel ${channel}, from unit ${found.first + channel} of ${originOf(state)}`;
  refill(view.title, colored("input", "chunk"), " × ", colored("weights", "weights"),
    found.count > 1 || state.layer.kind === "conv" ? `: ${from}` : `: all inputs, from ${before.name}`);
  showChannel(view, state);
  const grid = gridFor(view, rows, cols, "weights", "Chunk and weights");
  const [brightest, most] = [greatest(chunk), greatest(weights)];
  paintAll(grid, (row, col) => {
    const i = row * cols + col;
    const above = { text: numberText(chunk[i]), level: chunk[i] / brightest };
    return { text: numberText(weights[i]), above, level: weights[i] / most, state: inside[i] ? "" : "ck-ring" };
  });
  table(view, [...found.parts.map((part, c) => [`${c ? "+ " : ""}channel ${c}`, part, c === channel ? "ck-net-here" : ""]),
    ["+ bias", found.bias], ["= result", state.value, "ck-total"]]);
}

// Whose units a linear layer's channels are: those before the flatten.
function originOf({ before, layers, at, layer }) {
  return layer.kind === "linear" && layer.grid[0] > 1 ? layers[at - 2].name : before.name;
}

function showChannel(view, state) {
  const last = channelsOf(state.layer) - 1;
  view.channel.element.hidden = last === 0;
  view.channel.range.max = last;
  view.channel.show(state.channel);
}

function showWindow(view, state) {
  showChannel(view, state);
  const largest = state.layer.kind === "maxpool";
  const seen = seenBy(state, largest ? -Infinity : 0);
  const best = largest ? firstLargest(seen.values) : -1;
  refill(view.title, colored("input", "window"), ` in unit ${state.unit} of ${state.before.name}`);
  const grid = gridFor(view, seen.rows.length, seen.cols.length, "input", "Window");
  const most = greatest(seen.values.filter(Number.isFinite));
  paintAll(grid, (row, col) => {
    const i = row * seen.cols.length + col;
    const [value, finite] = [seen.values[i], Number.isFinite(seen.values[i])];
    const look = classNames([i === best && "ck-tap", !seen.inside[i] && "ck-ring"]);
    return { text: finite ? numberText(value) : "–", level: finite ? value / most : 0, state: look };
  });
  table(view, [[largest ? "largest" : `sum / ${seen.values.length}`, state.value, "ck-total"]]);
}

function showFormula(view, state, title, rows) {
  showChannel(view, state);
  noGrid(view);
  refill(view.title, title);
  table(view, rows);
}

const SHOWN = {
  conv: showSum,
  linear: showSum,
  maxpool: showWindow,
  avgpool: showWindow,
  adaptive: showWindow,
  relu: (view, state) => showFormula(view, state, "ReLU: what is below zero becomes zero",
    [["h", reluInput(state)], ["max(0, h)", state.value, "ck-total"]]),
  input: (view, state) => showFormula(view, state, "What the network gets", [["x", state.value, "ck-total"]]),
  flatten: (view, state) => showFormula(view, state, `The same number as in ${state.before.name}`, [["x", state.value, "ck-total"]]),
  softmax: (view, state) => {
    const { score, power, total } = softmaxTerms(state);
    showFormula(view, state, `From scores to probabilities: ${state.names[state.unit]}`,
      [["score s", score], ["e^(s − largest)", power], ...otherPowers(state),
        ["sum of all of them", total], ["their quotient", state.value, "ck-total"]]);
  },
};

// What the other classes add to the sum, where they are few enough to be read.
function otherPowers(state) {
  if (state.units > MOST_CLASSES) return [];
  const others = [...Array(state.units).keys()].filter((unit) => unit !== state.unit);
  return others.map((unit) => [`+ ${state.names[unit]}`, softmaxTerms({ x: state.x, unit }).power]);
}

function table(view, rows) {
  refill(view.sum, ...rows.map(([name, value, look = ""]) => el("tr", { class: look },
    el("th", { scope: "row" }, name), el("td", { "data-value": value }, numberText(value)))));
}

// ---- what the network says ----

export function classes() {
  const title = el("p", { class: "ck-verdict" });
  const list = el("ul", { class: "ck-classes", "aria-label": "Probabilities of the classes" });
  const element = el("div", { class: "ck-says" }, title, list);
  const show = (state) => {
    const shares = state.outputs[state.outputs.length - 1];
    const best = firstLargest(shares);
    write(title, verdict(state));
    refill(list, ...shownClasses(shares).map((i) => {
      const bar = el("span", { class: "ck-share" });
      bar.style.setProperty("--share", shares[i]);
      return el("li", { class: i === best ? "ck-best" : "" }, el("span", {}, state.names[i]), bar,
        el("span", { "data-value": shares[i] }, numberText(shares[i])));
    }));
  };
  return { element, show };
}

function shownClasses(shares) {
  const all = [...shares.keys()];
  if (all.length <= MOST_CLASSES) return all;
  return all.sort((a, b) => shares[b] - shares[a]).slice(0, MOST_CLASSES);
}
