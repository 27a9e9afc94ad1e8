// The network explorer's modules against what Python wrote: see test_network_explorer.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import "../../coursekit/widgets/host.js";
import { corner, layout, unitAt } from "../../coursekit/widgets/network_overview.js";
import { fromBytes, fullColors, otherLayer, painted, readState, sentence, sumOf } from "../../coursekit/widgets/network_state.js";

const cases = JSON.parse(readFileSync(process.env.COURSEKIT_NETWORKS, "utf-8"));
const states = cases.map(({ state }) => readState(globalThis.coursekitHost.model(state)));

test("every activation is torch's", () => {
  cases.forEach(({ outputs }, i) => outputs.forEach((expected, at) => {
    const found = states[i].outputs[at];
    assert.equal(found.length, expected.length);
    expected.forEach((value, j) => assert.ok(Math.abs(found[j] - value) <= 1e-4, `case ${i}, layer ${at}`));
  }));
});

test("the sentence is Python's, word for word", () => {
  cases.forEach((each, i) => assert.equal(sentence(states[i]), each.sentence));
});

test("the full color stands for Python's number", () => {
  cases.forEach(({ colors }, i) => colors.forEach((expected, at) => {
    const found = fullColors(states[i], at);
    assert.equal(found.length, expected.length);
    expected.forEach((value, unit) => assert.ok(Math.abs(found[unit] - value) <= 1e-4 * (1 + value)));
  }));
});

test("partial sums and bias add up to the result", () => {
  const sums = states.filter(({ layer }) => ["conv", "linear"].includes(layer.kind));
  assert.ok(sums.length > 0);
  for (const state of sums) {
    const { parts, bias } = sumOf(state);
    assert.ok(Math.abs(parts.reduce((sum, part) => sum + part, bias) - state.value) < 1e-9);
  }
});

test("a click on a small map finds its unit", () => {
  for (const shape of [[3, 8, 8], [24, 8, 6], [10], [160]]) {
    const place = layout({ shape });
    for (let unit = 0; unit < shape[0]; unit += 1) {
      const [x, y] = corner(place, unit);
      assert.equal(unitAt(place, shape[0], x + 1, y + 1), unit);
    }
  }
});

test("painting changes one pixel in every channel", () => {
  const { picture } = states[0];
  const own = painted(states[0], [1, 2], [1, 1, 1]);
  const changed = new Float32Array(own.data.buffer).map((value, i) => Math.abs(value - picture.data[i]) > 1e-6);
  assert.ok(changed.filter(Boolean).length <= picture.shape[0]);
  const at = 1 * picture.shape[2] + 2;
  assert.equal(new Float32Array(own.data.buffer)[at], Math.fround(states[0].network.range[1]));
});

test("bytes of a canvas become numbers in the images' range", () => {
  const { picture, network } = states[0];
  const bytes = new Uint8ClampedArray(4 * picture.shape[1] * picture.shape[2]).fill(255);
  const own = new Float32Array(fromBytes(states[0], bytes).data.buffer);
  assert.equal(own.length, picture.data.length);
  assert.ok(own.every((value) => Math.abs(value - network.range[1]) < 1e-5));
});

test("the next layer's neuron lies where this one lay", () => {
  const state = { layers: [{ name: "a", shape: [2, 8, 8] }, { name: "b", shape: [1, 4, 4] }],
    position: [7, 2], rows: 8, cols: 8, unit: 1 };
  assert.deepEqual(otherLayer(state, 1), { layer: "b", unit: 0, position: [3, 1], channel: 0 });
});
