// The backward stepper's picture: image, filters and dout above; the chosen gradient, how often
// each pixel was used, and the running sum below.

import { clamp, el, fitted, numberText } from "./kit.js";
import { classNames, currentCell, follow, numberGrid, paintAll, place, setCurrent } from "./grid.js";
import { answered, at, chosen, gradients, indexText, indices, outputShape, owner, terms, termText, usesMap } from "./backward_state.js";
import { close, ledger } from "./backward_text.js";

// Pixels: between plates and their frames; a cell at least and at most; dout's cells, which hold
// two numbers, relative to the others; where a number can no longer be read.
const [GAP, SMALLEST, LARGEST, WIDER, READABLE] = [26, 9, 36, 1.25, 19];

// question: the form that stands in the gradient's place while the count is asked for. bar: the
// buttons and the sentence, which stand beside the terms where there is room.
// act: {onChoose(changes), onTerm(term), onEdit(name, flatIndex, value)}.
export function stage(question, bar, act) {
  const element = el("div", { class: "ck-backstage" });
  const view = { element, question, bar, act, built: "", ledger: ledger(), known: {} };
  return { ...fitted(view, show, resized), focus: () => focusChosen(view) };
}

function show(view, state) {
  view.state = state;
  view.shape = outputShape(state);
  const key = JSON.stringify([state.x.shape, state.w.shape, state.padding, state.mode, view.shape]);
  for (const mode of ["dx", "dw", "db"]) view.element.classList.toggle(`ck-mode-${mode}`, mode === state.mode);
  const fresh = key !== view.built;
  if (fresh) {
    build(view);
    fit(view);
  }
  view.built = key;
  view.terms = view.shape && state.revealed ? terms(state) : [];
  view.now = view.terms[state.term - 1] ?? null;
  paintImage(view);
  paintFilters(view);
  if (view.shape === null) return;
  paintDout(view);
  paintGradient(view);
  paintUses(view);
  view.ledger.show(state);
  if (fresh) breakLine(view); // last, since it asks for places: the page lays out all there is
}

// ---- building ----

function build(view) {
  const { x, w } = view.state;
  view.x = plates(view, "x", [x.shape[0]], x.shape.slice(1).map((n) => n + 2 * view.state.padding));
  view.w = plates(view, "w", w.shape.slice(0, 2), w.shape.slice(2));
  const inputs = [block("input x", view.x, "ck-x"), block("weights w", view.w, "ck-w", acrossOf(w))];
  for (const { grid } of view.x) grid.window = el("div", { class: "ck-window" });
  if (view.shape === null) {
    const nothing = el("p", { class: "ck-nothing" }, "no output");
    view.element.replaceChildren(...inputs, nothing, view.bar);
  } else buildGradients(view, inputs);
}

function buildGradients(view, inputs) {
  const [filters, ...size] = view.shape;
  const { x, w, mode } = view.state;
  view.dout = plates(view, "dout", [filters], size);
  const [leading, cells] = { dx: [[x.shape[0]], x.shape.slice(1)], dw: [w.shape.slice(0, 2), w.shape.slice(2)],
    db: [[], [1, filters]] }[mode];
  view.gradient = plates(view, mode, leading, cells);
  view.uses = mode === "dx" ? plates(view, "uses", [], x.shape.slice(1)) : [];
  const title = `gradient ${mode} = ∂L/∂${mode[1]}`;
  const result = block(title, view.gradient, "ck-gradients", mode === "dw" ? acrossOf(w) : null);
  view.plates = result.lastChild;
  result.append(view.question);
  view.usesBlock = block("outputs that read each pixel", view.uses, "ck-uses");
  view.break = el("div", { class: "ck-break" });
  view.element.replaceChildren(...inputs, block("gradient of the output, dout", view.dout, "ck-dout"),
    view.break, result, view.usesBlock, view.ledger.element, view.bar);
}

