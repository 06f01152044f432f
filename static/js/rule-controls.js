// The small controls of a sentence. Each has a label for those who cannot see it, and the name of the field it sets:
// errors are shown and the focus is found again by that name.
import { h } from "./dom.js";
import { combobox } from "./rule-combobox.js";

const SPRITE = new URL("../vendor/tabler-icons-3.51.0/sprite.svg", import.meta.url);

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  Object.entries({ fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" }).forEach(([key, value]) => svg.setAttribute(key, value));
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${SPRITE.pathname}#${name}`);
  svg.append(use);
  return svg;
}

function field(label, control) {
  control.ariaLabel = label;
  return h("span", { className: "rb-field" }, control);
}

export const word = (text, className = "rb-word") => h("span", { className }, text);

// `options`: [key, words], or [heading, [[key, words], …]].
export function pick({ label, field: name, options, value, onchange }) {
  const flat = options.flatMap(([key, words]) => (Array.isArray(words) ? words : [[key, words]]));
  const isKnown = flat.some(([key]) => String(key) === String(value));
  const one = ([key, words]) => h("option", { value: key, selected: String(key) === String(value) }, words);
  const control = h("select", { className: "form-select", data: { field: name }, onchange: () => onchange(control.value) },
    ...options.filter(([, words]) => !Array.isArray(words) || words.length).map(([key, words]) => (Array.isArray(words) ? h("optgroup", { label: key }, ...words.map(one)) : one([key, words]))));
  if (!isKnown) control.prepend(h("option", { value: value ?? "", selected: true }, value === "" || value == null ? "choose …" : `${value} (unknown)`));
  return field(label, control);
}

export function numberBox({ label, field: name, value, onchange, onfocus, min, max, step = "any" }) {
  const limits = Object.fromEntries(Object.entries({ min, max }).filter(([, one]) => one !== undefined));
  const control = h("input", {
    className: "form-control rb-number", type: "number", step, value: value ?? "", inputMode: "decimal", ...limits, data: { field: name },
    oninput: () => onchange(control.value.trim() === "" ? null : Number(control.value)),
  });
  if (onfocus) control.addEventListener("focus", onfocus);
  return field(label, control);
}

export function textBox({ label, field: name, value, onchange, type = "text", placeholder }) {
  const control = h("input", { className: "form-control", type, value: value ?? "", placeholder: placeholder ?? "", autocomplete: "off", data: { field: name }, oninput: () => onchange(control.value) });
  return field(label, control);
}

// A day; a rule that names an exact time keeps it, as text.
export function dateBox({ label, field: name, value, onchange }) {
  const isDay = !value || /^\d{4}-\d\d-\d\d$/.test(value);
  return textBox({ label, field: name, value, onchange, type: isDay ? "date" : "text" });
}

export function small(name, label, onclick, more = {}) {
  return h("button", { type: "button", className: "rb-small", ariaLabel: label, title: label, onclick, ...more }, icon(name));
}

// Several values, each with its ×, and a field for the next.
export function tokens({ label, field: name, values, suggest, onchange, read = (text) => text, show = String }) {
  const add = (value) => {
    if (value === "" || values.some((one) => one === value)) return;
    onchange([...values, value]);
  };
  let typed = "";
  const chips = values.map((value, index) => h("span", { className: "rb-token" }, show(value),
    h("button", { type: "button", ariaLabel: `Remove ${show(value)}`, data: { field: `${name}[${index}]` }, onclick: () => onchange(values.filter((_, at) => at !== index)) }, icon("x"))));
  const next = combobox({
    label, field: name, value: "", placeholder: values.length ? "or …" : "choose or type", suggest,
    onpick: (option) => { typed = ""; add(option.value); }, ontype: (text) => { typed = text; }, onenter: (text) => { typed = ""; add(read(text.trim())); },
  });
  next.querySelector("input").addEventListener("change", () => add(read(typed.trim())));
  return h("span", { className: "rb-tokens" }, ...chips, next);
}
