// The rule builder: keeps the rule while it is edited, draws it, and tells who uses it of every change.
import { h } from "./dom.js";
import { drawCard, drawGroup } from "./rule-card.js";
import { dragging } from "./rule-drag.js";
import { History } from "./rule-history.js";
import { KINDS } from "./rule-kinds.js";
import { Lookup } from "./rule-lookup.js";
import { moving } from "./rule-move.js";
import * as tree from "./rule-tree.js";

export class RuleBuilder {
  // `words`: what the data has (vocabulary.py); `onchange` gets the whole rule; `onwatch` the condition and field of a
  // number that is being set; `compact` for narrow places.
  constructor(host, { rule, words, onchange, onwatch, compact = false }) {
    Object.assign(this, { host, words, onchange, onwatch });
    this.root = tree.fromRule(rule);
    this.lookup = new Lookup(words.lookup);
    this.history = new History(this.root);
    this.said = h("div", { className: "visually-hidden", role: "status", ariaLive: "assertive" });
    this.body = h("div", { className: "rb-body" });
    host.classList.add("rb");
    host.classList.toggle("rb-compact", compact);
    host.replaceChildren(this.body, this.said);
    dragging(this);
    moving(this);
    host.addEventListener("keydown", (event) => this.shortcut(event));
    this.draw();
  }

  get rule() {
    return tree.toRule(this.root);
  }

  // Another rule in its place, as one step that can be undone.
  replace(rule) {
    this.edit(() => { this.root = tree.fromRule(rule); });
  }

  // What a condition's controls may do: `set` changes it as is, `redraw` when other controls follow from it.
  context(node) {
    const { words, lookup } = this;
    return {
      words, lookup,
      set: (change, field) => { change(); this.changed(`${node.id} ${field}`); this.clearError(node.id); },
      redraw: (change, focus) => { change(); this.redrawCard(node, focus); this.changed(); },
      watch: (field) => this.onwatch?.(node, field),
      typeOf: (event, reference) => lookup.typeOf(event, reference, () => this.redrawCard(node)),
    };
  }

  changed(about = "") {
    this.history.add(this.root, about);
    this.onchange(this.rule);
  }

  // A change of the tree's form; `focus` is where one goes on: a node's id and a field's name.
  edit(change, focus) {
    change();
    this.draw(focus);
    this.changed();
  }

  add(groupId, kind) {
    const made = tree.aCondition(KINDS[kind].fresh(this.words));
    this.edit(() => tree.find(this.root, groupId).node.of.push(made), { id: made.id });
    if (document.activeElement.role === "combobox") document.activeElement.click(); // what there is to choose
  }

  addGroup(groupId) {
    const made = tree.aGroup("any", []);
    this.edit(() => tree.find(this.root, groupId).node.of.push(made), { id: made.id, field: "add" });
  }

  duplicate(id) {
    let copy;
    this.edit(() => { copy = tree.duplicate(this.root, id); }, null);
    this.focus({ id: copy.id });
    this.say("Duplicated.");
  }

  wrap(id) {
    this.edit(() => tree.wrap(this.root, id), { id, field: "wrap" });
    this.say("Put in a group of its own.");
  }

  remove(id) {
    const { parent, index } = tree.find(this.root, id);
    const next = parent.of[index + 1] ?? parent.of[index - 1];
    this.edit(() => { tree.remove(this.root, id); }, next ? { id: next.id, field: "remove" } : { id: parent.id, field: "add" });
    this.say("Removed. Undo brings it back.");
  }

  undo() {
    this.turned(this.history.undo(), "Undone.");
  }

  redo() {
    this.turned(this.history.redo(), "Done again.");
  }

  turned(state, words) {
    if (!state) return this.say("Nothing more.");
    this.root = state;
    this.draw();
    this.onchange(this.rule);
    this.say(words);
    return undefined;
  }

  shortcut(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.matches("input, textarea")) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) this.redo();
    else this.undo();
  }

  say(text) {
    this.said.textContent = "";
    requestAnimationFrame(() => { this.said.textContent = text; });
  }

  // Sets a number from outside, such as by the edge in a histogram.
  setNumber(node, field, value) {
    node.leaf[field] = value;
    const control = this.control({ id: node.id, field });
    if (control) control.value = value;
    this.changed(`${node.id} ${field}`);
  }

  draw(focus = this.focused()) {
    this.body.replaceChildren(drawGroup(this.root, this));
    this.focus(focus);
    this.showError();
  }

  redrawCard(node, field) {
    const old = this.element(node.id);
    if (!old) return;
    const before = this.focused();
    old.replaceWith(drawCard(node, this));
    if (field) this.focus({ id: node.id, field });
    else if (before?.id === node.id) this.focus(before);
    this.showError();
  }

  element(id) {
    return this.body.querySelector(`[data-node="${id}"]`);
  }

  control({ id, field }) {
    const host = this.element(id);
    const all = [...(host?.querySelectorAll("[data-field]") ?? [])].filter((one) => one.closest("[data-node]") === host);
    return field ? all.find((one) => one.dataset.field === field) : all.find((one) => one.matches("input, select") && one.dataset.field !== "did") ?? all[0];
  }

  focused() {
    const control = document.activeElement?.closest?.("[data-field]");
    if (!control || !this.body.contains(control)) return null;
    const caret = control.matches("input:not([type=number])") ? control.selectionStart : null;
    return { id: control.closest("[data-node]").dataset.node, field: control.dataset.field, caret };
  }

  focus(place) {
    const control = place && this.control(place);
    if (!control) return;
    control.focus();
    if (typeof place.caret === "number" && control.setSelectionRange && control.type !== "date") control.setSelectionRange(place.caret, place.caret);
  }

  // Marks the condition an error is about, and the control in it: `place` is a path into the rule's JSON.
  mark(place, message) {
    const nodes = [...tree.places(this.root)].filter(([, at]) => place === at || (place.startsWith(at) && ".[".includes(place[at.length])));
    const [id, at] = nodes.sort((a, b) => b[1].length - a[1].length)[0] ?? [];
    this.error = id && message ? { id, message, field: place.slice(at.length + 1) } : null;
    this.showError();
  }

  showError() {
    this.body.querySelectorAll(".rb-error").forEach((old) => old.remove());
    this.body.querySelectorAll("[aria-invalid]").forEach((old) => { old.removeAttribute("aria-invalid"); old.classList.remove("is-invalid"); });
    const host = this.error && this.element(this.error.id);
    if (!host) return;
    const fields = [...host.querySelectorAll("[data-field]")].filter((one) => one.closest("[data-node]") === host && one.matches("input, select"));
    const about = fields.filter((one) => this.error.field.startsWith(one.dataset.field)).sort((a, b) => b.dataset.field.length - a.dataset.field.length)[0];
    about?.classList.add("is-invalid");
    about?.setAttribute("aria-invalid", "true");
    host.append(h("p", { className: "rb-error", role: "alert" }, this.error.message));
  }

  clearError(id) {
    if (this.error?.id !== id) return;
    this.error = null;
    this.showError();
  }
}