// Filters stand below one another, their channels side by side; one channel needs one row only.
function acrossOf({ shape: [filters, channels] }) {
  return channels === 1 ? filters : channels;
}

// One grid for each leading index: {index, grid, title}.
function plates(view, name, leading, [rows, cols]) {
  const hue = { x: "input", w: "weights", uses: "output" }[name] ?? "gradient";
  return indices(leading).map((index) => {
    const title = index.length ? indexText(name, index) : "";
    const grid = numberGrid({ label: `${LABELS[name]} ${title}`.trim(), rows, cols, hue,
      onMove: (row, col) => moved(view, name, index, [row, col]),
      onEdit: ["x", "w", "dout"].includes(name) ? (row, col, value) => edited(view, name, index, [row, col], value) : null });
    return { index, grid, title };
  });
}

const LABELS = { x: "Input", w: "Weights", dout: "Gradient of the output", dx: "Gradient", dw: "Gradient",
  db: "Gradient of the biases", uses: "Outputs that read each pixel" };

// across: how many grids a row holds; without it, as many as there is room for.
function block(title, parts, look, across = null) {
  const shown = parts.map(({ title: name, grid }) =>
    el("div", { class: "ck-plate" }, ...(name ? [el("code", {}, name)] : []), grid.element));
  const holder = el("div", { class: "ck-plates" }, ...shown);
  if (across) holder.style.gridTemplateColumns = `repeat(${across}, max-content)`;
  else holder.classList.add("ck-flowing");
  return el("div", { class: `ck-block ${look}` }, el("p", { class: "ck-title" }, title), holder);
}

// ---- the hand ----

function moved(view, name, index, [row, col]) {
  const { mode, padding, x } = view.state;
  if (name === "dout") return void jumpTo(view, [...index, row, col]);
  if (name === "db") return void view.act.onChoose({ filter: col });
  if (name === "w" ? mode === "dw" : name === "dw") return void view.act.onChoose({ weight: [...index, row, col] });
  if (name === "w" || mode !== "dx") return undefined;
  const [, height, width] = x.shape;
  const ring = name === "x" ? padding : 0;
  const pixel = [clamp(row - ring, 0, height - 1), clamp(col - ring, 0, width - 1)];
  return void view.act.onChoose({ pixel: [index[0] ?? view.state.pixel[0], ...pixel] });
}

// An output was chosen: show the term it gives, of the filter it belongs to.
function jumpTo(view, output) {
  const { mode, weight, filter } = view.state;
  if (mode === "dw" && output[0] !== weight[0]) view.act.onChoose({ weight: [output[0], ...weight.slice(1)] });
  if (mode === "db" && output[0] !== filter) view.act.onChoose({ filter: output[0] });
  const found = view.act.terms().findIndex((term) => `${term.place}` === `${output}`);
  if (found >= 0) view.act.onTerm(found + 1);
}

function edited(view, name, index, [row, col], value) {
  const { padding } = view.state;
  const { shape } = view.state[name];
  const ring = name === "x" ? padding : 0;
  const full = [...index, row - ring, col - ring];
  if (full.some((i, axis) => i < 0 || i >= shape[axis])) return; // padding stays 0
  view.act.onEdit(name, full.reduce((flat, i, axis) => flat * shape[axis] + i, 0), value);
}

function focusChosen(view) {
  const plate = view.gradient.find(({ grid }) => grid.holdsChosen);
  if (plate) currentCell(plate.grid).focus({ preventScroll: true });
}

// ---- sizes in pixels ----

// Side of a cell so that all grids, given as [how many, cells across], stand side by side; where
// that makes them too small to read, so that those of one kind do, or the widest alone.
export function cellSize(room, grids) {
  const count = grids.reduce((sum, [number]) => sum + number, 0);
  const beside = (room - GAP * count) / grids.reduce((sum, [number, across]) => sum + number * across, 0);
  if (beside >= 24) return Math.floor(Math.min(beside, LARGEST));
  const rows = Math.min(...grids.map(([number, across]) => (room - GAP * number) / (number * across)));
  if (rows >= READABLE) return Math.floor(Math.min(rows, 28));
  return Math.floor(clamp((room - GAP) / Math.max(...grids.map(([, across]) => across)), SMALLEST, 28));
}

