// What the weight index shows, without a page; index_state.py is its twin. A place has four parts,
// [filter, channel, row, column]; a part is a number, or null for all of them.

import { decodedOnce, numberText } from "./kit.js";

// For each axis of the array in memory: which part of a place it counts.
export const ORDERS = { PyTorch: [0, 1, 2, 3], TensorFlow: [2, 3, 1, 0] };
export const NOUNS = ["filter", "channel", "row", "column"];
export const TRAITS = ["weights", "index", "order"];

export function readState(model) {
  const weights = decodedOnce(model.get("weights"));
  const order = model.get("order");
  return { weights, shape: weights.shape, order, parts: readIndex(model.get("index")) };
}

// The parts of an index as people write it, or null: "2, :, 3" or "w[2, :, 3]".
export function readIndex(text) {
  const inner = /^\s*(?:w?\s*\[(.*)\]|([^[\]]*))\s*$/.exec(text);
  if (!inner) return null;
  const words = (inner[1] ?? inner[2] ?? "").split(",").map((word) => word.trim());
  if (words.length === 1 && words[0] === "") return [];
  if (words.length > 4 || !words.every((word) => /^(:|-?\d{1,6})$/.test(word))) return null;
  return words.map((word) => (word === ":" ? null : Number(word)));
}

export function indexText(parts) {
  return parts.map((part) => part ?? ":").join(", ");
}

export function shapeIn(order, shape) {
  return ORDERS[order].map((axis) => shape[axis]);
}

// {place} that an index means, or {error}: words for a sentence.
export function placeOf(parts, order, shape) {
  const place = [null, null, null, null];
  for (const [number, part] of parts.entries()) {
    if (part === null) continue;
    const axis = ORDERS[order][number];
    const count = shape[axis];
    if (part < -count || part >= count)
      return { error: `axis ${number} counts ${count} ${NOUNS[axis]}${count === 1 ? "" : "s"}, from 0 to ${count - 1}` };
    place[axis] = part < 0 ? part + count : part;
  }
  return { place };
}

// The index that means a place; colons at its end are left out.
export function indexOf(place, order) {
  const parts = ORDERS[order].map((axis) => place[axis]);
  while (parts.length && parts.at(-1) === null) parts.pop();
  return parts;
}

export function flatPosition(place, order, shape) {
  return ORDERS[order].reduce((position, axis) => position * shape[axis] + place[axis], 0);
}

// The place of a flat position.
export function placeAt(position, order, shape) {
  const place = [0, 0, 0, 0];
  let rest = position;
  for (const axis of [...ORDERS[order]].reverse()) {
    place[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return place;
}

export function flatFormula(place, order, shape) {
  const [first, ...others] = ORDERS[order];
  return others.reduce((text, axis, i) => `${i ? `(${text})` : text}·${shape[axis]} + ${place[axis]}`, `${place[first]}`);
}

export function otherOrder(order) {
  return Object.keys(ORDERS).find((name) => name !== order);
}

export function holds(place, weight) {
  return place !== undefined && place.every((part, axis) => part === null || part === weight[axis]);
}

export function valueOf({ weights, shape }, place) {
  return weights.data[flatPosition(place, "PyTorch", shape)];
}

export function spoken(place) {
  return place.map((part, axis) => (part === null ? `every ${NOUNS[axis]}` : `${NOUNS[axis]} ${part}`)).join(", ");
}

export function sentence(state) {
  const { parts, order, shape } = state;
  const start = `w[${indexText(parts)}] in ${order}'s order, shape (${shapeIn(order, shape).join(", ")}),`;
  const { place, error } = placeOf(parts, order, shape);
  if (error) return `${start} raises an IndexError: ${error}.`;
  return `${start} ${meaning(state, place)} ${trapText(state)}`;
}

function meaning(state, place) {
  const { order, shape } = state;
  if (place.includes(null)) {
    const left = ORDERS[order].filter((axis) => place[axis] === null).map((axis) => shape[axis]);
    const count = left.reduce((a, b) => a * b, 1);
    return `is an array of shape (${left.join(", ")}${left.length === 1 ? "," : ""}) with ${count} weights: ${spoken(place)}.`;
  }
  return `is one weight: ${spoken(place)}. Its value is ${numberText(valueOf(state, place))}, its place in memory `
    + `${flatFormula(place, order, shape)} = ${flatPosition(place, order, shape)}.`;
}

export function trapText({ parts, order, shape }) {
  const start = `In ${otherOrder(order)}'s order the same numbers`;
  const { place } = placeOf(parts, order, shape);
  const found = placeOf(parts, otherOrder(order), shape);
  if (found.error) return `${start} raise an IndexError: ${found.error}.`;
  const same = found.place.every((part, axis) => part === place?.[axis]);
  return same ? `${start} mean the same.` : `${start} mean something else: ${spoken(found.place)}.`;
}
