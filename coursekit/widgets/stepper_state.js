// What the stepper shows, without a page: sizes by whose function, sums, and the sentence.
// stepper_state.py says the same sentence in the kernel.

import { countText, decodedOnce, numberText } from "./kit.js";
import { kernelExtent, outputSize, partialSums, uncovered } from "./geometry.js";

export const LIMITS = { kernel_size: [1, 7], stride: [1, 4], padding: [0, 4], dilation: [1, 3] };

// Place of a setting in the table of sizes that the kernel sent.
export function tableIndex({ kernel_size, stride, padding, dilation }) {
  return (((kernel_size - 1) * 4 + stride - 1) * 5 + padding) * 3 + dilation - 1;
}

// Every setting of the four sliders whose kernel fits into the padded image.
export function settingsThatFit({ image }) {
  const shortest = Math.min(...image.shape.slice(1));
  const values = ([low, high]) => Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const all = Object.entries(LIMITS).reduce((found, [name, limits]) =>
    found.flatMap((setting) => values(limits).map((value) => ({ ...setting, [name]: value }))), [{}]);
  return all.filter((setting) => outputSize(shortest, setting) !== null);
}

export function sameSetting(a, b) {
  return Object.keys(LIMITS).every((name) => a[name] === b[name]);
}

// One axis: windows that fit, what the size function says (null: nothing), windows drawn.
// The picture follows the function as long as that can be drawn.
export function axis(width, setting, table) {
  const fit = outputSize(width, setting);
  const said = table?.[tableIndex(setting)] ?? null;
  const drawable = fit !== null && Number.isInteger(said) && said >= 1 && said <= fit + 3;
  return { fit, said, drawn: drawable ? said : fit };
}

export function sizes({ image, setting, table }) {
  const [, height, width] = image.shape;
  return [axis(height, setting, table?.rows), axis(width, setting, table?.cols)];
}

// The stepper's state in one sentence or a few; spoken, and read back from Python.
export function sentence(state) {
  const [rows, cols] = sizes(state);
  if (rows.fit === null || cols.fit === null) return impossible(state);
  if (!state.revealed) return question(state);
  const texts = [positionText(state, rows, cols), answerText(state), claimText(state, rows, cols),
    unreadText(state, rows, cols)];
  return texts.filter(Boolean).join(" ");
}

function impossible({ image, setting }) {
  const [, height, width] = image.shape;
  const shortest = Math.min(height, width) + 2 * setting.padding;
  return `No output: the kernel spans ${countText(kernelExtent(setting), "pixel")}, the padded input `
    + `only ${shortest}. Take a smaller kernel or dilation, or more padding.`;
}

function question({ image, setting }) {
  const [, height, width] = image.shape;
  const { kernel_size, stride, padding, dilation } = setting;
  return `How wide is the output? The input is ${height} by ${width}, kernel size ${kernel_size}, `
    + `stride ${stride}, padding ${padding}, dilation ${dilation}. Type the width, then check.`;
}

function positionText(state, rows, cols) {
  const [row, col] = state.position;
  const place = `Output row ${row + 1}, column ${col + 1} of ${rows.drawn} by ${cols.drawn}`;
  if (row >= rows.fit || col >= cols.fit) return `${place}: this window reaches past the padded input.`;
  const sums = partialSums(state.image, state.weights, state.setting, state.position);
  const terms = sums.map((sum, channel) => `channel ${channel + 1} adds ${numberText(sum)}`);
  const total = sums.reduce((a, b) => a + b, state.bias);
  return `${place}: ${terms.join(", ")}; with the bias ${numberText(state.bias)} the sum is ${numberText(total)}.`;
}

// The numbers of the student's own convolution, {shape, data}, or null: none was given, it gave
// none, or it was asked about other numbers than those shown.
export function answered({ answer, image, weights, bias, setting }) {
  if (!answer?.numbers) return null;
  const { kernel_size, stride, padding, dilation } = setting;
  const now = [kernel_size, stride, padding, dilation];
  const fresh = now.every((value, i) => value === answer.setting[i]) && bias === answer.bias
    && sameArray(image, decodedOnce(answer.image)) && sameArray(weights, decodedOnce(answer.weights));
  return fresh ? decodedOnce(answer.numbers) : null;
}

function sameArray(a, b) {
  return a.data.length === b.data.length && a.data.every((value, i) => value === b.data[i]);
}

// Whether two numbers of a layer are the same but for rounding in float32.
export function close(a, b) {
  return Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b));
}

function answerText(state) {
  const numbers = answered(state);
  const [row, col] = state.position;
  if (!numbers || row >= numbers.shape[1] || col >= numbers.shape[2]) return "";
  const number = numbers.data[row * numbers.shape[2] + col];
  return `${owner(state.answer)} ${state.answer.name} gives ${numberText(number)}.`;
}

export function owner({ whose }) {
  return whose === "yours" ? "Your" : "The course's";
}

function claimText({ table }, rows, cols) {
  if (!table || (rows.said === rows.fit && cols.said === cols.fit)) return "";
  const said = [rows.said, cols.said].map((size) => (size === null ? "no number" : numberText(size)));
  return `${owner(table)} output_size says ${said.join(" by ")}; ${rows.fit} by ${cols.fit} windows fit.`;
}

function unreadText({ image, setting }, rows, cols) {
  const [, height, width] = image.shape;
  const parts = [[uncovered(height, setting, rows.drawn).length, "row"],
    [uncovered(width, setting, cols.drawn).length, "column"]];
  const named = parts.filter(([count]) => count > 0).map(([count, noun]) => countText(count, noun));
  return named.length ? `Never read: ${named.join(" and ")} of the input.` : "";
}
