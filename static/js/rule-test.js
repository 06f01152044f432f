// A value of the data compared with one of the rule: operator and value of a trait, a property or a column.
import { among, combobox } from "./rule-combobox.js";
import { dateBox, numberBox, pick, small, textBox, tokens, word } from "./rule-controls.js";
import { MONTHS, comparesTwo, conform, operator, operatorsFor, unitsFor } from "./rule-operators.js";

const YES_NO = [["true", "yes"], ["false", "no"]];

// `test` has op, value, …; `at` is the path of its fields; `suggest(text)` its values by frequency.
export function drawTest(test, ctx, { type, at = "", suggest, relative = true, column = false, others = [], words = {} }) {
  const said = ([key, text]) => (Array.isArray(text) ? [key, text.map(said)] : [key, words[key] ?? text]);
  const operators = operatorsFor(type, { relative, column, only: ctx.words.operators }).map(said);
  const isListed = operators.flatMap(([key, words]) => (Array.isArray(words) ? words.map(([one]) => one) : [key])).includes(test.op);
  const options = isListed ? operators : [...operators, [test.op, operator(test.op).words]];
  const choose = pick({ label: "Comparison", field: `${at}op`, options, value: test.op, onchange: (op) => ctx.redraw(() => {
    test.op = op;
    conform(test, type);
  }) });
  if (test.trait !== undefined || test.other_property !== undefined) return [choose, ...drawOther(test, ctx, { at, others })];
  const value = drawValue(test, ctx, { type, at, suggest });
  if (!others.length || !comparesTwo(test.op)) return [choose, ...value];
  return [choose, ...value, small("link", "Compare with another value instead", () => ctx.redraw(() => {
    delete test.value;
    test[others[0].key] = "";
  }, `${at}${others[0].key}`), { data: { field: `${at}compare` } })];
}

// Another value of the data in the place of one of the rule's: `others` says which there are, {key, words, suggest}.
function drawOther(test, ctx, { at, others }) {
  const key = test.trait !== undefined ? "trait" : "other_property";
  const other = others.find((one) => one.key === key);
  const which = pick({ label: "Compared with", field: `${at}other`, options: others.map((one) => [one.key, one.words]), value: key, onchange: (chosen) => ctx.redraw(() => {
    delete test[key];
    test[chosen] = "";
  }) });
  return [which,
    combobox({ label: "Other value", field: at + key, value: test[key], placeholder: "name", suggest: other?.suggest ?? (async () => []), ontype: (text) => ctx.set(() => { test[key] = text; }, at + key), onpick: (one) => ctx.redraw(() => { test[key] = one.value; }) }),
    small("x", "Compare with a value of your own", () => ctx.redraw(() => { delete test[key]; test.value = ""; }, `${at}value`), { data: { field: `${at}compare` } })];
}

function drawValue(test, ctx, { type, at, suggest }) {
  const { takes } = operator(test.op);
  const set = (key) => (value) => ctx.set(() => { test[key] = value; }, at + key);
  const number = (label, key) => numberBox({ label, field: at + key, value: test[key], onchange: set(key), onfocus: () => ctx.watch(at + key) });
  const day = (label, key) => dateBox({ label, field: at + key, value: test[key], onchange: set(key) });
  if (takes === "nothing") return [];
  if (takes === "number") return [number("Number", "value")];
  if (takes === "range") return [number("From", "value"), word("and"), number("To", "to")];
  if (takes === "date") return [day("Day", "value")];
  if (takes === "period") return [day("First day", "value"), word("to"), day("Last day", "to")];
  if (takes === "months" || takes === "days") return [numbers(test, ctx, { at, takes })];
  if (takes === "span") return [
    numberBox({ label: "How long", field: `${at}amount`, value: test.amount, min: 1, step: 1, onchange: set("amount") }),
    pick({ label: "Unit", field: `${at}unit`, options: unitsFor(test.amount), value: test.unit, onchange: (unit) => ctx.redraw(() => { test.unit = unit; }) }),
  ];
  if (takes === "several") return [tokens({
    label: "Values", field: `${at}value`, values: test.value ?? [], suggest, read: (text) => typed(text, type), show: shown,
    onchange: (values) => ctx.redraw(() => { test.value = values; }),
  })];
  if (takes === "text") return [combobox({ label: "Text", field: `${at}value`, value: test.value, placeholder: "text", suggest, ontype: set("value"), onpick: (one) => set("value")(String(one.value)) })];
  if (takes === "unknown") return [textBox({ label: "Value as JSON", field: `${at}value`, value: JSON.stringify(test.value), onchange: (text) => ctx.set(() => { test.value = parsed(text); }, `${at}value`) })];
  return drawOne(test, ctx, { type, at, suggest, set: set("value") });
}

// Months by their names, days of the month by their numbers.
function numbers(test, ctx, { at, takes }) {
  const all = takes === "months" ? MONTHS.map(([value, label]) => ({ value, label })) : Array.from({ length: 31 }, (_, day) => ({ value: day + 1, label: String(day + 1) }));
  const named = (value) => all.find((one) => one.value === value)?.label ?? String(value);
  return tokens({
    label: takes === "months" ? "Months" : "Days of the month", field: `${at}value`, values: test.value ?? [], show: named,
    suggest: async (text) => among(all, text), read: (text) => all.find((one) => one.label.toLowerCase() === text.toLowerCase())?.value ?? "",
    onchange: (values) => ctx.redraw(() => { test.value = values; }),
  });
}

function drawOne(test, ctx, { type, at, suggest, set }) {
  if (test.value !== null && typeof test.value === "object") return [word(JSON.stringify(test.value))];
  if (typeof test.value === "boolean" || type === "boolean") {
    return [pick({ label: "Value", field: `${at}value`, options: YES_NO, value: String(test.value), onchange: (value) => ctx.redraw(() => { test.value = value === "true"; }) })];
  }
  if (type === "number" && typeof test.value !== "string") return [numberBox({ label: "Value", field: `${at}value`, value: test.value, onchange: set, onfocus: () => ctx.watch(`${at}value`) })];
  const text = type === "text" || type === "date" ? test.value : quoted(test.value);
  return [combobox({
    label: "Value", field: `${at}value`, value: text, placeholder: "value", suggest,
    ontype: (entered) => set(typed(entered, type)), onpick: (one) => ctx.redraw(() => { test.value = one.value; }),
  })];
}

// What was typed as the type says; where none is known, text that reads as a number or as yes or no is one, unless it
// is quoted.
function typed(text, type) {
  if (type === "text" || type === "date") return text;
  if (/^".*"$/.test(text)) return text.slice(1, -1);
  if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  return { true: true, false: false }[text] ?? text;
}

function quoted(value) {
  if (typeof value === "string" && (value === "true" || value === "false" || (value.trim() !== "" && Number.isFinite(Number(value))))) return `"${value}"`;
  return value ?? "";
}

const shown = (value) => (typeof value === "boolean" ? (value ? "yes" : "no") : String(value));

function parsed(text) {
  try { return JSON.parse(text); } catch { return text; }
}
