// A grid of numbers that keys and clicks move in; cells can be changed where the picture allows.

import { el, moved, soon, typedNumber, write } from "./kit.js";

const TYPED = /^[0-9.,−-]$/;
const TIMES = 1.4; // letters that "× " takes before a number

// label: what the grid is, for those who hear it. onMove(row, col): the current cell changed by
// hand. onEdit(row, col, value): a number was typed into a cell; without it cells are fixed.
export function numberGrid({ label, rows, cols, hue, onMove = () => {}, onEdit = null }) {
  const element = el("div", { class: `ck-grid ck-hue-${hue}`, role: "grid", "aria-label": label });
  element.style.setProperty("--cols", cols);
  element.style.setProperty("--rows", rows);
  const cells = Array.from({ length: rows }, (_, row) => gridRow(element, row, cols));
  const grid = { element, rows, cols, cells, current: [0, 0], selected: null, focusing: false, letters: {},
    onMove, onEdit };
  setCurrent(grid, 0, 0);
  element.addEventListener("click", (event) => clicked(grid, event));
  element.addEventListener("keydown", (event) => pressed(grid, event));
  return grid;
}

function gridRow(element, row, cols) {
  const cells = Array.from({ length: cols }, (_, col) => {
    const cell = el("div", { class: "ck-cell", role: "gridcell", tabindex: -1 });
    cell.place = [row, col];
    return cell;
  });
  element.append(el("div", { class: "ck-row", role: "row" }, ...cells));
  return cells;
}

// text: what stands in the cell, what an edit begins with. above: a second number in the cell's
// upper half, {text, level}. level: −1 … 1, how strongly it is tinted. state: class names. note:
// shown on hover.
export function paint(grid, row, col, content) {
  const cell = grid.cells[row][col];
  if (cell.content && alike(cell.content, content)) return;
  cell.content = content;
  if (cell.editor) return; // it is written when the editor closes
  const { text, above = null, level = 0, state = "", note = "" } = content;
  tint(cell, level, classNames(["ck-cell", above && "ck-pair", state]));
  if (cell.title !== note) cell.title = note;
  if (above) writePair(cell, above, text);
  else write(cell, text);
}

function alike(a, b) {
  return a.text === b.text && a.level === b.level && a.state === b.state && a.note === b.note
    && a.above?.text === b.above?.text && a.above?.level === b.above?.level;
}

// All cells, from what content(row, col) says of each. reads: everything that it says depends on;
// while that is the same, the cells are.
export function paintAll(grid, content, reads = null) {
  if (reads && grid.reads?.every((part, i) => part === reads[i])) return;
  grid.reads = reads;
  const letters = { whole: 1, half: 1 };
  for (let row = 0; row < grid.rows; row += 1) {
    for (let col = 0; col < grid.cols; col += 1) {
      const said = content(row, col);
      paint(grid, row, col, said);
      letters.whole = Math.max(letters.whole, said.text.length);
      if (said.above) letters.half = Math.max(letters.half, said.above.text.length, said.text.length + TIMES);
    }
  }
  fitText(grid, letters);
}

// Of several class names, or what is none, the names.
export function classNames(names) {
  return names.filter(Boolean).join(" ");
}

// Smaller figures all over the grid when one of its numbers is long, so that none needs a clip: a
// thousand clips make the page slow to compose.
function fitText(grid, letters) {
  for (const [part, longest] of Object.entries(letters)) {
    if (grid.letters[part] === longest) continue;
    grid.letters[part] = longest;
    grid.element.style.setProperty(`--${part}-letters`, longest);
  }
}

// The number above in a block of its own, the cell's number after it.
function writePair(cell, above, text) {
  if (cell.childNodes.length !== 2) cell.replaceChildren(el("span"), "");
  const [upper, lower] = cell.childNodes;
  const below = `×\u2009${text}`;
  write(upper, above.text);
  tint(upper, above.level, "ck-hue-input");
  if (lower.data !== below) lower.data = below;
}

