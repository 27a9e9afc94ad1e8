// The pooling router's modules against what Python wrote: see test_pooling_router.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import "../../coursekit/widgets/host.js";
import { fairest, judged, readState, routed, sentence, windows, wrongCount } from "../../coursekit/widgets/pooling_state.js";

const cases = JSON.parse(readFileSync(process.env.COURSEKIT_POOLINGS, "utf-8"));
const states = cases.map(({ state }) => readState(globalThis.coursekitHost.model(state)));
const flat = { x: { shape: [2, 2], data: [0, 0, 0, 0] }, dout: { shape: [1, 1], data: [8] }, kernel_size: 2, stride: 2,
  kind: "max", ties: "first", rule: "accumulate", pixel: [0, 0], step: 1 };
const twice = { ...flat, x: { shape: [2, 3], data: [1, 9, 2, 0, 4, 3] }, dout: { shape: [1, 2], data: [3, 5] }, stride: 1,
  pixel: [0, 1] };

test("the sentence is Python's, word for word", () => {
  cases.forEach((each, i) => assert.equal(sentence(states[i]), each.sentence));
});

test("the routed gradient is Python's", () => {
  cases.forEach(({ gradient }, i) => {
    const found = routed(states[i], { count: states[i].step });
    assert.ok(gradient.every((value, n) => Math.abs(value - found.data[n]) < 1e-6));
  });
});

test("every fair way to treat equal maxima is right, one to each is wrong", () => {
  const wrong = (data) => wrongCount({ data }, fairest(flat, { shape: [2, 2], data }));
  for (const fair of [[8, 0, 0, 0], [0, 0, 0, 8], [0, 8, 0, 0], [2, 2, 2, 2]]) assert.equal(wrong(fair), 0);
  assert.ok(wrong([8, 8, 8, 8]) > 0);
  assert.ok(wrong([8, 0, 0, 8]) > 0);
});

test("a prediction is judged by what it would be right for", () => {
  assert.equal(judged(8, twice), "Right: 8.");
  assert.equal(judged(5, twice), "Not 5: that is one window's share, the last: the shares are added. It is 8.");
  assert.equal(judged(2, twice), "Not 2: that is what average pooling would hand it. It is 8.");
  assert.equal(judged(9, twice), "Not 9: that is the pixel's own number: asked for is its gradient. It is 8.");
  assert.equal(judged(70, twice), "Not 70. It is 8.");
  assert.equal(judged(8, { ...twice, pixel: [1, 1] }),
    "Not 8: that is the dout of all windows that read it: only those that it won count. It is 0.");
});

test("an overlapping winner keeps one share only where it is overwritten", () => {
  assert.deepEqual([...routed(twice).data], [0, 8, 0, 0, 0, 0]);
  assert.deepEqual([...routed({ ...twice, rule: "overwrite" }).data], [0, 5, 0, 0, 0, 0]);
  assert.equal(windows(twice).length, 2);
});
