// What starts a campaign: shows what the chosen kind asks for, holds the rules, the event's conditions and the exit.
import { h } from "./dom.js";
import { RuleBuilder } from "./rule-builder.js";
import { among } from "./rule-combobox.js";
import { tokens } from "./rule-controls.js";
import { addFilter, drawWhere } from "./rule-happening.js";
import { Lookup } from "./rule-lookup.js";

const form = document.getElementById("trigger-form");
const words = JSON.parse(document.getElementById("words").textContent);
const lookup = new Lookup(words.lookup);
const hidden = (name) => form.elements.namedItem(name);

for (const host of form.querySelectorAll("[data-rule]")) {
  const field = host.querySelector("input[type=hidden]");
  new RuleBuilder(host.querySelector("[data-rule-host]"), {
    rule: JSON.parse(field.value || "null"), words, compact: true,
    onchange: (rule) => { field.value = JSON.stringify(rule); },
  });
}

// The conditions on the event's properties, with the controls of the rule builder.
const event = hidden("event");
const where = document.getElementById("where");
const node = { name: event.value, where: JSON.parse(hidden("where").value || "[]") };
const keep = () => { hidden("where").value = JSON.stringify(node.where ?? []); };
const context = {
  words, lookup,
  set: (change) => { change(); keep(); },
  redraw: (change, focus) => { change(); keep(); draw(focus); },
  watch: () => {},
  typeOf: (name, reference) => lookup.typeOf(name, reference, () => draw()),
};
function draw(focus) {
  const at = focus ?? document.activeElement?.closest?.("#where [data-field]")?.dataset.field;
  where.replaceChildren(...(node.name ? [...drawWhere(node, context), addFilter(node, context)] : []));
  const control = at && [...where.querySelectorAll("[data-field]")].find((one) => one.dataset.field === at);
  control?.focus();
}
event.addEventListener("change", () => { node.name = event.value.trim(); draw(); });
draw();

// Events that make the message needless.
const since = document.querySelector("#since [data-tokens]");
function drawSince(values) {
  hidden("exit_events").value = JSON.stringify(values);
  since.replaceChildren(h("div", { className: "rb-card" }, tokens({
    label: "Events since it started", field: "exit_events", values,
    suggest: async (text) => among(words.events.map((one) => ({ value: one.name, right: one.note })), text),
    onchange: (next) => { drawSince(next); since.querySelector("input")?.focus(); },
  })));
}
drawSince(JSON.parse(hidden("exit_events").value || "[]"));

function show() {
  for (const name of ["kind", "reentry"]) {
    const chosen = form.querySelector(`[name=${name}]:checked`)?.value;
    for (const part of form.querySelectorAll(`[data-for-${name}]`)) part.hidden = !part.getAttribute(`data-for-${name}`).split(" ").includes(chosen);
  }
}
form.addEventListener("change", show);
show();
