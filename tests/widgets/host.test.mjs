import assert from "node:assert/strict";
import test from "node:test";

import { cases } from "./cases.mjs";
import "../../coursekit/widgets/host.js";

const { model } = globalThis.coursekitHost;

test("arrays arrive as bytes, at any depth", () => {
  const floats = Buffer.from(new Float32Array([1, 2]).buffer).toString("base64");
  const array = { dtype: "float32", shape: [2], base64: floats };
  const shim = model({ image: array, answer: { numbers: array, name: "f" }, list: [1, 2], none: null });
  assert.equal(shim.get("image").data.getFloat32(4, true), 2);
  assert.equal(shim.get("answer").numbers.data.getFloat32(0, true), 1);
  assert.deepEqual([shim.get("answer").name, shim.get("list"), shim.get("none")], ["f", [1, 2], null]);
});

test("listeners hear changes, and only changes, until they are taken off", () => {
  const shim = model({ stride: 1 });
  const heard = [];
  const listener = () => heard.push(shim.get("stride"));
  shim.on("change:stride", listener);
  shim.set("stride", 2);
  shim.set("stride", 2);
  shim.save_changes();
  shim.off("change:stride", listener);
  shim.set("stride", 3);
  assert.deepEqual(heard, [2]);
});

test("a widget's joined text is one module that exports render", async () => {
  assert.doesNotMatch(cases.joined, /^import /m);
  const url = `data:text/javascript;charset=utf-8,${encodeURIComponent(cases.joined)}`;
  const { default: widget } = await import(url);
  assert.equal(typeof widget.render, "function");
});
