// What can be done with blocks, and the menus that offer it: add, duplicate, copy, paste, move, remove, and as whom to
// look at a branch. The clipboard is the browser's own storage, so that blocks go from one mail to another.
import { smallButton } from "./mail-fields.js";
import { MENU } from "./mail-kinds.js";
import { popup } from "./mail-popup.js";
import * as tree from "./mail-tree.js";

const CLIPBOARD = "mail-block";

export class BlockMenus {
  constructor(ctx) {
    this.ctx = ctx;
  }

  // As the page's other parts call them.
  verbs() {
    const names = ["openAdd", "openActions", "branchMenu", "duplicate", "copy", "paste", "canPaste", "remove", "changeCondition"];
    return Object.fromEntries(names.map((name) => [name, this[name].bind(this)]));
  }

  // Into a list, or after the block that is chosen.
  openAdd(opener, { list = "", after = this.ctx.doc.selected, before = "" }) {
    const isColumn = list.includes("/");
    const isOff = ({ kind }) => (kind === "columns" && isColumn) || (kind === "module" && this.ctx.kind === "module");
    popup(opener, "Add a block", MENU.filter((one) => !isOff(one)).map((one) => ({ ...one, run: () => this.add(one, { list, after, before }) }))).classList.add("me-menu-wide");
  }

  add(kind, { list, after, before }) {
    const { doc } = this.ctx;
    const made = { id: tree.freshId(tree.idsOf(doc.content)), ...kind.fresh() };
    doc.edit((content) => {
      const at = before && tree.find(content, before);
      if (at) return tree.insert(content, made, at.key, at.index);
      return list ? tree.insert(content, made, list) : tree.insertAfter(content, made, after);
    }, made.id);
    this.ctx.choose(made.id);
    this.ctx.say(`${kind.title} added.`);
    document.querySelector("[data-settings]").querySelector("textarea, input:not([type=radio]), select")?.focus();
  }

  openActions(opener, id) {
    const { doc } = this.ctx;
    const { nth, head, parent, index, list } = tree.find(doc.content, id);
    const move = (way) => () => { doc.edit((content) => tree.step(content, id, way), id); this.focus(id); };
    const own = nth ? [] : [
      { title: "Duplicate", hint: "Ctrl+D", icon: "copy", run: () => this.duplicate(id) },
    ];
    const moves = nth ? [] : [
      { title: "Move up", icon: "arrow-up", run: move("up"), isOff: !index && !parent }, { title: "Move down", icon: "arrow-down", run: move("down"), isOff: index === list.length - 1 && !parent },
      ...(parent ? [{ title: "To the column on the left", icon: "arrow-left", run: move("left") }, { title: "To the column on the right", icon: "arrow-right", run: move("right") }] : []),
      null, { title: "Add a block above …", icon: "plus", run: () => this.openAdd(opener, { before: id }) }, { title: "Add a block below …", icon: "plus", run: () => this.openAdd(opener, { after: id }) }, null,
    ];
    popup(opener, "What can be done with the block", [
      ...own, { title: "Copy", hint: "Ctrl+C", icon: "clipboard", run: () => this.copy(id) }, ...(this.canPaste() ? [{ title: "Paste below", hint: "Ctrl+V", icon: "clipboard-list", run: () => this.paste(id) }] : []), null, ...moves,
      ...(tree.find(doc.content, id).block.when ? [{ title: "Change for whom …", icon: "filter", run: () => this.changeCondition(id) }] : [{ title: "Only for some people …", icon: "filter", run: () => this.changeCondition(id) }]),
      ...(!nth && this.ctx.kind !== "module" && this.ctx.saveModule ? [{ title: "Save as a module …", icon: "puzzle", run: () => this.ctx.saveModule(head) }] : []),
      null, { title: "Remove", hint: "Delete", icon: "trash", run: () => this.remove(id) },
    ]);
  }

  // Beside a branch: as whom to look at it.
  branchMenu(split, nth) {
    const { ctx } = this;
    const open = (event) => {
      const preview = ctx.preview();
      const isNow = ctx.branches()[split]?.branch === nth;
      popup(event.currentTarget, "Look at this branch", [
        { title: isNow ? "As another person who gets this" : "As a person who gets this", icon: "user", run: () => preview.asBranch(split, nth, { another: isNow }) },
        { title: "Show it whoever gets it", icon: "eye", run: () => preview.force(split, nth) },
        ...(preview.forced[split] === undefined ? [] : [{ title: "Show it as they get it", icon: "arrow-back-up", run: () => preview.release() }]),
      ]);
    };
    return smallButton("eye", "Look at this branch", open, { ariaHasPopup: "menu", data: { key: `${split} ${nth} look` } });
  }

  duplicate(id) {
    let copy;
    this.ctx.doc.edit((content) => { copy = tree.duplicate(content, id); }, id);
    this.ctx.doc.select(copy.id);
    this.focus(copy.id);
    this.ctx.say("Duplicated.");
  }

  copy(id) {
    const { block, head, nth } = tree.find(this.ctx.doc.content, id);
    const { else: _, ...alone } = block;
    localStorage.setItem(CLIPBOARD, JSON.stringify(nth ? alone : head));
    dispatchEvent(new Event("storage"));
    this.ctx.say("Copied. It can be pasted here or into another mail.");
  }

  canPaste() {
    return Boolean(localStorage.getItem(CLIPBOARD));
  }

  paste(id) {
    const { doc } = this.ctx;
    const text = localStorage.getItem(CLIPBOARD);
    if (!text) return this.ctx.say("No block was copied.");
    const made = tree.copyOf(JSON.parse(text), tree.idsOf(doc.content));
    doc.edit((content) => tree.insertAfter(content, made, id), made.id);
    doc.select(made.id);
    this.focus(made.id);
    return this.ctx.say("Pasted.");
  }

  remove(id) {
    const { doc } = this.ctx;
    const { list, index, nth, head, parent } = tree.find(doc.content, id);
    const next = nth ? head : list[index + 1] ?? list[index - 1] ?? parent;
    doc.edit((content) => { tree.remove(content, id); }, next?.id ?? "");
    this.focus(doc.selected);
    this.ctx.say("Removed. Undo brings it back.");
  }

  async changeCondition(id) {
    const { doc } = this.ctx;
    const rule = await this.ctx.editRule({ rule: doc.at(id).when ?? null, title: "Show this block to whom?" });
    if (!rule) return;
    doc.select(id);
    doc.set(id, ["when"], rule, { isForm: true });
  }

  focus(id) {
    document.querySelector(`[data-outline] [data-pick="${id}"]`)?.focus();
  }
}
