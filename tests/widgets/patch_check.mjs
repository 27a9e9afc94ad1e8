// The patch browser's modules against what Python wrote: see test_patch_browser.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import "../../coursekit/widgets/host.js";
import { cropped, isDead, patchPicture, readState, sentence } from "../../coursekit/widgets/patch_state.js";

const cases = JSON.parse(readFileSync(process.env.COURSEKIT_PATCHES, "utf-8"));
const states = cases.map(({ state }) => readState(globalThis.coursekitHost.model(state)));

test("the sentence is Python's, word for word", () => {
  cases.forEach((each, i) => assert.equal(sentence(states[i]), each.sentence));
});

test("the patches are Python's, byte for byte", () => {
  assert.ok(states.some(isDead) && !states.every(isDead));
  cases.forEach(({ patches }, i) =>
    patches.forEach((pixels, patch) => assert.deepEqual([...patchPicture(states[i], patch).data], pixels)));
});

test("what hangs over the edge is gray", () => {
  const image = { shape: [2, 2, 1], data: [1, 2, 3, 4] };
  assert.deepEqual([...cropped(image, [-1, 1, 1, 3]).data], [128, 128, 2, 128]);
});
