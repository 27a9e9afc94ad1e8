// The live trainer: news from the kernel's training thread, drawn when the browser has time, and
// the wishes of the hand sent back. Without a kernel the last state stays to be looked at.

import { el, frame, onKernelGone, unique, update } from "./kit.js";
import { addLosses, landed, lossRow, readState, SETTINGS, SHOWN } from "./live_trainer_state.js";
import { charts } from "./live_trainer_charts.js";
import { layers } from "./live_trainer_layers.js";
import { answers } from "./live_trainer_answers.js";
import { controls, readouts, workshop } from "./live_trainer_controls.js";

const NO_KERNEL = "Recorded: to train, open the notebook and run this cell. Layers can be looked at here.";
const NO_ANSWER = "The kernel does not answer. If it was restarted, run this cell again.";
const [UNANSWERED, STILL_COMPUTING, ALIVE] = [4000, 3000, 1000]; // milliseconds

// ---- the conversation with the kernel ----

function conversation(model, { onNews, onNote }) {
  const view = unique("view");
  const link = { known: false, waiting: null, heard: 0, told: 0, computing: false, gone: false };
  const send = (content, buffers) => {
    try {
      model.send(content, undefined, buffers);
    } catch {
      onNote(NO_ANSWER); // its comm is closed
    }
  };
  const ask = (wish, buffers) => {
    clearTimeout(link.waiting);
    link.waiting = setTimeout(() => onNote(link.known ? NO_ANSWER : NO_KERNEL, link.known), UNANSWERED);
    send({ ...wish, view }, buffers);
  };
  const here = (now) => {
    if (now - link.told < ALIVE) return;
    link.told = now;
    send({ do: "here", view });
  };
  const receive = (message, buffers) => {
    clearTimeout(link.waiting);
    link.heard = performance.now();
    if (!link.known || link.computing) onNote("", true);
    Object.assign(link, { known: true, computing: false });
    here(link.heard);
    onNews(message, buffers, ask);
  };
  const tick = () => {
    const silent = performance.now() - link.heard;
    if (!link.known || link.gone || model.get("phase") !== "running" || silent < STILL_COMPUTING) return;
    link.computing = true;
    here(performance.now());
    onNote(`Still computing a batch, for ${Math.round(silent / 1000)} s.`, true);
  };
  model.on("msg:custom", receive);
  onKernelGone(model, () => {
    clearTimeout(link.waiting);
    link.gone = true;
    onNote("", false); // the frame has a note of it
  });
  const timer = setInterval(tick, ALIVE);
  if (model.widget_manager) ask({ do: "hello" });
  const end = () => {
    clearInterval(timer);
    clearTimeout(link.waiting);
    model.off("msg:custom", receive);
    send({ do: "bye", view });
  };
  return { ask, end };
}

// ---- files ----

