// The conditions about who people are: what is known of them, the segments they are in, how likely they are to act.
import { among, combobox } from "./rule-combobox.js";
import { numberBox, pick, textBox, tokens, word } from "./rule-controls.js";
import { drawLimit } from "./rule-limit.js";
import { conform, unitsFor } from "./rule-operators.js";
import { drawTest } from "./rule-test.js";

const ZONES = [["deployment", "in our time zone"], ["own", "in their own time zone"]];
const IN = [["in", "are in"], ["not_in", "are not in"], ["entered_within", "came into"], ["in_for", "have been in"], ["left_within", "left"]];
const TIMED = ["entered_within", "in_for", "left_within"];
const SEEN_WORDS = { within_last: "within the last", before_last: "longer ago than the last", before: "before", after: "after", on: "on", between_dates: "from" };
const SEEN = ["within_last", "before_last", "before", "after", "on", "between_dates"];
const SAID = [["granted", "said yes to"], ["not_granted", "have not said yes to"], ["denied", "said no to"], ["unknown", "have said nothing about"]];
const MAY = [["reachable", "may be reached by"], ["not_reachable", "may not be reached by"], ["suppressed", "are suppressed for"], ["not_suppressed", "are not suppressed for"]];
const CHANNELS = [["email", "e-mail"], ["phone", "text message"]];
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
  return [word("have"), drawTraitName(node, ctx, { onpick }), ...drawTest(node, ctx, {
    type, suggest: (text) => ctx.lookup.ask("trait_values", { name: node.name ?? "", q: text }),
    others: [{ key: "trait", words: "their", suggest: async (text) => among(ctx.words.traits.map((one) => ({ value: one.name, note: one.type })), text) }],
  })];
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
export function drawChoice(node, ctx, { key = "id", label, options, onpick }) {
  const current = options.find((one) => one.id === node[key]);
  if (options.length <= 12) return pick({ label, field: key, options: options.map((one) => [one.id, one.name]), value: node[key], onchange: (id) => ctx.redraw(() => {
    const chosen = options.find((one) => String(one.id) === id);
    node[key] = chosen?.id ?? id;
    if (chosen) onpick?.(chosen);
  }) });
  return combobox({
    label, field: key, value: current?.name ?? "", className: "rb-wide", suggest: async (text) => among(options.map((one) => ({ value: one.id, label: one.name, text: one.name, right: one.note })), text),
    ontype: (text) => ctx.set(() => { node[key] = options.find((one) => one.name === text)?.id ?? null; }, key),
    onpick: (one) => ctx.redraw(() => {
      node[key] = one.value;
      onpick?.(options.find(({ id }) => id === one.value));
    }),
  });
}

export function drawSegment(node, ctx) {
  const isTimed = TIMED.includes(node.op);
  return [
    pick({ label: "In or not in", field: "op", options: IN, value: node.op, onchange: (op) => ctx.redraw(() => {
      node.op = op;
      if (TIMED.includes(op)) Object.assign(node, { amount: node.amount ?? 7, unit: node.unit ?? "day" });
      else ["amount", "unit"].forEach((key) => delete node[key]);
    }) }),
    drawChoice(node, ctx, { label: "Segment", options: ctx.words.segments }),
    ...(isTimed ? [word(node.op === "in_for" ? "before the last" : "in the last"), ...drawSpan(node, ctx)] : []),
  ];
}

export function drawOverlap(node, ctx) {
  const named = (id) => ctx.words.segments.find((one) => one.id === id)?.name ?? String(id);
  return [word("are in"), ...drawLimit(node, ctx, { min: 0, step: 1 }), word("of the segments"), tokens({
    label: "Segments", field: "segments", values: node.segments ?? [], show: named,
    suggest: async (text) => among(ctx.words.segments.map((one) => ({ value: one.id, label: one.name, right: one.note })), text),
    read: (text) => ctx.words.segments.find((one) => one.name === text)?.id ?? "", onchange: (values) => ctx.redraw(() => { node.segments = values; }),
  })];
}

