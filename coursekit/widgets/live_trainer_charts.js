// Curves on canvases: loss, accuracies, gradients by layer. Drawn when the browser is ready for a
// new frame, whatever the pace of the news.

import { decodedOnce, el } from "./kit.js";
import { binned, percent, pushedApart, shortNumber, smoothed, ticks } from "./live_trainer_state.js";

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [190, 44, 10, 10, 24];
const FONT = '12px system-ui, "Liberation Sans", sans-serif';
const ROLES = ["text", "muted", "line", "input", "weights", "output", "gradient"];
const DASHES = [[], [6, 3], [2, 3]];

// ---- colors: a canvas knows no variables, so a hidden element reads them ----

function palette(root) {
  const probe = el("span", { hidden: true });
  root.append(probe);
  const read = (role) => {
    probe.style.color = `var(--ck-${role})`;
    return getComputedStyle(probe).color;
  };
  const colors = Object.fromEntries(ROLES.map((role) => [role, read(role)]));
  probe.remove();
  return colors;
}

// ---- a chart: a titled canvas with axes ----

function chart(title, unit) {
  const canvas = el("canvas", { class: "ck-chart", role: "img" });
  const caption = el("figcaption", {}, `${title} `, el("span", { class: "ck-unit" }, unit));
  return { element: el("figure", { class: "ck-figure" }, caption, canvas), canvas, title };
}

// Clears the canvas; the pen's functions take data coordinates.
function begin({ canvas }, colors, { x, y, right = RIGHT, yText = String }) {
  const [width, dpr] = [canvas.clientWidth || 300, globalThis.devicePixelRatio || 1];
  canvas.width = Math.round(width * dpr);
  canvas.height = HEIGHT * dpr;
  const pen = canvas.getContext("2d");
  pen.scale(dpr, dpr);
  pen.font = FONT;
  const along = (value) => LEFT + ((value - x[0]) / (x[1] - x[0] || 1)) * (width - LEFT - right);
  const up = (value) => HEIGHT - BOTTOM - ((value - y[0]) / (y[1] - y[0] || 1)) * (HEIGHT - TOP - BOTTOM);
  const drawing = { pen, along, up, colors, width, right };
  axes(drawing, x, y, yText);
  return drawing;
}

function axes({ pen, along, up, colors, width, right }, x, y, yText) {
  pen.lineWidth = 1;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  for (const value of ticks(...y)) {
    line({ pen }, [[LEFT, up(value)], [width - right, up(value)]], colors.line);
    pen.fillStyle = colors.muted;
    pen.fillText(yText(value), LEFT - 6, up(value));
  }
  pen.textAlign = "center";
  for (const value of ticks(...x).filter(Number.isInteger))
    pen.fillText(value.toLocaleString("en-US"), along(value), HEIGHT - BOTTOM / 2 + 2);
}

// Points in pixels, joined.
function line({ pen }, points, color, { dash = [], width = 1 } = {}) {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.stroke();
  pen.setLineDash([]);
}

// Dashed lines where a setting was changed, with what it became.
function drawMarks({ pen, along, colors }, marks, start) {
  marks.filter(([step]) => step >= start).forEach(([step, text], i) => {
    line({ pen }, [[along(step), TOP], [along(step), HEIGHT - BOTTOM]], colors.muted, { dash: [2, 3] });
    pen.fillStyle = colors.text;
    pen.textAlign = along(step) > 200 ? "right" : "left";
    pen.fillText(text, along(step) + (pen.textAlign === "left" ? 4 : -4), TOP + 6 + 14 * (i % 3));
  });
}

// Names at the right ends of curves, apart from each other.
function drawNames({ pen, colors, width, right }, names) {
  const places = pushedApart(names.map(({ y }) => y), 13, HEIGHT - BOTTOM + 4);
  pen.textAlign = "left";
  names.forEach(({ text, color }, i) => {
    pen.fillStyle = color ?? colors.text;
    pen.fillText(text, width - right + 6, places[i]);
  });
}

function drawNothing({ pen, colors, width }, text) {
  pen.fillStyle = colors.muted;
  pen.textAlign = "center";
  pen.fillText(text, width / 2, HEIGHT / 2);
}

// ---- the three of them ----

export function charts() {
  const loss = chart("Loss", "of every batch, nats");
  const accuracy = chart("Accuracy", "share of right answers");
  const gradients = chart("Gradients by layer", "root mean square, powers of ten");
  const element = el("div", { class: "ck-charts" }, loss.element, accuracy.element, gradients.element);
  const show = (state, losses) => {
    const colors = palette(element);
    drawLoss(loss, colors, state, losses);
    drawAccuracy(accuracy, colors, state, losses);
    drawGradients(gradients, colors, state, losses);
  };
  return { element, show };
}

