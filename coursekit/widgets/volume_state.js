// What the volume explorer shows, without a page: who has which weights, every neuron's sum, the
// translation test, and the sentence. volume_state.py is its twin in the kernel.

import { decodedOnce, grouped, numberText } from "./kit.js";

export const KINDS = ["convolution", "locally connected", "fully connected"];
export const MOST_NEURONS = 8;
export const FURTHEST = 8; // pixels that the image can be moved
const [CONVOLUTION, LOCAL, FULL] = KINDS;
const [OFFSETS, LONGEST] = [1 << 14, 1 << 13];
export const TRAITS = ["image", "weights", "bias", "neurons", "sharing", "position", "relu", "unraveled",
  "shift", "answer"];

// The traits, with `image` as it stands before the layer and `size` the kernel's.
export function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const [photo, weights, bias] = ["image", "weights", "bias"].map((name) => decodedOnce(state[name]));
  return { ...state, photo, weights, bias, image: moved(photo, state.shift), size: weights.shape[2] };
}

// ---- the image, moved ----

let lastMoved = { photo: null, key: "", image: null };

// The same array for the same photograph and shift, so that others see what has not changed.
export function moved(photo, shift) {
  const key = shift.join();
  if (key === "0,0") return photo;
  if (lastMoved.photo !== photo || lastMoved.key !== key) lastMoved = { photo, key, image: shifted(photo, shift) };
  return lastMoved.image;
}

function shifted({ shape, data }, [down, right]) {
  const [channels, height, width] = shape;
  const inside = (at, length) => Math.min(Math.max(at, 0), length - 1);
  const values = new Float64Array(data.length);
  for (let c = 0; c < channels; c += 1)
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1)
        values[(c * height + y) * width + x] =
          data[(c * height + inside(y - down, height)) * width + inside(x - right, width)];
  return { shape, data: values };
}

// ---- sizes and counts ----

export function outShape({ image, neurons, size }) {
  return [neurons, image.shape[1] - size + 1, image.shape[2] - size + 1];
}

export function weightsEach({ image, size, sharing }) {
  return sharing === FULL ? image.data.length : image.shape[0] * size * size;
}

// What the parameters of a kind are made of, {factors, inner, total}: 28·28·6 · (3·5·5 + 1).
export function parameters(state, kind) {
  const [count, rows, cols] = outShape(state);
  const factors = kind === CONVOLUTION ? [count] : [rows, cols, count];
  const inner = kind === FULL ? state.image.shape : [state.image.shape[0], state.size, state.size];
  const product = (numbers) => numbers.reduce((a, b) => a * b, 1);
  return { factors, inner, total: product(factors) * (product(inner) + 1) };
}

// ---- weights ----

function mixed(n) {
  let m = n;
  m = Math.imul(m ^ (m >>> 16), 0x7feb352d);
  m = Math.imul(m ^ (m >>> 15), 0x846ca68b);
  return (m ^ (m >>> 16)) >>> 0;
}

let table = null;

function ownNumbers() {
  table ??= Float64Array.from({ length: OFFSETS + LONGEST }, (_, i) => ((mixed(i) % 41) - 20) / 100);
  return table;
}

function ownStart([slice, row, col]) {
  return mixed(slice * 1600 + row * 40 + col + 99991) % OFFSETS;
}

// Weights of one neuron, flat in the order of its chunk, how much to divide them by, and its bias.
function held(state, place) {
  const each = weightsEach(state);
  if (state.sharing === CONVOLUTION) {
    const weights = state.weights.data.subarray(place[0] * each, (place[0] + 1) * each);
    return { weights, thinner: 1, bias: state.bias.data[place[0]] };
  }
  const start = ownStart(place);
  const bias = ((mixed(start + 7) % 11) - 5) / 10;
  return { weights: ownNumbers().subarray(start, start + each), thinner: state.sharing === FULL ? 10 : 1, bias };
}

// Weights and bias of one neuron; weights flat in the order of its chunk.
export function neuron(state, place) {
  const { weights, thinner, bias } = held(state, place);
  return { weights: weights.map((weight) => weight / thinner), bias };
}

// Where a neuron's chunk stands, {top, left, height, width}.
export function window({ image, size, sharing }, [, row, col]) {
  if (sharing === FULL) return { top: 0, left: 0, height: image.shape[1], width: image.shape[2] };
  return { top: row, left: col, height: size, width: size };
}

// ---- sums ----

