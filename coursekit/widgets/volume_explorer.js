// The volume explorer: who shares weights, two volumes, one neuron's numbers, the translation test.
// All of it is computed here; the kernel is told and never waited for.

import { button, clamp, decode, el, encode, frame, grouped, icon, unique, update, watch, write } from "./kit.js";
import { FURTHEST, KINDS, MOST_NEURONS, TRAITS, parameters, readState, sentence, shiftText } from "./volume_state.js";
import { numbers } from "./volume_parts.js";
import { scene } from "./volume_scene.js";

const WORDS = {
  convolution: ["Convolution", "one set of weights a slice, shared by all its places"],
  "locally connected": ["Locally connected", "the same chunks, but every neuron has weights of its own"],
  "fully connected": ["Fully connected", "every neuron sees the whole input, weights of its own"],
};

// ---- controls ----

// The three kinds with what they cost; choosing one switches the sharing.
function kindCards(model) {
  const name = unique("kind");
  const cards = KINDS.map((kind) => {
    const radio = el("input", { type: "radio", name, value: kind });
    radio.addEventListener("change", () => update(model, { sharing: kind }));
    const formula = el("span", { class: "ck-count-formula" });
    const total = el("strong", { class: "ck-count" });
    const words = el("span", {}, el("b", {}, WORDS[kind][0]), ": ", WORDS[kind][1]);
    const element = el("label", { class: "ck-card" }, radio, words, el("span", { class: "ck-cost" }, formula, total));
    const show = (state) => {
      const { factors, inner, total: sum } = parameters(state, kind);
      write(formula, `${factors.join("·")} · (${inner.join("·")} + 1) = `);
      write(total, grouped(sum));
      radio.checked = state.sharing === kind;
      element.classList.toggle("ck-chosen", radio.checked);
    };
    return { element, show };
  });
  const element = el("div", { class: "ck-cards", role: "radiogroup", "aria-label": "Who shares weights; number of parameters" },
    ...cards.map((card) => card.element));
  return { element, show: (state) => cards.forEach((card) => card.show(state)) };
}

function controls(model) {
  const fewer = labeled("Remove a neuron", "−", () => count(model, -1));
  const more = labeled("Add a neuron", "+", () => count(model, 1));
  const number = el("output", { class: "ck-readout" });
  const column = el("div", { class: "ck-control", role: "group", "aria-label": "Neurons in the column" },
    "Neurons in a column", fewer, number, more);
  const relu = checkbox("ReLU", (on) => update(model, { relu: on }));
  const unravel = checkbox("Unravel the volumes", (on) => update(model, { unraveled: on }));
  const move = mover(model);
  const element = el("div", { class: "ck-settings" }, column, relu.element, unravel.element, move.element);
  const show = (state) => {
    write(number, state.neurons);
    fewer.disabled = state.neurons === 1;
    more.disabled = state.neurons === MOST_NEURONS;
    relu.box.checked = state.relu;
    unravel.box.checked = state.unraveled;
    move.show(state);
  };
  return { element, show };
}

function labeled(label, text, onclick) {
  return el("button", { type: "button", "aria-label": label, title: label, onclick }, text);
}

function checkbox(label, onChange) {
  const box = el("input", { type: "checkbox" });
  box.addEventListener("change", () => onChange(box.checked));
  return { box, element: el("label", { class: "ck-check" }, box, label) };
}

// Buttons of the translation test.
function mover(model) {
  const go = (down, right) => () => {
    const [y, x] = model.get("shift");
    update(model, { shift: [y + down, x + right].map((by) => clamp(by, -FURTHEST, FURTHEST)) });
  };
  const back = labeled("Move the image back", "back", () => update(model, { shift: [0, 0] }));
  const arrows = [button("Move the image left", "back", go(0, -1)), button("Move the image right", "step", go(0, 1)),
    button("Move the image up", "up", go(-1, 0)), button("Move the image down", "down", go(1, 0))];
  const element = el("div", { class: "ck-control", role: "group", "aria-label": "Move the image" },
    "Move the image", ...arrows, back);
  return { element, show: ({ shift }) => (back.disabled = shift.every((by) => by === 0)) };
}

function count(model, by) {
  const neurons = clamp(model.get("neurons") + by, 1, MOST_NEURONS);
  const [slice, ...place] = model.get("position");
  update(model, { neurons, position: [by > 0 ? neurons - 1 : Math.min(slice, neurons - 1), ...place] });
}

// ---- numbers changed by hand ----

function changeNumber(model, name, index, value) {
  const array = decode(model.get(name));
  array.data[index] = value;
  update(model, { [name]: encode(array) });
}

function changeWeight(model, index, value) {
  const { size, image, position } = readState(model);
  changeNumber(model, "weights", position[0] * image.shape[0] * size * size + index, value);
}

// ---- the page ----

// The call that makes this picture again; the same text as the widget's repr in Python.
export function asCode({ neurons, sharing }) {
  return `VolumeExplorer(neurons=${neurons}, sharing='${sharing}')`;
}

function footer() {
  const code = el("code", { hidden: true });
  const copy = el("button", { type: "button", class: "ck-copy" }, icon("copy"), "Copy as code");
  copy.addEventListener("click", () => {
    code.hidden = false; // where the clipboard is closed to pages, it can still be selected
    navigator.clipboard?.writeText(code.textContent);
  });
  const hint = "Click a neuron in the output, or move with the arrow keys; Page Up and Page Down change the slice. "
    + "Of a convolution, select a weight or the bias and type.";
  const element = el("div", { class: "ck-footer" }, el("p", {}, hint), code, copy);
  return { element, show: (state) => write(code, asCode(state)) };
}

function build(model, el_) {
  const shell = frame(el_, model, "Volume explorer");
  shell.root.classList.add("ck-volume");
  const cards = kindCards(model);
  const settings = controls(model);
  const picture = scene((position) => update(model, { position }));
  const feedback = el("p", { class: "ck-feedback", role: "status" });
  const beside = numbers({
    onWeight: (index, value) => changeWeight(model, index, value),
    onBias: (value) => changeNumber(model, "bias", model.get("position")[0], value),
    onSlice: (slice) => update(model, { position: [slice, ...model.get("position").slice(1)] }),
  });
  const foot = footer();
  const row = el("div", { class: "ck-volume-row" }, picture.element, beside.result);
  shell.body.append(cards.element, settings.element, row, feedback, beside.products);
  shell.root.append(foot.element);
  const draw = () => {
    const state = readState(model);
    for (const part of [cards, settings, beside, picture, foot]) part.show(state);
    write(feedback, shiftText(state));
    feedback.hidden = feedback.textContent === "";
    shell.say(sentence(state));
  };
  return { draw, dispose: picture.dispose };
}

function render({ model, el: el_ }) {
  const { draw, dispose } = build(model, el_);
  draw();
  const unwatch = watch(model, TRAITS, draw);
  return () => {
    unwatch();
    dispose();
  };
}

export default { render };
