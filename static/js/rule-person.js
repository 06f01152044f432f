// The conditions about who people are: what is known of them, the segments they are in, how likely they are to act.
import { among, combobox } from "./rule-combobox.js";
import { numberBox, pick, textBox, word } from "./rule-controls.js";
import { drawLimit } from "./rule-limit.js";
import { conform, unitsFor } from "./rule-operators.js";
import { drawTest } from "./rule-test.js";

const ZONES = [["deployment", "here"], ["own", "in their own time zone"]];
const ANNIVERSARIES = [["today", "is today"], ["this_month", "is this month"], ["within_next", "is within the next"], ["within_last", "was within the last"], ["in_days", "is in exactly"]];

export function drawTraitName(node, ctx, { field = "name", only = () => true, onpick } = {}) {
  const known = ctx.words.traits.filter(only).map((one) => ({ value: one.name, note: one.type, right: one.note, type: one.type }));
  return combobox({
    label: "Trait", field, value: node.name, placeholder: "choose what is known",
    suggest: async (text) => among(known, text),
    ontype: (text) => ctx.set(() => { node.name = text; }, field),
    onpick: (one) => ctx.redraw(() => { node.name = one.value; onpick?.(one); }),
  });
}

export function drawTrait(node, ctx) {
  const type = ctx.words.traits.find((one) => one.name === node.name)?.type ?? "";
  const onpick = (one) => {
    if (one.type === "date" && !["before", "after", "on"].includes(node.op)) node.op = "within_last";
    if (one.type === "list") node.op = "has_any";
    if (one.type === "boolean") Object.assign(node, { op: "is", value: true });
    if (one.type === "number" && node.op === "is") node.op = "more_than";
    conform(node, one.type);
  };
  return [word("have"), drawTraitName(node, ctx, { onpick }), ...drawTest(node, ctx, { type, suggest: (text) => ctx.lookup.ask("trait_values", { name: node.name ?? "", q: text }) })];
}

export function drawAnniversary(node, ctx) {
  const days = ["within_next", "within_last", "in_days"].includes(node.op);
  return [
    word("whose"), drawTraitName(node, ctx, { only: (one) => one.type === "date" || !one.type }),
    pick({ label: "When it comes round", field: "op", options: ANNIVERSARIES, value: node.op, onchange: (op) => ctx.redraw(() => {
      node.op = op;
      if (["within_next", "within_last", "in_days"].includes(op)) node.days ??= 7;
      else delete node.days;
    }) }),
    ...(days ? [numberBox({ label: "Days", field: "days", value: node.days, min: 1, max: 300, step: 1, onchange: (value) => ctx.set(() => { node.days = value; }, "days") }), word("days,")] : []),
    pick({ label: "Time zone", field: "zone", options: ZONES, value: node.zone ?? "deployment", onchange: (zone) => ctx.redraw(() => {
      if (zone === "own") node.zone = zone;
      else delete node.zone;
    }) }),
  ];
}

// One of a list of {id, name}, found by its name.
export function drawChoice(node, ctx, { key = "id", label, options }) {
  const current = options.find((one) => one.id === node[key]);
  if (options.length <= 12) return pick({ label, field: key, options: options.map((one) => [one.id, one.name]), value: node[key], onchange: (id) => ctx.redraw(() => { node[key] = options.find((one) => String(one.id) === id)?.id ?? id; }) });
  return combobox({
    label, field: key, value: current?.name ?? "", className: "rb-wide", suggest: async (text) => among(options.map((one) => ({ value: one.id, label: one.name, text: one.name, right: one.note })), text),
    ontype: (text) => ctx.set(() => { node[key] = options.find((one) => one.name === text)?.id ?? null; }, key),
    onpick: (one) => ctx.redraw(() => { node[key] = one.value; }),
  });
}

export function drawSegment(node, ctx) {
  return [
    pick({ label: "In or not in", field: "op", options: [["in", "are in"], ["not_in", "are not in"], ["entered", "entered within the last"]], value: node.op, onchange: (op) => ctx.redraw(() => {
      node.op = op;
      if (op === "entered") Object.assign(node, { amount: node.amount ?? 7, unit: node.unit ?? "day" });
      else ["amount", "unit"].forEach((key) => delete node[key]);
    }) }),
    ...(node.op === "entered" ? [...drawSpan(node, ctx), word("the segment")] : []),
    drawChoice(node, ctx, { label: "Segment", options: ctx.words.segments }),
  ];
}

export function drawSpan(node, ctx) {
  return [
    numberBox({ label: "How long", field: "amount", value: node.amount, min: 1, step: 1, onchange: (value) => ctx.set(() => { node.amount = value; }, "amount") }),
    pick({ label: "Unit", field: "unit", options: unitsFor(node.amount), value: node.unit, onchange: (unit) => ctx.redraw(() => { node.unit = unit; }) }),
  ];
}

export function drawScore(node, ctx) {
  return [word("are likely to"), drawChoice(node, ctx, { label: "Predictor", options: ctx.words.predictors }), word("with a score of"), ...drawLimit(node, ctx, { min: 0, max: 1, step: 0.01 })];
}

export function drawSample(node, ctx) {
  const percent = (label, key) => numberBox({ label, field: key, value: node[key] ?? 0, min: 0, max: 100, onchange: (value) => ctx.set(() => { node[key] = value; }, key) });
  return [word("are in a random share from"), percent("From, in per cent", "from"), word("to"), percent("To, in per cent", "to"), word("% drawn as"),
    textBox({ label: "Name of the draw", field: "seed", value: node.seed, placeholder: "name of the draw", onchange: (seed) => ctx.set(() => { node.seed = seed; }, "seed") })];
}
