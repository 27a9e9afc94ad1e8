// The network explorer: images, all layers, one unit's map, one neuron's numbers. The network is
// computed here; the kernel is told what was chosen and never waited for.

import { choice, el, frame, update, watch } from "./kit.js";
import { bigMap, classes, numbers } from "./network_detail.js";
import { easel, gallery } from "./network_images.js";
import { overview } from "./network_overview.js";
import { TRAITS, readState, sentence } from "./network_state.js";

const HINT = "Choose an image or draw on it. Then click a small map, or use the arrow keys: left and right change the "
  + "layer, up and down the unit. Last choose a neuron in the large map: its numbers stand beside it.";
const KEY = "In the maps: color above zero, gray below, nothing at zero.";
const COLOR_RANGES = ["layer", "unit", "network"];

function render({ model, el: el_ }) {
  const shell = frame(el_, model, "Network explorer");
  shell.root.classList.add("ck-explorer-net");
  const [images, drawing, says] = [gallery(model), easel(model), classes()];
  const [columns, map, sum] = [overview(model), bigMap(model), numbers(model)];
  const range = choice("Full color for the largest number of the", COLOR_RANGES, (word) => update(model, { color_range: word }));
  shell.body.append(
    el("p", { class: "ck-net-hint" }, HINT),
    el("div", { class: "ck-under" }, drawing.element, el("div", { class: "ck-net-side" }, images.element, says.element)),
    columns.element,
    el("div", { class: "ck-net-key" }, el("p", { class: "ck-net-hint" }, KEY), range.element),
    el("div", { class: "ck-under" }, map.element, sum.element),
  );
  const parts = [images, drawing, says, columns, map, sum];
  const draw = () => {
    const state = readState(model);
    for (const part of parts) part.show(state);
    range.show(state.colorRange);
    shell.say(sentence(state));
  };
  draw();
  return watch(model, TRAITS, draw);
}

export default { render };
