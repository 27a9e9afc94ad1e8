// Buttons, settings and files of the live trainer. Each sends a wish to the kernel, or a setting.

import { el, grouped, icon, typedNumber } from "./kit.js";
import { percent, shortNumber } from "./live_trainer_state.js";

// ---- what is pressed ----

function labeled(text, onclick, iconName) {
  return el("button", { type: "button", class: "ck-labeled", onclick }, ...(iconName ? [icon(iconName)] : []), text);
}

// ask(wish): tell the kernel. change(name, value): a setting.
export function controls(ask, change) {
  const train = labeled("Train", () => ask({ do: train.dataset.wish }), "play");
  const step = labeled("One batch", () => ask({ do: "step" }), "step");
  const restart = labeled("Restart", () => ask({ do: "restart" }), "first");
  const clear = labeled("Clear graphs", () => ask({ do: "clear" }));
  const fields = settings(change);
  const element = el("div", { class: "ck-controls" },
    el("div", { class: "ck-player", role: "group", "aria-label": "Training" }, train, step, restart, clear),
    el("div", { class: "ck-settings", role: "group", "aria-label": "Settings, from the next batch on" }, ...fields.elements));
  const show = (state) => {
    const running = state.phase === "running";
    const text = running ? "Pause" : state.readouts.steps ? "Resume" : "Train";
    if (train.textContent !== text) train.replaceChildren(icon(running ? "pause" : "play"), text);
    train.dataset.wish = running ? "pause" : "start";
    fields.show(state);
  };
  return { element, show };
}

const half = (value) => value / 2;
const twice = (value) => value * 2;
const FIELDS = {
  lr: ["Learning rate", half, twice],
  momentum: ["Momentum", (m) => Math.max(0, m - 0.1), (m) => Math.min(0.9, m + 0.1)],
  batch_size: ["Batch size", (n) => Math.max(1, Math.floor(n / 2)), twice],
  weight_decay: ["Weight decay", half, (d) => (d === 0 ? 1e-4 : twice(d))],
};

function settings(change) {
  const made = Object.entries(FIELDS).map(([name, words]) => field(name, words, change));
  return { elements: made.map(({ element }) => element), show: (state) => made.forEach(({ show }) => show(state)) };
}

function field(name, [label, less, more], change) {
  const input = el("input", { type: "text", class: "ck-number", inputmode: "decimal", "aria-label": label });
  let typing = false; // what is being typed stays, however often the numbers are shown anew
  const move = (next) => () => {
    typing = false;
    change(name, round(next(typedNumber(input.value) ?? Number(input.dataset.shown))));
  };
  const enter = () => {
    typing = false;
    const value = typedNumber(input.value);
    if (value === null) input.value = input.dataset.shown;
    else if (value !== Number(input.dataset.shown)) change(name, value);
  };
  input.addEventListener("input", () => (typing = true));
  input.addEventListener("change", enter);
  input.addEventListener("blur", () => (typing = false));
  input.addEventListener("keydown", (event) => {
    const next = { ArrowUp: more, ArrowDown: less }[event.key];
    if (next) event.preventDefault(), move(next)();
  });
  const part = (text, iconName, next) =>
    el("button", { type: "button", class: "ck-small", "aria-label": `${label}: ${text}`, title: text, onclick: move(next) }, icon(iconName));
  const change_ = name === "momentum" ? ["less", "more"] : ["half", "double"];
  const element = el("div", { class: "ck-field" }, el("span", { "aria-hidden": "true" }, label),
    part(change_[0], "down", less), input, part(change_[1], "up", more));
  const show = (state) => {
    input.dataset.shown = state[name];
    if (!typing && typedNumber(input.value) !== state[name]) input.value = numeral(state[name]);
  };
  return { element, show };
}

function round(value) {
  return Number(value.toPrecision(3));
}

function numeral(value) {
  return String(value).replace("e-", "e−");
}

// ---- numbers ----

const READOUTS = [
  ["Examples seen", ({ readouts: r }) => grouped(r.examples ?? 0)],
  ["Classification loss", ({ readouts: r }) => shortNumber(r.loss)],
  ["Decay loss", ({ readouts: r }) => shortNumber(r.decay_loss)],
  ["Training accuracy", ({ readouts: r }) => percent(r.train_accuracy)],
  ["Validation accuracy", ({ readouts: r, totals }) => (totals.validation ? percent(r.validation_accuracy) : "none held out")],
  ["Test accuracy", ({ readouts: r, totals }) => (totals.test ? percent(r.test_accuracy) : "no images"),
    ({ readouts: r }) => (r.test_images ? `of ${grouped(r.test_images)} images` : "")],
  ["Forward", ({ readouts: r }) => milliseconds(r.forward_ms), () => "an example"],
  ["Backward", ({ readouts: r }) => milliseconds(r.backward_ms), () => "an example"],
];

function milliseconds(value) {
  return value === null || value === undefined ? "–" : `${shortNumber(value)} ms`;
}

export function readouts() {
  const values = READOUTS.map(() => el("dd", {}, el("span"), el("small")));
  const rows = READOUTS.map(([name], i) => el("div", {}, el("dt", {}, name), values[i]));
  const element = el("dl", { class: "ck-readouts" }, ...rows);
  const show = (state) => READOUTS.forEach(([, text, note = () => ""], i) => {
    const words = [text(state), note(state)];
    words.forEach((part, k) => {
      if (values[i].children[k].textContent !== part) values[i].children[k].textContent = part;
    });
  });
  return { element, show };
}

// ---- files and the definition ----

// A button that opens a file chooser; onFile gets the file.
function chooser(text, accept, onFile) {
  const input = el("input", { type: "file", accept, hidden: true, "aria-label": text });
  input.addEventListener("change", () => {
    if (input.files[0]) onFile(input.files[0]);
    input.value = "";
  });
  return el("span", {}, labeled(text, () => input.click()), input);
}

// load(file), picture(file): files chosen by hand.
export function workshop(ask, { load, picture }) {
  const code = el("textarea", { class: "ck-code", rows: 8, spellcheck: "false", "aria-label": "The network, as Python" });
  const pretrained = labeled("Load pretrained", () => ask({ do: "pretrained" }));
  const testAll = labeled("Measure all test images", () => ask({ do: "test" }));
  const saving = el("div", { class: "ck-player", role: "group", "aria-label": "Weights and pictures" },
    labeled("Save network", () => ask({ do: "save" })), chooser("Load network…", ".json,application/json", load),
    pretrained, testAll, chooser("Try a picture of yours…", "image/*", picture));
  const changing = el("details", { class: "ck-definition" }, el("summary", {}, "Change the network"),
    el("p", {}, "A Python expression; the variables of your notebook can be used in it. A new network begins with new weights."),
    code, labeled("Use this network", () => ask({ do: "network", code: code.value })));
  let shown = null;
  const show = (state) => {
    pretrained.hidden = !state.has_pretrained;
    testAll.hidden = !state.totals.test;
    if (state.definition !== shown) code.value = shown = state.definition;
  };
  return { saving, changing, show };
}
