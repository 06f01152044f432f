// The content of a mail as a tree, and what can be done with its blocks. Knows no page; docs/content.md has the format.
// A block's `else`, and its `else` again, are its *chain*. A *list* is the mail's own ("root") or a column ("k3f9/1").
const SIGNS = "abcdefghijkmnpqrstuvwxyz23456789";
export const MOST_COLUMNS = 4;

export function* chain(block) {
  for (let one = block; one; one = one.else) yield one;
}

// Every block, in reading order, with where it stands: {block, head, nth, list, index, key, parent}.
export function* walk(content) {
  yield* inList(content.blocks ?? [], "root", null);
}

function* inList(list, key, parent) {
  for (const [index, head] of list.entries()) {
    let nth = 0;
    for (const block of chain(head)) {
      yield { block, head, nth, list, index, key, parent };
      nth += 1;
      for (const [at, column] of (block.columns ?? []).entries()) yield* inList(column, `${block.id}/${at}`, block);
    }
  }
}

export function find(content, id) {
  if (!id) return null;
  for (const at of walk(content)) if (at.block.id === id) return at;
  return null;
}

export function listOf(content, key) {
  if (key === "root") return content.blocks;
  const [id, at] = key.split("/");
  return find(content, id)?.block.columns?.[Number(at)] ?? null;
}

export function freshId(taken, random = Math.random) {
  let id;
  do id = Array.from({ length: 4 }, () => SIGNS[Math.floor(random() * SIGNS.length)]).join(""); while (taken.has(id));
  taken.add(id);
  return id;
}

export const idsOf = (content) => new Set([...walk(content)].map(({ block }) => block.id));

// A copy with ids of its own, of the block, its chain and what its columns hold.
export function copyOf(block, taken) {
  const copy = structuredClone(block);
  const name = (head) => {
    for (const one of chain(head)) {
      one.id = freshId(taken);
      (one.columns ?? []).flat().forEach(name);
    }
  };
  name(copy);
  return copy;
}

const hasColumns = (block) => [...chain(block)].some((one) => one.kind === "columns");
const holds = (block, id) => [...walk({ blocks: [block] })].some((at) => at.block.id === id);

// Columns hold no columns.
export const fits = (block, key) => key === "root" || !hasColumns(block);

export function insert(content, block, key = "root", index = Infinity) {
  const list = listOf(content, key);
  if (!list || !fits(block, key)) return false;
  list.splice(Math.min(index, list.length), 0, block);
  return true;
}

// After a block: in its list, beside its chain; at the end of the mail where there is none, above a footer.
export function insertAfter(content, block, id) {
  const at = find(content, id);
  if (!at) return insert(content, block, "root", content.blocks.at(-1)?.kind === "footer" ? content.blocks.length - 1 : Infinity);
  if (fits(block, at.key)) return insert(content, block, at.key, at.index + 1);
  return insertAfter(content, block, at.parent.id);
}

// With its chain; of a chain's later blocks only that one, and the rest closes up.
export function remove(content, id) {
  const { block, head, nth, list, index } = find(content, id);
  if (!nth) list.splice(index, 1);
  else {
    const before = [...chain(head)][nth - 1];
    if (block.else) before.else = block.else;
    else delete before.else;
  }
  return block;
}

export function duplicate(content, id) {
  const { head, list, index } = find(content, id);
  const copy = copyOf(head, idsOf(content));
  list.splice(index + 1, 0, copy);
  return copy;
}

// Into a list, before its `index`-th block as it is now. False where it cannot go.
export function move(content, id, key, index) {
  const from = find(content, id);
  const to = listOf(content, key);
  if (!from || from.nth || !to || !fits(from.head, key) || holds(from.head, key.split("/")[0])) return false;
  const at = from.list === to && from.index < index ? index - 1 : index;
  if (from.list === to && at === from.index) return false;
  from.list.splice(from.index, 1);
  to.splice(at, 0, from.head);
  return true;
}

// One step by keyboard: up and down in reading order, into columns and out of them; left and right between columns.
export function step(content, id, way) {
  const at = find(content, id);
  if (!at || at.nth) return false;
  const { head, list, index, key, parent } = at;
  const enters = (block) => block && !hasColumns(head) && [...chain(block)].find((one) => one.kind === "columns");
  if (way === "left" || way === "right") {
    if (!parent) return false;
    const to = Number(key.split("/")[1]) + (way === "left" ? -1 : 1);
    return Boolean(parent.columns[to]) && move(content, id, `${parent.id}/${to}`, Math.min(index, parent.columns[to].length));
  }
  const beside = list[index + (way === "up" ? -1 : 1)];
  const inner = enters(beside);
  if (inner) {
    const column = way === "up" ? inner.columns.length - 1 : 0;
    return move(content, id, `${inner.id}/${column}`, way === "up" ? inner.columns[column].length : 0);
  }
  if (beside) return move(content, id, key, index + (way === "up" ? -1 : 2));
  return parent ? leave(content, id, { parent, column: Number(key.split("/")[1]), way }) : false;
}

// Past a column's end: into the next column, and out after the last.
function leave(content, id, { parent, column, way }) {
  const next = column + (way === "up" ? -1 : 1);
  if (parent.columns[next]) return move(content, id, `${parent.id}/${next}`, way === "up" ? parent.columns[next].length : 0);
  const outer = find(content, parent.id);
  return move(content, id, outer.key, outer.index + (way === "up" ? 0 : 1));
}

// Another number of columns; what stood in those that go is kept in the last one.
export function setColumns(block, n) {
  const kept = block.columns.slice(0, n);
  while (kept.length < n) kept.push([]);
  kept[n - 1].push(...block.columns.slice(n).flat());
  block.columns = kept;
}

export const isVaried = (value) => Boolean(value) && typeof value === "object" && Array.isArray(value.cases);
export const elseOf = (value) => (isVaried(value) ? value.else ?? "" : value ?? "");

// Where what is said parts: {key, cases} by the name the server knows it by; branches are numbered, the else is last.
export function splits(content) {
  const found = [];
  const varied = (key, value) => { if (isVaried(value)) found.push({ key, rules: value.cases.map((one) => one.when) }); };
  varied("subject", content.subject);
  varied("preheader", content.preheader);
  for (const { block, head, nth } of walk(content)) {
    if (!nth && head.when) found.push({ key: head.id, rules: [...chain(head)].map((one) => one.when).filter(Boolean), blocks: [...chain(head)].map((one) => one.id) });
    for (const field of ["text", "src", "url", "offer"]) varied(`${block.id}.${field}`, block[field]);
  }
  return found;
}

// A place that the server names → {id of the block, "" for the mail's own; the field after it}.
export function target(content, place) {
  const named = /^blocks\.([a-z0-9-]+)\.?(.*)$/.exec(place);
  if (!named) return { id: "", field: place };
  const ids = [...idsOf(content)].filter((id) => named[1] === id || named[1].startsWith(`${id}-`)); // in a module: of the block that names it
  const id = ids.sort((a, b) => b.length - a.length)[0];
  return id === undefined ? { id: "", field: "" } : { id, field: id === named[1] ? named[2] : "" };
}
