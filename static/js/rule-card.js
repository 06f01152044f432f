// Draws groups as boxes and conditions as cards. What is done with them is the builder's.
import { h } from "./dom.js";
import { icon, pick, small } from "./rule-controls.js";
import { KINDS } from "./rule-kinds.js";
import { openMenu } from "./rule-menu.js";
import { isGroup } from "./rule-tree.js";

const MODES = [["all", "all of these"], ["any", "any of these"], ["none", "none of these"]];
const JOINTS = { all: "and", any: "or", none: "nor" };

export function drawGroup(group, builder, parent = null) {
  const head = h("div", { className: "rb-head" },
    parent ? handle(group, builder, "Move the group") : null,
    h("span", { className: "rb-head-word" }, parent ? "match" : "People who match"),
    pick({ label: "How the conditions join", field: "mode", options: MODES, value: group.mode, onchange: (mode) => builder.edit(() => { group.mode = mode; }, { id: group.id, field: "mode" }) }),
    parent ? tools(group, builder) : null);
  const children = group.of.map((child, index) => h("li", { className: "rb-item", data: { id: child.id } },
    index ? h("span", { className: "rb-joint-word", ariaHidden: "true" }, JOINTS[group.mode]) : null,
    isGroup(child) ? drawGroup(child, builder, group) : drawCard(child, builder)));
  const empty = group.of.length ? null : h("p", { className: "rb-empty" }, parent ? "Nothing in this group yet. Drag a condition here, or add one." : "Say whom you mean: add the first condition.");
  const add = h("button", { type: "button", className: "rb-add", data: { field: "add" }, ariaHasPopup: "menu", onclick: (event) => openMenu(event.currentTarget, builder, group) }, icon("plus"), "Add a condition");
  return h("div", { className: `rb-group rb-${group.mode}`, role: "group", ariaLabel: `Group: ${MODES.find(([key]) => key === group.mode)[1]}`, data: { node: group.id } },
    head, h("ul", { className: "rb-list", data: { list: group.id } }, ...children), empty, add);
}

export function drawCard(node, builder) {
  const kind = KINDS[node.leaf?.kind];
  const body = kind ? kind.draw(node.leaf, builder.context(node)) : unknown(node.leaf);
  return h("div", { className: "rb-card", data: { node: node.id } },
    handle(node, builder, "Move the condition"), h("div", { className: "rb-sentence-parts" }, ...body), tools(node, builder), h("div", { className: "rb-below", data: { below: node.id } }));
}

function unknown(leaf) {
  return [h("span", { className: "rb-word" }, "A condition that this page does not know; it is kept as it is:"), h("code", { className: "rb-json" }, JSON.stringify(leaf))];
}

function handle(node, builder, label) {
  return h("button", {
    type: "button", className: "rb-handle", ariaLabel: `${label}: press Space, then the arrow keys`, title: "Drag, or press Space and move with the arrow keys",
    data: { field: "handle", handle: node.id }, ariaPressed: "false",
  }, icon("grip-vertical"));
}

function tools(node, builder) {
  return h("div", { className: "rb-tools" },
    small("copy", "Duplicate", () => builder.duplicate(node.id), { data: { field: "duplicate" } }),
    isGroup(node) ? null : small("hierarchy-2", "Put in a group of its own", () => builder.wrap(node.id), { data: { field: "wrap" } }),
    small("trash", "Remove", () => builder.remove(node.id), { data: { field: "remove" } }));
}
