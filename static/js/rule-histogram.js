// How a number is spread over people, with the threshold as an edge that is dragged, or moved by the arrow keys.
import { h } from "./dom.js";

const WIDE = 320;
const HIGH = 120;
const PAUSE_MS = 300;
const MARKS = [50, 90];
const count = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export class Histogram {
  // `onset(value)` when the edge was moved; `ask(leaf)` answers with what the server counted.
  constructor(host, { ask, onset }) {
    Object.assign(this, { host, ask, onset, asked: 0 });
  }

  // Of a condition with `op` and `value`; asks again when something else than the threshold changed.
  show(leaf, field) {
    this.leaf = leaf;
    this.field = field === "to" ? "to" : "value";
    const { op, value, to, ...about } = leaf;
    const key = JSON.stringify(about);
    if (key === this.key) return this.place();
    this.key = key;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), this.found ? PAUSE_MS : 0);
    return undefined;
  }

  async load() {
    const mine = ++this.asked;
    const found = await this.ask(this.leaf);
    if (mine !== this.asked) return;
    this.found = found?.state === "found" ? found : null;
    if (this.found) this.draw();
    else this.host.replaceChildren(h("p", { className: "text-secondary small mb-0" }, WORDS[found?.state] ?? "It could not be counted now."));
  }

  draw() {
    const { edges, counts, ranks, mean, of, people, is_exact: isExact } = this.found;
    const most = Math.max(...counts, 1);
    const width = WIDE / counts.length;
    const bars = counts.map((n, index) => svg("rect", { class: "rb-bar", x: index * width + 0.5, width: Math.max(width - 1, 1), y: HIGH - (HIGH - 14) * (n / most), height: (HIGH - 14) * (n / most) },
      svg("title", {}, document.createTextNode(`${exact.format(edges[index])} to ${exact.format(edges[index + 1])}: ${count.format(n)} people`))));
    const marks = [...MARKS.map((rank) => [ranks[rank], rank === 50 ? "half" : `top ${100 - rank} %`]), [mean, "mean"]];
    const lines = marks.map(([at, words]) => svg("g", { class: words === "mean" ? "rb-mean" : "rb-mark" },
      svg("line", { x1: this.x(at), x2: this.x(at), y1: 10, y2: HIGH }), svg("text", { x: Math.min(this.x(at) + 3, WIDE - 34), y: words === "mean" ? 20 : 9 }, document.createTextNode(words))));
    this.edge = svg("g", {
      class: "rb-edge", role: "slider", tabindex: 0, "aria-label": "Threshold", "aria-valuemin": edges[0], "aria-valuemax": edges.at(-1), "aria-orientation": "horizontal",
    }, svg("rect", { class: "rb-edge-grip", x: -9, width: 18, y: 0, height: HIGH }), svg("line", { y1: 0, y2: HIGH }), svg("circle", { cy: HIGH - 8, r: 6 }));
    this.inside = svg("rect", { class: "rb-inside", y: 0, height: HIGH });
    this.picture = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "rb-picture", role: "group", "aria-label": of }, this.inside, ...bars, ...lines, this.edge);
    this.words = h("p", { className: "rb-threshold", role: "status" });
    this.host.replaceChildren(
      h("p", { className: "rb-picture-title" }, of),
      this.picture,
      h("div", { className: "rb-axis" }, h("span", {}, exact.format(edges[0])), h("span", {}, `${exact.format(edges.at(-1))} or more`)),
      this.words,
      h("p", { className: "rb-picture-note" }, `${isExact ? "" : "About "}${count.format(people)} people have it. Half of them up to ${exact.format(ranks[50])}, nine tenths up to ${exact.format(ranks[90])}; mean ${exact.format(mean)}.`));
    this.edge.addEventListener("pointerdown", (event) => this.drag(event));
    this.edge.addEventListener("keydown", (event) => this.pressed(event));
    this.place();
  }

  x(value) {
    const { edges } = this.found;
    const span = edges.at(-1) - edges[0] || 1;
    return Math.min(Math.max((value - edges[0]) / span, 0), 1) * WIDE;
  }

  // Puts the edge where the rule has it.
  place() {
    if (!this.found || !this.edge) return;
    const value = this.leaf[this.field] ?? this.found.edges[0];
    const at = this.x(value);
    this.edge.setAttribute("transform", `translate(${at} 0)`);
    this.edge.setAttribute("aria-valuenow", value);
    const text = this.says(value);
    this.edge.setAttribute("aria-valuetext", text);
    this.words.textContent = text;
    const [from, to] = this.range(at);
    this.inside.setAttribute("x", from);
    this.inside.setAttribute("width", Math.max(to - from, 0));
  }

  range(at) {
    if (["at_least", "more_than"].includes(this.leaf.op)) return [at, WIDE];
    if (["at_most", "less_than"].includes(this.leaf.op)) return [0, at];
    if (this.leaf.op === "between") return [this.x(this.leaf.value ?? 0), this.x(this.leaf.to ?? 0)];
    return [at - 1, at + 1];
  }

  says(value) {
    const { ranks, people } = this.found;
    const below = ranks.filter((one) => (this.leaf.op === "more_than" || this.leaf.op === "at_most" ? one <= value : one < value)).length;
    const share = Math.max(0, 100 - below);
    const isAbove = !["at_most", "less_than"].includes(this.leaf.op);
    const wanted = isAbove ? share : 100 - share;
    return `${isAbove ? "From" : "Up to"} ${exact.format(value)}: about ${wanted} % of them, ${count.format((people * wanted) / 100)} people`;
  }

  get unit() {
    const { edges, is_whole: isWhole } = this.found;
    const step = edges[1] - edges[0];
    return isWhole ? Math.max(1, Math.round(step)) : step;
  }

  set(value) {
    const { edges, is_whole: isWhole } = this.found;
    const near = Math.round(value / this.unit) * this.unit;
    const kept = Math.min(Math.max(isWhole ? Math.round(near) : Number(near.toPrecision(6)), edges[0]), edges.at(-1));
    if (kept === this.leaf[this.field]) return;
    this.leaf[this.field] = kept;
    this.place();
    this.onset(this.field, kept);
  }

  drag(start) {
    start.preventDefault();
    this.edge.focus();
    this.edge.setPointerCapture(start.pointerId);
    const { left, width } = this.picture.getBoundingClientRect();
    const { edges } = this.found;
    const moved = (event) => this.set(edges[0] + ((event.clientX - left) / width) * (edges.at(-1) - edges[0]));
    const done = () => {
      this.edge.removeEventListener("pointermove", moved);
      this.edge.removeEventListener("pointerup", done);
      this.edge.removeEventListener("pointercancel", done);
    };
    this.edge.addEventListener("pointermove", moved);
    this.edge.addEventListener("pointerup", done);
    this.edge.addEventListener("pointercancel", done);
  }

  pressed(event) {
    const { edges } = this.found;
    const now = this.leaf[this.field] ?? edges[0];
    const to = {
      ArrowRight: now + this.unit, ArrowUp: now + this.unit, ArrowLeft: now - this.unit, ArrowDown: now - this.unit,
      PageUp: now + 10 * this.unit, PageDown: now - 10 * this.unit, Home: edges[0], End: edges.at(-1),
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.set(to);
  }
}

const WORDS = {
  nobody: "Nobody has this number yet.",
  incomplete: "Choose what is counted, and its spread is shown here.",
  slow: "It takes too long to count now. The number can be typed.",
  none: "There is no number to show.",
};
