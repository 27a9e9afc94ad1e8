// The task picker: six kinds of question about one scene, answered by hand. All of it is computed
// here; the kernel is told, and asked only for the numbers of a student's own function.

import { el, encode, frame, soon, update, watch, write } from "./kit.js";
import { TRAITS, answered, decoded, outputText, readState, sentence } from "./picker_state.js";
import { stage } from "./picker_stage.js";

const MOST_BOXES = 12;
const HINTS = {
  detection: "Drag a box around each person. A box moves when you drag its middle and changes when you "
    + "drag a corner; with the keyboard: arrow keys, Shift and arrow keys, Delete.",
  segmentation: "Choose a class, then drag over the tiles that belong to it. Everything is sky at first. "
    + "With the keyboard: arrow keys, Enter paints, Shift and an arrow key paints on the way.",
};

// One button after another, of which one is chosen; arrow keys go from one to the next.
function choiceGroup(label, name, onChoose) {
  const element = el("div", { class: name, role: "radiogroup", "aria-label": label });
  const buttons = () => [...element.children];
  element.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const at = buttons().indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons()[(at + step + buttons().length) % buttons().length];
    next.focus();
    next.click();
  });
  const fill = (options) => element.replaceChildren(...options.map(({ value, content, words }) =>
    el("button", { type: "button", role: "radio", "data-value": value, "aria-label": words,
      onclick: () => onChoose(value) }, ...content)));
  const choose = (value) => {
    const known = buttons().some((button) => button.dataset.value === String(value));
    buttons().forEach((button, i) => {
      const chosen = button.dataset.value === String(value);
      button.setAttribute("aria-checked", String(chosen));
      button.tabIndex = chosen || (!known && i === 0) ? 0 : -1;
    });
  };
  return { element, fill, choose };
}

// The six tasks, each with what it returns.
function taskList(model, scene) {
  const group = choiceGroup("Task", "ck-tasks", (task) => update(model, { task }));
  const marks = new Map(scene.tasks.map(({ name }) => [name, el("span", { class: "ck-done" })]));
  group.fill(scene.tasks.map(({ name, title, output }) => ({ value: name,
    content: [el("strong", {}, title), el("span", { class: "ck-type" }, output), marks.get(name)] })));
  const show = (state) => {
    group.choose(state.task);
    for (const [name, mark] of marks) write(mark, answered(state, name) ? "answered" : "");
  };
  return { element: group.element, show };
}

// Below the picture: what there is to choose from.
function answerRow(model, scene, picture) {
  const options = choiceGroup("Answer", "ck-options", (value) => {
    const { task, choices } = readState(model);
    update(model, { choices: { ...choices, [task]: value } });
  });
  const palette = choiceGroup("Class to paint", "ck-options", (value) => brush(Number(value)));
  palette.fill(scene.names.map((name, label) => ({ value: label,
    content: [el("span", { class: `ck-swatch ck-class-${label}`, "aria-hidden": "true" }, name[0]), name] })));
  const brush = (label) => (picture.setBrush(label), palette.choose(label));
  brush(1);
  const add = el("button", { type: "button", onclick: () => addBox(model, scene, picture) }, "Add a box");
  const hint = el("p", { class: "ck-hint" });
  const element = el("div", { class: "ck-answer" }, options.element, palette.element, add, hint);
  let shown = "";
  const show = (state) => {
    const { current } = state;
    if (shown !== current.name)
      options.fill(current.options.map((value) => ({ value, content: [optionText(current, value)] })));
    shown = current.name;
    options.choose(state.choices[current.name]);
    options.element.hidden = current.options.length === 0;
    palette.element.hidden = current.name !== "segmentation";
    add.hidden = current.name !== "detection";
    add.disabled = state.boxes.length >= MOST_BOXES;
    write(hint, HINTS[current.name] ?? "");
    hint.hidden = !hint.textContent;
  };
  return { element, show };
}

function optionText({ name }, value) {
  return name === "verification" ? { True: "yes", False: "no" }[value] : value;
}

function addBox(model, { width, height }, picture) {
  const boxes = model.get("boxes");
  const box = [width / 2 - 8, height / 2 - 14, width / 2 + 8, height / 2 + 14].map(Math.round);
  update(model, { boxes: [...boxes, box] });
  soon(() => picture.focusBox(boxes.length));
}

// What a program would return, and the way to the truth.
function outcome(model) {
  const type = el("span", { class: "ck-muted" });
  const value = el("code", { class: "ck-value" });
  const compare = el("button", { type: "button", class: "ck-compare" }, "Compare with the truth");
  compare.addEventListener("click", () => {
    const { task, compared } = readState(model);
    const rest = compared.filter((name) => name !== task);
    update(model, { compared: rest.length < compared.length ? rest : [...rest, task] });
  });
  const clear = el("button", { type: "button" }, "Start this task over");
  clear.addEventListener("click", () => startOver(model));
  const output = el("p", { class: "ck-output-line" }, "Output, ", type, ": ", value);
  const element = el("div", { class: "ck-outcome" }, output,
    el("div", { class: "ck-bar" }, compare, clear));
  const show = (state) => {
    const { current, compared } = state;
    write(type, current.output);
    write(value, outputText(state));
    compare.disabled = clear.disabled = !answered(state, current.name);
    compare.setAttribute("aria-pressed", String(compared.includes(current.name)));
  };
  return { element, show };
}

function startOver(model) {
  const { task, choices, compared, labels, scene } = readState(model);
  const { [task]: _, ...others } = choices;
  const changes = { choices: others, compared: compared.filter((name) => name !== task) };
  if (task === "detection") changes.boxes = [];
  if (task === "segmentation") changes.tiles = parcel(labels.map(() => 0), scene);
  update(model, changes);
}

function parcel(labels, scene) {
  const shape = [scene.height / scene.tile, scene.width / scene.tile];
  return encode({ shape, data: labels });
}

// What the hand draws; a box that is still being dragged is not sent to the kernel yet.
function drawing(model, scene) {
  return stage(scene, {
    onBoxes: (boxes, settled) => {
      if (boxes.length > MOST_BOXES) return;
      model.set("boxes", boxes);
      if (settled) model.save_changes();
    },
    onTiles: (labels) => update(model, { tiles: parcel(labels, scene) }),
  });
}

function render({ model, el: el_ }) {
  const shell = frame(el_, model, "Task picker");
  shell.root.classList.add("ck-picker");
  const scene = model.get("scene");
  decoded(scene.labels);
  const question = el("h3", { class: "ck-asked" });
  const picture = drawing(model, scene);
  const tasks = taskList(model, scene);
  const [answer, output] = [answerRow(model, scene, picture), outcome(model)];
  const parts = [tasks, picture, answer, output];
  const side = el("div", { class: "ck-side" }, question, answer.element, output.element);
  shell.body.append(tasks.element, picture.element, side);
  const draw = () => {
    const state = readState(model);
    write(question, state.current.question);
    for (const part of parts) part.show(state);
    shell.say(sentence(state));
  };
  draw();
  return watch(model, TRAITS, draw);
}

export default { render };
