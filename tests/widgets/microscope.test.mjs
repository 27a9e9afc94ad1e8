import assert from "node:assert/strict";
import test from "node:test";

import { cases } from "./cases.mjs";
import "../../coursekit/widgets/host.js";
import { readState, walked } from "../../coursekit/widgets/pixel_microscope.js";
import { flatPosition, levelsAt, neighborhood, placeOf, screenLevel, sentence, shownNumber }
  from "../../coursekit/widgets/microscope_state.js";

const scopes = cases.microscopes.map((scope) => ({ ...scope, now: readState(globalThis.coursekitHost.model(scope.state)) }));

test("the sentence is Python's, word for word", () => {
  for (const { now, sentence: said } of scopes) assert.equal(sentence(now), said);
});

test("numbers, places and neighborhood are Python's", () => {
  for (const { now, numbers, positions, area } of scopes) {
    const levels = levelsAt(now.image, now.position);
    levels.forEach((level, c) => assert.ok(Math.abs(shownNumber(level, now) - numbers[c]) < 1e-12));
    assert.deepEqual(levels.map((_, c) => flatPosition(now.position, c, now.image.shape, now.order)), positions);
    assert.deepEqual(Object.values(neighborhood(now.position, now.image.shape)), area);
  }
});

test("a place in memory is found again", () => {
  for (const { now } of scopes)
    now.image.data.forEach((_, at) => {
      const { place, channel } = placeOf(at, now.image.shape, now.order);
      assert.equal(flatPosition(place, channel, now.image.shape, now.order), at);
    });
});

test("the screen gets bytes, whatever is added", () => {
  for (const { now } of scopes)
    for (const brightness of [-255, -1, 0, 130, 255])
      for (let level = 0; level < 256; level += 1) {
        const shown = screenLevel(level, { ...now, brightness });
        assert.ok(Number.isInteger(shown) && shown >= 0 && shown <= 255);
      }
});

test("keys walk one pixel, with shift eight, and stop at the edge", () => {
  const key = (name, more = {}) => ({ key: name, shiftKey: false, ctrlKey: false, ...more });
  assert.deepEqual(walked(key("ArrowRight"), [2, 3], [9, 20]), [2, 4]);
  assert.deepEqual(walked(key("ArrowDown", { shiftKey: true }), [2, 3], [9, 20]), [8, 3]);
  assert.deepEqual(walked(key("End", { ctrlKey: true }), [2, 3], [9, 20]), [8, 19]);
  assert.equal(walked(key("a"), [2, 3], [9, 20]), null);
});
