// The images to choose from, and one's own: drawn by pointer or keys, or taken from a file.

import { clamp, el, encode, soon, update } from "./kit.js";
import { field } from "./network_detail.js";
import { fromBytes, levelOf, painted, readState } from "./network_state.js";

const BRUSHES = { white: [1, 1, 1], black: [0, 0, 0], red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1] };

function paintPicture(canvas, state, { shape: [channels, rows, cols], data }) {
  canvas.width = cols;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(cols, rows);
  for (let i = 0; i < rows * cols; i += 1) {
    for (let c = 0; c < 3; c += 1) {
      picture.data[4 * i + c] = 255 * levelOf(state, data[(channels === 3 ? c : 0) * rows * cols + i]);
    }
    picture.data[4 * i + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

// ---- the gallery ----

export function gallery(model) {
  const element = el("div", { class: "ck-gallery", role: "radiogroup", "aria-label": "Images" });
  const view = { element, buttons: [], images: null };
  element.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = clamp(model.get("image") + by, 0, view.buttons.length - 1);
    update(model, { image: at, own: null });
    soon(() => view.buttons[at].focus({ preventScroll: true }));
  });
  return { element, show: (state) => showGallery(view, model, state) };
}

function showGallery(view, model, state) {
  if (view.images !== state.images) buildGallery(view, model, state);
  view.buttons.forEach((each, i) => {
    each.setAttribute("aria-checked", String(!state.own && i === state.image));
    each.tabIndex = i === state.image ? 0 : -1;
  });
}

function buildGallery(view, model, state) {
  view.images = state.images;
  const [count, ...shape] = state.images.shape;
  const size = state.images.data.length / count;
  view.buttons = Array.from({ length: count }, (_, i) => {
    const canvas = el("canvas", { "aria-hidden": "true" });
    paintPicture(canvas, state, { shape, data: state.images.data.subarray(i * size, (i + 1) * size) });
    return el("button", { type: "button", role: "radio", "aria-label": `Image ${i}`,
      onclick: () => update(model, { image: i, own: null }) }, canvas);
  });
  view.element.replaceChildren(...view.buttons);
}

// ---- one's own image ----

export function easel(model) {
  const view = { brush: "white", cursor: null };
  const paint = (place) => model.set("own", painted(readState(model), place, BRUSHES[view.brush]));
  const draw = field((place, how) => {
    if (how === "drag" && String(place) === String(view.cursor)) return;
    view.cursor = place;
    if (how !== "key") paint(place);
    view.show(readState(model));
  }, (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    paint(view.cursor);
    model.save_changes();
  });
  draw.element.addEventListener("pointerup", () => model.save_changes());
  const note = el("p", { class: "ck-net-note", role: "status" });
  const heading = el("p", { class: "ck-title" }, "Draw on it: drag, or arrows and space");
  const element = el("div", { class: "ck-easel" }, heading, draw.element, tools(model, view, note), note);
  view.show = (state) => {
    const { shape } = state.picture;
    view.cursor ??= [shape[1] >> 1, shape[2] >> 1];
    paintPicture(draw.canvas, state, state.picture);
    const place = `row ${view.cursor[0]}, column ${view.cursor[1]}`;
    draw.show(`Your drawing, ${place}; arrow keys move, space paints`, shape.slice(1), view.cursor);
  };
  return { element, show: view.show };
}

function tools(model, view, note) {
  const gray = model.get("images").shape[1] !== 3;
  const names = Object.keys(BRUSHES).slice(0, gray ? 2 : undefined);
  const brush = el("select", { "aria-label": "Brush" }, ...names.map((name) => el("option", {}, name)));
  brush.addEventListener("change", () => (view.brush = brush.value));
  const blank = el("button", { type: "button", onclick: () => update(model, { own: empty(readState(model)) }) }, "Empty");
  const back = el("button", { type: "button", onclick: () => update(model, { own: null }) }, "Undo all");
  const file = el("input", { type: "file", accept: "image/*", "aria-label": "Image from a file" });
  file.addEventListener("change", () => file.files[0] && take(model, file.files[0], note));
  return el("div", { class: "ck-tools" }, el("label", {}, "Brush ", brush), blank, back, file);
}

function empty({ picture: { shape, data }, network }) {
  return encode({ shape, data: data.map(() => network.range[0]) });
}

// Squeeze a file's picture into the size that the network takes.
async function take(model, file, note) {
  const [, rows, cols] = readState(model).picture.shape;
  note.textContent = "";
  try {
    const bitmap = await createImageBitmap(file);
    const canvas = el("canvas", { width: cols, height: rows });
    const context = canvas.getContext("2d");
    const side = Math.min(bitmap.width / cols, bitmap.height / rows);
    const [width, height] = [side * cols, side * rows]; // the largest crop of the right shape
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, (bitmap.width - width) / 2, (bitmap.height - height) / 2, width, height, 0, 0, cols, rows);
    update(model, { own: fromBytes(readState(model), context.getImageData(0, 0, cols, rows).data) });
  } catch {
    note.textContent = `${file.name} is no picture that this browser reads; choose a PNG or JPEG file.`;
  }
}
