// A number per person compared with the rule's: at least 3, between 10 and 20.
import { numberBox, pick, word } from "./rule-controls.js";
import { COMPARISONS } from "./rule-operators.js";

export function drawLimit(node, ctx, { step, min, max } = {}) {
  const compare = pick({ label: "Comparison", field: "op", options: [...COMPARISONS, ["between", "between"]], value: node.op ?? "at_least", onchange: (op) => ctx.redraw(() => {
    node.op = op;
    node.value ??= 1;
    if (op === "between") node.to ??= node.value;
    else delete node.to;
  }) });
  const box = (label, key) => numberBox({ label, field: key, value: node[key], step, min, max, onfocus: () => ctx.watch(key), onchange: (value) => ctx.set(() => { node[key] = value; }, key) });
  return node.op === "between" ? [compare, box("From", "value"), word("and"), box("To", "to")] : [compare, box("Number", "value")];
}

export const isNever = (node) => node.op === "zero" || (node.op === "exactly" && node.value === 0);
