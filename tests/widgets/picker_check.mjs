// The task picker's words and numbers against Python's: see test_task_picker.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import "../../coursekit/widgets/host.js";
import { matched, outputText, overlaps, readState, sentence, tileScores } from "../../coursekit/widgets/picker_state.js";

const pickers = JSON.parse(readFileSync(process.env.COURSEKIT_PICKERS, "utf-8"));
const states = pickers.map(({ state }) => readState(globalThis.coursekitHost.model(state)));

test("the sentence is Python's, word for word", () => {
  pickers.forEach((picker, i) => assert.equal(sentence(states[i]), picker.sentence));
});

test("the output is Python's", () => {
  pickers.forEach((picker, i) => assert.equal(outputText(states[i]), picker.output));
});

test("overlaps, matches and tile scores are Python's", () => {
  pickers.forEach((picker, i) => {
    const table = overlaps(states[i].boxes, states[i].scene.people);
    assert.deepEqual(table, picker.overlaps);
    assert.deepEqual(matched(table), picker.matched);
    const { right, mean } = tileScores(states[i]);
    assert.ok(Math.abs(right - picker.right) < 1e-9 && Math.abs(mean - picker.mean) < 1e-9);
  });
});