function span(state, losses) {
  return [state.graph_start, Math.max(losses.count, state.graph_start + 10)];
}

function drawLoss(chart_, colors, state, losses) {
  const bins = binned(losses, state.graph_start, 160).filter((bin) => bin.every(Number.isFinite));
  const most = Math.min(Math.max(...bins.map((bin) => bin[3]), 0.1), 12);
  const drawing = begin(chart_, colors, { x: span(state, losses), y: [0, most] });
  const { along, up } = drawing;
  const clipped = (value) => up(Math.min(value, most));
  const range = bins.map((bin) => [along(bin[0]), clipped(bin[3])]);
  line(drawing, range, colors.line, { width: 1.5 });
  const means = smoothed(bins.map((bin) => bin[2]));
  line(drawing, bins.map((bin, i) => [along(bin[0]), clipped(means[i])]), colors.input, { width: 2 });
  drawMarks(drawing, state.curves.marks ?? [], state.graph_start);
  if (bins.length === 0) drawNothing(drawing, "not trained yet");
  const ends = bins.length > 1 ? ` from ${shortNumber(means[0])} to ${shortNumber(means.at(-1))}` : "";
  chart_.canvas.setAttribute("aria-label", `Loss${ends}, ${losses.count} steps`);
}

function drawAccuracy(chart_, colors, state, losses) {
  const rows = (state.curves.measures ?? []).filter(([step]) => step >= state.graph_start);
  const drawing = begin(chart_, colors, { x: span(state, losses), y: [0, 1], right: 70,
    yText: (value) => `${Math.round(100 * value)} %` });
  const names = ["training", "validation", "test"].flatMap((text, i) => {
    const points = rows.filter((row) => row[i + 1] !== null)
      .map((row) => [drawing.along(row[0]), drawing.up(row[i + 1])]);
    if (points.length === 0) return [];
    const color = [colors.input, colors.weights, colors.output][i];
    line(drawing, points, color, { width: 2, dash: DASHES[i] });
    dot(drawing, points.at(-1), color);
    return [{ text, color, y: points.at(-1)[1] }];
  });
  drawNames(drawing, names);
  if (names.length === 0) drawNothing(drawing, "not measured yet");
  const said = ["training", "validation", "test"].map((name) => [name, state.readouts[`${name === "training" ? "train" : name}_accuracy`]])
    .filter(([, share]) => share !== null && share !== undefined).map(([name, share]) => `${name} ${percent(share)}`);
  chart_.canvas.setAttribute("aria-label", `Accuracy: ${said.join(", ") || "not measured yet"}`);
}

function dot({ pen }, [x, y], color) {
  pen.fillStyle = color;
  pen.beginPath();
  pen.arc(x, y, 3, 0, 7);
  pen.fill();
}

function drawGradients(chart_, colors, state, losses) {
  const { steps = [], names = [], values } = state.curves.gradients ?? {};
  const table = values ? decodedOnce(values).data : [];
  const logs = (layer) => steps.map((step, row) => [step, Math.log10(table[row * names.length + layer])])
    .filter(([step, log]) => step >= state.graph_start && Number.isFinite(log));
  const curves = names.map((_, layer) => logs(layer));
  const all = curves.flat().map(([, log]) => log);
  const y = all.length ? [Math.floor(Math.min(...all)), Math.ceil(Math.max(...all) + 0.01)] : [-4, 0];
  const drawing = begin(chart_, colors, { x: span(state, losses), y, right: 70,
    yText: (power) => (Number.isInteger(power) ? `1e${power}`.replace("-", "−") : "") });
  const ends = curves.flatMap((points, layer) => {
    if (points.length === 0) return [];
    const share = names.length > 1 ? layer / (names.length - 1) : 0;
    const color = `color-mix(in srgb, ${colors.gradient} ${Math.round(100 * share)}%, ${colors.input})`;
    const drawn = points.map(([step, log]) => [drawing.along(step), drawing.up(log)]);
    line(drawing, drawn, color, { width: 1.5, dash: DASHES[layer % 3] });
    return [{ text: spoken(names[layer], state.layers), y: drawn.at(-1)[1] }];
  });
  drawNames(drawing, ends);
  if (ends.length === 0) drawNothing(drawing, "not trained yet");
  const last = curves.map((points, i) => [names[i], points.at(-1)]).filter(([, end]) => end);
  const said = last.map(([name, [, log]]) => `${spoken(name, state.layers)} ${shortNumber(10 ** log)}`).join(", ");
  chart_.canvas.setAttribute("aria-label", `Gradients by layer: ${said || "not trained yet"}`);
}

// A layer that has only a number is called by its kind, too.
function spoken(name, layers) {
  const kind = layers.find((layer) => layer.name === name)?.kind ?? "";
  return /^\d+$/.test(name) ? `${name} ${kind}` : name;
}
