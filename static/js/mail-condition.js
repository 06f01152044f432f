// For whom a block is shown and what the others see: in words beside the block, with the rule builder in a dialog.
import { h } from "./dom.js";
import { RuleBuilder } from "./rule-builder.js";
import { chip } from "./mail-varied.js";
import { linkButton, selectField, smallButton } from "./mail-fields.js";
import { kindOf, MENU, wordsOf } from "./mail-kinds.js";
import { chain, find, freshId, idsOf } from "./mail-tree.js";

const PAUSE_MS = 250;
const ELSES = MENU.filter(({ kind, title }) => kind !== "products" || title === "Product grid");

// The part of the settings above the block's own fields.
export function showTo(ctx, id) {
  const { block, head, nth } = find(ctx.doc.content, id);
  const links = [...chain(head)];
  const previous = links[nth - 1];
  const name = `show-${id}`;
  const key = (what) => ({ key: `${id} ${what}` });
  const radio = (isSome, words) => h("label", { className: "form-check" },
    h("input", { type: "radio", className: "form-check-input", name, checked: Boolean(block.when) === isSome, data: key(isSome ? "some" : "all"), onchange: () => (isSome ? begin(ctx, id) : everybody(ctx, id)) }),
    h("span", { className: "form-check-label" }, words));
  const parts = [
    nth ? h("p", { className: "me-hint" }, "Instead of ", linkButton(`${kindOf(previous).title} “${wordsOf(previous, ctx.choices).slice(0, 32) || "…"}”`, () => ctx.doc.select(previous.id)), ", for those who do not get it.") : null,
    radio(false, nth ? "All the others" : "Everybody"), radio(true, nth ? "Only those of them who …" : "Only people who …"),
  ];
  if (block.when) {
    parts.push(h("div", { className: "me-row me-when", data: { place: `blocks.${id}.when` } }, chip(ctx, block.when, () => change(ctx, id), `${id} when`), ctx.branchMenu(head.id, nth)),
      h("p", { className: "me-error", hidden: true }), h("p", { className: "me-why", data: { why: head.id } }), ...others(ctx, { block, id, key }));
  }
  return h("fieldset", { className: "me-showto", data: { place: `blocks.${id}.when` } }, h("legend", { className: "me-legend" }, "Show to"), ...parts);
}

function others(ctx, { block, id, key }) {
  if (!block.else) {
    const options = [["", "nothing"], ...ELSES.map(({ title }, index) => [String(index), `another block: ${title}`])];
    return [selectField(ctx, { id, path: ["else"], label: "The others see", options, change: (index) => addElse(ctx, id, ELSES[index]) })];
  }
  const { title } = kindOf(block.else);
  return [h("div", { className: "me-field" }, h("div", { className: "me-label" }, h("span", {}, "The others see")),
    h("div", { className: "me-row" }, h("button", { type: "button", className: "me-other", data: key("else"), onclick: () => ctx.doc.select(block.else.id) }, h("strong", {}, title), ` ${wordsOf(block.else, ctx.choices)}`),
      smallButton("trash", "Show them nothing", () => ctx.doc.edit(() => { delete ctx.doc.at(id).else; }), { data: key("no else") })))];
}

function addElse(ctx, id, kind) {
  if (!kind) return;
  const made = { id: freshId(idsOf(ctx.doc.content)), ...kind.fresh() };
  const { parent } = find(ctx.doc.content, id);
  if (parent && made.kind === "columns") return ctx.say("Columns hold no columns.");
  ctx.doc.edit(() => { ctx.doc.at(id).else = made; }, made.id);
}

async function begin(ctx, id) {
  const rule = await ctx.editRule({ rule: null, title: "Show this block to whom?" });
  if (rule) ctx.doc.set(id, ["when"], rule, { isForm: true });
  else ctx.redraw();
}

async function change(ctx, id) {
  const rule = await ctx.editRule({ rule: ctx.doc.at(id).when, title: "Show this block to whom?" });
  if (rule) ctx.doc.set(id, ["when"], rule, { isForm: true });
}

function everybody(ctx, id) {
  const lost = ctx.doc.at(id).else;
  ctx.doc.edit(() => {
    const block = ctx.doc.at(id);
    delete block.when;
    delete block.else;
  });
  if (lost) ctx.say("Shown to everybody: nobody is left for what the others saw. Undo brings it back.");
}

// The dialog: answers with the rule, or null where one thinks better of it.
export class ConditionDialog {
  constructor(dialog, words) {
    Object.assign(this, { dialog, words });
    this.title = dialog.querySelector("[data-title]");
    this.sentence = dialog.querySelector("[data-sentence-of-rule]");
    this.count = dialog.querySelector("[data-count]");
    dialog.addEventListener("close", () => this.settle(dialog.returnValue === "use" ? this.builder.rule : null));
    // Escape closes what is open in the builder first, and throws no rule away.
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && (this.builder.history.past.length || dialog.querySelector(".rb-options:not([hidden]), .rb-menu, [aria-pressed=true].rb-handle"))) event.preventDefault();
    }, true);
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close(""));
    dialog.querySelector("[data-use]").addEventListener("click", () => this.use());
  }

  edit({ rule, title }) {
    this.title.textContent = title;
    this.dialog.returnValue = "";
    const host = h("div");
    this.dialog.querySelector("[data-rule-host]").replaceChildren(host);
    this.builder = new RuleBuilder(host, { rule, words: this.words, compact: true, onchange: () => this.soon() });
    this.error = "";
    this.dialog.showModal();
    (rule ? this.dialog.querySelector(".rb-card .form-control, .rb-card .form-select") : host.querySelector(".rb-add"))?.focus();
    this.soon(0);
    return new Promise((resolve) => { this.settle = resolve; });
  }

  use() {
    if (this.builder.root.of.length) return this.dialog.close("use");
    this.builder.say("Add a condition first.");
    return this.builder.control({ id: this.builder.root.id, field: "add" })?.focus();
  }

  soon(pause = PAUSE_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  // The sentence and the number of people, as beside a segment's rule.
  async ask() {
    const mine = (this.asked = (this.asked ?? 0) + 1);
    this.count.setAttribute("aria-busy", "true");
    const reply = await fetch(this.dialog.dataset.url, {
      method: "POST", body: new URLSearchParams({ rule: JSON.stringify(this.builder.rule) }), headers: { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value },
    }).catch(() => null);
    const told = reply?.ok ? new DOMParser().parseFromString(await reply.text(), "text/html").body.firstElementChild : null;
    if (mine !== this.asked || !this.dialog.open) return;
    this.count.removeAttribute("aria-busy");
    this.show(told);
  }

  show(told) {
    if (!told) return this.count.replaceChildren("The count cannot be reached now.");
    const error = told.querySelector("[data-error]");
    told.querySelector("[data-people]")?.remove();
    const isEmpty = !this.builder.root.of.length;
    this.builder.mark(error && !isEmpty ? error.dataset.errorPlace : "-", error && !isEmpty ? error.textContent : "");
    this.sentence.textContent = told.dataset.english ? `${told.dataset.english}.` : isEmpty ? "Say who it is for: here it is said in a sentence." : this.sentence.textContent;
    return this.count.replaceChildren(told);
  }
}