// Sum of products of each channel.
export function parts(state, place) {
  const { shape, data } = state.image;
  const { top, left, height, width } = window(state, place);
  const { weights, thinner } = held(state, place);
  let i = 0;
  return Array.from({ length: shape[0] }, (_, c) => {
    let sum = 0;
    for (let u = 0; u < height; u += 1) {
      const start = (c * shape[1] + top + u) * shape[2] + left;
      for (let v = 0; v < width; v += 1, i += 1) sum += data[start + v] * weights[i];
    }
    return sum / thinner;
  });
}

// Output of one neuron, before its ReLU.
export function response(state, place) {
  return parts(state, place).reduce((a, b) => a + b, held(state, place).bias);
}

const slicesOf = new WeakMap();

// Outputs of one slice, row by row, before their ReLU; computed once for each image.
export function slice(state, index) {
  const { image, weights, bias, sharing } = state;
  const known = slicesOf.get(image);
  const same = known?.weights === weights && known.bias === bias && known.sharing === sharing;
  const kept = same ? known : { weights, bias, sharing, slices: new Map() };
  slicesOf.set(image, kept);
  if (!kept.slices.has(index)) kept.slices.set(index, computed(state, index));
  return kept.slices.get(index);
}

function computed(state, index) {
  const [, rows, cols] = outShape(state);
  const values = new Float64Array(rows * cols);
  for (let i = 0; i < values.length; i += 1) values[i] = response(state, [index, Math.floor(i / cols), i % cols]);
  return values;
}

// How many outputs of the slice moved with the image, and how many could have.
export function translationTest(state) {
  const [index] = state.position;
  const [, rows, cols] = outShape(state);
  const [down, right] = state.shift;
  const after = slice(state, index);
  const before = slice({ ...state, image: state.photo }, index);
  const found = { same: 0, compared: 0 };
  for (let i = Math.max(0, down); i < rows + Math.min(0, down); i += 1)
    for (let j = Math.max(0, right); j < cols + Math.min(0, right); j += 1) {
      found.compared += 1;
      found.same += close(after[i * cols + j], before[(i - down) * cols + j - right], 1e-9);
    }
  return found;
}

// Whether two numbers are the same but for rounding.
export function close(a, b, tolerance = 1e-4) {
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
}

// ---- the student's own column ----

// Its numbers, or null: none was given, it gave none, or it was asked about another column.
export function answered(state) {
  const { answer, neurons, position } = state;
  if (!answer?.numbers || answer.sums.length !== neurons) return null;
  const fresh = answer.sums.every((sum, d) => Math.abs(sum - response(state, [d, position[1], position[2]])) < 1e-6);
  return fresh ? answer.numbers : null;
}

export function owner({ whose }) {
  return whose === "yours" ? "Your" : "The course's";
}

// ---- the sentence ----

export function sentence(state) {
  return [neuronText(state), sharingText(state), shiftText(state), answerText(state)].filter(Boolean).join(" ");
}

function neuronText(state) {
  const { position, relu } = state;
  const terms = parts(state, position).map((part, c) => `channel ${c + 1} adds ${numberText(part)}`);
  const h = response(state, position);
  const after = relu ? `, and ${numberText(Math.max(h, 0))} after the ReLU` : "";
  return `Neuron h[${position.join(", ")}] of ${outShape(state).join(" × ")}: ${terms.join(", ")}; with the bias `
    + `${numberText(neuron(state, position).bias)}, h is ${numberText(h)}${after}.`;
}

function sharingText(state) {
  const each = grouped(weightsEach(state));
  const [, rows, cols] = outShape(state);
  const whose = {
    [CONVOLUTION]: `Its ${each} weights and its bias serve all ${grouped(rows * cols)} neurons of its slice`,
    [LOCAL]: `Its ${each} weights and its bias are its own`,
    [FULL]: `Its ${each} weights, one for every number of the input, and its bias are its own`,
  };
  return `${whose[state.sharing]}; the layer has ${grouped(parameters(state, state.sharing).total)} parameters.`;
}

export function shiftText(state) {
  const [down, right] = state.shift;
  if (down === 0 && right === 0) return "";
  const steps = [down && `${Math.abs(down)} ${down < 0 ? "up" : "down"}`,
    right && `${Math.abs(right)} ${right < 0 ? "left" : "right"}`].filter(Boolean);
  const { same, compared } = translationTest(state);
  return `The image moved ${steps.join(", ")}: in slice ${state.position[0]}, ${grouped(same)} of `
    + `${grouped(compared)} numbers moved along with it.`;
}

function answerText(state) {
  const { answer } = state;
  if (!answer) return "";
  const name = `${owner(answer)} ${answer.name}`;
  if (answer.problem) return `${name} ${answer.problem}.`;
  const numbers = answered(state);
  return numbers ? `${name} gives ${numberText(numbers[state.position[0]])}.` : "";
}
