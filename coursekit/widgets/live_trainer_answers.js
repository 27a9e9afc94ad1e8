// Images the network has not been trained on, and its three likeliest answers to each.

import { decodedOnce, el } from "./kit.js";
import { percent } from "./live_trainer_state.js";

const WORDS = { test: "Test images", validation: "Validation images", train: "Training images" };

// onProbe(i): an image was chosen, for which the layers are shown.
export function answers(onProbe) {
  const title = el("p", { class: "ck-title" });
  const row = el("div", { class: "ck-answers" });
  const own = el("div", { class: "ck-answer ck-own" });
  const element = el("div", { class: "ck-asked" }, title, el("div", { class: "ck-answers" }, row, own));
  const view = { cards: [], images: null };
  const show = (state) => {
    const { tests } = state;
    title.textContent = tests.images
      ? `${WORDS[tests.from]} and the three likeliest classes. The layers below are shown for the chosen one.` : "";
    if (tests.images && tests.images !== view.images) build(view, row, tests, onProbe);
    (tests.answers ?? []).forEach((top, i) => fill(view.cards[i], top, tests.truth[i], i === state.probe));
    showOwn(own, state.own);
  };
  return { element, show };
}

function build(view, row, tests, onProbe) {
  view.images = tests.images;
  const images = decodedOnce(tests.images);
  if (view.cards.length !== images.shape[0]) {
    view.cards = tests.truth.map((_, i) => card(() => onProbe(i)));
    row.replaceChildren(...view.cards.map(({ element }) => element));
  }
  view.cards.forEach(({ canvas }, i) => paint(canvas, images, i));
}

function card(onclick) {
  const canvas = el("canvas", { class: "ck-photo", "aria-hidden": "true" });
  const choose = el("button", { type: "button", class: "ck-choose", onclick }, canvas);
  const truth = el("p", { class: "ck-truth" });
  const bars = el("ol", { class: "ck-bars" });
  return { element: el("div", { class: "ck-answer" }, choose, truth, bars), choose, truth, bars, canvas };
}

function paint(canvas, images, i) {
  const [, height, width] = images.shape;
  canvas.width = width;
  canvas.height = height;
  const pixels = new ImageData(width, height);
  for (let p = 0; p < height * width; p += 1)
    for (let c = 0; c < 4; c += 1)
      pixels.data[4 * p + c] = c < 3 ? images.data[3 * (i * height * width + p) + c] : 255;
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

function fill({ choose, truth, bars }, top, name, chosen) {
  const right = top[0][0] === name;
  choose.setAttribute("aria-pressed", String(chosen));
  choose.setAttribute("aria-label", `${name}, answered ${top[0][0]}: show the layers for it`);
  const verdict = el("span", { class: right ? "ck-output" : "ck-error" }, right ? "right: " : "wrong: ");
  truth.replaceChildren(verdict, el("b", { title: name }, name));
  bars.replaceChildren(...top.map(([label, chance]) => bar(label, chance, label === name)));
}

function bar(label, chance, right) {
  const filled = el("i", { class: right ? "ck-right" : "" });
  filled.style.width = `${Math.round(100 * chance)}%`;
  return el("li", {}, filled, el("span", { title: label }, label), el("span", { class: "ck-chance" }, percent(chance)));
}

function showOwn(holder, own) {
  holder.hidden = !own.image;
  if (holder.hidden) return;
  const canvas = el("canvas", { class: "ck-photo", role: "img", "aria-label": "your picture, as the network gets it" });
  paint(canvas, decodedOnce(own.image), 0);
  const bars = el("ol", { class: "ck-bars" }, ...own.answers.map(([label, chance]) => bar(label, chance, false)));
  holder.replaceChildren(canvas, el("p", { class: "ck-truth" }, el("b", {}, "your picture")), bars);
}
