// The weight index's modules against what Python wrote: see test_weight_index.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import "../../coursekit/widgets/host.js";
import { flatPosition, holds, placeAt, placeOf, readIndex, readState, sentence } from "../../coursekit/widgets/index_state.js";

const cases = JSON.parse(readFileSync(process.env.COURSEKIT_INDICES, "utf-8"));
const states = cases.map(({ state }) => readState(globalThis.coursekitHost.model(state)));

test("the sentence is Python's, word for word", () => {
  cases.forEach((each, i) => assert.equal(sentence(states[i]), each.sentence));
});

test("the weights that an index means are Python's", () => {
  cases.forEach(({ chosen }, i) => {
    const { parts, order, shape, weights } = states[i];
    const { place } = placeOf(parts, order, shape);
    const found = [...weights.data.keys()].filter((at) => holds(place, placeAt(at, "PyTorch", shape)));
    assert.deepEqual(found, chosen);
  });
});

test("a place in memory and back", () => {
  for (const order of ["PyTorch", "TensorFlow"])
    for (let i = 0; i < 120; i += 1) assert.equal(flatPosition(placeAt(i, order, [4, 3, 2, 5]), order, [4, 3, 2, 5]), i);
});

test("what is typed is read leniently, and nonsense is refused", () => {
  assert.deepEqual(readIndex(" w[ 2 , :,-1] "), [2, null, -1]);
  assert.deepEqual(readIndex(""), []);
  for (const text of ["abc", "1,2,3,4,5", "1.5", "2,,1", "[1", "w[1]]"]) assert.equal(readIndex(text), null);
});
