// The page on which a segment is made: the builder, what stands beside it, templates, import, and care for what is unsaved.
import { RuleBuilder } from "./rule-builder.js";
import { Histogram } from "./rule-histogram.js";
import { transfer } from "./rule-transfer.js";
import { find } from "./rule-tree.js";
import { Preview } from "./segment-preview.js";

const WIDE = matchMedia("(min-width: 1200px)");
const form = document.querySelector("[data-segment-form]");
const field = form.querySelector("[name=rule]");
const gallery = document.getElementById("gallery");
const work = document.getElementById("builder-work");
const spread = document.getElementById("spread");
const json = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
const name = form.elements.namedItem("name");
let watched = null;
let isSent = false;

const builder = new RuleBuilder(document.getElementById("rule-builder"), {
  rule: JSON.parse(field.value || "null"),
  words: json("words"),
  onchange: (rule) => {
    field.value = JSON.stringify(rule);
    buttons();
    preview.soon(rule);
    if (watched) look(watched.id, watched.field);
  },
  onwatch: (node, at) => look(node.id, at),
});
const preview = new Preview(form, { onanswer: ({ place, message }) => builder.mark(place ?? "-", isEmpty() ? "" : message) });
const histogram = new Histogram(document.getElementById("spread-body"), {
  ask: async (leaf) => (await preview.post(spread.dataset.url, { leaf: JSON.stringify(leaf) })).json().catch(() => null),
  onset: (at, value) => { if (watched) builder.setNumber(watched.node, at, value); },
});
field.value = JSON.stringify(builder.rule);
let clean = state();

function isEmpty() {
  return builder.root.of.length === 0;
}

function state() {
  return JSON.stringify([...new FormData(form)].filter(([key]) => key !== "csrfmiddlewaretoken"));
}

// The histogram of the number that is being set: beside the rule where there is room, else under its condition.
function look(id, at) {
  const node = find(builder.root, id)?.node;
  const isNumber = node?.leaf && at && ["value", "to"].includes(at);
  if (!node || (!isNumber && watched?.id !== id)) return;
  if (!isNumber) return;
  watched = { id, node, field: at };
  spread.hidden = false;
  const below = document.querySelector(`[data-below="${id}"]`);
  const home = WIDE.matches || !below ? document.getElementById("spread-home") : below;
  if (spread.parentElement !== home) home.append(spread);
  histogram.show(node.leaf, at);
}

function buttons() {
  document.querySelector("[data-undo]").disabled = !builder.history.past.length;
  document.querySelector("[data-redo]").disabled = !builder.history.future.length;
}

function begin(rule, title) {
  gallery?.setAttribute("hidden", "");
  work.hidden = false;
  if (!rule) return;
  builder.replace(rule);
  if (title && !name.value) name.value = title;
}

const openTransfer = transfer(document.getElementById("transfer"), {
  rule: () => builder.rule, name: () => name.value, onimport: (rule) => begin(rule), explain: (text) => preview.explain(text),
});

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  const ready = on("[data-template]");
  if (ready) {
    begin(json("ready")[ready.dataset.template] ?? null, ready.dataset.title);
    (ready.dataset.template ? name : builder.control({ id: builder.root.id, field: "add" }) ?? name).focus();
    scrollTo({ top: 0 });
  }
  if (on("[data-templates]")) { gallery.removeAttribute("hidden"); gallery.querySelector("button").focus(); gallery.scrollIntoView(); }
  if (on("[data-undo]")) { builder.undo(); buttons(); }
  if (on("[data-redo]")) { builder.redo(); buttons(); }
  if (on("[data-transfer]")) openTransfer();
});

form.addEventListener("submit", () => { isSent = true; });
addEventListener("pageshow", () => { isSent = false; });
addEventListener("beforeunload", (event) => {
  if (!isSent && state() !== clean) event.preventDefault();
});
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    event.preventDefault();
    form.requestSubmit();
  }
});

// A form that was refused comes back with what was typed: that is not saved.
const broken = document.querySelector("[data-rule-error]");
if (broken) {
  builder.mark(broken.dataset.ruleError, broken.textContent);
  clean = "";
}
buttons();
preview.rule = builder.rule;
preview.ask();
