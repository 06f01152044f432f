// The rule while it is edited: groups {id, mode, of} and conditions {id, leaf}, and what can be done with them.
// "None of" is a mode of the editor; in the rule's JSON it is not(any(…)).
let last = 0;
const named = (node) => ({ id: `n${++last}`, ...node });

export const aGroup = (mode, of) => named({ mode, of });
export const aCondition = (leaf) => named({ leaf });
export const isGroup = (node) => Boolean(node.mode);

export function fromRule(rule) {
  const node = rule?.root ? fromJson(rule.root) : aGroup("all", []);
  return isGroup(node) ? node : aGroup("all", [node]);
}

export const toRule = (root) => ({ version: 1, root: toJson(root) });

function fromJson(node) {
  const isList = Array.isArray(node?.of);
  if ((node?.kind === "all" || node?.kind === "any") && isList) return aGroup(node.kind, node.of.map(fromJson));
  if (node?.kind === "not" && node.of && !isList) {
    const inner = fromJson(node.of);
    return aGroup("none", inner.mode === "any" ? inner.of : [inner]);
  }
  return aCondition(structuredClone(node));
}

export function toJson(node) {
  if (!isGroup(node)) return node.leaf;
  const of = node.of.map(toJson);
  return node.mode === "none" ? { kind: "not", of: { kind: "any", of } } : { kind: node.mode, of };
}

// Each node's id → where it stands in the rule's JSON, as the server names places.
export function places(root, place = "root", found = new Map()) {
  found.set(root.id, place);
  if (isGroup(root)) {
    const inner = root.mode === "none" ? `${place}.of` : place;
    root.of.forEach((child, index) => places(child, `${inner}.of[${index}]`, found));
  }
  return found;
}

// {node, parent, index}; the root has no parent.
export function find(root, id, parent = null, index = 0) {
  if (root.id === id) return { node: root, parent, index };
  for (const [at, child] of (root.of ?? []).entries()) {
    const found = find(child, id, root, at);
    if (found) return found;
  }
  return null;
}

export const holds = (node, id) => Boolean(find(node, id));

export function remove(root, id) {
  const { node, parent, index } = find(root, id);
  parent.of.splice(index, 1);
  return node;
}

// Into a group, before its `index`-th child as it is now. False where it would end inside itself.
export function move(root, id, groupId, index) {
  const from = find(root, id);
  const to = find(root, groupId)?.node;
  if (!from?.parent || !to || holds(from.node, groupId)) return false;
  const at = from.parent === to && from.index < index ? index - 1 : index;
  from.parent.of.splice(from.index, 1);
  to.of.splice(at, 0, from.node);
  return true;
}

export function duplicate(root, id) {
  const { node, parent, index } = find(root, id);
  const copy = fromJson(structuredClone(toJson(node)));
  parent.of.splice(index + 1, 0, copy);
  return copy;
}

export function wrap(root, id) {
  const { node, parent, index } = find(root, id);
  const made = aGroup("any", [node]);
  parent.of.splice(index, 1, made);
  return made;
}

// Groups that a move has emptied go; one that was added empty stays until something is put in.
export function prune(group, keep = "") {
  group.of.filter(isGroup).forEach((child) => prune(child, keep));
  group.of = group.of.filter((child) => !isGroup(child) || child.of.length || child.id === keep);
}

// One step of a move by keyboard: up and down go through everything in reading order, into groups and out again;
// left goes out of the group, right into the one beside it.
export function step(root, id, way) {
  const { parent, index } = find(root, id);
  const above = parent.of[index - 1];
  const below = parent.of[index + 1];
  const outer = parent.id === root.id ? null : find(root, parent.id);
  if (way === "up" && above) return isGroup(above) ? move(root, id, above.id, above.of.length) : move(root, id, parent.id, index - 1);
  if (way === "down" && below) return isGroup(below) ? move(root, id, below.id, 0) : move(root, id, parent.id, index + 2);
  if (way === "up" && outer) return move(root, id, outer.parent.id, outer.index);
  if ((way === "down" || way === "left") && outer) return move(root, id, outer.parent.id, outer.index + 1);
  if (way === "right" && below && isGroup(below)) return move(root, id, below.id, 0);
  if (way === "right" && above && isGroup(above)) return move(root, id, above.id, above.of.length);
  return false;
}
