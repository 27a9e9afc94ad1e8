// The backward stepper: which gradient, settings, picture, terms, prediction. All of it is computed
// here; the kernel is told and never waited for, except where the student's backward is asked.

import { clamp, decode, decodedOnce, el, encode, frame, player, slider, soon, unique, update, watch,
  write } from "./kit.js";
import { generated, judged, LIMITS, outputShape, sentence, terms } from "./backward_state.js";
import { formula, legend, question, whose } from "./backward_text.js";
import { stage } from "./backward_stage.js";

const MODES = { dx: "∂L/∂x, of a pixel", dw: "∂L/∂w, of a weight", db: "∂L/∂b, of a bias" };
const ARRAYS = ["x", "w", "dout"];
const TRAITS = [...ARRAYS, "stride", "padding", "mode", "pixel", "weight", "filter", "term", "predict",
  "prediction", "revealed", "feedback", "answer"];
const HINT = " Click a pixel, weight or bias, or move with the arrow keys; click an output to see what it "
  + "adds. To change x, w or dout, select a number and type.";

export function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  for (const name of ARRAYS) state[name] = decodedOnce(state[name]);
  return state;
}

// ---- what the hand changes ----

// Another number is chosen or another setting made: all terms are shown, or asked for.
function change(model, changes) {
  const next = { ...readState(model), ...changes };
  const hidden = next.predict ? { revealed: false, prediction: null, feedback: "" } : {};
  update(model, { ...changes, ...hidden, term: terms(next).length });
}

// A new stride or padding changes the output's size, and dout with it.
function changeSetting(model, douts, name, value) {
  const next = { ...readState(model), [name]: value };
  const shape = outputShape(next);
  if (shape === null || `${shape}` === `${next.dout.shape}`) return void change(model, { [name]: value });
  const parcel = encode(douts.get(`${shape}`) ?? generated(shape));
  const count = terms({ ...next, dout: decodedOnce(parcel) }).length;
  const hidden = next.predict ? { revealed: false, prediction: null, feedback: "" } : {};
  return void update(model, { [name]: value, dout: parcel, ...hidden, term: count });
}

function changeValue(model, name, index, value) {
  const array = decode(model.get(name));
  array.data[index] = value;
  update(model, { [name]: encode(array) });
}

function step(model, name) {
  const state = readState(model);
  const count = terms(state).length;
  const target = { first: 1, back: state.term - 1, step: state.term + 1, last: count };
  const next = clamp(target[name], Math.min(1, count), count);
  update(model, { term: next });
  return next !== state.term;
}

// Playing from the end starts again.
function rewind(model) {
  const state = readState(model);
  if (state.term === terms(state).length) update(model, { term: 0 });
}

// ---- the page ----

function modes(model) {
  const name = unique("mode");
  const radios = Object.entries(MODES).map(([mode, label]) => {
    const radio = el("input", { type: "radio", name, value: mode });
    radio.addEventListener("change", () => change(model, { mode }));
    return [mode, radio, el("label", { class: "ck-check" }, radio, label)];
  });
  const element = el("div", { class: "ck-modes", role: "radiogroup", "aria-label": "Gradient" },
    ...radios.map(([, , label]) => label));
  const show = (state) => radios.forEach(([mode, radio]) => { radio.checked = mode === state.mode; });
  return { element, show };
}

function settingsRow(model, douts) {
  const which = modes(model);
  const sliders = [["stride", "Stride s"], ["padding", "Padding p"]].map(([name, label]) => [name,
    slider(label, LIMITS[name], (value) => changeSetting(model, douts, name, value))]);
  const box = el("input", { type: "checkbox" });
  box.addEventListener("change", () =>
    update(model, { predict: box.checked, revealed: !box.checked, prediction: null, feedback: "" }));
  const element = el("div", { class: "ck-settings", role: "group", "aria-label": "Layer" }, which.element,
    ...sliders.map(([, control]) => control.element), el("label", { class: "ck-check" }, box, "Ask me first"));
  const show = (state) => {
    which.show(state);
    for (const [name, control] of sliders) control.show(state[name]);
    box.checked = state.predict;
  };
  return { element, show };
}

function footer() {
  const owner = el("span", { class: "ck-whose" });
  const element = el("div", { class: "ck-footer" }, legend().element, el("p", {}, owner, HINT));
  return { element, show: (state) => write(owner, whose(state)) };
}

function parts(model, shell, douts) {
  const ask = question((value) => {
    update(model, { prediction: value, revealed: true, feedback: judged(value, readState(model)) });
    soon(() => picture.focus());
  });
  const buttons = player((name) => step(model, name), {
    onPlay: (playing) => {
      if (playing) rewind(model);
      shell.sentence.setAttribute("aria-live", playing ? "off" : "polite");
    },
  });
  const bar = el("div", { class: "ck-bar" }, buttons.element, shell.sentence);
  const picture = stage(ask.element, bar, {
    onChoose: (changes) => change(model, changes),
    onTerm: (term) => update(model, { term }),
    onEdit: (name, index, value) => changeValue(model, name, index, value),
    terms: () => terms(readState(model)),
  });
  return { settings: settingsRow(model, douts), text: formula(), ask, picture, foot: footer(), buttons };
}

function build(model, el_) {
  const douts = new Map();
  const shell = frame(el_, model, "Backward stepper");
  shell.root.classList.add("ck-backward");
  const { buttons, ...all } = parts(model, shell, douts);
  const feedback = el("p", { class: "ck-feedback", role: "status" });
  shell.body.append(all.settings.element, all.text.element, feedback, all.picture.element);
  shell.root.append(all.foot.element);
  const draw = () => {
    const state = readState(model);
    douts.set(`${state.dout.shape}`, state.dout);
    for (const part of Object.values(all)) part.show(state);
    buttons.enable(state.revealed && terms(state).length > 0);
    write(feedback, state.feedback);
    feedback.hidden = state.feedback === "";
    feedback.classList.toggle("ck-off", !state.feedback.startsWith("Right"));
    shell.say(sentence(state));
  };
  return { draw, stop: buttons.stop, dispose: all.picture.dispose };
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
