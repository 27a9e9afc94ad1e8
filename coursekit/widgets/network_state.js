// What the network explorer shows, read from its traits, and the sentence; network_state.py says the
// same in Python.

import { clamp, decodedOnce, encode, numberText } from "./kit.js";
import { forward, layersOf, neuronSum, spans, windowOf } from "./network_math.js";

export const TRAITS = ["network", "images", "class_names", "image", "own", "layer", "unit", "position", "channel", "color_range"];
const computed = new WeakMap(); // network → what it last computed

export function readState(model) {
  const network = model.get("network");
  const layers = layersOf(network);
  const images = decodedOnce(model.get("images"));
  const image = clamp(model.get("image"), 0, images.shape[0] - 1);
  const own = model.get("own");
  const outputs = computedOnce(network, layers, own ?? model.get("images"), own ? -1 : image, images);
  const at = Math.max(0, layers.findIndex(({ name }) => name === model.get("layer")));
  const layer = layers[at];
  const [units, rows, cols] = [layer.shape[0], layer.shape[1] ?? 1, layer.shape[2] ?? 1];
  const unit = clamp(model.get("unit"), 0, units - 1);
  const [row, col] = model.get("position");
  const position = [clamp(row, 0, rows - 1), clamp(col, 0, cols - 1)];
  const channel = clamp(model.get("channel"), 0, channelsOf(layer) - 1);
  return {
    network, layers, layer, at, units, rows, cols, unit, position, channel, images, image, own, outputs,
    names: model.get("class_names"),
    colorRange: model.get("color_range"),
    picture: pictureOf(images, image, own),
    before: layers[at - 1],
    x: outputs[at - 1],
    out: outputs[at],
    value: outputs[at][(unit * rows + position[0]) * cols + position[1]],
  };
}

export function channelsOf(layer) {
  if (layer.kind === "linear") return layer.grid[0];
  return layer.kind === "conv" ? layer.taken[1] : 1;
}

// The present picture (C, H, W) as the images are given, before mean and std.
function pictureOf(images, image, own) {
  if (own) return decodedOnce(own);
  const shape = images.shape.slice(1);
  const size = shape.reduce((product, n) => product * n, 1);
  return { shape, data: images.data.subarray(image * size, (image + 1) * size) };
}

function computedOnce(network, layers, parcel, image, images) {
  const last = computed.get(network);
  if (last && last.parcel === parcel && last.image === image) return last.outputs;
  const { shape, data } = pictureOf(images, Math.max(image, 0), image < 0 ? parcel : null);
  const each = shape[1] * shape[2];
  const given = data.map((value, i) => value * network.scale[Math.floor(i / each)] + network.offset[Math.floor(i / each)]);
  const outputs = forward(layers, given);
  computed.set(network, { parcel, image, outputs });
  return outputs;
}

// A picture's numbers as gray or color from 0 to 1.
export function levelOf({ network }, value) {
  const [low, high] = network.range;
  return clamp((value - low) / (high - low), 0, 1);
}

// The present picture with one pixel painted; color: a level from 0 to 1 for each channel.
export function painted(state, [row, col], color) {
  const { shape, data } = state.picture;
  const [low, high] = state.network.range;
  const copy = Float64Array.from(data);
  for (let c = 0; c < shape[0]; c += 1) copy[(c * shape[1] + row) * shape[2] + col] = low + color[c] * (high - low);
  return encode({ shape, data: copy });
}

// A picture out of bytes as a canvas holds them, four a pixel.
export function fromBytes(state, bytes) {
  const { shape } = state.picture;
  const [low, high] = state.network.range;
  const each = shape[1] * shape[2];
  const data = Float64Array.from({ length: shape[0] * each }, (_, i) => {
    const [red, green, blue] = bytes.slice(4 * (i % each), 4 * (i % each) + 3);
    const level = shape[0] === 3 ? [red, green, blue][Math.floor(i / each)] : 0.299 * red + 0.587 * green + 0.114 * blue;
    return low + (level / 255) * (high - low);
  });
  return encode({ shape, data });
}

// Layer, unit and place after a step to another layer; the place keeps its share of the map.
export function otherLayer(state, at) {
  const next = state.layers[clamp(at, 0, state.layers.length - 1)];
  const [rows, cols] = [next.shape[1] ?? 1, next.shape[2] ?? 1];
  const scaled = (place, from, to) => Math.min(to - 1, Math.floor(((place + 0.5) * to) / from));
  const position = [scaled(state.position[0], state.rows, rows), scaled(state.position[1], state.cols, cols)];
  return { layer: next.name, unit: Math.min(state.unit, next.shape[0] - 1), position, channel: 0 };
}

