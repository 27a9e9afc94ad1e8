// The task picker's picture: the scene, what a question is about, boxes and tiles drawn by hand.

import { clamp, moved, numberText, soon, write } from "./kit.js";
import { matched, decoded, table } from "./picker_state.js";

const SPACE = "http://www.w3.org/2000/svg";
const SMALLEST = 2; // pixels that a box is wide and high at least
const GRIP = 5; // pixels around a corner in which it can be taken hold of

function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function rectangle([left, top, right, bottom], attributes = {}) {
  return svg("rect", { x: left, y: top, width: right - left, height: bottom - top, ...attributes });
}

// act: {onBoxes(boxes, settled), onTiles(labels)}; `settled` is false while a box is being dragged.
export function stage(scene, act) {
  const element = svg("svg", { class: "ck-scene", viewBox: `0 0 ${scene.width} ${scene.height}` });
  const picture = svg("g", { role: "img", "aria-label": "A drawn scene: a palace before mountains, "
    + "below it a square with two stalls, five people and a street light" });
  for (const [color, points] of scene.parts)
    picture.append(svg("polygon", { points: points.join(" "), fill: color }));
  const layer = svg("g");
  element.append(picture, layer);
  const view = { element, layer, scene, act, state: null, brush: 1, cursor: [0, 0], drag: null };
  view.redraw = () => show(view, view.state); // what the hand changed here alone
  element.addEventListener("pointerdown", (event) => pressed(view, event));
  element.addEventListener("pointermove", (event) => dragged(view, event));
  element.addEventListener("pointerup", () => released(view));
  element.addEventListener("pointercancel", () => released(view));
  return {
    element,
    show: (state) => show(view, state),
    setBrush: (brush) => (view.brush = brush),
    focusBox: (number) => layer.querySelectorAll(".ck-box")[number]?.focus({ preventScroll: true }),
  };
}

function show(view, state) {
  view.state = state;
  const { current } = state;
  const draws = current.name === "detection" || current.name === "segmentation";
  view.element.classList.toggle("ck-drawing", draws);
  const focused = [...view.layer.querySelectorAll("[tabindex]")].indexOf(document.activeElement);
  put(view.layer, marks(view, state));
  if (focused >= 0) view.layer.querySelectorAll("[tabindex]")[focused]?.focus({ preventScroll: true });
}

// Replacing the hundreds of tiles that stay would take most of a frame.
function put(layer, parts) {
  const wanted = new Set(parts);
  for (const old of [...layer.children]) if (!wanted.has(old)) old.remove();
  layer.append(...parts.filter((part) => part.parentNode !== layer));
}

function marks(view, state) {
  const { current } = state;
  if (current.name === "detection") return boxMarks(view, state);
  if (current.name === "segmentation") return tileMarks(view, state);
  return current.focus ? framed(current.focus, "ck-focus") : [];
}

function framed(box, name) {
  return [rectangle(box, { class: "ck-halo" }), rectangle(box, { class: name })];
}

// ---- boxes ----

function boxMarks(view, state) {
  const compared = state.compared.includes("detection");
  const truth = compared ? state.scene.people.flatMap((person) => framed(person, "ck-truth")) : [];
  const values = table(state);
  const found = matched(values);
  const boxes = state.boxes.map((box, i) => {
    const best = Math.max(...values[i]);
    const score = compared ? `, IoU ${numberText(best)}${found[i] === null ? ", finds nobody" : ""}` : "";
    const label = `Box ${i + 1}: left ${box[0]}, top ${box[1]}, right ${box[2]}, bottom ${box[3]}${score}`;
    const group = svg("g", { class: "ck-box", tabindex: 0, role: "button", "aria-label": label },
      ...framed(box, found[i] === null && compared ? "ck-mine ck-missed" : "ck-mine"));
    if (compared) group.append(scoreText(box, best, state.scene));
    group.addEventListener("keydown", (event) => boxKey(view, i, event));
    return group;
  });
  return [...truth, ...boxes];
}

