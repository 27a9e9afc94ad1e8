// What the architecture explorer shows, without a page; explorer_state.py is its twin. The formulas
// come from Python with the numbers.

import { clamp, grouped } from "./kit.js";

export const QUANTITIES = ["neurons", "parameters", "multiply-adds", "memory", "receptive field", "width", "channels"];
export const ORDERS = ["network order", "largest first"];
export const SCALES = ["linear", "logarithmic"];
export const SHOWN = ["all layers", "layers with weights"];
export const TRAITS = ["tables", "network", "compared", "quantity", "order", "scale", "shown", "layer", "side"];
const UNITS = { memory: "bytes", "receptive field": "pixels", width: "pixels" };
const ADDED_UP = QUANTITIES.slice(0, 4);

export function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const names = [state.network, ...(state.compared ? [state.compared] : [])];
  const side = state.side && state.compared ? 1 : 0;
  const parcel = state.tables[names[side]];
  return { ...state, names, side, parcel, row: clamp(state.layer, 0, parcel.names.length - 1) };
}

// Numbers of the layers in a network's list, from top to bottom.
export function rowsShown(parcel, { quantity, order, shown }) {
  const learned = parcel.values["multiply-adds"];
  const values = parcel.values[quantity];
  const rows = values.map((_, row) => row).filter((row) => shown === SHOWN[0] || learned[row] > 0);
  return order === ORDERS[1] ? rows.sort((a, b) => values[b] - values[a]) : rows;
}

// How long a bar is, from 0 to 1.
export function length(value, most, scale) {
  if (value <= 0 || most <= 0) return 0;
  return scale === SCALES[1] ? Math.log10(1 + value) / Math.log10(1 + most) : value / most;
}

export function largest({ tables, names, quantity }) {
  return Math.max(...names.flatMap((name) => tables[name].values[quantity]));
}

export function text(value, quantity) {
  const unit = UNITS[quantity] ?? quantity;
  return `${grouped(value)} ${value === 1 && unit.endsWith("s") ? unit.slice(0, -1) : unit}`;
}

export function tenths(part, whole) {
  return (Math.floor((10 * part) / whole + 0.5) / 10).toFixed(1);
}

function whole(parcel, quantity) {
  const values = parcel.values[quantity];
  return ADDED_UP.includes(quantity) ? values.reduce((a, b) => a + b, 0) : Math.max(...values);
}

// The foot of a list: the sum of its bars, or the longest where a sum means nothing.
export function footText(parcel, quantity) {
  return `${ADDED_UP.includes(quantity) ? "all layers together" : "at most"}: ${text(whole(parcel, quantity), quantity)}`;
}

export function shareText({ parcel, row, quantity }) {
  const total = whole(parcel, quantity);
  const value = parcel.values[quantity][row];
  if (!ADDED_UP.includes(quantity) || !value) return "";
  const share = tenths(100 * value, total);
  return `That is ${share} % of the network's ${text(total, quantity)}.`;
}

export function sentence(state) {
  const { names, side, parcel, row, quantity } = state;
  const title = quantity[0].toUpperCase() + quantity.slice(1);
  const start = `${names[side]}, layer ${row} of ${parcel.names.length - 1}: ${parcel.labels[row]} `
    + `(${parcel.kinds[row]}), output ${parcel.shapes[row]}.`;
  const made = `${title}: ${parcel.formulas[quantity][row]}.`;
  return [start, made, shareText(state), total(state)].filter(Boolean).join(" ");
}

function total({ tables, names, quantity }) {
  if (names.length < 2) return "";
  const [first, second] = names.map((name) => whole(tables[name], quantity));
  const kind = ADDED_UP.includes(quantity) ? "in all" : "at most";
  const said = `${names[0]} has ${text(first, quantity)} ${kind}, ${names[1]} ${grouped(second)}`;
  return first ? `${said}: ${tenths(second, first)} times as many.` : `${said}.`;
}

// The row that a key moves to in a list of so many, or null.
export function movedTo(key, at, count, page = 10) {
  const targets = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - page, PageDown: at + page, Home: 0, End: count - 1 };
  return key in targets ? clamp(targets[key], 0, count - 1) : null;
}

// The color role of a layer's bar; the row names its kind as well.
export function hue(kind) {
  if (kind === "Conv2d") return "weights";
  if (kind === "Linear") return "output";
  return kind.includes("Pool") ? "input" : "gray";
}
