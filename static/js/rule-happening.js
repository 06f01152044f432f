// What was done: the event, and the conditions on its properties.
import { h } from "./dom.js";
import { among, combobox } from "./rule-combobox.js";
import { icon, small, word } from "./rule-controls.js";
import { conform, operatorsFor } from "./rule-operators.js";
import { drawTest } from "./rule-test.js";

const COLUMNS = {
  item: ["item", "the item's id"], value: ["value (amount)", "in the reporting currency"], category: ["category (catalogue)", "of the item"], brand: ["brand (catalogue)", "of the item"],
  date: ["date", "when it happened"], month: ["month", "1 to 12"], day: ["day of the month", "1 to 31"], weekday: ["weekday", "1 is Monday"], hour: ["hour", "0 to 23"],
};
const said = (column) => COLUMNS[column]?.[0] ?? column;

export function drawEventName(node, ctx, { field = "name", label = "Event" } = {}) {
  const known = ctx.words.events.map((one) => ({ value: one.name, right: one.note }));
  return combobox({
    label, field, value: node.name, placeholder: "choose what they did", className: "rb-wide",
    suggest: async (text) => (known.length < 50 || !text ? among(known, text) : ctx.lookup.ask("events", { q: text })),
    ontype: (text) => ctx.set(() => { node.name = text; }, field),
    onpick: (one) => ctx.redraw(() => { node.name = one.value; }),
  });
}

// `read` and `write` say where the reference is kept: {property} or {column}.
export function drawReference(reference, ctx, { field, label = "Property", event, write, only = () => true }) {
  const shown = reference.column ? said(reference.column) : reference.property;
  return combobox({
    label, field, value: shown, placeholder: "property",
    suggest: async (text) => among((await ctx.lookup.ask("properties", { name: event ?? "" })).filter(only).map((one) => ({
      ...one, label: one.column ? said(one.value) : one.value, text: one.column ? said(one.value) : one.value, note: one.column ? COLUMNS[one.value]?.[1] : one.type,
    })), text),
    ontype: (text) => ctx.set(() => write({ property: text }), field),
    onpick: (one) => ctx.redraw(() => write(one.column ? { column: one.value } : { property: one.value }, one.type)),
  });
}

export function drawWhere(node, ctx, at = "") {
  const rows = (node.where ?? []).map((test, index) => drawFilter(node, test, index, ctx, `${at}where[${index}].`));
  return rows.length ? [h("div", { className: "rb-filters" }, ...rows)] : [];
}

export function addFilter(node, ctx, at = "") {
  const add = () => {
    const focus = `${at}where[${node.where?.length ?? 0}].property`;
    ctx.redraw(() => (node.where ??= []).push({ property: "", op: "is", value: "" }), focus);
  };
  return h("button", { type: "button", className: "rb-link", data: { field: `${at}add-filter` }, onclick: add }, icon("filter"), "where …");
}

function otherValues(node, ctx) {
  const properties = async (text) => among((await ctx.lookup.ask("properties", { name: node.name ?? "" })).filter((one) => !one.column), text);
  return [
    { key: "trait", words: "their", suggest: async (text) => among(ctx.words.traits.map((one) => ({ value: one.name, note: one.type })), text) },
    { key: "other_property", words: "its own", suggest: properties },
  ];
}

function drawFilter(node, test, index, ctx, at) {
  const reference = test.column ? { column: test.column } : { property: test.property ?? "" };
  const type = ctx.typeOf(node.name, reference);
  const write = (chosen, found) => {
    delete test.property;
    delete test.column;
    Object.assign(test, chosen);
    if (!found) return;
    const fits = operatorsFor(found, { relative: false, column: Boolean(chosen.column) }).flatMap(([key, words]) => (Array.isArray(words) ? words.map(([one]) => one) : [key]));
    if (!fits.includes(test.op)) test.op = fits[0] ?? "is";
    if (test.op === "is") test.value = found === "boolean" ? true : found === "number" ? null : "";
    conform(test, found);
  };
  return h("div", { className: "rb-filter" },
    word(index ? "and" : "where", "rb-word rb-joint"),
    drawReference(reference, ctx, { field: `${at}property`, event: node.name, write }),
    ...drawTest(test, ctx, {
      type, at, relative: false, column: Boolean(test.column),
      suggest: (text) => ctx.lookup.ask("values", { name: node.name ?? "", ...reference, q: text }), others: otherValues(node, ctx),
    }),
    small("x", "Remove this filter", () => ctx.redraw(() => {
      node.where.splice(index, 1);
      if (!node.where.length) delete node.where;
    }, `${at.slice(0, at.indexOf("where["))}add-filter`), { data: { field: `${at}remove` } }));
}
