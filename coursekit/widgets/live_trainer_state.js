// What the live trainer knows: traits of the model, brought up to date by the kernel's messages.
// Pure functions; they run in node as well.

import { decode } from "./kit.js";

export const SHOWN = ["phase", "readouts", "curves", "layers", "pictures", "tests", "own", "definition",
  "totals", "graph_start", "has_pretrained", "probe", "sentence"];
export const SETTINGS = ["lr", "momentum", "batch_size", "weight_decay"];

export function readState(model) {
  return Object.fromEntries([...SHOWN, ...SETTINGS].map((name) => [name, model.get(name)]));
}

// A message's value with its bytes in place: {shape, dtype, buffer: 2} gets the third buffer.
export function landed(value, buffers) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((part) => landed(part, buffers));
  if ("buffer" in value) return { shape: value.shape, dtype: value.dtype, data: buffers[value.buffer] };
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, landed(part, buffers)]));
}

// ---- losses: they arrive in pieces, {from, loss}, and make one long row ----

export function lossRow() {
  return { count: 0, values: new Float32Array(1024) };
}

// false when a piece before this one is missing.
export function addLosses(row, { from, loss }) {
  if (from > row.count) return false;
  const values = decode(loss).data;
  const count = from + values.length;
  if (count > row.values.length) {
    const larger = new Float32Array(2 * count);
    larger.set(row.values);
    row.values = larger;
  }
  row.values.set(values, from);
  row.count = count;
  return true;
}

// At most `bins` points [step, lowest, mean, highest] of the losses after step `start`.
export function binned(row, start, bins) {
  const count = Math.max(0, row.count - start);
  const width = Math.max(1, Math.ceil(count / bins));
  return Array.from({ length: Math.ceil(count / width) }, (_, bin) => {
    const from = start + bin * width;
    const part = row.values.subarray(from, Math.min(from + width, row.count));
    const sum = part.reduce((total, value) => total + value, 0);
    return [from + (part.length + 1) / 2, Math.min(...part), sum / part.length, Math.max(...part)];
  });
}

// Moving average over a twentieth of the points, without lag at the start; as History.plot's.
export function smoothed(values) {
  const keep = 1 - 1 / Math.max(1, Math.floor(values.length / 20));
  let [value, weight] = [0, 0];
  return values.map((next) => {
    [value, weight] = [keep * value + next, keep * weight + 1];
    return value / weight;
  });
}

// ---- numbers in words ----

export function percent(share) {
  return share === null || share === undefined ? "–" : `${(100 * share).toFixed(1)} %`;
}

// Three digits, for losses and times; small numbers keep theirs.
export function shortNumber(value) {
  if (value === null || value === undefined) return "–";
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(1).replace("e-", "e−").replace(/^-/, "−");
  return value.toPrecision(3).replace(/e\+?/, "e").replace(/^-/, "−");
}

// Round numbers that cut [low, high] into about `parts`.
export function ticks(low, high, parts = 4) {
  const rough = (high - low) / parts || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// Places of labels, pushed apart to at least `gap`, within [0, end].
export function pushedApart(places, gap, end) {
  const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
  const result = [...places];
  order.forEach((i, k) => {
    if (k > 0) result[i] = Math.max(result[i], result[order[k - 1]] + gap);
  });
  for (let k = order.length - 1, limit = end; k >= 0; k -= 1, limit -= gap)
    result[order[k]] = Math.min(result[order[k]], limit);
  return result;
}
