// The architecture explorer's modules against what Python wrote: see test_architecture_explorer.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import "../../coursekit/widgets/host.js";
import { length, movedTo, readState, rowsShown, sentence, tenths } from "../../coursekit/widgets/explorer_state.js";

const { tables, explorers } = JSON.parse(readFileSync(process.env.COURSEKIT_EXPLORERS, "utf-8"));
const states = explorers.map(({ state }) => readState(globalThis.coursekitHost.model({ ...state, tables })));

test("the sentence is Python's, word for word", () => {
  explorers.forEach((each, i) => assert.equal(sentence(states[i]), each.sentence));
});

test("the list has Python's layers in Python's order", () => {
  explorers.forEach(({ rows }, i) => assert.deepEqual(rowsShown(tables[states[i].network], states[i]), rows));
});

test("bars", () => {
  assert.equal(length(25, 100, "linear"), 0.25);
  assert.equal(length(9, 99, "logarithmic"), 0.5);
  assert.equal(length(0, 99, "logarithmic"), 0);
  assert.equal(length(0, 0, "linear"), 0);
});

test("keys", () => {
  assert.equal(movedTo("ArrowDown", 4, 6), 5);
  assert.equal(movedTo("ArrowDown", 5, 6), 5);
  assert.equal(movedTo("PageUp", 5, 6), 0);
  assert.equal(movedTo("End", 0, 6), 5);
  assert.equal(movedTo("a", 0, 6), null);
});

test("halves are rounded up", () => assert.equal(tenths(25, 100), "0.3"));