function tint(element, level, look = "") {
  const names = level < 0 ? `${look} ck-negative` : look;
  const strength = Math.min(Math.abs(level), 1).toFixed(3);
  if (element.className !== names) element.className = names;
  if (element.strength === strength) return;
  element.strength = strength;
  element.style.setProperty("--level", strength);
}

export function setCurrent(grid, row, col) {
  grid.current = [row, col];
  const { selected: old } = grid;
  grid.selected = currentCell(grid);
  if (grid.selected === old) return;
  if (old) old.tabIndex = -1;
  old?.removeAttribute("aria-selected");
  grid.selected.tabIndex = 0;
  grid.selected.setAttribute("aria-selected", "true");
}

export function currentCell({ cells, current: [row, col] }) {
  return cells[row][col];
}

// A frame over some cells, for example the window; moved, not redrawn, so that it can glide.
export function place(grid, overlay, { top, left, height, width }) {
  if (overlay.parentNode !== grid.element) grid.element.append(overlay);
  overlay.style.transform = `translate(calc(var(--cell) * ${left}), calc(var(--cell) * ${top}))`;
  overlay.style.height = `calc(var(--cell) * ${height})`;
  overlay.style.width = `calc(var(--cell) * ${width})`;
}

function clicked(grid, event) {
  const cell = event.target.closest(".ck-cell");
  if (!cell?.place || cell.editor) return;
  const [row, col] = cell.place;
  const again = grid.onEdit && document.activeElement === cell && sameAsCurrent(grid, row, col);
  if (again && grid.clickedBefore) edit(grid, cell);
  else go(grid, row, col);
  grid.clickedBefore = true;
}

function sameAsCurrent(grid, row, col) {
  return grid.current[0] === row && grid.current[1] === col;
}

function go(grid, row, col) {
  grid.current = [row, col];
  grid.onMove(row, col);
  focusSoon(grid);
}

// The current cell goes there, and the focus with it where it is in this grid.
export function follow(grid, row, col) {
  const focused = document.activeElement;
  const held = focused?.classList.contains("ck-cell") && grid.element.contains(focused);
  setCurrent(grid, row, col);
  if (held && focused !== currentCell(grid)) focusSoon(grid);
}

// After the drawing: at once, the page would be laid out and painted twice.
function focusSoon(grid) {
  if (grid.focusing) return;
  grid.focusing = true;
  soon(() => {
    grid.focusing = false;
    setCurrent(grid, ...grid.current);
    currentCell(grid).focus({ preventScroll: true });
  });
}

function pressed(grid, event) {
  const cell = grid.focusing ? currentCell(grid) : event.target;
  if (cell.editor || !cell.place || event.metaKey || event.altKey) return;
  const target = moved(event.key, grid.current, [grid.rows, grid.cols], event.ctrlKey);
  if (target) {
    event.preventDefault();
    event.stopPropagation();
    grid.clickedBefore = false;
    go(grid, ...target);
  } else if (grid.onEdit && startsEditing(event)) {
    event.preventDefault();
    edit(grid, cell, TYPED.test(event.key) ? event.key : null);
  }
}

function startsEditing(event) {
  return !event.ctrlKey && (["Enter", "F2"].includes(event.key) || TYPED.test(event.key));
}

function edit(grid, cell, first = null) {
  const [row, col] = cell.place;
  const field = el("input", { class: "ck-editor", inputmode: "decimal", "aria-label": "new value" });
  field.value = first ?? cell.content.text;
  cell.editor = field;
  cell.replaceChildren(field);
  field.focus();
  if (first === null) field.select();
  const close = (value) => {
    if (!cell.editor) return;
    const { content } = cell;
    cell.editor = cell.content = null;
    paint(grid, row, col, content);
    if (value !== null) grid.onEdit(row, col, value);
  };
  field.addEventListener("blur", () => close(typedNumber(field.value)));
  field.addEventListener("keydown", (event) => editorKey(event, field, cell, close));
}

function editorKey(event, field, cell, close) {
  event.stopPropagation();
  if (!["Enter", "Escape"].includes(event.key)) return;
  event.preventDefault();
  close(event.key === "Enter" ? typedNumber(field.value) : null);
  cell.focus({ preventScroll: true });
}
