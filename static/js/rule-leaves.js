// The conditions a rule is made of: each kind draws itself and changes its node of the rule in place.
import { button, h, input, select } from "./dom.js";

const COMPARISONS = [["at_least", "at least"], ["more_than", "more than"], ["exactly", "exactly"], ["at_most", "at most"], ["less_than", "less than"]];
const OPERATORS = [
  ["is", "is"], ["is_not", "is not"], ["contains", "contains"], ["starts_with", "starts with"], ["more_than", "is more than"],
  ["at_least", "is at least"], ["less_than", "is less than"], ["at_most", "is at most"], ["is_set", "is known"], ["is_not_set", "is not known"],
];
const UNITS = [["minute", "minutes"], ["hour", "hours"], ["day", "days"], ["week", "weeks"]];
const NUMERIC = ["more_than", "at_least", "less_than", "at_most"];

export const KINDS = {
  event: {
    words: "did something",
    fresh: () => ({ kind: "event", name: "", op: "at_least", value: 1, window: { kind: "last", amount: 30, unit: "day" } }),
    draw: drawEvent,
  },
  trait: { words: "are known to", fresh: () => ({ kind: "trait", name: "", op: "is", value: "" }), draw: drawTrait },
  segment: { words: "are in a segment", fresh: (words) => ({ kind: "segment", id: words.segments[0]?.id, op: "in" }), draw: drawSegment, from: "segments" },
  score: { words: "are likely to", fresh: (words) => ({ kind: "score", id: words.predictors[0]?.id, op: "at_least", value: 0.5 }), draw: drawScore, from: "predictors" },
};

const number = (text) => (text.trim() === "" ? null : Number(text));

// Text that reads as a number or as yes or no is one, unless it is quoted.
function value(text) {
  if (/^".*"$/.test(text)) return text.slice(1, -1);
  if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  return { true: true, false: false }[text] ?? text;
}

function shown(stored) {
  if (typeof stored === "string" && (stored === "true" || stored === "false" || (stored.trim() !== "" && Number.isFinite(Number(stored))))) return `"${stored}"`;
  return stored ?? "";
}

function drawTest(node, key, names, { words, changed, redraw }, label) {
  const test = [
    input(label, node[key], (text) => { node[key] = text; changed(); }, { list: names, placeholder: label.toLowerCase(), autocomplete: "off" }),
    select("Comparison", OPERATORS, node.op, (op) => {
      node.op = op;
      if (op.startsWith("is_") && op !== "is_not") delete node.value;
      else if (!("value" in node)) node.value = "";
      if (NUMERIC.includes(op) && typeof node.value !== "number") node.value = 0;
      redraw();
    }),
  ];
  if ("value" in node) {
    const numeric = NUMERIC.includes(node.op);
    const read = numeric ? number : ["contains", "starts_with"].includes(node.op) ? (text) => text : value;
    const text = ["contains", "starts_with"].includes(node.op) ? node.value : shown(node.value);
    test.push(input("Value", text, (typed) => { node.value = read(typed); changed(); }, numeric ? { type: "number", step: "any" } : { placeholder: "value" }));
  }
  return test;
}

function drawTrait(node, context) {
  return drawTest(node, "name", "rule-traits", context, "Trait");
}

function drawEvent(node, context) {
  const { changed, redraw } = context;
  const isNever = node.op === "exactly" && node.value === 0 && (node.measure ?? "count") === "count";
  const parts = [
    select("Did or did not", [["did", "did"], ["not", "did not do"]], isNever ? "not" : "did", (choice) => {
      Object.assign(node, choice === "not" ? { op: "exactly", value: 0 } : { op: "at_least", value: 1 });
      delete node.measure;
      redraw();
    }),
    input("Event", node.name, (text) => { node.name = text; changed(); }, { list: "rule-events", placeholder: "event", autocomplete: "off" }),
  ];
  if (!isNever) {
    parts.push(
      select("Comparison", COMPARISONS, node.op, (op) => { node.op = op; changed(); }),
      input("Number", node.value, (text) => { node.value = number(text); changed(); }, { type: "number", step: "any", min: 0, size: 5 }),
      select("Counted as", [["count", "times"], ["sum", "value in all"]], node.measure ?? "count", (measure) => { node.measure = measure; changed(); }),
    );
  }
  parts.push(...drawWindow(node, context));
  const filters = (node.where ?? []).map((test, index) =>
    h("div", { className: "rule-where" }, h("span", {}, index ? "and" : "where"), ...drawTest(test, "property", "rule-properties", context, "Property"),
      button("×", "Remove this property filter", () => { node.where.splice(index, 1); redraw(); })));
  const more = button("Where …", "Filter by a property of the event", () => {
    (node.where ??= []).push({ property: "", op: "is", value: "" });
    redraw();
  });
  return [...parts, more, ...filters];
}

function drawWindow(node, { changed, redraw }) {
  const window = (node.window ??= { kind: "ever" });
  const fresh = { ever: { kind: "ever" }, last: { kind: "last", amount: 30, unit: "day" }, between: { kind: "between", from: 7, to: 30, unit: "day" } };
  const whole = (label, key) => input(label, window[key], (text) => { window[key] = number(text); changed(); }, { type: "number", min: 0, step: 1, size: 4 });
  const parts = [select("When", [["ever", "at any time"], ["last", "in the last"], ["between", "between"]], window.kind, (kind) => { node.window = fresh[kind]; redraw(); })];
  if (window.kind === "last") parts.push(whole("How many", "amount"));
  if (window.kind === "between") parts.push(whole("From", "from"), h("span", {}, "and"), whole("To", "to"));
  if (window.kind !== "ever") parts.push(select("Unit", UNITS, window.unit, (unit) => { window.unit = unit; changed(); }));
  if (window.kind === "between") parts.push(h("span", {}, "ago"));
  return parts;
}

function drawSegment(node, { words, changed }) {
  return [
    select("In or not in", [["in", "are in"], ["not_in", "are not in"]], node.op, (op) => { node.op = op; changed(); }),
    select("Segment", words.segments.map((one) => [one.id, one.name]), node.id, (id) => { node.id = Number(id); changed(); }),
  ];
}

function drawScore(node, { words, changed }) {
  return [
    select("Predictor", words.predictors.map((one) => [one.id, one.name]), node.id, (id) => { node.id = Number(id); changed(); }),
    select("Comparison", COMPARISONS, node.op, (op) => { node.op = op; changed(); }),
    input("Probability", node.value, (text) => { node.value = number(text); changed(); }, { type: "number", min: 0, max: 1, step: 0.01 }),
  ];
}
