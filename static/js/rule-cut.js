// The largest or smallest of a number among all people: a share of them, or so many.
import { numberBox, pick, word } from "./rule-controls.js";
import { drawEventName, drawReference } from "./rule-happening.js";
import { drawChoice, drawTraitName } from "./rule-person.js";
import { drawWindow } from "./rule-window.js";

const NUMBERS = [["event", "what they did"], ["trait", "a trait that is a number"], ["computed", "a computed trait", "computed"], ["score", "a predictor's score", "predictors"]];
const MEASURES = [["sum", "sum of"], ["count", "number of times"], ["avg", "average of"], ["min", "smallest"], ["max", "largest"], ["distinct", "number of different"]];
const FRESH = {
  event: (words) => ({ kind: "event", name: words.events[0]?.name ?? "", measure: "sum", window: { kind: "last", amount: 1, unit: "year" } }),
  trait: () => ({ kind: "trait", name: "" }),
  computed: (words) => ({ kind: "computed", key: words.computed?.[0]?.id ?? "" }),
  score: (words) => ({ kind: "score", id: words.predictors?.[0]?.id }),
};

export function drawCut(node, ctx) {
  const isShare = node.kind === "percentile";
  const key = isShare ? "percent" : "count";
  const numbers = NUMBERS.filter(([, , from]) => !from || ctx.words[from]?.length).map(([kind, words]) => [kind, words]);
  return [
    word("are in the"),
    pick({ label: "Which end", field: "side", options: [["top", isShare ? "top" : "first"], ["bottom", isShare ? "bottom" : "last"]], value: node.side ?? "top", onchange: (side) => ctx.redraw(() => { node.side = side; }) }),
    numberBox({ label: isShare ? "Per cent" : "How many people", field: key, value: node[key], min: isShare ? 0 : 1, max: isShare ? 100 : undefined, step: isShare ? "any" : 1, onchange: (value) => ctx.set(() => { node[key] = value; }, key) }),
    word(isShare ? "% by" : "people by"),
    pick({ label: "By which number", field: "of.kind", options: numbers, value: node.of.kind, onchange: (kind) => ctx.redraw(() => { node.of = FRESH[kind](ctx.words); }) }),
    ...(drawNumber[node.of.kind]?.(node.of, inside(ctx)) ?? [word(JSON.stringify(node.of))]),
  ];
}

// The same context for what stands in `of`: its fields are named so.
const inside = (ctx) => ({ ...ctx, set: (change, field) => ctx.set(change, `of.${field}`) });

const drawNumber = {
  event: (of, ctx) => [
    pick({ label: "Measure", field: "of.measure", options: MEASURES, value: of.measure ?? "count", onchange: (measure) => ctx.redraw(() => {
      of.measure = measure;
      if (measure === "count") delete of.of;
      if (measure === "distinct") of.of ??= { column: "item" };
    }) }),
    ...((of.measure ?? "count") === "count" ? [] : [drawReference(of.of ?? { column: "value" }, ctx, { field: "of.of", event: of.name, write: (reference) => { of.of = reference; } })]),
    word("of"), drawEventName(of, ctx, { field: "of.name" }), ...drawWindow(of, ctx),
  ],
  trait: (of, ctx) => [drawTraitName(of, ctx, { field: "of.name", only: (one) => one.type === "number" || !one.type })],
  computed: (of, ctx) => [drawChoice(of, ctx, { key: "key", label: "Computed trait", options: (ctx.words.computed ?? []).filter((one) => !one.type || one.type === "number") })],
  score: (of, ctx) => [drawChoice(of, ctx, { label: "Predictor", options: ctx.words.predictors })],
};
