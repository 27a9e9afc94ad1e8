// The whole network: a column of small maps for each layer, to click and to walk through with keys.

import { clamp, el, soon, update, write } from "./kit.js";
import { fullColors, otherLayer, readState } from "./network_state.js";

const HUES = { input: [0, 114, 178], output: [43, 181, 140], negative: [128, 132, 138] };
const GAP = 2; // between maps

// Where the units of a layer are drawn: {across, down, width, height} in pixels of the page.
export function layout({ shape }) {
  const [units, rows, cols] = [shape[0], shape[1] ?? 1, shape[2] ?? 1];
  if (shape.length === 1 && units > 12) return tiles(units, 40, 6, 6);
  if (shape.length === 1) return tiles(units, 12, 20, 20);
  return tiles(units, 10, 32, clamp(Math.round((32 * rows) / cols), 4, 64));
}

function tiles(units, most, width, height) {
  const across = Math.ceil(units / most);
  return { across, down: Math.ceil(units / across), width, height };
}

// Corner (x, y) of a unit's map; units go down first.
export function corner({ down, width, height }, unit) {
  return [Math.floor(unit / down) * (width + GAP), (unit % down) * (height + GAP)];
}

export function unitAt({ down, width, height }, units, x, y) {
  const [i, j] = [Math.floor(y / (height + GAP)), Math.floor(x / (width + GAP))];
  return clamp(j * down + clamp(i, 0, down - 1), 0, units - 1);
}

// A color for a level from −1 to 1: strength is how much it covers what lies behind.
function dye(pixels, at, level, input) {
  const [red, green, blue] = level < 0 ? HUES.negative : input ? HUES.input : HUES.output;
  pixels[at] = red;
  pixels[at + 1] = green;
  pixels[at + 2] = blue;
  pixels[at + 3] = 255 * Math.min(1, Math.abs(level));
}

// One map (rows, cols) of numbers into a picture, at a corner, as wide and high as given.
function stamp(picture, values, [rows, cols], [left, top], [width, height], look) {
  for (let y = 0; y < height; y += 1) {
    const start = Math.floor((y * rows) / height) * cols;
    for (let x = 0; x < width; x += 1) {
      const at = 4 * ((top + y) * picture.width + left + x);
      dye(picture.data, at, values[start + Math.floor((x * cols) / width)] / look.most, look.input);
    }
  }
}

export function paintMap(canvas, values, [rows, cols], look) {
  canvas.width = cols;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(cols, rows);
  stamp(picture, values, [rows, cols], [0, 0], [cols, rows], look);
  context.putImageData(picture, 0, 0);
}

function column(onChoose) {
  const canvas = el("canvas", { "aria-hidden": "true" });
  const box = el("span", { class: "ck-net-unit", "aria-hidden": "true" });
  const name = el("b");
  const size = el("span", { class: "ck-net-size" });
  const element = el("button", { type: "button", role: "radio", class: "ck-layer-column" },
    name, size, el("span", { class: "ck-net-sheet" }, canvas, box));
  const view = { canvas, box, name, size, element, drawn: null };
  element.addEventListener("click", (event) => onChoose(event.target === canvas ? [event.offsetX, event.offsetY] : null));
  return view;
}

function paintColumn(view, state, at) {
  const [layer, values] = [state.layers[at], state.outputs[at]];
  const place = layout(layer);
  const chosen = at === state.at;
  view.element.setAttribute("aria-checked", String(chosen));
  view.element.tabIndex = chosen ? 0 : -1;
  const shape = layer.shape.join("×");
  view.element.setAttribute("aria-label", `${layer.name} ${shape}${chosen ? `, unit ${state.unit}` : ""}`);
  const [x, y] = corner(place, state.unit);
  view.box.hidden = !chosen;
  Object.assign(view.box.style, { left: `${x}px`, top: `${y}px`, width: `${place.width}px`, height: `${place.height}px` });
  if (view.drawn === values && view.colorRange === state.colorRange) return;
  Object.assign(view, { drawn: values, colorRange: state.colorRange });
  write(view.name, layer.name);
  write(view.size, shape.replace("×", "×\n"));
  paintSheet(view.canvas, layer, values, place, fullColors(state, at));
}

function paintSheet(canvas, layer, values, place, most) {
  canvas.width = place.across * (place.width + GAP) - GAP;
  canvas.height = place.down * (place.height + GAP) - GAP;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(canvas.width, canvas.height);
  picture.data.fill(128); // the lines between the maps
  const size = [layer.shape[1] ?? 1, layer.shape[2] ?? 1];
  for (let unit = 0; unit < layer.shape[0]; unit += 1) {
    const one = values.subarray(unit * size[0] * size[1], (unit + 1) * size[0] * size[1]);
    const look = { most: most[unit], input: layer.kind === "input" };
    stamp(picture, one, size, corner(place, unit), [place.width, place.height], look);
  }
  context.putImageData(picture, 0, 0);
}

export function overview(model) {
  const columns = model.get("network").layers.map((_, at) => column((spot) => choose(model, at, spot)));
  const element = el("div", { class: "ck-columns", role: "radiogroup", "aria-label": "Layers; arrow keys change layer and unit" },
    ...columns.map((each) => each.element));
  element.addEventListener("keydown", (event) => pressed(model, columns, event));
  const show = (state) => columns.forEach((each, at) => paintColumn(each, state, at));
  return { element, show };
}

function choose(model, at, spot) {
  const state = readState(model);
  const next = otherLayer(state, at);
  const layer = state.layers[at];
  if (spot) next.unit = unitAt(layout(layer), layer.shape[0], ...spot);
  update(model, next);
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function pressed(model, columns, event) {
  const step = STEPS[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const state = readState(model);
  if (step[1]) return void update(model, { unit: clamp(state.unit + step[1], 0, state.units - 1) });
  const at = clamp(state.at + step[0], 0, columns.length - 1);
  update(model, otherLayer(state, at));
  columns.forEach(({ element }, i) => (element.tabIndex = i === at ? 0 : -1));
  soon(() => columns[at].element.focus({ preventScroll: true }));
}
