// The numbers of the pixel microscope: around the pixel, of the pixel, and in memory.

import { clamp, el, refill, write } from "./kit.js";
import { added, channelNames, flatPosition, indexText, levelText, levelsAt, neighborhood, overflows, placeOf,
  screenLevel, shownBit, shownNumber } from "./microscope_state.js";

const CELLS = 12; // numbers of the memory that are shown, where there is room

// ---- the neighborhood ----

export function neighbors(onMove) {
  const caption = el("p", { class: "ck-title" });
  const grid = el("div", { class: "ck-neighbors", role: "img" });
  const note = el("p", { class: "ck-hint" });
  const element = el("div", { class: "ck-near" }, caption, grid, note);
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest(".ck-pixel");
    if (cell) onMove(cell.place);
  });
  const show = (state) => {
    const area = neighborhood(state.position, state.image.shape);
    const channels = channelNames(state.image.shape[2]);
    fill(grid, area.rows * area.cols, channels.length, area.cols);
    [...grid.children].forEach((cell, i) =>
      paintPixel(cell, [area.top + Math.floor(i / area.cols), area.left + (i % area.cols)], state));
    write(caption, `rows ${area.top}–${area.top + area.rows - 1}, columns ${area.left}–${area.left + area.cols - 1}`);
    grid.setAttribute("aria-label", `Numbers of ${area.rows} by ${area.cols} pixels around it`);
    write(note, noteText(state, channels));
  };
  return { element, show };
}

function fill(grid, count, lines, cols) {
  grid.style.setProperty("--cols", cols);
  grid.style.setProperty("--lines", lines);
  if (grid.children.length === count) return;
  grid.replaceChildren(...Array.from({ length: count }, () => el("div", { class: "ck-pixel" })));
}

function paintPixel(cell, place, state) {
  const levels = levelsAt(state.image, place);
  const screen = levels.map((level) => screenLevel(level, state));
  cell.place = place;
  cell.style.backgroundColor = `rgb(${screen.length === 3 ? screen.join() : [screen, screen, screen].join()})`;
  cell.style.color = isLight(screen) ? "#000" : "#fff";
  cell.classList.toggle("ck-chosen", place[0] === state.position[0] && place[1] === state.position[1]);
  const over = levels.map((level) => overflows(level, state.brightness));
  const lines = levels.map((level) => numberText(level, state));
  if (over.includes(true)) refill(cell, ...lines.map((line, c) => el("span", over[c] ? { class: "ck-over" } : {}, line)));
  else write(cell, lines.join("\n")); // a single text, which the page lays out in less time
}

// Whether black is easier to read on this color than white (relative luminance of WCAG 2).
function isLight(screen) {
  const light = screen.map((level) => level / 255).map((s) => (s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4));
  const [red, green, blue] = light.length === 3 ? light : [light[0], light[0], light[0]];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
}

function numberText(level, state) {
  return levelText(shownNumber(level, state), state.dtype);
}

function noteText(state, channels) {
  const order = channels.length === 3 ? "In each pixel: red, green, blue." : "";
  const marked = state.brightness === 0 ? "" : "Underlined: beyond the range.";
  return `${order} ${marked}`.trim();
}

// ---- the pixel's numbers ----

export function numbers() {
  const swatch = el("span", { class: "ck-swatch", "aria-hidden": "true" });
  const place = el("strong");
  const head = el("tr");
  const body = el("tbody");
  const table = el("table", { class: "ck-levels" }, el("thead", {}, head), body);
  const sums = el("ul", { class: "ck-sums" });
  const title = el("p", { class: "ck-title" }, swatch, place);
  const element = el("div", { class: "ck-pixel-numbers" }, title, table, sums);
  let headed = "";
  const show = (state) => {
    const levels = levelsAt(state.image, state.position);
    const screen = levels.map((level) => screenLevel(level, state));
    swatch.style.backgroundColor = `rgb(${[0, 1, 2].map((c) => screen[c] ?? screen[0]).join()})`;
    write(place, `row ${state.position[0]}, column ${state.position[1]}`);
    if (headed !== state.dtype) head.replaceChildren(...headings(state));
    headed = state.dtype;
    const names = channelNames(levels.length);
    refill(body, ...levels.map((level, c) => channelRow(names[c], level, state)));
    sums.hidden = state.brightness === 0;
    refill(sums, ...levels.map((level, c) => el("li", {}, `${names[c]} ${sumText(level, state)}`)));
  };
  return { element, show };
}

