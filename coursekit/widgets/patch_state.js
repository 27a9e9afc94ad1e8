// What the patch browser holds, in words and pixels. Python says the same: patch_state.py.

import { clamp, decodedOnce, numberText } from "./kit.js";

export const TRAITS = ["catalog", "layer", "unit", "patch", "own", "answer"];
export const PADDING = 128; // level of the pixels outside of an image

export function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const at = Math.max(0, state.catalog.layers.findIndex(({ name }) => name === state.layer));
  const shown = state.catalog.layers[at];
  const [units, patches] = shown.values.shape;
  return {
    ...state,
    at,
    shown,
    units,
    patches,
    unit: clamp(state.unit, 0, units - 1),
    patch: clamp(state.patch, 0, patches - 1),
    images: decodedOnce(state.catalog.images),
    ownPicture: state.own && decodedOnce(state.own),
  };
}

// Numbers of one row of an array: of a unit, or of a unit's patch.
function row(parcel, ...place) {
  const { shape, data } = decodedOnce(parcel);
  const size = shape.slice(place.length).reduce((product, n) => product * n, 1);
  const first = place.reduce((at, i, axis) => at * shape[axis] + i, 0) * size;
  return data.subarray(first, first + size);
}

export function activation({ shown, unit }, patch) {
  return row(shown.values, unit, patch)[0];
}

export function isDead(state) {
  return activation(state, 0) <= 0;
}

// Place of the patch's image among those kept, and its number among the test images.
export function imageOf({ shown, unit, catalog }, patch) {
  const place = row(shown.images, unit, patch)[0];
  return { place, number: row(catalog.numbers, place)[0] };
}

export function boxOf({ shown, unit }, patch) {
  return [...row(shown.boxes, unit, patch)];
}

// ---- pictures: {shape: [rows, columns, channels], data} ----

export function wholeImage({ catalog, images }, place) {
  return { shape: images.shape.slice(1), data: row(catalog.images, place) };
}

export function projection({ shown, unit }, patch) {
  return { shape: shown.projections.shape.slice(2), data: row(shown.projections, unit, patch) };
}

// What lies in a box (top, left, bottom, right); gray where it hangs over the edge.
export function cropped({ shape: [rows, cols, channels], data }, [top, left, bottom, right]) {
  const shape = [bottom - top, right - left, channels];
  const out = new Uint8ClampedArray(shape[0] * shape[1] * channels).fill(PADDING);
  for (let i = Math.max(top, 0); i < Math.min(bottom, rows); i += 1)
    for (let j = Math.max(left, 0); j < Math.min(right, cols); j += 1)
      for (let c = 0; c < channels; c += 1)
        out[((i - top) * shape[1] + j - left) * channels + c] = data[(i * cols + j) * channels + c];
  return { shape, data: out };
}

export function patchPicture(state, patch) {
  return cropped(wholeImage(state, imageOf(state, patch).place), boxOf(state, patch));
}

// ---- one's own image ----

// The unit's map on it as a gray picture, the largest activation and the box it comes from.
export function ownResponse({ own, answer, at, unit, shown }) {
  const parcel = answer.maps?.[at];
  if (!own || !parcel) return null;
  const data = row(parcel, unit);
  const [, rows, cols] = parcel.shape;
  const largest = Math.max(...data);
  const place = data.indexOf(largest);
  const [top, left] = [Math.floor(place / cols), place % cols].map((i) => shown.start + shown.jump * i);
  const levels = Uint8ClampedArray.from(data, (value) => (largest > 0 ? (255 * value) / largest : 0));
  return { value: largest, box: [top, left, top + shown.size, left + shown.size],
    map: { shape: [rows, cols, 1], data: levels } };
}

// ---- words ----

export function placeText([top, left, bottom, right]) {
  const [first, last, start, end] = [top, bottom - 1, left, right - 1].map(numberText);
  return `rows ${first} to ${last}, columns ${start} to ${end}`;
}

export function sentence(state) {
  const { shown, unit, units, catalog } = state;
  const start = `${shown.name}, unit ${unit} of 0 to ${units - 1}`;
  const text = isDead(state)
    ? `${start}, responds to none of the ${catalog.searched} images: it is dead.`
    : `${start}: ${patchText(state)}`;
  return `${text} ${ownText(state)}`.trim();
}

function patchText(state) {
  const { shown: { size }, patch, patches, images } = state;
  const box = boxOf(state, patch);
  const text = `${patches} images excite it most, in patches of ${size}×${size} pixels. Patch ${patch + 1}, `
    + `activation ${numberText(activation(state, patch))}: ${placeText(box)} of test image `
    + `${imageOf(state, patch).number}`;
  const outside = size * size - inside(box, images.shape.slice(1));
  return outside ? `${text}; ${outside} of its ${size * size} pixels are padding.` : `${text}.`;
}

function inside([top, left, bottom, right], [rows, cols]) {
  return (Math.min(bottom, rows) - Math.max(top, 0)) * (Math.min(right, cols) - Math.max(left, 0));
}

function ownText(state) {
  const found = ownResponse(state);
  if (!found) return "";
  if (found.value <= 0) return "It does not respond to your image.";
  return `On your image its largest activation is ${numberText(found.value)}: ${placeText(found.box)}.`;
}
