// The mail while it is written: its content, what is chosen, undo and redo, and who is told of changes.
import { History } from "./rule-history.js";
import { find, walk } from "./mail-tree.js";

export class Doc {
  constructor(content) {
    this.content = content;
    this.selected = "";
    this.history = new History(content);
    this.listeners = [];
  }

  // `hear({isForm})`: isForm where other controls follow from the change, not only another value.
  on(hear) {
    this.listeners.push(hear);
  }

  tell(change) {
    this.listeners.forEach((hear) => hear(change));
  }

  // The block of that id; the mail itself for "".
  at(id) {
    return id ? find(this.content, id)?.block : this.content;
  }

  get(id, path) {
    return path.reduce((value, key) => value?.[key], this.at(id));
  }

  // One value; letters typed into one field within a moment are one step of undo. `undefined` takes it away.
  set(id, path, value, { isForm = false } = {}) {
    const owner = path.slice(0, -1).reduce((inner, key) => (inner[key] ??= {}), this.at(id));
    const last = path.at(-1);
    if (value === undefined) delete owner[last];
    else owner[last] = value;
    this.keep(isForm ? "" : `${id} ${path.join(".")}`, { isForm });
  }

  // A change of the form, a step of its own; `select` is the block one goes on with.
  edit(change, select = this.selected) {
    if (change(this.content) === false) return false;
    this.selected = find(this.content, select) ? select : "";
    this.keep("", { isForm: true });
    return true;
  }

  keep(about, change) {
    if (this.history.add(this.content, about)) this.tell(change);
  }

  select(id) {
    this.selected = find(this.content, id) ? id : "";
    this.tell({ isForm: true, isSelection: true });
  }

  // Other content in its place, as a step that can be undone.
  replace(content) {
    this.edit(() => { this.content = content; });
  }

  turn(way) {
    const state = this.history[way]();
    if (!state) return false;
    const changed = firstChanged(this.content, state);
    this.content = state;
    this.selected = changed ?? (find(state, this.selected) ? this.selected : "");
    this.tell({ isForm: true });
    return true;
  }

  get canUndo() {
    return this.history.past.length > 0;
  }

  get canRedo() {
    return this.history.future.length > 0;
  }
}

// What an undone step was about: the first block that is new or other than before, or the mail's own fields.
export function firstChanged(before, after) {
  const own = ({ else: _, columns: __, ...rest }) => JSON.stringify(rest);
  const known = new Map([...walk(before)].map(({ block }) => [block.id, own(block)]));
  for (const { block } of walk(after)) if (known.get(block.id) !== own(block)) return block.id;
  const head = ({ blocks: _, ...rest }) => JSON.stringify(rest);
  return head(before) === head(after) ? undefined : "";
}
