// The parts of a definition about events: when they count, and which of them.
import { choice, text } from "./trait-builder.js";
import { h } from "./dom.js";

const UNITS = ["minute", "hour", "day", "week", "month", "year"].map((unit) => [unit, `${unit}s`]);
const DAYS = ["day", "week", "month", "year"].map((unit) => [unit, `${unit}s`]);
const KINDS = [
  ["ever", "at any time"], ["last", "in the last"], ["between", "between … and … ago"], ["before", "at least … ago"],
  ["calendar", "in this calendar"], ["dates", "between two dates"], ["next", "in the next"],
];
const STARTS = {
  ever: undefined,
  last: { kind: "last", amount: 30, unit: "day" },
  between: { kind: "between", from: 30, to: 60, unit: "day" },
  before: { kind: "before", amount: 30, unit: "day" },
  calendar: { kind: "calendar", amount: 1, unit: "month" },
  dates: { kind: "dates", from: new Date().toISOString().slice(0, 10) },
  next: { kind: "next", amount: 7, unit: "day" },
};

function named(label, control) {
  control.ariaLabel = label;
  control.classList.add("w-auto");
  return control;
}

export function windowFields(window, onchange) {
  const kind = window?.kind ?? "ever";
  const change = (changes) => onchange({ ...window, ...changes });
  const number = (name, label) => named(label, text(window[name], (value) => change({ [name]: value }), { type: "number", min: 0 }));
  const parts = [named("When", choice(KINDS, kind, (picked) => onchange(STARTS[picked] && { ...STARTS[picked] })))];
  if (kind === "between") parts.push(number("from", "From so long ago"), number("to", "To so long ago"));
  else if (kind === "dates") parts.push(...["from", "to"].map((name) => named(`${name === "from" ? "First" : "Last"} day`, text(window[name], (value) => change({ [name]: value || undefined }), { type: "date" }))));
  else if (kind !== "ever") parts.push(number("amount", "How many"));
  if (!["ever", "dates"].includes(kind)) parts.push(named("Unit", choice(kind === "calendar" ? DAYS : UNITS, window.unit, (unit) => change({ unit }))));
  return h("fieldset", { className: "mb-3" }, h("legend", { className: "form-label" }, "When"), h("div", { className: "d-flex flex-wrap gap-2" }, ...parts));
}

export function filters(builder) {
  const where = builder.definition.where ?? [];
  const save = (rows) => builder.set({ where: rows.length ? rows : undefined });
  const rows = where.map((one, i) => filterRow(builder, one, i, (changed) => save(where.with(i, changed)), () => save(where.toSpliced(i, 1))));
  const add = h("button", { type: "button", className: "btn btn-sm", onclick: () => save([...where, { column: "value", op: "more_than", value: 0 }]) }, "Add a condition");
  return h("fieldset", { className: "mb-3" }, h("legend", { className: "form-label" }, "Only events where"), ...rows, add);
}

function filterRow(builder, one, i, onchange, onremove) {
  const { operators, valueless, properties } = builder.words;
  const known = operators.some(([key]) => key === one.op);
  const isNumber = (picked) => picked.column === "value" || properties.some(([name, property, type]) => name === builder.definition.name && property === picked.property && type === "number");
  const retyped = (value, picked) => (isNumber(picked) && value !== "" && !Number.isNaN(Number(value)) ? Number(value) : String(value ?? ""));
  const reference = builder.reference(one, (of) => {
    const { column, property, ...rest } = one;
    onchange({ ...rest, ...of, ...(valueless.includes(one.op) ? {} : { op: isNumber(of) ? "more_than" : "is", value: isNumber(of) ? 0 : "" }) });
  });
  const op = choice(known ? operators.map(([key, words]) => [key, words]) : [...operators, [one.op, one.op]], one.op, (picked) => {
    const { value, ...rest } = one;
    onchange(valueless.includes(picked) ? { ...rest, op: picked } : { ...rest, op: picked, value: value ?? "" });
  });
  const value = valueless.includes(one.op) || !known ? null : named("Value", text(one.value, (typed) => onchange({ ...one, value: retyped(typed, one) }), { "data-part": `where${i}` }));
  return h("div", { className: "d-flex flex-wrap gap-2 mb-2" }, named("Property", reference), named("Comparison", op), value, h("button", { type: "button", className: "btn btn-ghost", ariaLabel: "Remove this condition", onclick: onremove }, "×"));
}
