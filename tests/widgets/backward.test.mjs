import assert from "node:assert/strict";
import test from "node:test";

import { cases } from "./cases.mjs";
import "../../coursekit/widgets/host.js";
import { readState } from "../../coursekit/widgets/backward_stepper.js";
import { generated, gradients, judged, outputShape, partialSum, sentence, terms, usesMap } from "../../coursekit/widgets/backward_state.js";
import { cellSize } from "../../coursekit/widgets/backward_stage.js";

const states = cases.backward.map(({ state }) => readState(globalThis.coursekitHost.model(state)));
const near = (a, b) => Math.abs(a - b) < 1e-5;

function layer(changes = {}) {
  const start = { x: generated([1, 5, 5]), w: generated([1, 1, 3, 3]), stride: 1, padding: 0, mode: "dx",
    pixel: [0, 2, 2], weight: [0, 0, 0, 0], filter: 0, term: 0 };
  const state = { ...start, ...changes };
  return { ...state, dout: generated(outputShape(state)) };
}

test("the sentence is Python's, word for word", () => {
  cases.backward.forEach(({ sentence: said }, i) => assert.equal(sentence(states[i]), said));
});

test("terms are Python's, in its order", () => {
  cases.backward.forEach((case_, i) => {
    const found = terms(states[i]).map(({ place, dout, factor, name }) => [...place, dout, factor, name]);
    assert.deepEqual(found, case_.terms);
  });
});

test("gradients and uses are the layer's", () => {
  let compared = 0;
  cases.backward.forEach((case_, i) => {
    assert.deepEqual(usesMap(states[i]), case_.uses);
    const found = gradients(states[i]);
    for (const [name, numbers] of Object.entries(case_.gradients)) {
      assert.ok(numbers.every((value, n) => near(value, found[name].data[n])), name);
      compared += numbers.length;
    }
  });
  assert.ok(compared > 1000);
});

test("the chosen number's terms add up to its gradient", () => {
  for (const state of states) {
    const found = terms(state);
    if (found.length === 0) continue;
    const index = { dx: state.pixel, dw: state.weight, db: [state.filter] }[state.mode];
    const { shape, data } = gradients(state)[state.mode];
    const flat = index.reduce((sum, i, axis) => sum * shape[axis] + i, 0);
    assert.ok(near(partialSum(found, found.length), data[flat]));
  }
});

test("generated numbers are the same in Python", () => {
  for (const { shape, data } of cases.generated) assert.deepEqual([...generated(shape).data], data);
});

test("a prediction is judged by what it would be right for", () => {
  const two = { w: generated([2, 1, 3, 3]) };
  const judgements = [
    [9, layer(), "Right: 9."],
    [1, layer({ pixel: [0, 0, 0] }), "Right: 1."],
    [9, layer({ pixel: [0, 0, 0] }), "Not 9: that is the number of weights in the kernel: not each of them met this pixel. It is 1."],
    [9, layer(two), "Not 9: that is what one filter gives: every filter read this pixel. It is 18."],
    [1, layer(), "Not 1: that is one use: count all windows that reach this pixel. It is 9."],
    [25, layer({ mode: "dw" }), "Not 25: that is the number of pixels: count the places of the window. It is 9."],
    [18, layer({ ...two, mode: "db" }), "Not 18: that is the outputs of all filters: this one belongs to a single filter. It is 9."],
    [7, layer(), "Not 7. It is 9."],
    [2.5, layer(), "Not 2.5. It is 9."],
  ];
  for (const [answer, state, words] of judgements) assert.equal(judged(answer, state), words);
});

test("cells fill the room side by side, or those of one kind, or the widest alone", () => {
  assert.equal(cellSize(1100, [[1, 5], [1, 3], [1, 3.75]]), 36);
  assert.equal(cellSize(1100, [[3, 12], [1, 9], [3, 12]]), 28);
  assert.equal(cellSize(1100, [[3, 14], [1, 9], [3, 17.5]]), 19);
  assert.equal(cellSize(300, [[3, 14], [1, 9], [3, 17.5]]), 15);
  assert.equal(cellSize(100, [[3, 14]]), 9);
});
