// The patch browser: layer, unit, the patches that excite it most, and where they come from. All of
// it was computed before; the browser crops and draws, and asks the kernel for nothing.

import { choice, clamp, el, frame, moved, numberText, slider, soon, update, watch, write } from "./kit.js";
import {
  TRAITS, activation, boxOf, imageOf, isDead, ownResponse, patchPicture, projection, readState, sentence, wholeImage,
} from "./patch_state.js";

const ACROSS = 3; // pairs in a row

function paint(canvas, { shape: [rows, cols, channels], data }) {
  canvas.width = cols;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(cols, rows);
  for (let i = 0; i < rows * cols; i += 1) {
    for (let c = 0; c < 3; c += 1) pixels.data[4 * i + c] = data[i * channels + (channels === 3 ? c : 0)];
    pixels.data[4 * i + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}

// One card a patch: itself, its projection, its activation. Arrow keys go from one to the next.
function cards(model, onChoose) {
  const element = el("div", { class: "ck-cards", role: "radiogroup", "aria-label": "Patches" });
  const all = Array.from({ length: readState(model).patches }, (_, patch) => card(() => onChoose(patch)));
  element.append(...all.map((each) => each.element));
  element.addEventListener("keydown", (event) => {
    const from = Math.min(model.get("patch"), all.length - 1); // the focus follows it, after the drawing
    const rows = Math.ceil(all.length / ACROSS);
    const place = moved(event.key, [Math.floor(from / ACROSS), from % ACROSS], [rows, ACROSS]);
    if (!place) return;
    event.preventDefault();
    const to = clamp(place[0] * ACROSS + place[1], 0, all.length - 1);
    onChoose(to);
    soon(() => all[to].element.focus());
  });
  const show = (state) => {
    element.hidden = isDead(state);
    if (!element.hidden) all.forEach((each, patch) => each.show(state, patch));
  };
  return { element, show };
}

function card(onclick) {
  const [patch, back] = [el("canvas"), el("canvas")];
  const value = el("span", { class: "ck-value" });
  const element = el("button", { type: "button", role: "radio", class: "ck-card", onclick }, patch, back, value);
  let drawn = "";
  const show = (state, number) => {
    const key = `${state.at} ${state.unit}`;
    if (drawn !== key) {
      paint(patch, patchPicture(state, number));
      paint(back, projection(state, number));
      write(value, numberText(activation(state, number)));
      element.setAttribute("aria-label", `Patch ${number + 1}, activation ${value.textContent}`);
    }
    drawn = key;
    element.setAttribute("aria-checked", String(number === state.patch));
    element.tabIndex = number === state.patch ? 0 : -1;
  };
  return { element, show };
}

// A whole image with the box that the unit sees.
function placed(name) {
  const canvas = el("canvas", { role: "img", "aria-label": name });
  const box = el("span", { class: "ck-box", "aria-hidden": "true" });
  const caption = el("figcaption");
  const element = el("figure", { class: "ck-placed" }, el("div", {}, canvas, box), caption);
  const show = (picture, sides, text) => {
    paint(canvas, picture);
    write(caption, text);
    box.hidden = !sides;
    if (!sides) return;
    const [rows, cols] = picture.shape;
    const [top, left, bottom, right] = sides;
    const percent = { top: top / rows, left: left / cols, height: (bottom - top) / rows, width: (right - left) / cols };
    for (const [side, part] of Object.entries(percent)) box.style[side] = `${100 * part}%`;
  };
  return { element, show };
}

// The image of the chosen patch, one's own image and the unit's map of it.
function places() {
  const [source, own, map] = ["Image of the chosen patch", "Your image", "The unit's map of your image"].map(placed);
  const element = el("div", { class: "ck-places" }, source.element, own.element, map.element);
  const show = (state) => {
    const dead = isDead(state);
    source.element.hidden = dead;
    if (!dead) {
      const { place, number } = imageOf(state, state.patch);
      source.show(wholeImage(state, place), boxOf(state, state.patch), `patch ${state.patch + 1}, test image ${number}`);
    }
    const found = ownResponse(state);
    own.element.hidden = map.element.hidden = !found;
    if (!found) return;
    own.show(state.ownPicture, found.value > 0 ? found.box : null, `your image: ${numberText(found.value)}`);
    map.show(found.map, null, `the unit's map of it, ${found.map.shape[0]}×${found.map.shape[1]}`);
  };
  return { element, show };
}

function controls(model) {
  const { layers } = model.get("catalog");
  const layer = choice("Layer", layers.map(({ name }) => name), (name) => {
    const { values } = layers.find((each) => each.name === name);
    update(model, { layer: name, unit: Math.min(model.get("unit"), values.shape[0] - 1) });
  });
  const unit = slider("Unit", [0, 0], (value) => update(model, { unit: value }));
  const element = el("div", { class: "ck-settings" }, layer.element, unit.element);
  const show = (state) => {
    layer.show(state.shown.name);
    unit.range.max = state.units - 1;
    unit.show(state.unit);
  };
  return { element, show };
}

function heading() {
  const element = el("p", { class: "ck-heading" });
  const show = (state) => {
    const { size } = state.shown;
    const living = `What excites this unit most: patches of ${size}×${size} pixels, each beside its projection.`;
    write(element, isDead(state) ? "Dead: no image excites this unit." : living);
  };
  return { element, show };
}

function render({ model, el: el_ }) {
  const shell = frame(el_, model, "Patch browser");
  shell.root.classList.add("ck-patches");
  const parts = [controls(model), heading(), cards(model, (patch) => update(model, { patch })), places()];
  const [settings, title, grid, side] = parts.map((part) => part.element);
  shell.body.append(settings, title, el("div", { class: "ck-stage" }, grid, side));
  shell.root.append(el("p", { class: "ck-hint" },
    "Choose a layer and a unit, then a patch: click one, or use the arrow keys. The number is its activation."));
  const draw = () => {
    const state = readState(model);
    for (const part of parts) part.show(state);
    shell.say(sentence(state));
  };
  draw();
  return watch(model, TRAITS, draw);
}

export default { render };
