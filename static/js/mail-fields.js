// The labelled fields of the settings. Each writes into the document by the id of its block and a path, carries the place
// by which the server names mistakes, and is found again after a redraw by that place.
import { h } from "./dom.js";
import { icon } from "./rule-controls.js";

let made = 0;

// ["cases", 0, "then"] as the server writes it.
const dotted = (path) => path.reduce((text, key) => (typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${key}` : key), "");
export const placeOf = (id, path) => (id ? `blocks.${id}.${dotted(path)}` : dotted(path));

// A control with its label above, tools beside the label, and room for mistakes below. `control` needs an id.
export function field({ label, place, control, tools = [], hint = "", above = null, isQuiet = false }) {
  control.id ||= `me-${++made}`;
  const noted = h("p", { className: "me-note", role: "status", hidden: true });
  return h("div", { className: "me-field", data: { place } },
    h("div", { className: "me-label" }, h("label", { htmlFor: control.id, className: isQuiet ? "visually-hidden" : "" }, label), ...tools),
    above, control, hint ? h("p", { className: "me-hint" }, hint) : null, noted, h("p", { className: "me-error", hidden: true }));
}

const keyed = (place) => ({ key: place });

// A line, or several with `rows`; `tools(control)` may add buttons that write into it.
export function textField(ctx, { id, path, label, rows = 0, hint = "", placeholder = "", isLiquid = true, isMarkdown = false, isCode = false, isQuiet = false, tools = [] }) {
  const place = placeOf(id, path);
  const value = String(ctx.doc.get(id, path) ?? "");
  const control = h(rows ? "textarea" : "input", {
    className: `form-control${isCode ? " me-code" : ""}`, value, placeholder, data: keyed(place), spellcheck: !isCode, autocomplete: "off", ...(rows ? { rows } : { type: "text" }),
    oninput: () => ctx.doc.set(id, path, control.value),
  });
  const buttons = isLiquid ? [ctx.inserter(control, label)] : [];
  if (isLiquid) ctx.pasting(control);
  return field({ label, place, control, hint, isQuiet, tools: [...buttons, ...tools], above: isMarkdown ? ctx.formatting(control) : null });
}

export function selectField(ctx, { id, path, label, options, hint = "", isNumber = false, fallback, change, isQuiet = false, tools = [], empty = "choose …" }) {
  const place = placeOf(id, path);
  const value = ctx.doc.get(id, path) ?? fallback ?? "";
  const isKnown = options.some(([key]) => String(key) === String(value));
  const control = h("select", { className: "form-select", data: keyed(place), onchange: () => {
    const chosen = isNumber ? Number(control.value) : control.value;
    if (change) change(chosen);
    else ctx.doc.set(id, path, chosen, { isForm: true });
  } },
  ...(isKnown ? [] : [h("option", { value, selected: true }, value === "" ? empty : `${value} (unknown)`)]),
  ...options.map(([key, words]) => h("option", { value: key, selected: String(key) === String(value) }, words)));
  return field({ label, place, control, hint, isQuiet, tools });
}

export function numberField(ctx, { id, path, label, min, max, unit = "", placeholder = "", fallback = "" }) {
  const place = placeOf(id, path);
  const control = h("input", {
    className: "form-control me-number", type: "number", min, max, step: 1, placeholder, value: ctx.doc.get(id, path) ?? fallback, data: keyed(place), inputMode: "numeric",
    oninput: () => ctx.doc.set(id, path, control.value.trim() === "" ? undefined : Number(control.value)),
  });
  return field({ label: unit ? `${label} (${unit})` : label, place, control });
}

export function checkField(ctx, { id, path, label, fallback = false }) {
  const place = placeOf(id, path);
  const box = h("input", { type: "checkbox", className: "form-check-input", checked: ctx.doc.get(id, path) ?? fallback, data: keyed(place), onchange: () => ctx.doc.set(id, path, box.checked) });
  return h("div", { className: "me-field me-check", data: { place } }, h("label", { className: "form-check" }, box, h("span", { className: "form-check-label" }, label)), h("p", { className: "me-error", hidden: true }));
}

// A colour; without one the mail keeps the house's, which is shown.
export function colourField(ctx, { id, path, label, fallback }) {
  const place = placeOf(id, path);
  const isSet = ctx.doc.get(id, path) !== undefined;
  const control = h("input", { type: "color", className: "form-control form-control-color me-colour", value: ctx.doc.get(id, path) ?? fallback, data: keyed(place), oninput: () => ctx.doc.set(id, path, control.value) });
  const back = isSet ? [smallButton("x", `${label}: as usual`, () => ctx.doc.set(id, path, undefined, { isForm: true }), { data: { key: `${place} back` } })] : [];
  return field({ label, place, control, tools: back });
}

// One of a few, all in sight.
export function choiceField(ctx, { id, path, label, options, fallback }) {
  const place = placeOf(id, path);
  const value = ctx.doc.get(id, path) ?? fallback;
  const name = `me-choice-${++made}`;
  const one = ([key, words]) => h("label", { className: "me-segment" },
    h("input", { type: "radio", name, value: key, checked: key === value, data: keyed(`${place}=${key}`), onchange: () => ctx.doc.set(id, path, key) }), h("span", {}, words));
  return h("fieldset", { className: "me-field", data: { place } }, h("legend", { className: "me-legend" }, label), h("div", { className: "me-segments" }, ...options.map(one)), h("p", { className: "me-error", hidden: true }));
}

export function smallButton(name, label, onclick, more = {}) {
  return h("button", { type: "button", className: "rb-small", ariaLabel: label, title: label, onclick, ...more }, icon(name));
}

export function linkButton(words, onclick, { name = null, ...more } = {}) {
  return h("button", { type: "button", className: "me-link", onclick, ...more }, name ? icon(name) : null, words);
}

// Says beside a field what was done to it.
export function note(control, text, isWrong = false) {
  const line = control.closest(".me-field")?.querySelector(":scope > .me-note");
  if (!line) return;
  line.textContent = text;
  line.classList.toggle("me-note-wrong", isWrong);
  line.hidden = !text;
}

// The focus, as what finds it again: the key of a control and where the caret stood.
export function focusIn(host) {
  const control = document.activeElement?.closest?.("[data-key]");
  if (!control || !host.contains(control)) return null;
  const hasCaret = control.matches("textarea, input[type=text]");
  return { key: control.dataset.key, caret: hasCaret ? [control.selectionStart, control.selectionEnd] : null };
}

export function focusOn(host, at) {
  const control = at && [...host.querySelectorAll("[data-key]")].find((one) => one.dataset.key === at.key);
  if (!control) return false;
  control.focus({ preventScroll: true });
  if (at.caret && control.setSelectionRange) control.setSelectionRange(...at.caret.map((n) => Math.min(n, control.value.length)));
  return true;
}
