// The list of blocks: each with its kind, its first words and for whom it is; columns hold lists of their own.
import { h } from "./dom.js";
import { icon } from "./rule-controls.js";
import { focusIn, focusOn } from "./mail-fields.js";
import { kindOf, wordsOf } from "./mail-kinds.js";
import { chain, elseOf, isVaried } from "./mail-tree.js";

export class Outline {
  constructor(host, ctx) {
    Object.assign(this, { host, ctx });
    host.addEventListener("keydown", (event) => keys(event, ctx));
  }

  draw() {
    const { ctx } = this;
    const focus = focusIn(this.host);
    const { content } = ctx.doc;
    this.host.replaceChildren(...(ctx.kind === "module" ? [] : [this.mail(content)]), this.list(content.blocks, "root"));
    if (!content.blocks.length) this.host.append(h("p", { className: "me-empty" }, "Nothing in it yet. Add the first block: a heading, some text, a button."));
    focusOn(this.host, focus);
  }

  // The mail's own fields, above its blocks.
  mail(content) {
    const varies = [content.subject, content.preheader].filter(isVaried).length;
    return this.row({ id: "", name: "mail", title: "Subject and look", words: elseOf(content.subject) || "No subject yet", chips: varies ? [this.note("differs by person")] : [] });
  }

  list(blocks, key) {
    return h("ul", { className: "me-list", data: { list: key } }, ...blocks.map((head) => this.item(head)));
  }

  item(head) {
    return h("li", { className: "me-item", data: { id: head.id } }, ...[...chain(head)].flatMap((block, nth) => this.block(block, head, nth)));
  }

  block(block, head, nth) {
    const { ctx } = this;
    const { title, icon: name } = kindOf(block);
    const chips = [];
    if (block.when) chips.push(this.condition(block, head, nth));
    else if (nth) chips.push(this.note("everybody else", ctx.branchMenu(head.id, nth)));
    if (block.when && !block.else) chips.push(this.nothing(head.id, nth + 1));
    if (["text", "src", "url", "offer"].some((field) => isVaried(block[field]))) chips.push(this.note("differs by person"));
    const row = this.row({ id: block.id, name, title, words: wordsOf(block, ctx.choices), chips, handle: nth ? null : head, isElse: nth > 0, branch: head.when ? `${head.id} ${nth}` : "" });
    if (block.kind !== "columns") return [row];
    return [row, h("div", { className: "me-columns" }, ...block.columns.map((column, index) => this.column(block, column, index)))];
  }

  column(block, column, index) {
    const key = `${block.id}/${index}`;
    return h("div", { className: "me-column" }, h("div", { className: "me-column-head" }, h("span", {}, `Column ${index + 1}`),
      h("button", { type: "button", className: "me-link", data: { key: `${key} add` }, ariaHasPopup: "menu", onclick: (event) => this.ctx.openAdd(event.currentTarget, { list: key }) }, icon("plus"), h("span", {}, "Add", h("span", { className: "visually-hidden" }, ` to column ${index + 1}`)))), this.list(column, key));
  }

  condition(block, head, nth) {
    const { ctx } = this;
    const words = ctx.sentences.only(block.when, nth ? "else only people" : "only people");
    return h("div", { className: "me-chip-row" },
      h("button", { type: "button", className: `me-chip${ctx.sentences.isBroken(block.when) ? " me-chip-broken" : ""}`, title: `${words}. Press to change`, data: { key: `${block.id} chip` }, onclick: () => ctx.changeCondition(block.id) }, icon("filter"), h("span", {}, words)),
      ctx.branchMenu(head.id, nth));
  }

  nothing(split, nth) {
    return h("div", { className: "me-chip-row", data: { branch: `${split} ${nth}` } }, h("span", { className: "me-chip me-chip-else" }, "else nothing"), this.ctx.branchMenu(split, nth));
  }

  note(words, ...more) {
    return h("div", { className: "me-chip-row" }, h("span", { className: "me-chip me-chip-else" }, words), ...more);
  }

  row({ id, name, title, words, chips, handle = null, isElse = false, branch = "" }) {
    const { ctx } = this;
    const isChosen = ctx.doc.selected === id;
    const problems = ctx.problemsOf(id);
    const mark = problems.length ? h("span", { className: `me-dot${problems.some((one) => one.is_error) ? "" : " me-dot-mild"}`, title: problems.map((one) => one.message).join(" ") }, h("span", { className: "visually-hidden" }, `${problems.length} to put right`)) : null;
    return h("div", { className: `me-row-block${isChosen ? " me-chosen" : ""}${isElse ? " me-else" : ""}`, data: branch ? { row: id, branch } : { row: id } },
      handle ? h("button", { type: "button", className: "rb-handle", ariaLabel: `Move ${title}: press Space, then the arrow keys`, title: "Drag, or press Space and move with the arrow keys", ariaPressed: "false", data: { key: `${id} handle`, handle: id } }, icon("grip-vertical")) : h("span", { className: "me-no-handle" }),
      h("button", { type: "button", className: "me-pick", "aria-current": isChosen ? "true" : "false", data: { key: `${id} pick`, pick: id }, onclick: () => ctx.choose(id) },
        icon(name), h("span", { className: "me-pick-words" }, h("span", { className: "me-pick-title" }, isElse ? `else ${title}` : title), h("span", { className: "me-pick-first" }, words)), mark),
      id ? h("button", { type: "button", className: "rb-small me-row-menu", ariaLabel: `What can be done with ${title}`, ariaHasPopup: "menu", data: { key: `${id} menu` }, onclick: (event) => ctx.openActions(event.currentTarget, id) }, icon("dots")) : null,
      chips.length ? h("div", { className: "me-chips" }, ...chips) : null);
  }

  // Which branches the person of the preview gets: the others stand back.
  mark(branches) {
    for (const row of this.host.querySelectorAll("[data-branch]")) {
      const [split, nth] = row.dataset.branch.split(" ");
      row.classList.toggle("me-not-shown", branches[split] !== undefined && branches[split].branch !== Number(nth));
    }
  }
}

// On a chosen block: Delete removes, Ctrl+D duplicates, Ctrl+C and Ctrl+V copy and paste, arrows go to the next.
function keys(event, ctx) {
  const id = event.target.closest("[data-pick]")?.dataset.pick;
  if (id === undefined || ctx.isMoving?.()) return;
  const picks = [...event.currentTarget.querySelectorAll("[data-pick]")];
  const at = picks.indexOf(event.target.closest("[data-pick]"));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  const letter = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase();
  const act = (run) => { event.preventDefault(); run(); };
  if (to !== undefined && picks[to] && !event.altKey) act(() => picks[to].focus());
  else if (event.key === "Delete" && id) act(() => ctx.remove(id));
  else if (letter === "d" && id) act(() => ctx.duplicate(id));
  else if (letter === "c" && id) act(() => ctx.copy(id));
  else if (letter === "v") act(() => ctx.paste(id));
}
