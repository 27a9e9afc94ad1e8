import assert from "node:assert/strict";
import test from "node:test";

import { cases } from "./cases.mjs";
import "../../coursekit/widgets/host.js";
import { asCode, readState } from "../../coursekit/widgets/convolution_stepper.js";
import { convolve } from "../../coursekit/widgets/geometry.js";
import { sentence } from "../../coursekit/widgets/stepper_state.js";
import { formulaSteps, quotientText } from "../../coursekit/widgets/stepper_text.js";

const states = cases.steppers.map(({ state }) => readState(globalThis.coursekitHost.model(state)));

test("the sentence is Python's, word for word", () => {
  cases.steppers.forEach((stepper, i) => assert.equal(sentence(states[i]), stepper.sentence));
});

test("the output is Python's", () => {
  cases.steppers.forEach(({ size, output }, i) => {
    const { image, weights, bias, setting } = states[i];
    const { data } = convolve(image, weights, bias, setting, size);
    output.forEach((value, j) => {
      if (value === null) assert.ok(Number.isNaN(data[j]));
      else assert.ok(Math.abs(data[j] - value) < 1e-9);
    });
  });
});

test("the code that makes a picture again is Python's repr", () => {
  cases.steppers.forEach(({ code }, i) => assert.equal(asCode(states[i].setting), code));
});

function formulaText(width, setting, hidden) {
  const plain = (text) => (Array.isArray(text) ? text[1] : text);
  return formulaSteps(width, setting, hidden).map((step) => step.map(plain).join("")).join(" = ");
}

test("the formula shows the floor only where there is something to round", () => {
  const setting = { kernel_size: 3, stride: 2, padding: 0, dilation: 1 };
  const start = (w) => `⌊(${w} + 2·0 − 1·(3 − 1) − 1) / 2⌋ + 1`;
  assert.equal(formulaText(7, setting), `${start(7)} = ⌊4 / 2⌋ + 1 = 2 + 1 = 3`);
  assert.equal(formulaText(8, setting), `${start(8)} = ⌊5 / 2⌋ + 1 = ⌊2.5⌋ + 1 = 2 + 1 = 3`);
  assert.equal(formulaText(8, setting, true), `${start(8)} = ?`);
  assert.equal(formulaText(1, setting), `${start(1)} = ⌊−2 / 2⌋ + 1 = no output: the kernel does not fit`);
});

test("a quotient is cut, never rounded", () => {
  assert.equal(quotientText(8, 3), "2.66…");
  assert.equal(quotientText(7, 4), "1.75");
  assert.equal(quotientText(10, 3), "3.33…");
});
