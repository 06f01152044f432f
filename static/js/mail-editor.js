// The mail's blocks: text, heading or button, in order; each may be only for people a rule holds for, with an else.
import { button, h, select } from "./dom.js";
import { RuleBuilder } from "./rule-builder.js";

const KINDS = [["heading", "Heading"], ["text", "Text"], ["button", "Button"], ["footer", "Footer"]];
const field = document.querySelector("[name=content]");
const host = document.getElementById("mail-editor");
const words = JSON.parse(document.getElementById("words").textContent);
const blocks = JSON.parse(field.value || "null")?.blocks ?? [
  { id: "b1", kind: "heading", text: "Hello {{ firstName | default: \"there\" }}" },
  { id: "b2", kind: "text", text: "" },
  { id: "footer", kind: "footer", text: "You get this because you are a customer of ours." },
];

function save() {
  field.value = JSON.stringify({ version: 2, blocks });
}

function redraw(focus) {
  host.replaceChildren(h("ol", { className: "mail-blocks" }, ...blocks.map(drawBlock)), adder());
  save();
  if (focus !== undefined) host.querySelectorAll(".mail-block")[focus]?.querySelector("select, textarea")?.focus();
}

function adder() {
  return select("Add a block", [["", "Add a block …"], ...KINDS], "", (kind) => {
    blocks.push(fresh(kind));
    redraw(blocks.length - 1);
  });
}

const newId = () => Math.random().toString(36).slice(2, 8);
const fresh = (kind) => (kind === "button" ? { id: newId(), kind, text: "", url: "https://" } : { id: newId(), kind, text: "" });

function drawBlock(block, index) {
  const swap = (other) => {
    [blocks[index], blocks[other]] = [blocks[other], blocks[index]];
    redraw(other);
  };
  const move = (text, label, other) => h("button", { type: "button", className: "btn btn-sm btn-ghost", ariaLabel: label, title: label, disabled: !blocks[other], onclick: () => swap(other) }, text);
  const head = h("div", { className: "mail-head" },
    select("Kind of block", KINDS, block.kind, (kind) => {
      blocks[index] = { ...fresh(kind), id: block.id, text: block.text, ...(block.when ? { when: block.when } : {}) };
      redraw(index);
    }),
    h("div", { className: "rule-moves" }, move("↑", "Move the block up", index - 1), move("↓", "Move the block down", index + 1),
      button("×", "Remove the block", () => { blocks.splice(index, 1); redraw(Math.max(0, index - 1)); })));
  const place = `blocks.${block.id}`;
  return h("li", { className: "mail-block card", data: { place } }, h("div", { className: "card-body" }, head, ...drawPlain(block, `Block ${index + 1}`), drawCondition(block, index)));
}

function drawPlain(block, label) {
  const known = { className: "form-control", value: block.text, maxLength: 20000, ariaLabel: `${label}: text`, oninput: (event) => { block.text = event.target.value; save(); } };
  const text = block.kind === "text" ? h("textarea", { ...known, rows: 4 }) : h("input", known);
  if (block.kind !== "button") return [text];
  return [text, h("input", { className: "form-control", type: "url", value: block.url, placeholder: "https://", ariaLabel: `${label}: leads to`, oninput: (event) => { block.url = event.target.value; save(); } })];
}

function drawCondition(block, index) {
  const box = h("input", { type: "checkbox", className: "form-check-input", checked: Boolean(block.when), onchange: () => {
    if (box.checked) block.when = { version: 1, root: { kind: "all", of: [{ kind: "trait", name: "", op: "is", value: "" }] } };
    else { delete block.when; delete block.else; }
    redraw(index);
  } });
  const parts = [h("label", { className: "form-check" }, box, h("span", { className: "form-check-label" }, "Only for some people"))];
  if (block.when) {
    const ruleHost = h("div");
    new RuleBuilder(ruleHost, { rule: block.when, words, compact: true, onchange: (rule) => { block.when = rule; save(); } });
    parts.push(ruleHost, ...drawElse(block, index));
  }
  return h("div", { className: "mail-condition" }, ...parts);
}

function drawElse(block, index) {
  const box = h("input", { type: "checkbox", className: "form-check-input", checked: Boolean(block.else), onchange: () => {
    if (box.checked) block.else = fresh(block.kind);
    else delete block.else;
    redraw(index);
  } });
  const label = h("label", { className: "form-check" }, box, h("span", { className: "form-check-label" }, "The others see something else"));
  return block.else ? [label, ...drawPlain(block.else, `Block ${index + 1} for the others`)] : [label];
}

redraw();
const problem = document.querySelector("[data-content-error]");
if (problem) {
  const at = [...host.querySelectorAll("[data-place]")].filter((one) => problem.dataset.contentError.startsWith(one.dataset.place));
  at.sort((a, b) => b.dataset.place.length - a.dataset.place.length)[0]?.scrollIntoView({ block: "center" });
}
