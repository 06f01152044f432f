// The rule builder: groups of conditions as boxes. Every control is a native one, so the keyboard does all.
import { button, h, select } from "./dom.js";
import { KINDS } from "./rule-leaves.js";

const GROUPS = [["all", "all of these"], ["any", "any of these"], ["none", "none of these"]];
let builders = 0;

export class RuleBuilder {
  // `words`: what the data has (events, traits, segments, predictors); `onchange` gets the whole rule.
  constructor(host, { rule, words, onchange }) {
    this.host = host;
    this.words = words;
    this.onchange = onchange;
    this.root = asGroup(rule?.root);
    this.number = ++builders;
    this.draw();
  }

  get rule() {
    return { version: 1, root: asJson(this.root) };
  }

  // Marks the condition an error is about: `place` is a path into the rule's JSON.
  mark(place, message) {
    this.host.querySelectorAll(".rule-error").forEach((old) => old.remove());
    const marked = [...this.host.querySelectorAll("[data-place]")].filter((one) => place.startsWith(one.dataset.place));
    marked.sort((a, b) => b.dataset.place.length - a.dataset.place.length)[0]?.append(h("p", { className: "rule-error invalid-feedback d-block", role: "alert" }, message));
  }

  changed() {
    this.onchange(this.rule);
  }

  redraw() {
    const focused = [...this.host.querySelectorAll("select, input, button")].indexOf(document.activeElement);
    this.draw();
    if (focused >= 0) (this.host.querySelectorAll("select, input, button")[focused] ?? this.host.querySelector("button"))?.focus();
    this.changed();
  }

  draw() {
    this.host.replaceChildren(this.group(this.root, "root", null), ...this.lists());
  }

  lists() {
    const list = (id, names) => h("datalist", { id }, ...names.map(({ name, note }) => h("option", { value: name }, note ?? "")));
    if (document.getElementById("rule-events")) return [];
    return [list("rule-events", this.words.events), list("rule-traits", this.words.traits), list("rule-properties", this.words.properties)];
  }

  group(node, place, parent) {
    const inner = node.mode === "none" ? `${place}.of` : place;
    const head = h("div", { className: "rule-head" },
      h("span", {}, parent ? "who match" : "People who match"),
      select("How the conditions join", GROUPS, node.mode, (mode) => { node.mode = mode; this.redraw(); }),
      ...(parent ? this.moves(parent, node) : []));
    const children = node.of.map((child, index) => {
      const at = `${inner}.of[${index}]`;
      return h("li", {}, child.mode ? this.group(child, at, node) : this.leaf(child, at, node));
    });
    const kinds = Object.entries(KINDS).filter(([, kind]) => !kind.from || this.words[kind.from].length);
    const add = select("Add a condition", [["", "Add a condition …"], ...kinds.map(([key, kind]) => [key, kind.words]), ["group", "a group of conditions"]], "", (kind) => {
      node.of.push(kind === "group" ? { mode: "any", of: [KINDS.event.fresh()] } : KINDS[kind].fresh(this.words));
      this.redraw();
    });
    return h("div", { className: "rule-group", data: { place } }, head, h("ul", { className: "rule-list" }, ...children), h("div", { className: "rule-add" }, add));
  }

  leaf(node, place, parent) {
    const context = { words: this.words, changed: () => this.changed(), redraw: () => this.redraw() };
    return h("div", { className: "rule-leaf", data: { place } },
      h("div", { className: "rule-parts" }, ...(KINDS[node.kind]?.draw(node, context) ?? [h("code", {}, JSON.stringify(node))])),
      h("div", { className: "rule-moves" }, ...this.moves(parent, node)));
  }

  moves(parent, node) {
    const index = parent.of.indexOf(node);
    const swap = (other) => {
      [parent.of[index], parent.of[other]] = [parent.of[other], parent.of[index]];
      this.redraw();
    };
    return [
      h("button", { type: "button", className: "btn btn-sm btn-ghost", ariaLabel: "Move up", title: "Move up", disabled: index === 0, onclick: () => swap(index - 1) }, "↑"),
      h("button", { type: "button", className: "btn btn-sm btn-ghost", ariaLabel: "Move down", title: "Move down", disabled: index === parent.of.length - 1, onclick: () => swap(index + 1) }, "↓"),
      button("×", "Remove", () => { parent.of.splice(index, 1); this.redraw(); }),
    ];
  }
}

// The builder's groups know "none of"; in the rule's JSON that is not(any(…)).
function asGroup(node) {
  const edited = node && fromJson(node);
  if (edited?.mode) return edited;
  return { mode: "all", of: edited ? [edited] : [KINDS.event.fresh()] };
}

function fromJson(node) {
  if (node.kind === "all" || node.kind === "any") return { mode: node.kind, of: node.of.map(fromJson) };
  if (node.kind === "not") {
    const inner = fromJson(node.of);
    return inner.mode === "any" ? { mode: "none", of: inner.of } : { mode: "none", of: [inner] };
  }
  return structuredClone(node);
}

function asJson(node) {
  if (!node.mode) return node;
  const of = node.of.map(asJson);
  return node.mode === "none" ? { kind: "not", of: { kind: "any", of } } : { kind: node.mode, of };
}