export function sumOf(state) {
  return neuronSum(state.layer, state.x, state.before.shape, state.unit, state.position);
}

export function seenBy(state, outside = 0) {
  return windowOf(state.layer, state.x, state.before.shape, state.unit, state.position, outside);
}

export function greatest(values) {
  let most = 0;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, Math.abs(values[i]));
  return most || 1;
}

// The numbers that get the full color in each unit's map: those of the layer, its own, or of all.
export function fullColors({ colorRange, outputs, layers }, at) {
  const units = layers[at].shape[0];
  const each = outputs[at].length / units;
  if (colorRange === "unit" && each > 1) {
    return Array.from({ length: units }, (_, unit) => greatest(outputs[at].subarray(unit * each, (unit + 1) * each)));
  }
  const most = colorRange === "network" ? Math.max(...outputs.map(greatest)) : greatest(outputs[at]);
  return Array(units).fill(most);
}

export function firstLargest(values) {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

// ---- the sentence ----

export function sentence(state) {
  const { layer, unit, units, position, rows, cols } = state;
  let where = `${layer.name}, unit ${unit} of 0 to ${units - 1}`;
  if (layer.shape.length === 3) where += `, row ${position[0]}, column ${position[1]} of ${rows} by ${cols}`;
  return `${where}: ${TEXTS[layer.kind](state)}. ${verdict(state)}`;
}

export function verdict({ outputs, names, own, image }) {
  const shares = outputs[outputs.length - 1];
  const best = firstLargest(shares);
  const whose = own ? "your image" : `image ${image}`;
  return `For ${whose} the network says ${names[best]}, probability ${numberText(shares[best])}.`;
}

function sumText(state) {
  const { parts, bias } = sumOf(state);
  let terms = parts.map((part, c) => `channel ${c} adds ${numberText(part)}`);
  if (parts.length === 1) terms = [`inputs times weights add ${numberText(parts[0])}`];
  else if (parts.length > 4) {
    const total = numberText(parts.reduce((sum, part) => sum + part, 0));
    terms = [`${parts.length} channels add ${total}, of which ${terms[firstLargest(parts.map(Math.abs))]}`];
  }
  return `${terms.join(", ")}; with the bias ${numberText(bias)} the result is ${numberText(state.value)}`;
}

export function reluInput({ x, unit, rows, cols, position }) {
  return x[(unit * rows + position[0]) * cols + position[1]];
}

function maxText(state) {
  const { values, rows, cols } = seenBy(state, -Infinity);
  const best = firstLargest(values);
  const there = `row ${rows[Math.floor(best / cols.length)]}, column ${cols[best % cols.length]} of ${state.before.name}`;
  return `the largest of ${values.length} numbers is ${numberText(state.value)}, from ${there}`;
}

function meanText(state) {
  const [rows, cols] = spans(state.layer, state.before.shape.slice(1), state.position);
  return `the mean of ${rows.length * cols.length} numbers is ${numberText(state.value)}`;
}

function flattenText({ before, unit, value }) {
  if (before.shape.length === 1) return `${numberText(value)}, as before`;
  const [, rows, cols] = before.shape;
  const there = `unit ${Math.floor(unit / (rows * cols))}, row ${Math.floor(unit / cols) % rows}, column ${unit % cols}`;
  return `${numberText(value)}, the number of ${there} of ${before.name}`;
}

// Score, its power, and the sum of all powers; the largest score is taken off first.
export function softmaxTerms({ x, unit }) {
  const top = Math.max(...x);
  const total = x.reduce((sum, score) => sum + Math.exp(score - top), 0);
  return { score: x[unit], power: Math.exp(x[unit] - top), total };
}

function softmaxText(state) {
  const { score, power, total } = softmaxTerms(state);
  return `the score is ${numberText(score)}; e to the score less the largest score is ${numberText(power)}, `
    + `divided by their sum ${numberText(total)} it is ${numberText(state.value)}`;
}

const TEXTS = {
  input: ({ value }) => `the network gets ${numberText(value)}`,
  conv: sumText,
  linear: sumText,
  relu: (state) => `max(0, ${numberText(reluInput(state))}) is ${numberText(state.value)}`,
  maxpool: maxText,
  avgpool: meanText,
  adaptive: meanText,
  flatten: flattenText,
  softmax: softmaxText,
};
