// The live trainer's pure parts: messages, losses, curves, numbers.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  addLosses,
  binned,
  landed,
  lossRow,
  percent,
  pushedApart,
  shortNumber,
  smoothed,
  ticks,
} from "../../coursekit/widgets/live_trainer_state.js";
import { mixed } from "../../coursekit/widgets/live_trainer_layers.js";

function piece(from, ...values) {
  const data = new DataView(Float32Array.from(values).buffer);
  return { from, loss: { shape: [values.length], dtype: "float32", data } };
}

test("bytes of a message land where they were lifted from", () => {
  const values = { a: [1, { shape: [2], dtype: "uint8", buffer: 1 }], b: null, c: "x" };
  const parcel = { shape: [2], dtype: "uint8", data: "second" };
  assert.deepEqual(landed(values, ["first", "second"]), { a: [1, parcel], b: null, c: "x" });
});

test("losses come in pieces, again, and from the start", () => {
  const row = lossRow();
  assert.ok(addLosses(row, piece(0, 4, 3)));
  assert.ok(addLosses(row, piece(1, 2, 1)));
  assert.deepEqual([...row.values.subarray(0, row.count)], [4, 2, 1]);
  assert.equal(addLosses(row, piece(5, 1)), false);
  assert.equal(row.count, 3);
  assert.ok(addLosses(row, piece(3, ...Array(3000).fill(0.5))));
  assert.equal(row.count, 3003);
  assert.deepEqual([row.values[0], row.values[3002]], [4, 0.5]);
  assert.ok(addLosses(row, piece(0)));
  assert.equal(row.count, 0);
});

test("bins hold the lowest, the mean and the highest of their steps", () => {
  const row = lossRow();
  addLosses(row, piece(0, 9, 9, 1, 3, 5, 7, 2));
  assert.deepEqual(binned(row, 2, 3), [[3.5, 1, 2, 3], [5.5, 5, 6, 7], [7, 2, 2, 2]]);
  assert.deepEqual(binned(row, 7, 3), []);
});

test("the moving average starts without lag and ends near the last values", () => {
  assert.deepEqual(smoothed([5]), [5]);
  const flat = smoothed(Array(100).fill(2));
  assert.ok(flat.every((value) => Math.abs(value - 2) < 1e-9));
  const step = smoothed([...Array(200).fill(1), ...Array(200).fill(0)]);
  assert.ok(step.at(-1) < 0.01 && step[0] === 1);
});

test("numbers in words", () => {
  assert.deepEqual([0.625, 1, null, undefined].map(percent), ["62.5 %", "100.0 %", "–", "–"]);
  assert.deepEqual([2.302585, 0.00763, 0.00042, 0, null].map(shortNumber), ["2.30", "0.00763", "4.2e−4", "0.00", "–"]);
  assert.equal(shortNumber(-0.5), "−0.500");
  assert.equal(shortNumber(12345), "1.23e4");
});

test("ticks are round and inside", () => {
  assert.deepEqual(ticks(0, 2.4), [0, 1, 2]);
  assert.deepEqual(ticks(0, 0.1), [0, 0.05, 0.1]);
  assert.deepEqual(ticks(-4, 0), [-4, -3, -2, -1, 0]);
  for (const high of [0.3, 7, 41, 999, 123456]) {
    const found = ticks(0, high);
    assert.ok(found.length >= 2 && found.length <= 6 && found.at(-1) <= high, `${high}: ${found}`);
  }
});

test("labels keep their order and their distance", () => {
  const places = pushedApart([50, 52, 10, 51], 12, 60);
  const order = [2, 0, 3, 1].map((i) => places[i]);
  for (let i = 1; i < 4; i += 1) assert.ok(order[i] - order[i - 1] >= 12);
  assert.ok(Math.max(...places) <= 60);
});

test("a level is mixed from zero towards the color of its sign", () => {
  const [zero, above, below] = [[255, 255, 255], [0, 100, 200], [50, 50, 50]];
  assert.deepEqual(mixed(128, true, zero, above, below), zero);
  assert.deepEqual(mixed(255, true, zero, above, below), above);
  assert.deepEqual(mixed(1, true, zero, above, below), below);
});
