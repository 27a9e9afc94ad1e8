// The architecture explorer: a list of bars for one network or two, and one layer with its formulas.

import { choice, clamp, el, frame, grouped, soon, unique, update, watch, write } from "./kit.js";
import { ORDERS, QUANTITIES, SCALES, SHOWN, TRAITS, footText, hue, largest, length, movedTo, readState, rowsShown,
  sentence } from "./explorer_state.js";

// ---- settings ----

// A menu of names; `none` is what "" is called, where it may be chosen.
function menu(label, onChange, none) {
  const select = el("select", { "aria-label": label });
  select.addEventListener("change", () => onChange(select.value));
  const show = (names, chosen) => {
    const options = [...(none ? [["", none]] : []), ...names.map((name) => [name, name])];
    const key = JSON.stringify(options);
    if (select.dataset.key !== key)
      select.replaceChildren(...options.map(([value, name]) => el("option", { value }, name)));
    select.dataset.key = key;
    if (select.value !== chosen) select.value = chosen;
  };
  return { element: el("label", { class: "ck-menu" }, el("span", {}, label), select), show };
}

function settings(model) {
  const set = (name) => (value) => update(model, { [name]: value });
  const network = menu("Network", (value) => update(model, { network: value, side: 0, layer: 1 }));
  const compared = menu("Compare with", (value) => update(model, { compared: value, side: 0 }), "nothing");
  const choices = Object.entries({ quantity: QUANTITIES, order: ORDERS, scale: SCALES, shown: SHOWN }).map(
    ([name, words]) => [name, choice(TITLES[name], words, set(name))]);
  const element = el("div", { class: "ck-settings" }, network.element, compared.element,
    ...choices.map(([, one]) => one.element));
  const show = (state) => {
    network.show(Object.keys(state.tables), state.network);
    compared.show(Object.keys(state.tables).filter((name) => name !== state.network), state.compared);
    for (const [name, one] of choices) one.show(state[name]);
  };
  return { element, show };
}

const TITLES = { quantity: "Bars show", order: "Sort", scale: "Scale", shown: "List" };

// ---- a list of bars ----

function barList(model, side) {
  const box = el("div", { class: "ck-bars", role: "listbox", tabindex: 0 });
  const [title, foot] = [el("p", { class: "ck-title" }), el("p", { class: "ck-foot" })];
  const element = el("div", { class: "ck-network" }, title, box, foot);
  const list = { element, box, title, foot, side, name: unique("layers"), rows: [], parts: new Map(), built: "", looks: [] };
  box.addEventListener("keydown", (event) => pressed(list, model, event));
  box.addEventListener("focus", () => takeOver(list, model));
  return list;
}

function takeOver(list, model) {
  const state = readState(model);
  if (state.side !== list.side && state.names.length > list.side) choose(list, model, list.rows[0]);
}

function choose(list, model, row) {
  update(model, { layer: row, side: list.side });
}

function pressed(list, model, event) {
  const state = readState(model);
  const other = { ArrowLeft: 0, ArrowRight: 1 }[event.key];
  const at = Math.max(0, list.rows.indexOf(state.row));
  const target = movedTo(event.key, at, list.rows.length);
  if (target !== null) choose(list, model, list.rows[target]);
  else if (other !== undefined && other !== list.side && state.names.length === 2) list.across();
  else return;
  event.preventDefault();
}

const LOOKS = TRAITS.filter((name) => !["layer", "side"].includes(name));

// Another layer is often all that is new.
function showList(list, state, model) {
  const name = state.names[list.side];
  list.element.hidden = name === undefined;
  if (name === undefined) return;
  const looks = LOOKS.map((trait) => state[trait]);
  if (looks.some((look, i) => look !== list.looks[i])) fill(list, state, model, name);
  list.looks = looks;
  select(list, state);
}

// Rows are made anew for other layers or another order; otherwise only their bars change.
function fill(list, state, model, name) {
  const parcel = state.tables[name];
  list.rows = rowsShown(parcel, state);
  const key = JSON.stringify([parcel.names, list.rows]);
  if (list.built !== key) build(list, parcel, model);
  list.built = key;
  write(list.title, name);
  write(list.foot, footText(parcel, state.quantity));
  list.box.setAttribute("aria-label", `Layers of ${name}`);
  paintBars(list, parcel, state);
}

