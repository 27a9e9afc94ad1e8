// What the backward stepper shows, without a page: uses, terms, gradients, the sentence, and a
// prediction judged. backward_state.py says the same in the kernel. An array is {shape, data}.

import { countText, decodedOnce, numberText } from "./kit.js";
import { outputSize } from "./geometry.js";

export const LIMITS = { stride: [1, 4], padding: [0, 2] };
const LEVELS = [1, -2, 0.5, 2, -1, 1.5, -0.5];

export function at({ shape, data }, index) {
  return data[index.reduce((flat, i, axis) => flat * shape[axis] + i, 0)];
}

// Every index of a shape, last axis fastest.
export function indices(shape) {
  return shape.reduce((all, n) => all.flatMap((index) => range(n).map((i) => [...index, i])), [[]]);
}

function range(n) {
  return Array.from({ length: n }, (_, i) => i);
}

// Small numbers of either sign, in a pattern without symmetry.
export function generated(shape) {
  const steps = [1, 5, 2, 3].slice(-shape.length);
  const level = (index) => index.reduce((sum, i, axis) => sum + i * steps[axis], 0) % LEVELS.length;
  return { shape, data: Float64Array.from(indices(shape), (index) => LEVELS[level(index)]) };
}

export function settingOf({ w, stride, padding }) {
  return { kernel_size: w.shape[2], stride, padding, dilation: 1 };
}

// [F, H', W'], or null where no window fits.
export function outputShape(state) {
  const sizes = state.x.shape.slice(1).map((n) => outputSize(n, settingOf(state)));
  return sizes.includes(null) ? null : [state.w.shape[0], ...sizes];
}

// Pairs [i, u] along one axis: output i reads this position through tap u.
export function usesAlong(position, windows, { kernel_size, stride, padding }) {
  return range(windows).map((i) => [i, position + padding - i * stride])
    .filter(([, u]) => u >= 0 && u < kernel_size);
}

// How many outputs read each pixel of a channel, all filters counted: [row][col].
export function usesMap(state) {
  const [filters, ...windows] = outputShape(state) ?? [0, 0, 0];
  const [rows, cols] = state.x.shape.slice(1).map((n, axis) =>
    range(n).map((position) => usesAlong(position, windows[axis], settingOf(state)).length));
  return rows.map((up) => cols.map((across) => filters * up * across));
}

// Every use of the chosen number: {place: [f, i, j], dout, factor, name, tap, pixel}; tap is the
// weight's index, pixel the place in x, which may lie in the padding; null where there is none.
export function terms(state) {
  const shape = outputShape(state);
  if (shape === null) return [];
  return { dx: termsOfPixel, dw: termsOfWeight, db: termsOfBias }[state.mode](state, shape);
}

function term(state, place, factor, name, { tap = null, pixel = null } = {}) {
  return { place, dout: at(state.dout, place), factor, name, tap, pixel };
}

function termsOfPixel(state, [filters, ...windows]) {
  const [channel, ...pixel] = state.pixel;
  const [rows, cols] = pixel.map((position, axis) => usesAlong(position, windows[axis], settingOf(state)));
  return range(filters).flatMap((f) => rows.flatMap(([i, u]) => cols.map(([j, v]) => {
    const tap = [f, channel, u, v];
    return term(state, [f, i, j], at(state.w, tap), indexText("w", tap), { tap, pixel: state.pixel });
  })));
}

function termsOfWeight(state, [, rows, cols]) {
  const [f, channel, u, v] = state.weight;
  const { stride, padding } = state;
  const [, height, width] = state.x.shape;
  return indices([rows, cols]).map(([i, j]) => {
    const pixel = [channel, i * stride + u - padding, j * stride + v - padding];
    const inside = pixel[1] >= 0 && pixel[1] < height && pixel[2] >= 0 && pixel[2] < width;
    const [factor, name] = inside ? [at(state.x, pixel), indexText("x", pixel)] : [0, "padding"];
    return term(state, [f, i, j], factor, name, { tap: state.weight, pixel });
  });
}

function termsOfBias(state, [, rows, cols]) {
  return indices([rows, cols]).map((place) => term(state, [state.filter, ...place], 1, ""));
}

export function partialSum(found, count) {
  return found.slice(0, count).reduce((sum, { dout, factor }) => sum + dout * factor, 0);
}

// The three gradients {dx, dw, db}, each {shape, data}, in float64: every output hands its share on.
export function gradients(state) {
  const { x, w, dout } = state;
  const zeros = (shape) => ({ shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) });
  const all = { dx: zeros(x.shape), dw: zeros(w.shape), db: zeros([w.shape[0]]) };
  const shape = outputShape(state);
  if (shape === null) return all;
  for (const [n, share] of dout.data.entries()) {
    const [f, i, j] = unraveled(n, shape);
    all.db.data[f] += share;
    handOn(state, all, share, f, [i, j].map((step) => step * state.stride - state.padding));
  }
  return all;
}

function handOn({ x, w }, { dx, dw }, share, f, [top, left]) {
  const [, height, width] = x.shape;
  const [, channels, size] = w.shape;
  const taps = channels * size * size;
  for (let n = 0; n < taps; n += 1) {
    const [c, u, v] = unraveled(n, [channels, size, size]);
    const [row, col] = [top + u, left + v];
    if (row < 0 || row >= height || col < 0 || col >= width) continue;
    const pixel = (c * height + row) * width + col;
    dx.data[pixel] += share * w.data[f * taps + n];
    dw.data[f * taps + n] += share * x.data[pixel];
  }
}

