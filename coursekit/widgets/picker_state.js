// What the task picker holds, in words and numbers: output, scores, verdict. Python says the same.

import { decode, numberText } from "./kit.js";

export const ENOUGH = 0.5; // the overlap from which a box counts as found
export const TRAITS = ["scene", "task", "choices", "boxes", "tiles", "compared", "answer"];

const decodedOnce = new WeakMap();

// The same numbers for the same parcel, so that the truth is read once.
export function decoded(parcel) {
  if (!decodedOnce.has(parcel)) decodedOnce.set(parcel, decode(parcel));
  return decodedOnce.get(parcel);
}

export function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const current = state.scene.tasks.find(({ name }) => name === state.task);
  return { ...state, current, labels: [...decoded(state.tiles).data] };
}

export function answered(state, name) {
  if (name === "detection") return state.boxes.length > 0;
  if (name === "segmentation") return state.labels.some((label) => label !== 0);
  return name in state.choices;
}

// ---- numbers ----

// Intersection over union of two boxes [left, top, right, bottom].
export function overlap(a, b) {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared);
}

export function overlaps(boxes, people) {
  return boxes.map((box) => people.map((person) => overlap(box, person)));
}

// The person that each box finds, or null; each person is found once, by its best box.
export function matched(table) {
  const pairs = table.flatMap((row, i) => row.map((value, j) => ({ value, i, j })));
  const found = table.map(() => null);
  pairs.sort((a, b) => b.value - a.value || a.i - b.i || a.j - b.j);
  for (const { value, i, j } of pairs)
    if (value >= ENOUGH && found[i] === null && !found.includes(j)) found[i] = j;
  return found;
}

// Of a map of tiles, against the truth: the part of right pixels and the mean IoU of the classes.
export function tileScores({ labels, scene }) {
  const truth = decoded(scene.labels).data;
  const across = scene.width / scene.tile;
  const [both, ours, theirs] = [0, 1, 2].map(() => new Array(scene.names.length).fill(0));
  for (let at = 0; at < truth.length; at += 1) {
    const [row, col] = [Math.floor(at / scene.width), at % scene.width];
    const label = labels[Math.floor(row / scene.tile) * across + Math.floor(col / scene.tile)];
    ours[label] += 1;
    theirs[truth[at]] += 1;
    if (label === truth[at]) both[label] += 1;
  }
  const unions = ours.map((n, label) => n + theirs[label] - both[label]);
  const ious = both.map((n, label) => n / unions[label]).filter((_, label) => unions[label] > 0);
  const right = both.reduce((sum, n) => sum + n, 0) / truth.length;
  return { right, mean: ious.reduce((sum, iou) => sum + iou, 0) / ious.length };
}

// What the student's function said, if it was asked about exactly this. Without a kernel, never.
function reply(state, name) {
  const found = state.answer[name];
  const asked = name === "iou" ? state.boxes : state.labels;
  return found && JSON.stringify(found.asked) === JSON.stringify(asked) ? found : null;
}

// Overlaps that count: the student's where there are some, otherwise the browser's.
export function table(state) {
  return reply(state, "iou")?.numbers ?? overlaps(state.boxes, state.scene.people);
}

// ---- words ----

export function percent(share) {
  return `${Math.floor(100 * share + 0.5)} %`;
}

function boxesText(number) {
  return `${number} box${number === 1 ? "" : "es"}`;
}

function tupleText(box) {
  return `(${box.map(numberText).join(", ")})`;
}

// The answer to the present task, written as the value that a program would return.
export function outputText(state) {
  const { current, scene } = state;
  if (current.name === "detection") return `[${state.boxes.map(tupleText).join(", ")}]`;
  if (current.name === "segmentation")
    return `array of shape (${scene.height}, ${scene.width}): ${shares(state)}`;
  const choice = state.choices[current.name];
  if (choice === undefined) return "?";
  if (current.name === "activity") return `(${tupleText(current.focus)}, "${choice}")`;
  return current.name === "verification" ? choice : `"${choice}"`;
}

function shares({ labels, scene }) {
  const counts = scene.names.map((name, label) => [name, labels.filter((one) => one === label).length]);
  const parts = counts.filter(([, n]) => n > 0);
  return parts.map(([name, n]) => `${percent(n / labels.length)} ${name}`).join(", ");
}

export function sentence(state) {
  const { current } = state;
  const start = `${current.title}: ${current.question}`;
  if (!answered(state, current.name)) return `${start} Not answered yet; the output is ${current.output}.`;
  const said = current.name === "detection" ? boxesText(state.boxes.length) : outputText(state);
  return `${start} Your output, ${current.output}: ${said}. ${verdict(state)}`.trim();
}

// How right the answer is, once it is compared with the truth; otherwise nothing.
export function verdict(state) {
  const { current } = state;
  if (!state.compared.includes(current.name) || !answered(state, current.name)) return "";
  if (current.name === "detection") return boxesVerdict(state);
  if (current.name === "segmentation") return tilesVerdict(state);
  return state.choices[current.name] === current.truth ? "Right." : `The truth is ${current.truth}.`;
}

function boxesVerdict(state) {
  const found = matched(table(state)).filter((person) => person !== null).length;
  const idle = state.boxes.length - found;
  const extra = idle > 0 ? `, ${boxesText(idle)} too many` : "";
  const text = `${found} of ${state.scene.people.length} people found${extra}; a box counts from an IoU of 0.5.`;
  return `${text} ${whose(reply(state, "iou"), differing(state))}`.trim();
}

function differing(state) {
  const ours = overlaps(state.boxes, state.scene.people).flat();
  const wrong = table(state).flat().filter((value, i) => Math.abs(value - ours[i]) > 1e-6).length;
  return wrong > 0 ? `${wrong} of ${ours.length} numbers differ from the course's.` : "";
}

function tilesVerdict(state) {
  const { right, mean } = tileScores(state);
  const best = tileScores({ scene: state.scene, labels: [...decoded(state.scene.tiles).data] }).mean;
  const said = reply(state, "mean_iou");
  const value = said?.numbers ?? mean;
  const differs = Math.abs(value - mean) > 1e-6 ? `The course's gives ${numberText(mean)}.` : "";
  const text = `${percent(right)} of the pixels are right, the mean IoU is ${numberText(value)}; `
    + `with the best class in every tile it would be ${numberText(best)}.`;
  return `${text} ${whose(said, differs)}`.trim();
}

function whose(said, differs) {
  if (!said) return "";
  if (said.problem) return `Your ${said.name} ${said.problem}. Scored by the course's.`;
  const owner = said.whose === "yours" ? "your" : "the course's";
  return `Scored by ${owner} ${said.name}. ${differs}`.trim();
}