export function drawCluster(node, ctx) {
  const of = ctx.words.clusterings.find((one) => one.id === node.id);
  const known = of?.clusters ?? [];
  const onpick = (one) => { node.in = one.clusters.slice(0, 1).map(({ id }) => id); };
  return [word("are in"), tokens({
    label: "Clusters", field: "in", values: node.in ?? [], show: (id) => known.find((one) => one.id === id)?.name ?? String(id),
    suggest: async (text) => among(known.map((one) => ({ value: one.id, label: one.name, right: one.note })), text),
    read: (text) => known.find((one) => one.name === text)?.id ?? "", onchange: (values) => ctx.redraw(() => { node.in = values; }),
  }), word("of the clusters"), drawChoice(node, ctx, { label: "Clustering", options: ctx.words.clusterings, onpick })];
}

export function drawSeen(node, ctx) {
  const only = { ...ctx, words: { ...ctx.words, operators: SEEN } };
  return [word("were"), pick({ label: "First or last", field: "which", options: [["first", "first seen"], ["last", "last seen"]], value: node.which, onchange: (which) => ctx.redraw(() => { node.which = which; }) }),
    ...drawTest(node, only, { type: "date", suggest: async () => [], words: SEEN_WORDS })];
}

export function drawConsent(node, ctx) {
  const isWord = SAID.some(([op]) => op === node.op);
  const choose = pick({ label: "Consent", field: "op", options: [["What they said", SAID], ["Whether we may write", MAY]], value: node.op, onchange: (op) => ctx.redraw(() => {
    node.op = op;
    if (SAID.some(([one]) => one === op)) {
      delete node.channel;
      if (!node.topic) node.purpose ??= ctx.words.purposes[0]?.id ?? "";
    } else {
      delete node.purpose;
      if (op.includes("suppressed")) delete node.topic;
      node.channel ??= "email";
    }
  }) });
  if (isWord) return [choose, drawAbout(node, ctx)];
  const by = pick({ label: "Channel", field: "channel", options: CHANNELS, value: node.channel, onchange: (channel) => ctx.redraw(() => { node.channel = channel; }) });
  if (node.op.includes("suppressed")) return [choose, by];
  const topics = [["", "whatever it is about"], ...ctx.words.topics.map((one) => [one.id, `about ${one.name}`])];
  return [choose, by, pick({ label: "About", field: "topic", options: topics, value: node.topic ?? "", onchange: (topic) => ctx.redraw(() => {
    if (topic) node.topic = topic;
    else delete node.topic;
  }) })];
}

function drawAbout(node, ctx) {
  const of = (key, list) => list.map((one) => [`${key} ${one.id}`, one.name]);
  const value = node.topic ? `topic ${node.topic}` : `purpose ${node.purpose ?? ""}`;
  return pick({ label: "Purpose or topic", field: node.topic ? "topic" : "purpose", options: [["Purposes", of("purpose", ctx.words.purposes)], ["Topics", of("topic", ctx.words.topics)]], value, onchange: (chosen) => ctx.redraw(() => {
    const [key, id] = [chosen.slice(0, chosen.indexOf(" ")), chosen.slice(chosen.indexOf(" ") + 1)];
    delete node.topic;
    delete node.purpose;
    node[key] = id;
  }) });
}

export function drawComputed(node, ctx) {
  const known = ctx.words.computed ?? [];
  const trait = known.find((one) => one.id === node.key);
  const type = trait?.type === "duration" ? "number" : trait?.type ?? "";
  const only = { ...ctx, words: { ...ctx.words, operators: trait?.operators ?? ctx.words.operators } };
  const name = drawChoice(node, ctx, { key: "key", label: "Computed trait", options: known, onpick: (one) => {
    const kind = one.type === "duration" ? "number" : one.type;
    node.op = { number: "at_least", date: "within_last", list: "has_any" }[kind] ?? "is";
    delete node.value;
    conform(node, kind);
  } });
  return [word("have"), name, ...drawTest(node, only, { type, suggest: (text) => ctx.lookup.ask("computed_values", { name: node.key ?? "", q: text }) }), ...(trait?.type === "duration" && node.op !== "is_set" && node.op !== "is_not_set" ? [word("days")] : [])];
}

