// What the pooling router shows, without a page: windows, winners, the routed gradient, the
// sentence, and a prediction judged. pooling_state.py says the same in the kernel. An array is
// {shape, data}.

import { countText, decodedOnce, numberText } from "./kit.js";
import { outputSize, taps } from "./geometry.js";
import { at, indexText, indices } from "./backward_state.js";

export const KINDS = ["max", "average"];
export const TIES = ["first", "even split"];
export const RULES = ["accumulate", "overwrite"];
export const LIMITS = { kernel_size: [1, 4], stride: [1, 4] };
export const TRAITS = ["x", "dout", "kernel_size", "stride", "kind", "ties", "rule", "pixel", "step", "predict",
  "prediction", "revealed", "feedback", "answer"];
const MOST_TERMS = 4; // that a sentence writes out

export function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  return { ...state, x: decodedOnce(state.x), dout: decodedOnce(state.dout) };
}

function settingOf({ kernel_size, stride }) {
  return { kernel_size, stride, padding: 0, dilation: 1 };
}

// [H', W'], or null where no window fits.
export function outputShape(state) {
  const sizes = state.x.shape.map((n) => outputSize(n, settingOf(state)));
  return sizes.includes(null) ? null : sizes;
}

// Every window, row by row: {place, value, winners, takers, dout, share}. Winners hold the maximum,
// takers receive equal shares of dout; of an average all of the window's pixels do both.
export function windows(state) {
  const shape = outputShape(state);
  return shape === null ? [] : indices(shape).map((place) => window_(state, place));
}

function window_(state, place) {
  const [rows, cols] = place.map((i) => taps(i, settingOf(state)));
  const pixels = rows.flatMap((row) => cols.map((col) => [row, col]));
  const values = pixels.map((pixel) => at(state.x, pixel));
  const largest = Math.max(...values);
  const max = state.kind === "max";
  const winners = pixels.filter((_, n) => !max || values[n] === largest);
  const takers = max && state.ties === "first" ? winners.slice(0, 1) : winners;
  const dout = at(state.dout, place);
  const value = max ? largest : values.reduce((a, b) => a + b, 0) / values.length;
  return { place, value, winners, takers, dout, share: dout / takers.length };
}

// Gradient of the map after the first `count` windows.
export function routed(state, { count = Infinity, rule = state.rule, found = windows(state) } = {}) {
  const [, width] = state.x.shape;
  const data = new Float64Array(state.x.data.length);
  for (const { takers, share } of found.slice(0, count))
    for (const [row, col] of takers) {
      const n = row * width + col;
      data[n] = (rule === "accumulate" ? data[n] : 0) + share;
    }
  return { shape: state.x.shape, data };
}

// Whether two numbers are the same but for rounding in float32.
export function close(a, b) {
  return Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b));
}

export function same(a, b) {
  return a[0] === b[0] && a[1] === b[1];
}

function sum({ data }) {
  return data.reduce((total, value) => total + value, 0);
}

// ---- the student's own numbers ----

// {out, index, dx} of the student's functions, as far as there are any for the numbers shown.
export function answered({ answer, x, dout, kernel_size, stride, kind }) {
  if (!answer || kind !== "max" || answer.kernel_size !== kernel_size || answer.stride !== stride) return {};
  if (!equal(x, decodedOnce(answer.x)) || !equal(dout, decodedOnce(answer.dout))) return {};
  const numbers = { ...answer.forward?.numbers, ...answer.backward?.numbers };
  return Object.fromEntries(Object.entries(numbers).map(([name, parcel]) => [name, decodedOnce(parcel)]));
}

function equal(a, b) {
  return `${a.shape}` === `${b.shape}` && a.data.every((value, i) => value === b.data[i]);
}

// The gradient that the student's is held against: of the valid ones for equal maxima, the nearest.
export function fairest(state, dx, found = windows(state)) {
  const [, width] = state.x.shape;
  const split = found.map((each) => ({ ...each, takers: each.winners, share: each.dout / each.winners.length }));
  const alone = (pick) => found.map((each) => ({ ...each, takers: [pick(each.winners)], share: each.dout }));
  const largest = (winners) => winners.reduce((best, pixel) =>
    (Math.abs(value(pixel)) > Math.abs(value(best)) ? pixel : best));
  const value = ([row, col]) => dx.data[row * width + col];
  const valid = [alone(([first]) => first), split, alone((winners) => winners.at(-1)), alone(largest)]
    .map((each) => routed(state, { rule: "accumulate", found: each }));
  return valid.reduce((best, each) => (wrongCount(dx, each) < wrongCount(dx, best) ? each : best));
}

export function wrongCount(own, right) {
  return right.data.filter((number, n) => !close(own.data[n], number)).length;
}

// Whether an index is a position of one of the window's maxima.
export function isWinner(state, { winners }, index) {
  return winners.some(([row, col]) => row * state.x.shape[1] + col === index);
}

export function ownerOf({ whose, name }) {
  return `${whose === "yours" ? "Your" : "The course's"} ${name}`;
}

// ---- words ----