function build(list, parcel, model) {
  list.parts = new Map();
  const rows = list.rows.map((row) => {
    const part = newRow(list, parcel, row);
    part.element.addEventListener("click", () => choose(list, model, row));
    list.parts.set(row, part);
    return part.element;
  });
  list.box.replaceChildren(...rows);
}

function newRow(list, parcel, row) {
  const bar = el("i", { class: `ck-length ck-hue-${hue(parcel.kinds[row])}` });
  const number = el("span", { class: "ck-number" });
  const element = el("div", { role: "option", class: "ck-layer", id: `${list.name}-${row}` },
    el("span", { class: "ck-name", title: parcel.names[row] }, parcel.labels[row]),
    el("span", { class: "ck-kind", title: parcel.kinds[row] }, parcel.kinds[row]), el("span", { class: "ck-shape" }, parcel.shapes[row]),
    el("span", { class: "ck-track" }, bar), number);
  return { element, bar, number };
}

function paintBars(list, parcel, state) {
  const most = largest(state);
  const decade = state.scale === SCALES[1] ? `${100 / Math.log10(1 + most)}%` : "100%";
  list.box.style.setProperty("--decade", decade);
  for (const [row, part] of list.parts) {
    const value = parcel.values[state.quantity][row];
    part.bar.style.width = `${100 * length(value, most, state.scale)}%`;
    write(part.number, value ? grouped(value) : "–");
  }
}

function select(list, state) {
  const row = state.side === list.side ? state.row : -1;
  for (const [number, { element }] of list.parts) {
    const chosen = String(number === row);
    if (element.getAttribute("aria-selected") !== chosen) element.setAttribute("aria-selected", chosen);
  }
  const part = list.parts.get(row);
  if (part) {
    list.box.setAttribute("aria-activedescendant", part.element.id);
    soon(() => reveal(list.box, part.element)); // when all is drawn: it has the page laid out
  } else list.box.removeAttribute("aria-activedescendant");
}

// Scroll the list, and never the page.
function reveal(box, row) {
  const [top, bottom] = [row.offsetTop, row.offsetTop + row.offsetHeight];
  box.scrollTop = clamp(box.scrollTop, bottom - box.clientHeight, top);
}

// ---- one layer ----

function details() {
  const title = el("p", { class: "ck-title" });
  const lines = ["output", ...QUANTITIES].map((name) => {
    const value = el("dd");
    return { name, value, row: el("div", {}, el("dt", {}, name), value) };
  });
  const list = el("dl", {}, ...lines.map(({ row }) => row));
  const element = el("div", { class: "ck-details" }, title, list);
  const show = ({ parcel, row, quantity, names, side }) => {
    write(title, `${parcel.labels[row]} of ${names[side]}: ${parcel.kinds[row]}`);
    for (const line of lines) {
      write(line.value, parcel.formulas[line.name]?.[row] ?? parcel.shapes[row]);
      line.row.classList.toggle("ck-asked", line.name === quantity);
    }
  };
  return { element, show };
}

// ---- the page ----

function legend() {
  const mark = (role, words) => el("span", {}, el("i", { class: `ck-hue-${role}` }), words);
  return el("div", { class: "ck-legend" }, mark("weights", "convolution"), mark("output", "fully connected"),
    mark("input", "pooling"), mark("gray", "other"),
    el("span", { class: "ck-muted-note" }, "Click a layer, or move with the arrow keys."));
}

function render({ model, el: el_ }) {
  const shell = frame(el_, model, "Architecture explorer");
  shell.root.classList.add("ck-explorer");
  const [controls, card] = [settings(model), details()];
  const both = [barList(model, 0), barList(model, 1)];
  for (const list of both) list.across = () => both[1 - list.side].box.focus({ preventScroll: true });
  const stage = el("div", { class: "ck-stage" }, ...both.map((list) => list.element), card.element);
  shell.body.append(controls.element, stage, legend());
  const draw = () => {
    const state = readState(model);
    stage.classList.toggle("ck-two", state.names.length === 2);
    controls.show(state);
    for (const list of both) showList(list, state, model);
    card.show(state);
    shell.say(sentence(state));
  };
  draw();
  return watch(model, TRAITS, draw);
}

export default { render };