export function drawRfm(node, ctx) {
  const bands = [["", "any"], ["5", "5 (best)"], ["4,5", "4 or 5"], ["3,4,5", "3 or better"], ["4", "4"], ["3", "3"], ["2", "2"], ["1,2", "1 or 2"], ["1,2,3", "3 or worse"], ["1", "1 (lowest)"]];
  const one = (key, label) => {
    const value = (node[key] ?? []).join(",");
    const options = bands.some(([known]) => known === value) ? bands : [...bands, [value, value]];
    return [word(label), pick({ label, field: key, options, value, onchange: (chosen) => ctx.redraw(() => {
      if (chosen) node[key] = chosen.split(",").map(Number);
      else delete node[key];
    }) })];
  };
  return [word("whose"), ...one("recency", "recency is"), ...one("frequency", "frequency is"), ...one("monetary", "money spent is")];
}

export function drawSpan(node, ctx) {
  return [
    numberBox({ label: "How long", field: "amount", value: node.amount, min: 1, step: 1, onchange: (value) => ctx.set(() => { node.amount = value; }, "amount") }),
    pick({ label: "Unit", field: "unit", options: unitsFor(node.amount), value: node.unit, onchange: (unit) => ctx.redraw(() => { node.unit = unit; }) }),
  ];
}

const BANDS = [["high", "high"], ["medium", "medium"], ["low", "low"], ["high,medium", "high or medium"], ["medium,low", "medium or low"], ["high,low", "high or low"]];
const WAITED = ["expected_within", "overdue"];
const VALUE_WORDS = { value: "an expected spending of", next_order: "days until the next order:" };

// What of the predictor is looked at: its value, its band, or when the next order is expected.
export function drawScore(node, ctx) {
  const kindOf = (id) => ctx.words.predictors.find((one) => one.id === id)?.kind;
  const kind = kindOf(node.id);
  const isLikely = !VALUE_WORDS[kind];
  const how = node.op === "in_band" || WAITED.includes(node.op) ? node.op : "value";
  const turn = (next) => {
    ["value", "to", "bands", "amount", "unit"].forEach((key) => delete node[key]);
    if (next === "value") Object.assign(node, { op: "at_least", value: kindOf(node.id) in VALUE_WORDS ? 1 : 0.5 });
    else Object.assign(node, { op: next }, next === "in_band" ? { bands: ["high"] } : { amount: 30, unit: "day" });
  };
  const options = [["value", VALUE_WORDS[kind] ?? "a score of"], ["in_band", "a band that is"], ...(kind === "next_order" ? [["expected_within", "an order expected in the next"], ["overdue", "an order expected before the last"]] : [])];
  const parts = {
    value: () => drawLimit(node, ctx, isLikely ? { min: 0, max: 1, step: 0.01 } : { min: 0, step: "any" }),
    in_band: () => [pick({ label: "Band", field: "bands", options: BANDS, value: inOrder(node.bands), onchange: (bands) => ctx.redraw(() => { node.bands = bands.split(","); }) })],
  };
  return [
    word("have by"), drawChoice(node, ctx, { label: "Predictor", options: ctx.words.predictors, onpick: (one) => { if (one.kind !== kind) turn("value"); } }),
    pick({ label: "What of it", field: "how", options, value: how, onchange: (next) => ctx.redraw(() => turn(next)) }),
    ...(parts[how] ?? (() => drawSpan(node, ctx)))(),
  ];
}

const inOrder = (bands = []) => ["high", "medium", "low"].filter((one) => bands.includes(one)).join(",");

export function drawSample(node, ctx) {
  const percent = (label, key) => numberBox({ label, field: key, value: node[key] ?? 0, min: 0, max: 100, onchange: (value) => ctx.set(() => { node[key] = value; }, key) });
  return [word("are in a random share from"), percent("From, in per cent", "from"), word("to"), percent("To, in per cent", "to"), word("% drawn as"),
    textBox({ label: "Name of the draw", field: "seed", value: node.seed, placeholder: "name of the draw", onchange: (seed) => ctx.set(() => { node.seed = seed; }, "seed") })];
}