function download(name, data) {
  const link = el("a", { download: name, href: URL.createObjectURL(new Blob([data], { type: "application/json" })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// The pixels of a picture file, at most 256 a side: {size: [rows, cols], data: bytes}.
async function pixelsOf(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, 256 / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const pen = new OffscreenCanvas(width, height).getContext("2d");
  pen.drawImage(bitmap, 0, 0, width, height);
  const rgba = pen.getImageData(0, 0, width, height).data;
  return { size: [height, width], data: rgba.filter((_, i) => i % 4 < 3).buffer };
}

// ---- the page ----

function build(model, el_) {
  const shell = frame(el_, model, "Live trainer");
  shell.root.classList.add("ck-trainer");
  const note = el("p", { class: "ck-note", role: "status" });
  const link = { ask: () => {} };
  const ask = (wish, buffers) => link.ask(wish, buffers);
  const files = {
    load: async (file) => ask({ do: "load" }, [await file.arrayBuffer()]),
    picture: (file) => pixelsOf(file).then(({ size, data }) => ask({ do: "own", size }, [data]))
      .catch(() => (note.textContent = "This file is no picture that a browser can read.")),
  };
  const buttons = controls(ask, (name, value) => update(model, { [name]: value }));
  const tools = workshop(ask, files);
  const [numbers, curves, network] = [readouts(), charts(), layers()];
  const asked = answers((i) => update(model, { probe: i }));
  shell.body.append(note, buttons.element, shell.sentence, numbers.element, curves.element, asked.element,
    tools.saving, network.element, tools.changing);
  const parts = { buttons, tools, numbers, curves, network, asked };
  const enable = (enabled) => {
    for (const part of [buttons.element, tools.saving, tools.changing, asked.element])
      for (const each of part.querySelectorAll("button, input, textarea")) each.disabled = !enabled;
  };
  const say = (text, enabled) => {
    note.textContent = text;
    note.hidden = text === "";
    page.enabled = enabled;
    enable(enabled);
  };
  const page = { shell, parts, say, enable, link, enabled: false };
  return page;
}

// What has to be drawn anew when a value has changed.
const SHOWS = {
  numbers: ["readouts", "totals"],
  curves: ["curves", "graph_start", "readouts"],
  network: ["layers", "pictures"],
  asked: ["tests", "own", "probe"],
  buttons: ["phase", "readouts", ...SETTINGS],
  tools: ["definition", "totals", "has_pretrained"],
};

function painter(page, state, losses) {
  const due = new Set();
  let frameAsked = 0;
  const draw = () => {
    frameAsked = 0;
    for (const [part, names] of Object.entries(SHOWS))
      if (names.some((name) => due.has(name))) page.parts[part].show(state, losses);
    if (due.has("tests")) page.enable(page.enabled); // new buttons
    due.clear();
    page.shell.sentence.setAttribute("aria-live", state.phase === "running" ? "off" : "polite");
    page.shell.say(state.sentence);
  };
  return {
    draw,
    mark(names) {
      for (const name of names) due.add(name);
      frameAsked ||= requestAnimationFrame(draw);
    },
    stop: () => cancelAnimationFrame(frameAsked),
  };
}

// Canvases keep the colors they were painted in; called when the page changes from light to dark.
function onTheme(repaint) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(repaint);
  for (const part of [document.documentElement, document.body])
    observer.observe(part, { attributeFilter: ["data-jp-theme-light", "data-ck-scheme", "theme", "class"] });
  dark.addEventListener("change", repaint);
  return () => {
    observer.disconnect();
    dark.removeEventListener("change", repaint);
  };
}

// New curves: a whole set from a trait, or a piece from a message. A missing piece is asked for.
function takeCurves(state, losses, curves, ask) {
  if (curves.loss && curves.loss.shape[0] + curves.from === 0) losses.count = 0;
  if (curves.loss && !addLosses(losses, curves)) ask({ do: "hello" });
  state.curves = { ...state.curves, ...curves };
}

function render({ model, el: el_ }) {
  const page = build(model, el_);
  const [state, losses] = [readState(model), lossRow()];
  const paint = painter(page, state, losses);
  takeCurves(state, losses, state.curves, page.link.ask);
  const onNews = (message, buffers, ask) => {
    if (message.kind === "file") download(message.name, buffers[0]);
    if (message.kind !== "news") return;
    const values = landed(message.values, buffers);
    if (values.curves) takeCurves(state, losses, values.curves, ask);
    Object.assign(state, { ...values, curves: state.curves });
    paint.mark(Object.keys(values));
  };
  const names = [...SHOWN, ...SETTINGS];
  const follow = Object.fromEntries(names.map((name) => [name, () => {
    if (name === "curves") takeCurves(state, losses, model.get(name), page.link.ask);
    else state[name] = model.get(name);
    paint.mark([name]);
  }]));
  for (const name of names) model.on(`change:${name}`, follow[name]);
  page.say(model.widget_manager ? "Waiting for the kernel." : NO_KERNEL, false);
  Object.assign(page.link, conversation(model, { onNews, onNote: page.say }));
  const resized = new ResizeObserver(() => paint.mark(["curves", "pictures"]));
  resized.observe(page.parts.curves.element);
  const forgetTheme = onTheme(() => paint.mark(["curves", "pictures"]));
  paint.mark(names);
  paint.draw();
  return () => {
    for (const name of names) model.off(`change:${name}`, follow[name]);
    resized.disconnect();
    forgetTheme();
    paint.stop();
    page.link.end();
  };
}

export default { render };
