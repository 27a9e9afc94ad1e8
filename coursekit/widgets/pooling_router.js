// The pooling router: settings, picture, steps, prediction. All of it is computed here; the kernel
// is told and never waited for, except where the student's functions are asked.

import { choice, clamp, decode, el, encode, frame, player, slider, soon, typedNumber, update, watch, write } from "./kit.js";
import { generated, indexText } from "./backward_state.js";
import { stage } from "./pooling_stage.js";
import { KINDS, LIMITS, RULES, TIES, TRAITS, answered, fairest, isWinner, judged, outputShape, ownerOf, readState, sentence,
  windows, wrongCount } from "./pooling_state.js";

const HINT = "Step through the windows, or click an output to go to its window; click a pixel to see what it receives. "
  + "To change the map or dout, select a number and type.";

// ---- what the hand changes ----

// A setting or the map changed: all windows have gone, or the gradient is asked for.
function change(model, douts, changes) {
  const next = { ...readState(model), ...changes };
  const shape = outputShape(next);
  const values = { ...changes };
  if (shape !== null && `${shape}` !== `${next.dout.shape}`) values.dout = encode(douts.get(`${shape}`) ?? generated(shape));
  update(model, { ...values, ...hiding(next), step: shape === null ? 0 : shape[0] * shape[1] });
}

function hiding({ predict }) {
  return predict ? { revealed: false, prediction: null, feedback: "" } : {};
}

function choosePixel(model, pixel) {
  const state = readState(model);
  const moved = `${pixel}` !== `${state.pixel}`;
  update(model, { pixel, ...(moved ? { ...hiding(state), step: windows(state).length } : {}) });
}

function edited(model, name, index, value) {
  const array = decode(model.get(name));
  array.data[index] = value;
  const state = readState(model);
  update(model, { [name]: encode(array), ...(name === "x" ? hiding(state) : {}), step: windows(state).length });
}

function step(model, name) {
  const state = readState(model);
  const count = windows(state).length;
  const target = { first: 1, back: state.step - 1, step: state.step + 1, last: count };
  const next = clamp(target[name], 0, count);
  update(model, { step: next });
  return next !== state.step;
}

// Playing from the end starts again.
function rewind(model) {
  const state = readState(model);
  if (state.step === windows(state).length) update(model, { step: 0 });
}

// ---- the page ----

function settingsRow(model, douts) {
  const sliders = [["kernel_size", "Window k"], ["stride", "Stride s"]].map(([name, label]) => [name,
    slider(label, LIMITS[name], (value) => change(model, douts, { [name]: value }))]);
  const choices = [["kind", "Pooling:", KINDS], ["ties", "Equal maxima:", TIES]].map(([name, label, words]) =>
    [name, choice(label, words, (word) => change(model, douts, { [name]: word }))]);
  const rule = choice("At an index taken before:", RULES, (word) => update(model, { rule: word }));
  const box = el("input", { type: "checkbox" });
  box.addEventListener("change", () =>
    update(model, { predict: box.checked, revealed: !box.checked, prediction: null, feedback: "" }));
  const controls = [...choices.slice(0, 1), ...sliders, ...choices.slice(1), ["rule", rule]];
  const element = el("div", { class: "ck-settings", role: "group", "aria-label": "Layer" },
    ...controls.map(([, control]) => control.element), el("label", { class: "ck-check" }, box, "Ask me first"));
  const show = (state) => {
    for (const [name, control] of controls) control.show(state[name]);
    choices[1][1].element.disabled = state.kind !== "max";
    box.checked = state.predict;
  };
  return { element, show };
}

// The question that stands where the gradient would be; `onAnswer` gets a number.
function question(onAnswer) {
  const field = el("input", { type: "text", inputmode: "decimal", "aria-label": "Predicted gradient" });
  const words = el("p");
  const complaint = el("p", { class: "ck-problem", role: "alert", hidden: true });
  const element = el("form", { class: "ck-question" }, words, field, el("button", { type: "submit" }, "Check"), complaint);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = typedNumber(field.value);
    complaint.hidden = value !== null;
    write(complaint, value === null ? "Type a number, for example 4." : "");
    if (value !== null) onAnswer(value);
  });
  const show = (state) => {
    if (!state.revealed && element.hidden) field.value = "";
    write(words, `What is ∂L/∂${indexText("x", state.pixel)}? The corner marks the pixel.`);
    element.hidden = state.revealed;
  };
  return { element, show };
}

// Whose functions the numbers come from, and how many of them are right.
function whose(state) {
  const { answer } = state;
  if (!answer || state.kind !== "max") return "";
  const own = answered(state);
  return ["forward", "backward"].filter((part) => answer[part]).map((part) => {
    const name = ownerOf(answer[part]);
    if (answer[part].problem) return `${name}: ${answer[part].problem}.`;
    if (!own.out && !own.dx) return `${name} has not answered for these numbers yet.`;
    return `${name}: ${part === "forward" ? forwardVerdict(state, own) : backwardVerdict(state, own)}.`;
  }).join(" ");
}

function forwardVerdict(state, { out, index }) {
  const found = windows(state);
  const values = wrongCount(out, { data: Float64Array.from(found, ({ value }) => value) });
  const indices_ = found.filter((each, n) => !isWinner(state, each, index.data[n])).length;
  if (values + indices_ === 0) return "all maxima and indices are right";
  return `${values} of ${found.length} maxima and ${indices_} of ${found.length} indices are wrong`;
}

function backwardVerdict(state, { dx }) {
  const wrong = wrongCount(dx, fairest(state, dx));
  return wrong === 0 ? "the whole gradient is right" : `${wrong} of ${dx.data.length} numbers of dx are wrong`;
}

function footer() {
  const owner = el("span", { class: "ck-whose" });
  const mark = (look, text) => el("span", {}, el("i", { class: `ck-cell ${look}` }), text);
  const legend = el("div", { class: "ck-legend" }, mark("ck-window", "current window"),
    mark("ck-taker", "receives its gradient"), mark("ck-tied", "holds the maximum too"), mark("ck-chosen", "chosen pixel"),
    mark("ck-wrong", "wrong"));
  const element = el("div", { class: "ck-footer" }, legend, el("p", {}, owner, " ", HINT));
  return { element, show: (state) => write(owner, whose(state)) };
}

function build(model, el_) {
  const douts = new Map();
  const shell = frame(el_, model, "Pooling router");
  shell.root.classList.add("ck-pooling");
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
  const picture = stage(ask.element, { onPixel: (pixel) => choosePixel(model, pixel),
    onStep: (at) => readState(model).revealed && update(model, { step: at }),
    onEdit: (name, index, value) => edited(model, name, index, value) });
  const parts = [settingsRow(model, douts), ask, picture, footer()];
  const feedback = el("p", { class: "ck-feedback", role: "status" });
  shell.body.append(parts[0].element, feedback, picture.element);
  shell.root.append(el("div", { class: "ck-bar" }, buttons.element, shell.sentence), parts.at(-1).element);
  const draw = () => {
    const state = readState(model);
    douts.set(`${state.dout.shape}`, state.dout);
    for (const part of parts) part.show(state);
    buttons.enable(state.revealed && outputShape(state) !== null);
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