function unraveled(n, [, rows, cols]) {
  return [Math.floor(n / (rows * cols)), Math.floor(n / cols) % rows, n % cols];
}

export function chosen({ mode, pixel, weight, filter }) {
  return { dx: pixel, dw: weight, db: [filter] }[mode];
}

export function indexText(name, index) {
  return `${name}[${index.join(", ")}]`;
}

// The number asked for, as it is written: x[0, 2, 2], w[0, 0, 1, 1] or b[0].
export function chosenText(state) {
  return indexText(state.mode[1], chosen(state));
}

// ---- the student's own numbers ----

// Gradients {dx, dw, db} of the student's backward, or null: none was given, it gave none, or it
// was asked about other numbers than those shown.
export function answered({ answer, x, w, dout, stride, padding }) {
  if (!answer?.numbers || answer.stride !== stride || answer.padding !== padding) return null;
  const fresh = Object.entries({ x, w, dout }).every(([name, array]) => same(array, decodedOnce(answer[name])));
  if (!fresh) return null;
  return Object.fromEntries(Object.entries(answer.numbers).map(([name, parcel]) => [name, decodedOnce(parcel)]));
}

function same(a, b) {
  return `${a.shape}` === `${b.shape}` && a.data.every((value, i) => value === b.data[i]);
}

// ---- words ----

export function sentence(state) {
  if (outputShape(state) === null) return impossible(state);
  if (!state.revealed) return question(state);
  const found = terms(state);
  return [usesText(state, found.length), stepText(state, found), answerText(state, found)]
    .filter(Boolean).join(" ");
}

function impossible({ x, w, padding }) {
  const shortest = Math.min(...x.shape.slice(1)) + 2 * padding;
  return `No output: the kernel is ${countText(w.shape[2], "pixel")} wide, the padded input only `
    + `${shortest}. Take more padding.`;
}

function question(state) {
  return `How many terms does ∂L/∂${chosenText(state)} add up? Stride ${state.stride}, padding `
    + `${state.padding}. Type the number, then check.`;
}

function usesText(state, count) {
  const name = chosenText(state);
  if (count === 0) return `No output read ${name}: its gradient is 0.`;
  return {
    dx: `Pixel ${name} was read by ${countText(count, "output")}.`,
    dw: `Weight ${name} was used at ${countText(count, "place")}.`,
    db: `Bias ${name} was added to ${countText(count, "output")}.`,
  }[state.mode];
}

// One term with its numbers: what it multiplies, and what that gives.
export function termText({ place, dout, factor, name }) {
  const first = indexText("dout", place);
  if (!name) return `${first} = ${numberText(dout)}`;
  const other = name === "padding" ? "a zero of the padding" : name;
  return `${first} times ${other}, ${numberText(dout)} × ${numberText(factor)} = ${numberText(dout * factor)}`;
}

function stepText(state, found) {
  if (found.length === 0 || state.term === 0) return "";
  const total = numberText(partialSum(found, state.term));
  const end = state.term === found.length ? `the sum is ${total}` : `the sum so far is ${total}`;
  return `Term ${state.term} of ${found.length}: ${termText(found[state.term - 1])}; ${end}.`;
}

function answerText(state, found) {
  const numbers = answered(state);
  if (!numbers || state.term < found.length) return "";
  const number = at(numbers[state.mode], chosen(state));
  return `${owner(state.answer)} ${state.answer.name} gives ${numberText(number)}.`;
}

export function owner({ whose }) {
  return whose === "yours" ? "Your" : "The course's";
}

// ---- a prediction and what it may come from ----

function slips(state) {
  const { mode, x, w } = state;
  const [filters, rows, cols] = outputShape(state);
  const [places, kernel] = [rows * cols, w.shape[2] ** 2];
  const perFilter = terms(state).length / filters;
  const ofPixel = [
    [perFilter, "what one filter gives: every filter read this pixel"],
    [kernel, "the number of weights in the kernel: not each of them met this pixel"],
    [kernel * filters, "the number of all weights: not each of them met this pixel"],
    [places, "the number of output places: not all of their windows reach this pixel"],
    [places * filters, "the number of all outputs: not all of their windows reach this pixel"],
    [1, "one use: count all windows that reach this pixel"],
  ];
  const ofOutputs = [
    [places * filters, "the outputs of all filters: this one belongs to a single filter"],
    [kernel, "the number of weights in the kernel: count the places of its window"],
    [x.shape[1] * x.shape[2], "the number of pixels: count the places of the window"],
    [1, "one use: it was used again at every place of the window"],
  ];
  return mode === "dx" ? ofPixel : ofOutputs;
}

// The answer to a prediction: "Right …" or one pointed sentence.
export function judged(answer, state) {
  const truth = terms(state).length;
  if (answer === truth) return `Right: ${truth}.`;
  const slip = slips(state).find(([count]) => count === answer);
  return slip ? `Not ${numberText(answer)}: that is ${slip[1]}. It is ${truth}.`
    : `Not ${numberText(answer)}. It is ${truth}.`;
}
