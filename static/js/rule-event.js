// The conditions about what people did: an event, a product, one thing after another, a broken habit.
import { h } from "./dom.js";
import { numberBox, pick, small, tokens, word } from "./rule-controls.js";
import { addFilter, drawEventName, drawReference, drawWhere } from "./rule-happening.js";
import { drawLimit, isNever } from "./rule-limit.js";
import { unitsFor } from "./rule-operators.js";
import { drawTest } from "./rule-test.js";
import { drawWindow } from "./rule-window.js";

const DID = [["did", "did"], ["not", "did not do"]];
const MEASURES = [
  ["count", "times"], ["sum", "with a sum of"], ["avg", "with an average"], ["min", "with a smallest"], ["max", "with a largest"],
  ["distinct", "with a number of different"], ["last", "the last time with"], ["first", "the first time with"],
];
const OF_ITEM = [["times", "times"], ["quantity", "pieces"], ["value", "in value"], ["items", "different items"]];
const BY = [["category", "category"], ["brand", "brand"], ["item", "item"]];
const LOOKUPS = { category: "categories", brand: "brands", item: "items" };

function did(node, ctx) {
  const never = isNever(node) && ["count", "times"].includes(node.measure ?? "count");
  const choose = pick({ label: "Did or did not", field: "did", options: DID, value: never ? "not" : "did", onchange: (choice) => ctx.redraw(() => {
    ["measure", "of", "value", "to", "amount", "unit"].forEach((key) => delete node[key]);
    Object.assign(node, choice === "not" ? { op: "zero" } : { op: "at_least", value: 1 });
  }) });
  return [never, choose];
}

export function drawEvent(node, ctx) {
  const [never, choose] = did(node, ctx);
  const parts = [choose, drawEventName(node, ctx), ...(never ? [] : drawMeasure(node, ctx))];
  return [...parts, ...drawWindow(node, ctx), addFilter(node, ctx), ...drawWhere(node, ctx)];
}

function drawMeasure(node, ctx) {
  const measure = node.measure ?? "count";
  const choose = pick({ label: "What is counted", field: "measure", options: MEASURES, value: measure, onchange: (chosen) => ctx.redraw(() => measured(node, measure, chosen)) });
  if (measure === "count") return [...drawLimit(node, ctx, { step: 1, min: 0 }), choose];
  const what = node.of ?? { column: "value" };
  const isNumber = !["distinct", "first", "last"].includes(measure);
  const of = drawReference(what, ctx, {
    field: "of", label: "Of which property", event: node.name, only: (one) => !isNumber || one.type === "number" || one.type === "", write: (reference) => { node.of = reference; },
  });
  if (measure !== "first" && measure !== "last") return [choose, of, ...drawLimit(node, ctx)];
  const suggest = (text) => ctx.lookup.ask("values", { name: node.name ?? "", ...what, q: text });
  return [choose, of, ...drawTest(node, ctx, { type: ctx.typeOf(node.name, what), suggest, relative: false, column: Boolean(what.column) })];
}

function measured(node, old, measure) {
  const isEnd = (one) => one === "first" || one === "last";
  if (isEnd(measure) !== isEnd(old)) {
    ["value", "to", "op"].forEach((key) => delete node[key]);
    Object.assign(node, isEnd(measure) ? { op: "is", value: "" } : { op: "at_least", value: 1 });
  }
  if (measure === "count") {
    delete node.measure;
    delete node.of;
  } else node.measure = measure;
  if (measure === "distinct" && !node.of) node.of = { column: "item" };
}

export function drawItem(node, ctx) {
  const [never, choose] = did(node, ctx);
  const by = pick({ label: "Chosen by", field: "by", options: BY, value: node.by, onchange: (chosen) => ctx.redraw(() => { node.by = chosen; node.values = []; }) });
  const values = tokens({
    label: "Which", field: "values", values: node.values ?? [], suggest: async (text) => (await ctx.lookup.ask(LOOKUPS[node.by] ?? "items", { q: text })).map((one) => ({ ...one, label: one.note || one.value, note: one.note ? one.value : "" })),
    onchange: (chosen) => ctx.redraw(() => { node.values = chosen; }),
  });
  const measure = pick({ label: "What is counted", field: "measure", options: OF_ITEM, value: node.measure ?? "times", onchange: (chosen) => ctx.redraw(() => {
    if (chosen === "times") delete node.measure;
    else node.measure = chosen;
  }) });
  const limit = never ? [] : [...drawLimit(node, ctx, { min: 0 }), measure];
  return [choose, drawEventName(node, ctx), word("with the"), by, values, ...limit, ...drawWindow(node, ctx, { own: false })];
}

export function drawSequence(node, ctx) {
  const rows = node.steps.map((step, index) => drawStep(node, step, index, ctx));
  const add = h("button", { type: "button", className: "rb-link", data: { field: "add-step" }, hidden: node.steps.length >= 6, onclick: () => ctx.redraw(() => {
    node.steps.push({ name: "" });
  }, `steps[${node.steps.length}].name`) }, "then …");
  return [h("ol", { className: "rb-steps" }, ...rows), add];
}

function drawStep(node, step, index, ctx) {
  const at = `steps[${index}].`;
  const parts = [];
  if (index) parts.push(pick({ label: "Then did or did not", field: `${at}did`, options: [["did", "then did"], ["not", "then did not do"]], value: step.did === false ? "not" : "did", onchange: (choice) => ctx.redraw(() => {
    if (choice === "not") step.did = false;
    else delete step.did;
  }) }));
  else parts.push(word("did"));
  parts.push(drawEventName(step, ctx, { field: `${at}name`, label: `Event of step ${index + 1}` }));
  if (index) parts.push(...drawWithin(step, ctx, at));
  else parts.push(...drawWindow(node, ctx, { own: false, label: "When the first step was" }));
  parts.push(addFilter(step, ctx, at), ...drawWhere(step, ctx, at));
  if (index > 0 && node.steps.length > 2) parts.push(small("x", `Remove step ${index + 1}`, () => ctx.redraw(() => node.steps.splice(index, 1), "add-step"), { data: { field: `${at}remove` } }));
  return h("li", { className: "rb-step" }, ...parts);
}

function drawWithin(step, ctx, at) {
  const choose = pick({ label: "Within a time", field: `${at}within`, options: [["any", "at any time after"], ["within", "within"]], value: step.within ? "within" : "any", onchange: (choice) => ctx.redraw(() => {
    if (choice === "within") step.within = { amount: 24, unit: "hour" };
    else delete step.within;
  }) });
  if (!step.within) return [choose];
  return [choose,
    numberBox({ label: "Within how long", field: `${at}within.amount`, value: step.within.amount, min: 1, step: 1, onchange: (value) => ctx.set(() => { step.within.amount = value; }, `${at}within.amount`) }),
    pick({ label: "Within which unit", field: `${at}within.unit`, options: unitsFor(step.within.amount), value: step.within.unit, onchange: (unit) => ctx.redraw(() => { step.within.unit = unit; }) })];
}

export function drawInterval(node, ctx) {
  return [word("have not done"), drawEventName(node, ctx), word("for longer than"),
    numberBox({ label: "How many times", field: "times", value: node.times, min: 0, step: 0.1, onchange: (value) => ctx.set(() => { node.times = value; }, "times") }),
    word("times their own usual gap, having done it at least"),
    numberBox({ label: "How often at least", field: "least", value: node.least ?? 3, min: 2, step: 1, onchange: (value) => ctx.set(() => { node.least = value; }, "least") }), word("times")];
}