function headings({ dtype }) {
  const bits = [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => el("th", { scope: "col", class: "ck-worth" }, `${2 ** bit}`));
  const cells = dtype === "float32" ? ["channel", "number"] : ["channel", "level"];
  return [...cells.map((text) => el("th", { scope: "col" }, text)), ...(dtype === "float32" ? [] : bits)];
}

function channelRow(name, level, state) {
  const cells = [el("th", { scope: "row" }, name), el("td", { class: "ck-level" }, levelText(added(level, state), state.dtype))];
  if (state.dtype === "float32") return el("tr", {}, ...cells);
  const value = added(level, state);
  const bits = [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => {
    const looks = ["ck-bit", (value >> bit) & 1 && "ck-one", bit === shownBit(state) && "ck-shown"];
    return el("td", { class: looks.filter(Boolean).join(" ") }, `${(value >> bit) & 1}`);
  });
  return el("tr", {}, ...cells, ...bits);
}

// What an addition makes of a level: "200 + 100 = 300 → 44".
function sumText(level, state) {
  const { brightness, dtype } = state;
  const text = (number) => levelText(dtype === "float32" ? number / 255 : number, dtype);
  const sum = `${text(level)} ${brightness < 0 ? "−" : "+"} ${text(Math.abs(brightness))} = ${text(level + brightness)}`;
  return dtype === "uint8" && overflows(level, brightness) ? `${sum} → ${added(level, state)}` : sum;
}

// ---- memory ----

// The whole memory as a bar with the pixel's numbers marked, and some of it number by number.
export function memory() {
  const formula = el("p", { class: "ck-formula" });
  const bar = el("div", { class: "ck-memory", "aria-hidden": "true" });
  const strip = el("div", { class: "ck-strip", role: "img" });
  const element = el("div", { class: "ck-bytes" }, formula, bar, strip);
  const show = (state) => {
    const { image, position, order } = state;
    const places = channelNames(image.shape[2]).map((_, c) => flatPosition(position, c, image.shape, order));
    write(formula, formulaText(state));
    refill(bar, ...ticks(places, state));
    const count = Math.min(CELLS, image.data.length);
    const start = clamp(places[0] - 3, 0, image.data.length - count);
    refill(strip, ...Array.from({ length: count }, (_, i) => memoryCell(start + i, places, state)));
    strip.setAttribute("aria-label", `Memory from number ${start} to ${start + count - 1}`);
  };
  return { element, show };
}

// Where the pixel's numbers stand: together in HWC, far apart in CHW.
function ticks(places, { image, order }) {
  const letters = places.length === 3 ? ["R", "G", "B"] : [""];
  const shown = order === "HWC" ? [[places[0], letters.join("")]] : places.map((at, c) => [at, letters[c]]);
  return shown.map(([at, text]) => {
    const tick = el("i", { class: "ck-tick" }, el("b", {}, text));
    tick.style.left = `${(100 * at) / image.data.length}%`;
    return tick;
  });
}

function memoryCell(at, places, state) {
  const { place, channel } = placeOf(at, state.image.shape, state.order);
  const level = levelsAt(state.image, place)[channel];
  const letter = places.length === 3 ? "RGB"[channel] : "";
  const mine = places.includes(at) ? "ck-chosen" : "";
  return el("span", { class: `ck-byte ck-of-${letter} ${mine}`, title: indexText(place, channel, state.order) },
    el("small", {}, `${at}`), el("b", {}, levelText(added(level, state), state.dtype)), el("small", {}, letter));
}

function formulaText({ image, position, order }) {
  const [rows, cols, channels] = image.shape;
  const [row, col] = position;
  const steps = order === "HWC"
    ? `(row · W + column) · C + channel = (${row} · ${cols} + ${col}) · ${channels} + 0`
    : `(channel · H + row) · W + column = (0 · ${rows} + ${row}) · ${cols} + ${col}`;
  return `${indexText(position, 0, order)} stands at ${steps} = ${flatPosition(position, 0, image.shape, order)}`;
}
