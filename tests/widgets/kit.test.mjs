import assert from "node:assert/strict";
import test from "node:test";

import { cases } from "./cases.mjs";
import { decode, encode, moved, numberText, typedNumber } from "../../coursekit/widgets/kit.js";

test("numbers read as in Python", () => {
  for (const [value, text] of cases.numbers) assert.equal(numberText(value), text, `${value}`);
});

test("arrays survive the way to the kernel and back", () => {
  const array = { shape: [2, 1, 2], data: [0.5, -1, 3, 1e10] };
  const parcel = encode(array);
  assert.equal(parcel.dtype, "float32");
  assert.deepEqual([...decode(parcel).data], array.data);
});

test("an array is read from the middle of a buffer, as Jupyter sends it", () => {
  const bytes = new DataView(new ArrayBuffer(12));
  bytes.setFloat32(4, 1.5, true);
  const parcel = { shape: [1], dtype: "float32", data: new DataView(bytes.buffer, 4, 4) };
  assert.deepEqual([...decode(parcel).data], [1.5]);
});

test("keys move within the grid and stop at its edge", () => {
  const size = [3, 4];
  assert.deepEqual(moved("ArrowRight", [1, 3], size), [1, 3]);
  assert.deepEqual(moved("ArrowUp", [1, 3], size), [0, 3]);
  assert.deepEqual(moved("Home", [1, 3], size), [1, 0]);
  assert.deepEqual(moved("End", [1, 0], size), [1, 3]);
  assert.deepEqual(moved("Home", [1, 3], size, true), [0, 0]);
  assert.deepEqual(moved("End", [0, 0], size, true), [2, 3]);
  assert.equal(moved("a", [0, 0], size), null);
});

test("typed numbers: any minus, comma or point, and nothing else", () => {
  assert.equal(typedNumber(" −0,5 "), -0.5);
  assert.equal(typedNumber("1e3"), 1000);
  for (const text of ["", "abc", "1 2", "Infinity"]) assert.equal(typedNumber(text), null);
});
