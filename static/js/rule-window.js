// When an event counts: all windows of the language, as the end of a sentence.
import { dateBox, numberBox, pick, word } from "./rule-controls.js";
import { unitsFor } from "./rule-operators.js";

const FRESH = {
  ever: () => ({ kind: "ever" }),
  last: (old) => ({ kind: "last", amount: old.amount ?? 30, unit: old.unit ?? "day" }),
  between: (old) => ({ kind: "between", from: 7, to: Math.max(old.amount ?? 30, 8), unit: old.unit ?? "day" }),
  before: (old) => ({ kind: "before", amount: old.amount ?? 30, unit: old.unit ?? "day" }),
  next: (old) => ({ kind: "next", amount: old.amount ?? 7, unit: old.unit ?? "day" }),
  dates: () => ({ kind: "dates", from: new Date().toISOString().slice(0, 10) }),
  calendar: () => ({ kind: "calendar", amount: 1, unit: "month" }),
};
const KINDS = [
  ["last", "in the last"], ["ever", "at any time"], ["between", "between"], ["before", "at least"], ["dates", "between dates"],
  ["calendar", "this"], ["next", "in the next"],
];
const CALENDAR = [["day", "day"], ["week", "week"], ["month", "month"], ["year", "year"]];

// `own`: whether the person's own time zone can be meant.
export function drawWindow(node, ctx, { own = true, label = "When" } = {}) {
  const window = node.window ?? { kind: "ever" };
  const at = (key) => `window.${key}`;
  const whole = (text, key, min = 1) => numberBox({ label: text, field: at(key), value: window[key], min, step: 1, onchange: (value) => ctx.set(() => { window[key] = value; }, at(key)) });
  const unit = (options = unitsFor(window.kind === "between" ? window.to : window.amount)) => pick({ label: "Unit", field: at("unit"), options, value: window.unit, onchange: (value) => ctx.redraw(() => { window.unit = value; }) });
  const parts = [pick({ label, field: at("kind"), options: KINDS, value: window.kind, onchange: (kind) => ctx.redraw(() => { node.window = FRESH[kind](window); }) })];
  if (window.kind === "last" || window.kind === "next") parts.push(whole("How long", "amount"), unit());
  if (window.kind === "before") parts.push(whole("How long ago", "amount"), unit(), word("ago"));
  if (window.kind === "between") parts.push(whole("From", "from", 0), word("and"), whole("To", "to"), unit(), word("ago"));
  if (window.kind === "dates") parts.push(...days(window, ctx, at));
  if (window.kind === "calendar") parts.push(...calendar(window, ctx, { unit: () => unit(CALENDAR), own }));
  return parts;
}

function days(window, ctx, at) {
  const day = (label, key) => dateBox({ label, field: at(key), value: window[key], onchange: (value) => ctx.set(() => {
    if (value) window[key] = value;
    else delete window[key];
  }, at(key)) });
  return [word("from"), day("First day", "from"), word("to"), day("Last day", "to")];
}

function calendar(window, ctx, { unit, own }) {
  const parts = [unit()];
  const back = [[1, "only"], [2, "and the one before"], [3, "and the two before"], [4, "and the three before"], [6, "and the five before"], [12, "and the eleven before"]];
  const options = back.some(([n]) => n === window.amount) ? back : [...back, [window.amount, `and the ${window.amount - 1} before`]];
  parts.push(pick({ label: "How far back", field: "window.amount", options, value: window.amount, onchange: (value) => ctx.redraw(() => { window.amount = Number(value); }) }));
  if (own) parts.push(pick({ label: "Time zone", field: "window.zone", options: [["deployment", "in our time zone"], ["own", "in their own time zone"]], value: window.zone ?? "deployment", onchange: (zone) => ctx.redraw(() => {
    if (zone === "own") window.zone = zone;
    else delete window.zone;
  }) }));
  return parts;
}
