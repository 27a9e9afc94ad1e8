// The stepper's formula with live numbers, its question, and whose sizes it draws.

import { colored, countText, el, refill, typedNumber, write } from "./kit.js";
import { convolve, kernelExtent, outputSize, overlap } from "./geometry.js";
import { answered, close, owner, sizes } from "./stepper_state.js";

// The size formula with this setting's numbers, step by step: each step a list of texts, some of
// them [role, text]. Ends in the size, in words where none exists, or in "?" while it is hidden.
export function formulaSteps(width, setting, hidden = false) {
  const { kernel_size: k, stride: s, padding: p, dilation: d } = setting;
  const w = [["input", `${width}`], " + 2·", ["input", `${p}`], " − ", ["weights", `${d}`], "·(",
    ["weights", `${k}`], " − 1) − 1"];
  const first = ["⌊(", ...w, ") / ", ["weights", `${s}`], "⌋ + 1"];
  if (hidden) return [first, ["?"]];
  const room = width + 2 * p - kernelExtent(setting);
  const second = [`⌊${signed(room)} / ${s}⌋ + 1`];
  if (room < 0) return [first, second, ["no output: the kernel does not fit"]];
  const floor = room % s === 0 ? [] : [[`⌊${quotientText(room, s)}⌋ + 1`]];
  const size = outputSize(width, setting);
  return [first, second, ...floor, [`${Math.floor(room / s)} + 1`], [["output", `${size}`]]];
}

function signed(value) {
  return value < 0 ? `−${-value}` : `${value}`;
}

// A quotient that is not whole, never rounded: the rest is shown by dots.
export function quotientText(room, stride) {
  const hundredths = (100 * room) / stride;
  const cut = Math.floor(hundredths + 1e-9);
  const text = `${Math.floor(cut / 100)}.${String(cut % 100).padStart(2, "0")}`.replace(/0$/, "");
  return Number.isInteger(hundredths) ? text : `${text}…`;
}

const SYMBOLS = ["⌊(", ["input", "w"], " + 2", ["input", "p"], " − ", ["weights", "d"], "(", ["weights", "k"],
  " − 1) − 1) / ", ["weights", "s"], "⌋ + 1"];

function nodes(texts) {
  return texts.map((text) => (Array.isArray(text) ? colored(...text) : text));
}

function line(name, size, setting, hidden) {
  const steps = formulaSteps(size, setting, hidden).flatMap((step) => [" = ", ...nodes(step)]);
  const start = el("span", { class: "ck-symbols" }, colored("output", name), " = ", ...nodes(SYMBOLS));
  return el("p", {}, start, " ", el("span", { class: "ck-numbers" }, ...steps));
}

// One line for a square input, two where height and width differ.
export function formula() {
  const element = el("div", { class: "ck-formula" });
  let shown = "";
  const show = ({ image, setting, revealed }) => {
    const [, height, width] = image.shape;
    const key = JSON.stringify([height, width, setting, revealed]);
    if (key === shown) return;
    shown = key;
    const lines = height === width ? [["size", width]] : [["height", height], ["width", width]];
    refill(element, ...lines.map(([name, size]) => line(name, size, setting, !revealed)));
  };
  return { element, show };
}

// The question that stands where the output would be; `onAnswer` gets a number.
export function question(onAnswer) {
  const field = el("input", { type: "text", inputmode: "numeric", "aria-label": "Predicted width" });
  const complaint = el("p", { class: "ck-problem", role: "alert", hidden: true });
  const element = el("form", { class: "ck-question" },
    el("p", {}, "How wide is the output?"), field, el("button", { type: "submit" }, "Check"), complaint);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = typedNumber(field.value);
    complaint.hidden = value !== null;
    write(complaint, value === null ? "Type a number, for example 4." : "");
    if (value !== null) onAnswer(value);
  });
  const show = (state) => {
    const asked = !state.revealed && sizes(state).every(({ fit }) => fit !== null);
    if (asked && element.hidden) field.value = "";
    element.hidden = !asked;
  };
  return { element, show, focus: () => field.focus({ preventScroll: true }) };
}

// Whose functions the picture follows, and whether the numbers of one are the sums.
export function whose(state) {
  const sizeOwner = `Sizes drawn by ${owner(state.table).toLowerCase()} output_size.`;
  const { answer } = state;
  if (!answer) return sizeOwner;
  const name = `${owner(answer)} ${answer.name}`;
  if (answer.problem) return `${sizeOwner} ${name} ${answer.problem}.`;
  const numbers = answered(state);
  if (!numbers) return `${sizeOwner} ${name} has not answered for these numbers yet.`;
  return `${sizeOwner} Numbers by ${name.toLowerCase()}: ${comparison(state, numbers)}.`;
}

function comparison({ image, weights, bias, setting }, numbers) {
  const sums = convolve(image, weights, bias, setting, numbers.shape.slice(1));
  const wrong = numbers.data.filter((number, i) => !close(number, sums.data[i])).length;
  return wrong === 0 ? "all equal the sums" : `${wrong} of ${numbers.data.length} differ from the sums`;
}

// What the frames and patterns of the picture mean.
export function legend() {
  const next = el("span");
  const mark = (look, text) => el("span", {}, el("i", { class: look }), text);
  const element = el("div", { class: "ck-legend" }, mark("ck-window", "window"),
    mark("ck-window ck-next", next), mark("ck-unread", "never read"), mark("ck-ring", "padding, zeros"));
  const show = ({ setting }) => {
    const shared = overlap(setting) * setting.kernel_size;
    write(next, `next window, shares ${countText(shared, "tap")} of ${setting.kernel_size ** 2}`);
  };
  return { element, show };
}
