// A value that may differ by person: cases with a condition each, tried in order, and one for everybody else.
import { h } from "./dom.js";
import { icon } from "./rule-controls.js";
import { linkButton, placeOf, smallButton } from "./mail-fields.js";
import { elseOf, isVaried } from "./mail-tree.js";

const MOST_CASES = 10;

// `make(path, label, more)` makes the plain field at a path.
export function variedField(ctx, { id, path, label, make }) {
  const value = ctx.doc.get(id, path);
  if (!isVaried(value)) {
    const vary = linkButton("Vary by person", () => begin(ctx, { id, path, label }), { name: "arrows-shuffle", data: { key: `${placeOf(id, path)} vary` }, title: "Other words for some people" });
    return make(path, label, { tools: [vary] });
  }
  const cases = value.cases.map((one, index) => drawCase(ctx, { id, path, label, make, index, n: value.cases.length }));
  const split = id ? `${id}.${path.at(-1)}` : path.at(-1);
  const add = value.cases.length < MOST_CASES ? [linkButton("Another case", () => addCase(ctx, { id, path, label }), { name: "plus", data: { key: `${placeOf(id, path)} add` } })] : [];
  const otherwise = h("li", { className: "me-case me-case-else", data: { branch: `${split} ${value.cases.length}` } },
    h("div", { className: "me-case-head" }, h("span", { className: "me-chip me-chip-else" }, "everybody else"), shown(), ctx.branchMenu(split, value.cases.length)),
    make([...path, "else"], `${label} for everybody else`, { isQuiet: true }));
  return h("fieldset", { className: "me-varied", data: { place: placeOf(id, path) } },
    h("legend", { className: "me-legend" }, label, h("span", { className: "me-legend-note" }, "differs by person: the first that holds")),
    h("ol", { className: "me-cases" }, ...cases, otherwise),
    h("div", { className: "me-row" }, ...add, linkButton("Same for everybody", () => end(ctx, { id, path }), { name: "x", data: { key: `${placeOf(id, path)} same` } })));
}

const shown = () => h("span", { className: "me-shown", hidden: true }, "shown now");

function drawCase(ctx, { id, path, label, make, index, n }) {
  const at = [...path, "cases", index];
  const rule = ctx.doc.get(id, [...at, "when"]);
  const split = id ? `${id}.${path.at(-1)}` : path.at(-1);
  const place = placeOf(id, at);
  const swap = (other) => ctx.doc.edit(() => {
    const { cases } = ctx.doc.get(id, path);
    [cases[index], cases[other]] = [cases[other], cases[index]];
  });
  return h("li", { className: "me-case", data: { branch: `${split} ${index}`, place: `${place}.when` } },
    h("div", { className: "me-case-head" },
      chip(ctx, rule, () => change(ctx, { id, path: [...at, "when"], title: `${label}: for whom` }), `${place} when`), shown(),
      ctx.branchMenu(split, index),
      index ? smallButton("arrow-up", "Try it earlier", () => swap(index - 1), { data: { key: `${place} up` } }) : null,
      smallButton("trash", "Remove this case", () => (n === 1 ? end(ctx, { id, path }) : ctx.doc.edit(() => { ctx.doc.get(id, path).cases.splice(index, 1); })), { data: { key: `${place} remove` } })),
    h("p", { className: "me-error", hidden: true }),
    make([...at, "then"], `${label}, case ${index + 1}`, { isQuiet: true }));
}

// A condition in words; pressing it changes it.
export function chip(ctx, rule, onclick, key) {
  return h("button", { type: "button", className: `me-chip${ctx.sentences.isBroken(rule) ? " me-chip-broken" : ""}`, onclick, data: { key }, title: "Change the condition" }, icon("filter"), h("span", {}, ctx.sentences.only(rule)));
}

async function change(ctx, { id, path, title }) {
  const rule = await ctx.editRule({ rule: ctx.doc.get(id, path), title });
  if (rule) ctx.doc.set(id, path, rule, { isForm: true });
}

async function begin(ctx, { id, path, label }) {
  const rule = await ctx.editRule({ rule: null, title: `${label}: other words for whom?` });
  if (!rule) return;
  const now = ctx.doc.get(id, path) ?? "";
  ctx.doc.set(id, path, { cases: [{ when: rule, then: now }], else: now }, { isForm: true });
  ctx.focusOn({ key: placeOf(id, [...path, "cases", 0, "then"]) });
}

async function addCase(ctx, { id, path, label }) {
  const rule = await ctx.editRule({ rule: null, title: `${label}: other words for whom?` });
  if (!rule) return;
  const { cases } = ctx.doc.get(id, path);
  ctx.doc.edit(() => { cases.push({ when: rule, then: elseOf(ctx.doc.get(id, path)) }); });
  ctx.focusOn({ key: placeOf(id, [...path, "cases", cases.length - 1, "then"]) });
}

function end(ctx, { id, path }) {
  ctx.doc.set(id, path, elseOf(ctx.doc.get(id, path)), { isForm: true });
  ctx.focusOn({ key: placeOf(id, path) });
}
