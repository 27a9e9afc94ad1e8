// The backward stepper's formula with live indices, its question, its legend, and whose numbers
// it draws.

import { colored, el, numberText, refill, soon, typedNumber, write } from "./kit.js";
import { classNames } from "./grid.js";
import { chosen, chosenText, gradients, indexText, outputShape, owner, answered, settingOf, terms, usesAlong } from "./backward_state.js";

const dout = (index) => colored("gradient", `dout[${index}]`);

// What the chosen gradient sums, in symbols.
function symbols({ mode }) {
  const [name, ...rest] = {
    dx: ["∂L/∂x[c, r, q] = Σ ", dout("f, i, j"), " · ", colored("weights", "w[f, c, u, v]"),
      "  over every output that read the pixel: i·s + u − p = r,  j·s + v − p = q"],
    dw: ["∂L/∂w[f, c, u, v] = Σ ", dout("f, i, j"), " · ",
      colored("input", "x[c, i·s + u − p, j·s + v − p]"), "  over every place (i, j)"],
    db: ["∂L/∂b[f] = Σ ", dout("f, i, j"), "  over every place (i, j)"],
  }[mode];
  return [name, ...rest];
}

// The same for the chosen number: which (i, u) and (j, v) there are, or how many places.
function numbers(state) {
  const [filters, rows, cols] = outputShape(state);
  const count = terms(state).length;
  if (state.mode !== "dx") return [`${rows} × ${cols} places: ${count} terms for ∂L/∂${chosenText(state)}`];
  const along = state.pixel.slice(1).map((position, axis) => usesAlong(position, [rows, cols][axis], settingOf(state)));
  const pairs = (list) => list.map((pair) => `(${pair.join(", ")})`).join(" ") || "none";
  const product = [...(filters > 1 ? [`${filters} filters`] : []), along[0].length, along[1].length];
  return [`(i, u): ${pairs(along[0])};  (j, v): ${pairs(along[1])};  ${product.join(" × ")} = ${count} terms`];
}

export function formula() {
  const element = el("div", { class: "ck-formula" });
  const show = (state) => {
    const lines = [el("p", {}, el("span", {}, ...symbols(state)))];
    if (outputShape(state) !== null && state.revealed)
      lines.push(el("p", { class: "ck-numbers" }, `${chosenText(state)}:  `, ...numbers(state)));
    refill(element, ...lines);
  };
  return { element, show };
}

// The question that stands where the gradient would be; `onAnswer` gets a number.
export function question(onAnswer) {
  const field = el("input", { type: "text", inputmode: "numeric", "aria-label": "Predicted number of terms" });
  const words = el("p");
  const complaint = el("p", { class: "ck-problem", role: "alert", hidden: true });
  const element = el("form", { class: "ck-question" }, words, field, el("button", { type: "submit" }, "Check"), complaint);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = typedNumber(field.value);
    complaint.hidden = value !== null;
    write(complaint, value === null ? "Type a number, for example 4." : "");
    if (value !== null) onAnswer(value);
  });
  const show = (state) => {
    if (!state.revealed && element.hidden) field.value = "";
    write(words, `How many terms does ∂L/∂${chosenText(state)} add up?`);
    element.hidden = state.revealed;
  };
  return { element, show };
}

// Whose backward the gradient's numbers come from, and how many of them are the sums.
export function whose(state) {
  const { answer } = state;
  if (!answer) return "";
  const name = `${owner(answer)} ${answer.name}`;
  if (answer.problem) return `${name}: ${answer.problem}.`;
  const own = answered(state);
  if (!own) return `${name} has not answered for these numbers yet.`;
  const right = gradients(state);
  const wrong = Object.entries(right).map(([mode, { data }]) => [mode, wrongCount(own[mode].data, data), data.length])
    .filter(([, count]) => count > 0);
  const verdict = wrong.map(([mode, count, all]) => `${count} of ${all} numbers of ${mode} differ from the sums`);
  return `Gradients by ${name[0].toLowerCase()}${name.slice(1)}: ${verdict.join("; ") || "all equal the sums"}.`;
}

function wrongCount(own, right) {
  return right.filter((value, i) => !close(own[i], value)).length;
}

// Whether two numbers are the same but for rounding in float32.
export function close(a, b) {
  return Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b));
}

const IN_SIGHT = 12; // rows of the ledger, above the current one or below
const AFTER_FRAME = 40; // milliseconds

// The terms so far, with the running sum; the current one is marked and scrolled to.
export function ledger() {
  const [body, lines] = [el("tbody"), []];
  let rest = null; // the rows out of sight follow once the others are painted
  const title = el("p", { class: "ck-title" });
  const head = el("tr", {}, ...["output", "adds", "sum"].map((name) => el("th", { scope: "col" }, name)));
  const table = el("table", { class: "ck-sum" }, el("thead", {}, head), body);
  const list = el("div", { class: "ck-ledger", role: "region", tabindex: 0, "aria-label": "Terms of the sum" }, table);
  const element = el("div", { class: "ck-block" }, title, list);
  const show = (state) => {
    element.hidden = !state.revealed || outputShape(state) === null;
    refill(title, colored("gradient", `∂L/∂${indexText(state.mode[1], chosen(state))}`), ", term by term");
    const all = terms(state);
    while (lines.length < all.length) lines.push(line());
    let sum = 0;
    const fills = all.map((term, n) => {
      const said = numberText((sum += term.dout * term.factor));
      const look = classNames([n >= state.term && "ck-later", n === state.term - 1 && "ck-now"]);
      return () => fill(lines[n], term, n < state.term ? said : "", look);
    });
    const [first, end] = [state.term - IN_SIGHT, state.term + IN_SIGHT];
    fills.slice(Math.max(first, 0), end).forEach((fillOne) => fillOne());
    clearTimeout(rest);
    rest = setTimeout(() => fills.forEach((fillOne) => fillOne()), AFTER_FRAME);
    const rows = lines.slice(0, all.length).map(({ element: row }) => row);
    if (body.children.length !== rows.length) body.replaceChildren(...rows);
    const current = rows[state.term - 1];
    // Asked now, the places would have the whole page laid out before all is drawn.
    if (current) soon(() => (list.scrollTop = current.offsetTop - list.clientHeight + current.offsetHeight + 4));
  };
  return { element, show };
}

// A row of the ledger is made once and filled anew, which the page lays out more quickly.
function line() {
  const parts = { place: el("th", { scope: "row" }), share: colored("gradient", ""), times: el("span"),
    factor: el("span"), product: el("span"), sum: el("td") };
  const adds = el("td", {}, parts.share, parts.times, parts.factor, parts.product);
  return { ...parts, element: el("tr", {}, parts.place, adds, parts.sum) };
}

function fill(row, { place, dout: share, factor, name }, sum, state) {
  const other = name === "padding" ? "0 (padding)" : numberText(factor);
  row.element.className = state;
  row.factor.className = name.startsWith("w") ? "ck-weights" : "ck-input";
  write(row.place, `[${place.join(", ")}]`);
  write(row.share, numberText(share));
  write(row.times, name ? " × " : "");
  write(row.factor, name ? other : "");
  write(row.product, name ? ` = ${numberText(share * factor)}` : "");
  write(row.sum, sum);
}

export function legend() {
  const mark = (look, text) => el("span", {}, el("i", { class: look }), text);
  const element = el("div", { class: "ck-legend" }, mark("ck-used ck-added", "output in the sum"),
    mark("ck-used", "still to come"), mark("ck-window", "its window"), mark("ck-ring", "padding, zeros"));
  return { element };
}