function scoreText([left, top, , bottom], value, scene) {
  const y = top > 8 ? top - 1.5 : Math.min(bottom + 6, scene.height - 1);
  const text = svg("text", { x: left, y, class: "ck-score" });
  write(text, numberText(value));
  return text;
}

// Arrow keys move a box, with Shift they move its right and bottom edge; Delete takes it away.
function boxKey(view, number, event) {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const boxes = view.state.boxes.map((box) => [...box]);
  if (["Delete", "Backspace"].includes(event.key)) boxes.splice(number, 1);
  else if (steps[event.key]) boxes[number] = stepped(view.scene, boxes[number], steps[event.key], event.shiftKey);
  else return;
  event.preventDefault();
  view.act.onBoxes(boxes, true);
}

function stepped({ width, height }, [left, top, right, bottom], [x, y], resize) {
  if (resize)
    return [left, top, clamp(right + x, left + SMALLEST, width), clamp(bottom + y, top + SMALLEST, height)];
  const [dx, dy] = [clamp(x, -left, width - right), clamp(y, -top, height - bottom)];
  return [left + dx, top + dy, right + dx, bottom + dy];
}

// ---- tiles ----

function tileMarks(view, state) {
  const { scene, labels } = state;
  const across = scene.width / scene.tile;
  const wrong = state.compared.includes("segmentation") ? decoded(scene.tiles).data : null;
  view.tiles ??= labels.map((_, at) => newTile(scene, [Math.floor(at / across), at % across]));
  labels.forEach((label, at) => paintTile(view.tiles[at], scene, label, wrong !== null && wrong[at] !== label));
  const [row, col] = view.cursor;
  const label = `Row ${row + 1}, column ${col + 1}: ${scene.names[labels[row * across + col]]}`;
  view.mark ??= newCursor(view);
  const [left, top] = tileBox(scene, [row, col]);
  for (const [name, value] of Object.entries({ x: left, y: top, "aria-label": `${label}. Arrow keys move, Enter paints` }))
    view.mark.setAttribute(name, value);
  const area = view.drag?.from ? [rectangle(areaBox(scene, view.drag), { class: "ck-area" })] : [];
  return [...view.tiles.map(({ group }) => group), ...area, view.mark];
}

function newCursor(view) {
  const cursor = rectangle(tileBox(view.scene, [0, 0]), { class: "ck-cursor", tabindex: 0, role: "button" });
  cursor.addEventListener("keydown", (event) => tileKey(view, event));
  return cursor;
}

function tileBox({ tile: side }, [row, col]) {
  return [col * side, row * side, (col + 1) * side, (row + 1) * side];
}

function newTile(scene, place) {
  const box = tileBox(scene, place);
  const letter = svg("text", { x: box[0] + 4, y: box[1] + 5.9 });
  const strike = svg("path", { class: "ck-strike", d: `M${box[0] + 1} ${box[1] + 1}l6 6` });
  return { group: svg("g", {}, rectangle(box), letter, strike), letter, strike, painted: "" };
}

function paintTile(tile, scene, label, wrong) {
  const key = `${label} ${wrong}`;
  if (tile.painted === key) return;
  tile.painted = key;
  tile.group.setAttribute("class", `ck-tile ck-class-${label}`);
  write(tile.letter, scene.names[label][0]);
  tile.strike.setAttribute("visibility", wrong ? "visible" : "hidden");
}

function tileKey(view, event) {
  const { scene, cursor } = view;
  const size = [scene.height / scene.tile, scene.width / scene.tile];
  const target = moved(event.key, cursor, size, event.ctrlKey);
  if (target) view.cursor = target;
  if (event.key === "Enter" || event.key === " " || (target && event.shiftKey)) paint(view, view.cursor, view.cursor);
  else if (!target) return;
  event.preventDefault();
  soon(view.redraw);
}

