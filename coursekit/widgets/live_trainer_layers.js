// The layers of the network: a list to choose from, and the chosen one's numbers and pictures.

import { el, numberText, unique } from "./kit.js";

const HUES = {
  activations: "output",
  "activation gradients": "gradient",
  weights: "weights",
  "weight gradients": "gradient",
};
// Pixels: the least room there is, a cell at most, between pictures, about the side of a picture.
const [ROOM, LARGEST_CELL, GAP, SIDE] = [240, 12, 2, 64];

export function layers() {
  const name = unique("layer");
  const list = el("fieldset", { class: "ck-layers" }, el("legend", {}, "Layer"));
  const detail = el("div", { class: "ck-detail" });
  const view = { name, list, detail, chosen: 0, options: [], built: "", pictures: new Map(), state: null };
  const element = el("div", { class: "ck-network" }, list, detail);
  const show = (state) => {
    view.state = state;
    build(view);
    fill(view);
  };
  return { element, show };
}

function build(view) {
  const { layers: facts } = view.state;
  const key = JSON.stringify(facts.map(({ name, kind, size }) => [name, kind, size]));
  if (key === view.built) return;
  view.built = key;
  view.chosen = Math.min(view.chosen, Math.max(0, facts.length - 1));
  view.options = facts.map((fact, i) => option(view, fact, i));
  view.list.replaceChildren(view.list.firstChild, ...view.options);
}

function option(view, fact, i) {
  const box = el("input", { type: "radio", name: view.name, value: i });
  box.checked = i === view.chosen;
  box.addEventListener("change", () => {
    view.chosen = i;
    fill(view);
  });
  const words = [el("b", {}, fact.name), ` ${fact.kind} `, el("span", { class: "ck-size" }, fact.size)];
  return el("label", { class: "ck-layer" }, box, el("span", {}, ...words));
}

function fill(view) {
  const fact = view.state.layers[view.chosen];
  if (!fact) return;
  const pictures = view.state.pictures.layers?.[view.chosen] ?? {};
  const bytes = view.state.pictures.data?.data;
  const shown = Object.entries(pictures).map(([name, picture]) => drawn(view, name, picture, bytes));
  const key = el("p", { class: "ck-key" }, "In the pictures: color above zero, gray below, nothing at zero.");
  view.detail.replaceChildren(factList(fact), key, ...shown);
}

function range(ends) {
  return ends ? `${numberText(ends[0])} to ${numberText(ends[1])}` : "–";
}

function factList(fact) {
  const rows = {
    Output: fact.size,
    Window: fact.window,
    Parameters: fact.parameters,
    Activations: range(fact.activation),
    "Their gradients": range(fact.gradient),
  };
  const parts = Object.entries(rows).filter(([, text]) => text !== "")
    .map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, text)));
  return el("dl", { class: "ck-facts" }, ...parts);
}

// ---- pictures ----

function drawn(view, name, picture, bytes) {
  const canvas = el("canvas", { class: "ck-sheet", role: "img" });
  const [count, height, width] = picture.shape;
  const single = count === 1 && height === 1;
  const things = single ? `${width} numbers` : `${count} of ${height}×${width}`;
  const shown = single ? width : picture.columns ? count / picture.columns : count === 1 ? height : count;
  const rest = picture.of > shown ? `, first ${shown} of ${picture.of}` : "";
  const scale = picture.scale ? `strongest ±${numberText(picture.scale)}` : "all 0";
  canvas.setAttribute("aria-label", `${name}: ${things}${rest}, ${scale}`);
  paint(view, canvas, name, picture, bytes);
  const words = el("figcaption", {}, el("b", { class: `ck-${HUES[name]}` }, name), ` ${things}${rest} · ${scale}`);
  return el("figure", { class: "ck-figure" }, words, canvas);
}

function paint(view, canvas, name, picture, bytes) {
  const [count, height, width] = picture.shape;
  const single = count === 1;
  const room = Math.max(ROOM, view.detail.clientWidth);
  const most = single ? LARGEST_CELL : Math.min(LARGEST_CELL, Math.round(SIDE / width));
  const cell = Math.max(1, Math.min(most, Math.floor(room / width)));
  const across = picture.columns || Math.min(count, Math.max(1, Math.floor((room + GAP) / (width * cell + GAP))));
  const down = Math.ceil(count / across);
  canvas.width = across * (width * cell + GAP) - GAP;
  canvas.height = down * (height * cell + GAP) - GAP;
  canvas.style.width = `${canvas.width}px`;
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  const tile = new OffscreenCanvas(width, height);
  const colors = ends(view.detail, HUES[name]);
  pen.fillStyle = `rgb(${colors.between})`;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < count; i += 1) {
    tile.getContext("2d").putImageData(image(picture, bytes, i, colors), 0, 0);
    const left = (i % across) * (width * cell + GAP);
    const top = Math.floor(i / across) * (height * cell + GAP);
    pen.drawImage(tile, left, top, width * cell, height * cell);
  }
}

// Picture number `i`: colors as they are, or from gray through the page's own color to the hue.
function image(picture, bytes, i, { zero, above, below }) {
  const [, height, width] = picture.shape;
  const pixels = new ImageData(width, height);
  const depth = picture.shape[3] ?? 1;
  const at = picture.at + i * height * width * depth;
  for (let p = 0; p < height * width; p += 1) {
    let color;
    if (depth === 3) color = [0, 1, 2].map((c) => bytes.getUint8(at + 3 * p + c));
    else color = mixed(bytes.getUint8(at + p), picture.signed, zero, above, below);
    pixels.data.set([...color, 255], 4 * p);
  }
  return pixels;
}

export function mixed(level, signed, zero, above, below) {
  const strength = signed ? (level - 128) / 127 : level / 255;
  const end = strength < 0 ? below : above;
  return zero.map((from, c) => Math.round(from + (end[c] - from) * Math.abs(strength)));
}

// Colors of zero and of the strongest values, as [r, g, b].
function ends(element, hue) {
  const read = (name) => {
    element.style.setProperty("color", `var(--ck-${name})`);
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = getComputedStyle(element).color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const found = { zero: read("surface"), above: read(hue), below: read("muted"), between: read("line") };
  element.style.removeProperty("color");
  return found;
}