// Also when a hidden slide comes into view; only then can the list of terms scroll.
function resized(view) {
  fit(view);
  if (view.shape) breakLine(view);
  view.ledger.show(view.state);
}

function fit(view) {
  const { x, w, padding } = view.state;
  const grids = [[x.shape[0], x.shape[2] + 2 * padding], [1, acrossOf(w) * w.shape[2]]];
  if (view.shape) grids.push([view.shape[0], WIDER * view.shape[2]]);
  const cell = cellSize(view.room, grids);
  view.element.style.setProperty("--cell", `${cell}px`);
  view.element.style.setProperty("--wide", `${Math.floor(cell * WIDER)}px`);
  view.element.classList.toggle("ck-dense", cell < READABLE);
  view.element.classList.toggle("ck-dense-dout", cell * WIDER < 26);
}

// The gradient begins a line of its own unless all the grids fit into one.
function breakLine(view) {
  const blocks = [...view.element.children].filter((part) => part.querySelector(".ck-plates"));
  const width = blocks.reduce((sum, part) => sum + part.offsetWidth + GAP, -GAP);
  view.break.hidden = width <= view.room;
}

// ---- painting ----

function largest({ data }) {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}

function paintImage(view) {
  const { x, padding, mode } = view.state;
  const [, height, width] = x.shape;
  const read = new Set(mode === "dw" ? view.terms.map(({ pixel }) => `${pixel}`) : []);
  const chosenPixel = mode === "dx" ? `${view.state.pixel}` : "";
  const nowPixel = mode === "dw" ? `${view.now?.pixel}` : "";
  for (const { index, grid } of view.x) {
    paintAll(grid, (row, col) => {
      const pixel = [...index, row - padding, col - padding];
      const ring = pixel[1] < 0 || pixel[1] >= height || pixel[2] < 0 || pixel[2] >= width;
      const value = ring ? 0 : at(x, pixel);
      const key = `${pixel}`;
      const state = [ring && "ck-ring", read.has(key) && "ck-tap", key === chosenPixel && "ck-chosen",
        key === nowPixel && "ck-now"];
      return { text: numberText(value), level: ring ? 0 : value / largestOf(view, "x"), state: classNames(state),
        note: ring ? "padding, always 0" : indexText("x", pixel) };
    }, [x, mode === "dw" ? view.terms : index[0] === view.state.pixel[0] && chosenPixel]);
    if (mode === "dx") showChosen(grid, index[0] === view.state.pixel[0], view.state.pixel.slice(1).map((i) => i + padding));
    frameWindow(view, grid);
  }
}

// The window of the output whose term is the current one.
function frameWindow({ state, now }, grid) {
  grid.window.hidden = !now;
  if (!now) return;
  const [, top, left] = now.place.map((n) => n * state.stride);
  const extent = state.w.shape[2];
  place(grid, grid.window, { top, left, height: extent, width: extent });
}

function paintFilters(view) {
  const { w, mode, weight } = view.state;
  const used = new Set(mode === "dx" ? view.terms.map(({ tap }) => `${tap}`) : []);
  const chosenTap = mode === "dw" ? `${weight}` : "";
  const nowTap = mode === "dx" ? `${view.now?.tap}` : "";
  for (const { index, grid } of view.w) {
    paintAll(grid, (row, col) => {
      const tap = [...index, row, col];
      const key = `${tap}`;
      const state = [used.has(key) && "ck-tap", key === chosenTap && "ck-chosen", key === nowTap && "ck-now"];
      const value = at(w, tap);
      return { text: numberText(value), level: value / largestOf(view, "w"), state: classNames(state), note: indexText("w", tap) };
    }, [w, `${[...used]}`, chosenTap, nowTap]);
    if (mode === "dw") showChosen(grid, `${index}` === `${weight.slice(0, 2)}`, weight.slice(2));
  }
}

