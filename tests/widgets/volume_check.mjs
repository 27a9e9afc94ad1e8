// The volume explorer's modules against what Python wrote: see test_volume_explorer.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import "../../coursekit/widgets/host.js";
import { asCode } from "../../coursekit/widgets/volume_explorer.js";
import { stacked, unraveled } from "../../coursekit/widgets/volume_scene.js";
import { KINDS, parameters, readState, sentence, slice } from "../../coursekit/widgets/volume_state.js";

const cases = JSON.parse(readFileSync(process.env.COURSEKIT_VOLUMES, "utf-8"));
const states = cases.map(({ state }) => readState(globalThis.coursekitHost.model(state)));

test("the sentence is Python's, word for word", () => {
  cases.forEach((each, i) => assert.equal(sentence(states[i]), each.sentence));
});

test("every neuron's number is Python's", () => {
  cases.forEach(({ output }, i) => {
    const numbers = Array.from({ length: states[i].neurons }, (_, d) => [...slice(states[i], d)]).flat();
    assert.equal(numbers.length, output.length);
    numbers.forEach((h, j) => assert.ok(Math.abs(Math.max(h, 0) - output[j]) < 1e-9));
  });
});

test("the counts and the code are Python's", () => {
  cases.forEach(({ counts, code }, i) => {
    assert.deepEqual(KINDS.map((kind) => parameters(states[i], kind).total), counts);
    assert.equal(asCode(states[i]), code);
  });
});

// Corners of the slices of a layout.
function boxes({ inputs, outputs, cell }, [, rows, cols], [, outRows, outCols]) {
  const box = ([x, y], height, width) => [x, y, x + width * cell, y + height * cell];
  return [...inputs.map((at) => box(at, rows, cols)), ...outputs.map((at) => box(at, outRows, outCols))];
}

test("slices stay inside, and laid side by side they do not touch", () => {
  for (const room of [250, 400, 700, 1000, 1500])
    for (const neurons of [1, 3, 8]) {
      const shapes = [[3, 32, 32], [neurons, 28, 28]];
      for (const layout of [stacked(room, ...shapes), unraveled(room, ...shapes)])
        for (const [left, top, right, bottom] of boxes(layout, ...shapes))
          assert.ok(left >= 0 && top >= 0 && right <= room + 0.01 && bottom <= layout.height + 0.01, `${room} ${neurons}`);
      const side = boxes(unraveled(room, ...shapes), ...shapes);
      side.forEach((a, i) => side.slice(i + 1).forEach((b) =>
        assert.ok(a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1])));
    }
});
