// A value of the data compared with one of the rule: operator and value of a trait, a property or a column.
import { combobox } from "./rule-combobox.js";
import { dateBox, numberBox, pick, textBox, tokens, word } from "./rule-controls.js";
import { MONTHS, conform, operator, operatorsFor, unitsFor } from "./rule-operators.js";

const YES_NO = [["true", "yes"], ["false", "no"]];

// `test` has op, value, …; `at` is the path of its fields; `suggest(text)` its values by frequency.
export function drawTest(test, ctx, { type, at = "", suggest, relative = true, column = false }) {
  const operators = operatorsFor(type, { relative, column, only: ctx.words.operators });
  const isListed = operators.flatMap(([key, words]) => (Array.isArray(words) ? words.map(([one]) => one) : [key])).includes(test.op);
  const options = isListed ? operators : [...operators, [test.op, operator(test.op).words]];
  const choose = pick({ label: "Comparison", field: `${at}op`, options, value: test.op, onchange: (op) => ctx.redraw(() => {
    test.op = op;
    conform(test, type);
  }) });
  return [choose, ...drawValue(test, ctx, { type, at, suggest })];
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
  if (takes === "month") return [pick({ label: "Month", field: `${at}value`, options: MONTHS, value: test.value, onchange: (value) => ctx.redraw(() => { test.value = Number(value); }) })];
  if (takes === "span") return [
    numberBox({ label: "How long", field: `${at}amount`, value: test.amount, min: 1, step: 1, onchange: set("amount") }),
    pick({ label: "Unit", field: `${at}unit`, options: unitsFor(test.amount), value: test.unit, onchange: (unit) => ctx.redraw(() => { test.unit = unit; }) }),
  ];
  if (takes === "several") return [tokens({
    label: "Values", field: `${at}value`, values: test.value ?? [], suggest, read: (text) => typed(text, type), show: said,
    onchange: (values) => ctx.redraw(() => { test.value = values; }),
  })];
  if (takes === "text") return [combobox({ label: "Text", field: `${at}value`, value: test.value, placeholder: "text", suggest, ontype: set("value"), onpick: (one) => set("value")(String(one.value)) })];
  if (takes === "unknown") return [textBox({ label: "Value as JSON", field: `${at}value`, value: JSON.stringify(test.value), onchange: (text) => ctx.set(() => { test.value = parsed(text); }, `${at}value`) })];
  return drawOne(test, ctx, { type, at, suggest, set: set("value") });
}

function drawOne(test, ctx, { type, at, suggest, set }) {
  if (test.value !== null && typeof test.value === "object") return [word(JSON.stringify(test.value))];
  if (typeof test.value === "boolean" || type === "boolean") {
    return [pick({ label: "Value", field: `${at}value`, options: YES_NO, value: String(test.value), onchange: (value) => ctx.redraw(() => { test.value = value === "true"; }) })];
  }
  if (type === "number" && typeof test.value !== "string") return [numberBox({ label: "Value", field: `${at}value`, value: test.value, onchange: set, onfocus: () => ctx.watch(`${at}value`) })];
  const shown = type === "text" || type === "date" ? test.value : quoted(test.value);
  return [combobox({
    label: "Value", field: `${at}value`, value: shown, placeholder: "value", suggest,
    ontype: (text) => set(typed(text, type)), onpick: (one) => ctx.redraw(() => { test.value = one.value; }),
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

const said = (value) => (typeof value === "boolean" ? (value ? "yes" : "no") : String(value));

function parsed(text) {
  try { return JSON.parse(text); } catch { return text; }
}