// Every output that used the chosen number shows what its dout is multiplied by.
function paintDout(view) {
  const { dout, mode, term } = view.state;
  const found = new Map(view.terms.map((each_, n) => [`${each_.place}`, [each_, n]]));
  const top = largestOf(view, mode === "dx" ? "w" : "x");
  for (const { index, grid } of view.dout) {
    paintAll(grid, (row, col) => {
      const output = [...index, row, col];
      const [use, n] = found.get(`${output}`) ?? [null, 0];
      const state = [use && "ck-used", use && n < term && "ck-added", use && n === term - 1 && "ck-now"];
      const above = use?.name ? { text: numberText(use.factor), level: use.factor / top } : null;
      const value = at(dout, output);
      return { text: numberText(value), above, level: value / largestOf(view, "dout"), state: classNames(state),
        note: use ? termText(use) : `${indexText("dout", output)}: not a use` };
    });
    const current = view.now?.place[0] === index[0] && !grid.element.contains(document.activeElement);
    if (current) setCurrent(grid, ...view.now.place.slice(1));
  }
}

function paintGradient(view) {
  const { state } = view;
  view.plates.hidden = !state.revealed;
  const right = gradientsOnce(view)[state.mode];
  const own = answered(state)?.[state.mode] ?? right;
  const top = largest(right);
  const index = chosen(state);
  for (const { index: leading, grid } of view.gradient) {
    paintAll(grid, (row, col) => {
      const full = state.mode === "db" ? [col] : [...leading, row, col];
      return gradientCell(state, full, at(own, full), at(right, full), top);
    }, [own, right]);
    const here = state.mode === "db" || `${leading}` === `${index.slice(0, -2)}`;
    grid.holdsChosen = here;
    showChosen(grid, here, state.mode === "db" ? [0, index[0]] : index.slice(-2));
  }
}

function gradientCell(state, index, number, sum, top) {
  const right = close(number, sum);
  const name = indexText(state.mode, index);
  const note = right ? name : `${name}: ${owner(state.answer).toLowerCase()} ${state.answer.name} gives `
    + `${numberText(number)}, the sum is ${numberText(sum)}`;
  return { text: numberText(number), level: right ? number / top : 0, state: right ? "" : "ck-wrong", note };
}

function paintUses(view) {
  const { state } = view;
  view.usesBlock.hidden = !state.revealed || state.mode !== "dx";
  if (state.mode !== "dx") return;
  const counts = usesMap(state);
  const top = Math.max(1, ...counts.flat());
  const { grid } = view.uses[0];
  paintAll(grid, (row, col) => ({ text: `${counts[row][col]}`, level: counts[row][col] / top,
    note: `${counts[row][col]} outputs read row ${row}, column ${col}` }), [`${view.shape}`, state.stride, state.padding]);
  showChosen(grid, true, state.pixel.slice(1));
}

// The grid that holds the chosen place shows it.
function showChosen(grid, here, [row, col]) {
  grid.element.classList.toggle("ck-here", here);
  if (here) follow(grid, row, col);
}


// ---- what only new numbers change ----

function largestOf(view, name) {
  const array = view.state[name];
  if (view.known[name]?.array !== array) view.known[name] = { array, value: largest(array) };
  return view.known[name].value;
}

function gradientsOnce(view) {
  const { x, w, dout, stride, padding } = view.state;
  const { gradients: known } = view.known;
  const same = known && known.x === x && known.w === w && known.dout === dout
    && known.stride === stride && known.padding === padding;
  if (!same) view.known.gradients = { x, w, dout, stride, padding, value: gradients(view.state) };
  return view.known.gradients.value;
}