// Give all tiles between two corners the class of the brush.
function paint(view, [row, col], [otherRow, otherCol]) {
  const across = view.scene.width / view.scene.tile;
  const within = (at, a, b) => at >= Math.min(a, b) && at <= Math.max(a, b);
  view.act.onTiles(view.state.labels.map((label, at) => {
    const inside = within(Math.floor(at / across), row, otherRow) && within(at % across, col, otherCol);
    return inside ? view.brush : label;
  }));
}

function areaBox(scene, { from, to }) {
  const [a, b] = [tileBox(scene, from), tileBox(scene, to)];
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

// ---- the hand ----

// Where the pointer is, in the scene's pixels.
function spot({ element, scene }, event) {
  const edge = element.getBoundingClientRect();
  const x = ((event.clientX - edge.left) / edge.width) * scene.width;
  const y = ((event.clientY - edge.top) / edge.height) * scene.height;
  return [clamp(Math.round(x), 0, scene.width), clamp(Math.round(y), 0, scene.height)];
}

function tileAt(scene, [x, y]) {
  const at = (value, size) => clamp(Math.floor(value / scene.tile), 0, size / scene.tile - 1);
  return [at(y, scene.height), at(x, scene.width)];
}

function pressed(view, event) {
  const task = view.state.current.name;
  if (task !== "detection" && task !== "segmentation") return;
  event.preventDefault();
  if (event.isTrusted) view.element.setPointerCapture(event.pointerId);
  const at = spot(view, event);
  if (task === "segmentation") {
    const place = tileAt(view.scene, at);
    view.cursor = place;
    view.drag = { from: place, to: place };
    show(view, view.state);
    view.layer.querySelector(".ck-cursor").focus({ preventScroll: true });
  } else view.drag = grabbed(view.state.boxes, at);
}

// A corner of a box, a box, or nothing: then a new box begins.
function grabbed(boxes, at) {
  const near = (a, b) => Math.abs(a - b) <= GRIP / 2;
  for (const [number, box] of boxes.entries())
    for (const [i, j] of [[0, 1], [2, 1], [0, 3], [2, 3]])
      if (near(at[0], box[i]) && near(at[1], box[j]))
        return { number, anchor: [box[2 - i], box[4 - j]], boxes };
  const number = boxes.findIndex(([l, t, r, b]) => at[0] > l && at[0] < r && at[1] > t && at[1] < b);
  if (number >= 0) return { number, start: at, whole: boxes[number], boxes };
  return { number: boxes.length, anchor: at, boxes };
}

function dragged(view, event) {
  if (!view.drag) return;
  const at = spot(view, event);
  if (view.drag.from) {
    view.drag.to = tileAt(view.scene, at);
    soon(view.redraw);
    return;
  }
  const box = draggedBox(view.scene, view.drag, at);
  if (!box) return;
  const boxes = [...view.drag.boxes];
  boxes[view.drag.number] = box;
  view.drag.moved = true;
  view.act.onBoxes(boxes, false);
}

function draggedBox(scene, { anchor, start, whole }, at) {
  if (whole) {
    const step = [clamp(at[0] - start[0], -whole[0], scene.width - whole[2]),
      clamp(at[1] - start[1], -whole[1], scene.height - whole[3])];
    return whole.map((side, i) => side + step[i % 2]);
  }
  const box = [Math.min(anchor[0], at[0]), Math.min(anchor[1], at[1]),
    Math.max(anchor[0], at[0]), Math.max(anchor[1], at[1])];
  return box[2] - box[0] >= SMALLEST && box[3] - box[1] >= SMALLEST ? box : null;
}

function released(view) {
  const { drag } = view;
  view.drag = null;
  if (drag?.from) {
    paint(view, drag.from, drag.to);
    soon(view.redraw);
  } else if (drag) {
    if (drag.moved) view.act.onBoxes(view.state.boxes, true);
    view.layer.querySelectorAll(".ck-box")[drag.number]?.focus({ preventScroll: true });
  }
}
