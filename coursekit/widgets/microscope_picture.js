// The picture under the microscope: painted as the settings say, with the pixel under the hand.

import { clamp, el } from "./kit.js";
import { neighborhood, screenLevel } from "./microscope_state.js";

const [WIDEST, TALLEST] = [290, 290]; // pixels on the screen

// onMove(place): the pixel under the hand; walk(event, place, size): the place after a key.
export function picture(onMove, walk) {
  const canvas = el("canvas");
  const lens = el("span", { class: "ck-lens-frame" });
  const here = el("span", { class: "ck-here" });
  const element = el("div", { class: "ck-picture", role: "application", tabindex: 0 }, canvas, lens, here);
  const view = { element, canvas, lens, here, state: null, painted: {}, held: false };
  const pointed = (event) => onMove(placeUnder(event, canvas, view.state.image.shape));
  element.addEventListener("pointermove", (event) => view.held || pointed(event));
  element.addEventListener("pointerdown", (event) => {
    view.held = !view.held;
    element.classList.toggle("ck-held", view.held);
    pointed(event);
  });
  element.addEventListener("keydown", (event) => {
    const place = event.metaKey || event.altKey ? null : walk(event, view.state.position, view.state.image.shape);
    if (!place) return;
    event.preventDefault();
    event.stopPropagation();
    onMove(place);
  });
  return { element, show: (state) => showPicture(view, state) };
}

function placeUnder(event, canvas, [rows, cols]) {
  const box = canvas.getBoundingClientRect();
  const at = (part, size) => clamp(Math.floor(part * size), 0, size - 1);
  return [at((event.clientY - box.top) / box.height, rows), at((event.clientX - box.left) / box.width, cols)];
}

function showPicture(view, state) {
  view.state = state;
  const { image } = state;
  const levels = Uint8ClampedArray.from({ length: 256 }, (_, level) => screenLevel(level, state));
  const key = levels.join();
  if (image !== view.painted.image) size(view, image.shape);
  if (image !== view.painted.image || key !== view.painted.key) paintCanvas(view.canvas, image, levels);
  view.painted = { image, key };
  const { top, left, rows, cols } = neighborhood(state.position, image.shape);
  put(view.lens, image.shape, { top, left, rows, cols });
  put(view.here, image.shape, { top: state.position[0], left: state.position[1], rows: 1, cols: 1 });
}

function size({ element, canvas }, [rows, cols]) {
  const scale = Math.min(WIDEST / cols, TALLEST / rows);
  canvas.width = cols;
  canvas.height = rows;
  element.style.width = `${Math.round(cols * scale)}px`;
  element.style.aspectRatio = `${cols} / ${rows}`;
  element.setAttribute("aria-label", `Picture of ${rows} rows and ${cols} columns; arrow keys move the pixel`);
}

function paintCanvas(canvas, { shape, data }, levels) {
  const [rows, cols, channels] = shape;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(cols, rows);
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
  for (let i = 0, from = 0; i < pixels.data.length; i += 4, from += channels) {
    pixels.data[i] = levels[data[from]];
    pixels.data[i + 1] = levels[data[from + green]];
    pixels.data[i + 2] = levels[data[from + blue]];
    pixels.data[i + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}

function put(frame, [height, width], { top, left, rows, cols }) {
  const percent = (part, whole) => `${(100 * part) / whole}%`;
  frame.style.top = percent(top, height);
  frame.style.left = percent(left, width);
  frame.style.height = percent(rows, height);
  frame.style.width = percent(cols, width);
}
