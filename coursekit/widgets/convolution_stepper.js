// The convolution stepper: settings, picture, steps, prediction. All of it is computed here; the
// kernel is told and never waited for.

import { clamp, decode, decodedOnce, el, encode, frame, icon, player, slider, soon, update, watch, write } from "./kit.js";
import { generatedWeights, judged } from "./geometry.js";
import { LIMITS, sameSetting, sentence, settingsThatFit, sizes } from "./stepper_state.js";
import { formula, legend, question, whose } from "./stepper_text.js";
import { stage } from "./stepper_stage.js";

const LABELS = {
  kernel_size: "Kernel size k",
  stride: "Stride s",
  padding: "Padding p",
  dilation: "Dilation d",
};
const TRAITS = [...Object.keys(LABELS), "image", "weights", "bias", "position", "predict", "prediction",
  "revealed", "feedback", "score", "table", "answer"];

export function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const setting = Object.fromEntries(Object.keys(LABELS).map((name) => [name, state[name]]));
  return { ...state, setting, image: decodedOnce(state.image), weights: decodedOnce(state.weights) };
}

// Rows and columns drawn; at least one each, so that a position always exists.
function drawnSize(state) {
  return sizes(state).map(({ drawn }) => drawn ?? 1);
}

function nearest(position, [rows, cols]) {
  return [clamp(position[0], 0, rows - 1), clamp(position[1], 0, cols - 1)];
}

// ---- what the hand changes ----

// given: one or more of the layer's numbers, by name.
function changeSetting(model, kernels, given) {
  const state = readState(model);
  const changes = { ...given };
  const size = given.kernel_size ?? state.kernel_size;
  if (size !== state.kernel_size)
    changes.weights = encode(kernels.get(size) ?? generatedWeights(state.image.shape[0], size));
  if (state.predict) Object.assign(changes, { revealed: false, prediction: null, feedback: "" });
  const next = { ...state, setting: { ...state.setting, ...given } };
  update(model, { ...changes, position: nearest(state.position, drawnSize(next)) });
}

// A random layer whose size is asked for.
function askAnother(model, kernels) {
  const state = readState(model);
  const others = settingsThatFit(state).filter((setting) => !sameSetting(setting, state.setting));
  changeSetting(model, kernels, others[Math.floor(Math.random() * others.length)]);
}

// Change one number of "image" or "weights".
function changeValue(model, name, index, value) {
  const array = decode(model.get(name));
  array.data[index] = value;
  update(model, { [name]: encode(array) });
}

function steps(model) {
  const state = readState(model);
  const [rows, cols] = drawnSize(state);
  const at = state.position[0] * cols + state.position[1];
  const target = { first: 0, back: at - 1, step: at + 1, last: rows * cols - 1 };
  return (name) => {
    const next = clamp(target[name], 0, rows * cols - 1);
    update(model, { position: [Math.floor(next / cols), next % cols] });
    return next !== at;
  };
}

function answer(model, value) {
  const state = readState(model);
  const feedback = judged(value, state.image.shape[2], state.setting);
  const [right, answered] = state.score;
  const score = [right + feedback.startsWith("Right"), answered + 1];
  update(model, { prediction: value, revealed: true, feedback, score });
}

// ---- the page ----

// One random question after the other, and how many were answered right.
function questionBench(onAnother) {
  const score = el("output", { class: "ck-score" });
  const another = el("button", { type: "button", onclick: onAnother }, "Another question");
  const element = el("span", { class: "ck-bench" }, another, score);
  const show = (state) => {
    const [right, answered] = state.score;
    element.hidden = !state.predict;
    write(score, answered ? `${right} of ${answered} right` : "");
  };
  return { element, show };
}

function settingsRow(model, kernels, onAsked) {
  const sliders = Object.entries(LABELS).map(([name, label]) => [name,
    slider(label, LIMITS[name], (value) => changeSetting(model, kernels, { [name]: value }))]);
  const box = el("input", { type: "checkbox" });
  box.addEventListener("change", () =>
    update(model, { predict: box.checked, revealed: true, prediction: null, feedback: "" }));
  const predict = el("label", { class: "ck-check" }, box, "Ask me first");
  const bench = questionBench(() => {
    askAnother(model, kernels);
    onAsked();
  });
  const element = el("div", { class: "ck-settings", role: "group", "aria-label": "Layer" },
    ...sliders.map(([, control]) => control.element), predict, bench.element);
  const show = (state) => {
    for (const [name, control] of sliders) control.show(state[name]);
    box.checked = state.predict;
    bench.show(state);
  };
  return { element, show };
}

// Below the picture: what its marks mean, whose functions it follows, and the call that makes it.
function footer() {
  const marks = legend();
  const owner = el("span", { class: "ck-whose" });
  const code = el("code", { hidden: true });
  const copy = el("button", { type: "button", class: "ck-copy" }, icon("copy"), "Copy as code");
  copy.addEventListener("click", () => {
    code.hidden = false; // where the clipboard is closed to pages, it can still be selected
    navigator.clipboard?.writeText(code.textContent);
  });
  const hint = " Click an output, or move there with the arrow keys. To change a pixel, a weight or "
    + "the bias, select it and type.";
  const element = el("div", { class: "ck-footer" }, marks.element, copy, el("p", {}, owner, hint), code);
  const show = (state) => {
    marks.show(state);
    write(owner, whose(state));
    write(code, asCode(state.setting));
  };
  return { element, show };
}

// The call that makes this picture again; the same text as the widget's repr in Python.
export function asCode(setting) {
  const values = Object.keys(LABELS).map((name) => `${name}=${setting[name]}`);
  return `ConvolutionStepper(${values.join(", ")})`;
}

function build(model, el_) {
  const kernels = new Map();
  const shell = frame(el_, model, "Convolution stepper");
  shell.root.classList.add("ck-stepper");
  const settings = settingsRow(model, kernels, () => soon(() => ask.focus()));
  const text = formula();
  const feedback = el("p", { class: "ck-feedback", role: "status" });
  const ask = question((value) => {
    answer(model, value);
    soon(() => picture.focusOutput());
  });
  const picture = stage(ask.element, {
    onMove: (position) => update(model, { position }),
    onEdit: (name, index, value) => changeValue(model, name, index, value),
    onBias: (bias) => update(model, { bias }),
  });
  const buttons = player((name) => steps(model)(name), {
    onPlay: (playing) => shell.sentence.setAttribute("aria-live", playing ? "off" : "polite"),
  });
  const foot = footer();
  const bar = el("div", { class: "ck-bar" }, buttons.element, shell.sentence);
  shell.body.append(settings.element, text.element, feedback, picture.element, bar);
  shell.root.append(foot.element);
  const parts = [settings, text, ask, picture, foot];
  const draw = () => {
    const state = readState(model);
    kernels.set(state.kernel_size, state.weights);
    for (const part of parts) part.show(state);
    buttons.enable(state.revealed && sizes(state).every(({ fit }) => fit !== null));
    write(feedback, state.feedback);
    feedback.hidden = state.feedback === "";
    feedback.classList.toggle("ck-off", !state.feedback.startsWith("Right"));
    shell.say(sentence(state));
  };
  return { draw, stop: buttons.stop, dispose: picture.dispose };
}

function render({ model, el: el_ }) {
  const { draw, stop, dispose } = build(model, el_);
  draw();
  const unwatch = watch(model, TRAITS, draw);
  return () => {
    stop();
    unwatch();
    dispose();
  };
}

export default { render };
