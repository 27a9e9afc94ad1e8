import assert from "node:assert/strict";
import test from "node:test";

import { cases } from "./cases.mjs";
import { convolve, generatedWeights, judged, outputSize, overlap, slipBehind, taps, uncovered } from "../../coursekit/widgets/geometry.js";

const layer = (kernel_size, stride = 1, padding = 0, dilation = 1) => ({ kernel_size, stride, padding, dilation });

test("sizes and unread pixels are those of coursekit.shapes", () => {
  assert.ok(cases.layers.length > 1000);
  for (const { width, setting, size, unread } of cases.layers) {
    assert.equal(outputSize(width, setting), size);
    if (size !== null) assert.deepEqual(uncovered(width, setting, size), unread);
  }
});

test("generated kernels are the same in Python and here", () => {
  for (const [channels, size, data] of cases.kernels)
    assert.deepEqual([...generatedWeights(channels, size).data].map((x) => x + 0), data.map((x) => x + 0));
});

test("a window reads dilated taps and padding", () => {
  assert.deepEqual(taps(0, layer(3, 2, 1, 2)), [-1, 1, 3]);
  assert.deepEqual(taps(2, layer(3, 2, 1, 2)), [3, 5, 7]);
  assert.equal(overlap(layer(3, 2)), 1);
  assert.equal(overlap(layer(3, 3)), 0);
  assert.equal(overlap(layer(3, 1, 0, 2)), 0);
});

test("a convolution worked by hand", () => {
  const image = { shape: [2, 2, 2], data: [1, 2, 3, 4, 10, 20, 30, 40] };
  const weights = { shape: [2, 2, 2], data: [1, 0, 0, 1, 0, 1, 0, 0] };
  const { shape, data } = convolve(image, weights, 0.5, layer(2, 1, 1), [3, 3]);
  assert.deepEqual(shape, [1, 3, 3]);
  // center: 1·1 + 4·1 + 20·1 + 0.5; corner: only x[0,0,0] against w[0,1,1]
  assert.equal(data[4], 25.5);
  assert.equal(data[0], 1.5);
});

test("windows past the padded input have no number", () => {
  const image = { shape: [1, 2, 2], data: [1, 1, 1, 1] };
  const weights = { shape: [1, 2, 2], data: [1, 1, 1, 1] };
  assert.deepEqual([...convolve(image, weights, 0, layer(2), [1, 2]).data], [4, NaN]);
});

test("an answer is judged by what it would be right for", () => {
  const judgements = [
    [3, 7, layer(3, 2), "Right: 3."],
    [2, 7, layer(3, 2), "Not 2: that is the number of steps: the first window counts too, add 1. It is 3."],
    [3, 7, layer(3, 2, 1), "Not 3: that is the number of steps: the first window counts too, add 1. It is 4."],
    [5, 7, layer(3, 1, 1), "Not 5: that is the size without the padding. It is 7."],
    [6, 7, layer(3, 1, 1), "Not 6: that is the number of steps: the first window counts too, add 1. It is 7."],
    [5, 7, layer(3, 2), "Not 5: that is the size at stride 1. It is 3."],
    [4, 8, layer(3, 2), "Not 4: that is the size rounded up: a step that does not fit whole is not taken. It is 3."],
    [5, 7, layer(3, 1, 0, 2), "Not 5: that is the size without the dilation. It is 3."],
    [7, 7, layer(3), "Not 7: that is the input's own size. It is 5."],
    [1, 7, layer(3), "Not 1: after 1 window there is still room for another. It is 5."],
    [40, 7, layer(3), "Not 40: window 40 would end at pixel 42 of 7. It is 5."],
    [2.5, 7, layer(3), "Not 2.5: windows come whole. It is 5."],
  ];
  for (const [answer, width, setting, words] of judgements) assert.equal(judged(answer, width, setting), words);
});

test("a slip is only named for the answer that it gives", () => {
  for (const { width, setting, size } of cases.layers) {
    if (size === null) continue;
    assert.equal(judged(size, width, setting), `Right: ${size}.`);
    assert.equal(slipBehind(1000, width, setting), null);
  }
});