export function sentence(state) {
  const { x, kernel_size, stride, kind } = state;
  if (outputShape(state) === null)
    return `No output: a window of ${kernel_size} × ${kernel_size} pixels does not fit into a map of `
      + `${x.shape[0]} × ${x.shape[1]}. Take a smaller window.`;
  if (!state.revealed)
    return `What is ∂L/∂${indexText("x", state.pixel)}? Windows of ${kernel_size} with stride ${stride}, `
      + `${kind} pooling. Type the number, then check.`;
  if (state.step === 0) return "No window has handed on its gradient yet: dx is 0 everywhere. Step to begin.";
  const found = windows(state);
  const parts = [windowText(state, found), handText(state, found)];
  if (state.step === found.length) parts.push(pixelText(state, found), totalText(state, found), answerText(state));
  return parts.filter(Boolean).join(" ");
}

export function flatText({ x: { shape: [, width] } }, [row, col]) {
  return `${row}·${width} + ${col} = ${row * width + col}`;
}

function windowText(state, found) {
  const { place, value, winners } = found[state.step - 1];
  const start = `Window [${place.join(", ")}], ${state.step} of ${found.length}:`;
  const number = numberText(value);
  if (state.kind === "average") return `${start} the mean of its ${state.kernel_size ** 2} pixels is ${number}.`;
  const [name, index] = [indexText("x", winners[0]), `index ${flatText(state, winners[0])}`];
  if (winners.length === 1) return `${start} the maximum is ${name} = ${number}, ${index}.`;
  const several = `${start} ${winners.length} pixels hold the maximum ${number}`;
  return state.ties === "first" ? `${several}; the first is ${name}, ${index}.` : `${several} and share the gradient.`;
}

function handText(state, found) {
  const { takers, dout, share } = found[state.step - 1];
  const adds = state.rule === "accumulate";
  if (takers.length > 1) {
    const verb = adds ? "Each receives" : "Each is overwritten with";
    return `${verb} 1/${takers.length} of its dout ${numberText(dout)}: ${numberText(share)}.`;
  }
  const name = indexText("dx", takers[0]);
  const before = at(routed(state, { count: state.step - 1, found }), takers[0]);
  if (adds)
    return `Its dout is added at ${name}: ${numberText(before)} + ${numberText(dout)} = ${numberText(before + dout)}.`;
  if (before === 0) return `Its dout ${numberText(dout)} is written to ${name}.`;
  return `Its dout ${numberText(dout)} overwrites ${name}: the ${numberText(before)} there is lost.`;
}

function sharesOf(state, found) {
  return found.filter(({ takers }) => takers.some((taker) => same(taker, state.pixel)));
}

function pixelText(state, found) {
  const shares = sharesOf(state, found);
  const name = `Pixel ${indexText("x", state.pixel)}`;
  if (shares.length === 0) return `${name} receives from no window: its gradient is 0.`;
  const total = numberText(shares.reduce((a, { share }) => a + share, 0));
  const places = shares.map(({ place }) => `[${place.join(", ")}]`).join(" and ");
  const terms = shares.map(({ share }) => numberText(share)).join(" + ");
  const [plural, end] = shares.length > 1 ? ["s", ` = ${total}`] : ["", ""];
  const few = `${name} receives from window${plural} ${places}: ${terms}${end}.`;
  const text = shares.length > MOST_TERMS ? `${name} receives from ${shares.length} windows: ${total}.` : few;
  if (state.rule === "accumulate" || shares.length === 1) return text;
  return `${text} Overwriting keeps the last, ${numberText(shares.at(-1).share)}.`;
}

function totalText(state, found) {
  const [handed, kept] = [sum(state.dout), sum(routed(state, { found }))];
  const text = `dout adds up to ${numberText(handed)}, dx to ${numberText(kept)}`;
  return close(handed, kept) ? `${text}.` : `${text}: gradient was lost.`;
}

function answerText(state) {
  const { dx } = state.rule === "accumulate" ? answered(state) : {};
  return dx ? `${ownerOf(state.answer.backward)} gives ${numberText(at(dx, state.pixel))}.` : "";
}

// ---- a prediction and what it may come from ----

function slips(state, found) {
  const shares = sharesOf(state, found);
  const reads = found.filter(({ place }) => place.every((i, axis) =>
    taps(i, settingOf(state)).includes(state.pixel[axis])));
  const read = reads.reduce((a, { dout }) => a + dout, 0);
  const max = state.kind === "max";
  return [
    shares.length > 1 && [shares.at(-1).share, "one window's share, the last: the shares are added"],
    shares.length > 1 && [shares[0].share, "one window's share, the first: the shares are added"],
    max && [read / state.kernel_size ** 2, "what average pooling would hand it"],
    max && [read, "the dout of all windows that read it: only those that it won count"],
    !max && [read, "the dout of its windows undivided: each pixel receives a part"],
    [shares.length, "how many windows hand it something: each hands on its dout"],
    [at(state.x, state.pixel), "the pixel's own number: asked for is its gradient"],
    [0, `no gradient: it receives from ${countText(shares.length, "window")}`],
  ].filter(Boolean);
}

// The answer to a prediction: "Right …" or one pointed sentence.
export function judged(answer, state) {
  const found = windows(state);
  const truth = at(routed(state, { rule: "accumulate", found }), state.pixel);
  if (Math.abs(answer - truth) <= 0.0051) return `Right: ${numberText(truth)}.`;
  const slip = slips(state, found).find(([number]) => Math.abs(number - answer) <= 0.0051);
  const reason = slip ? `: that is ${slip[1]}` : "";
  return `Not ${numberText(answer)}${reason}. It is ${numberText(truth)}.`;
}
