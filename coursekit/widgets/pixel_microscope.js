// The pixel microscope: a picture, the numbers around one pixel, their bits and their places in
// memory. All of it is computed here; the kernel is told and never waited for.

import { choice, el, frame, moved, slider, update, watch } from "./kit.js";
import { bytesImage, sentence, shownBit } from "./microscope_state.js";
import { memory, neighbors, numbers } from "./microscope_numbers.js";
import { picture } from "./microscope_picture.js";

const TRAITS = ["image", "position", "dtype", "order", "bit", "brightness", "overflow"];
const JUMP = 8; // pixels, with the shift key
const ALL = 8; // the slider's place for all bits together

const readOnce = new WeakMap();

// The same image object for the same parcel, so that others see what has not changed.
function imageOf(parcel) {
  if (!readOnce.has(parcel)) readOnce.set(parcel, bytesImage(parcel));
  return readOnce.get(parcel);
}

export function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  return { ...state, image: imageOf(state.image) };
}

// Row and column after a key on the picture, or null when the key moves nothing.
export function walked(event, [row, col], size) {
  const steps = event.shiftKey ? JUMP : 1;
  let place = [row, col];
  for (let i = 0; i < steps; i += 1) place = place && moved(event.key, place, size, event.ctrlKey);
  return place;
}

function controls(change) {
  const dtype = choice("Numbers", ["uint8", "float32"], (value) => change({ dtype: value }));
  const order = choice("Memory", ["HWC", "CHW"], (value) => change({ order: value }));
  const overflow = choice("Beyond 255", ["wrap", "saturate"], (value) => change({ overflow: value }));
  const bit = slider("Bit", [0, ALL], (value) => change({ bit: value === ALL ? null : value }));
  const brightness = slider("Add", [-255, 255], (value) => change({ brightness: value }));
  const element = el("div", { class: "ck-settings" }, dtype.element, order.element, bit.element,
    brightness.element, overflow.element);
  const show = (state) => {
    dtype.show(state.dtype);
    order.show(state.order);
    overflow.show(state.overflow);
    bit.show(state.bit ?? ALL);
    brightness.show(state.brightness);
    brightness.range.setAttribute("aria-label", "Add to every number");
    const floats = state.dtype === "float32";
    const worth = shownBit(state) === null ? "all" : `${state.bit} (${2 ** state.bit})`;
    bit.element.querySelector(".ck-readout").textContent = floats ? "–" : worth;
    bit.range.setAttribute("aria-valuetext", worth);
    bit.range.disabled = floats;
    overflow.element.disabled = floats;
  };
  return { element, show };
}

function hint() {
  return el("p", { class: "ck-hint" }, "Point at the picture. A click holds the pixel, the next one lets go; ",
    `the arrow keys move it, with shift by ${JUMP} pixels.`);
}

function render({ model, el: el_ }) {
  const shell = frame(el_, model, "Pixel microscope");
  shell.root.classList.add("ck-microscope");
  const change = (values) => update(model, values);
  const go = (position) => {
    const now = model.get("position");
    if (position[0] !== now[0] || position[1] !== now[1]) change({ position });
  };
  const [settings, whole, near, pixel, bytes] = [controls(change), picture(go, walked), neighbors(go), numbers(), memory()];
  const beside = el("div", { class: "ck-beside" }, pixel.element, bytes.element);
  const stage = el("div", { class: "ck-lab" }, whole.element, near.element, beside);
  shell.body.append(settings.element, stage);
  shell.root.append(hint());
  const draw = () => {
    const state = readState(model);
    for (const part of [settings, whole, near, pixel, bytes]) part.show(state);
    shell.say(sentence(state));
  };
  draw();
  return watch(model, TRAITS, draw);
}

export default { render };
