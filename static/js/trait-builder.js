// Draws the form of a definition: its kind, and what each kind asks for. What it has no field for is kept as it is.
import { filters, windowFields } from "./trait-events.js";
import { h } from "./dom.js";

const field = (text, control, hint) => h("label", { className: "mb-3 d-block" }, h("span", { className: "form-label d-block" }, text), control, hint ? h("small", { className: "form-hint" }, hint) : null);

export function choice(options, value, onchange) {
  const control = h("select", { className: "form-select" });
  for (const [key, words] of options) control.append(h("option", { value: key, selected: key === value }, words));
  control.addEventListener("change", () => onchange(control.value));
  return control;
}

export function text(value, onchange, properties = {}) {
  const control = h("input", { className: "form-control", value: value ?? "", ...properties });
  control.addEventListener("change", () => onchange(control.type === "number" ? (control.value === "" ? undefined : Number(control.value)) : control.value));
  return control;
}

export function datalist(id, names) {
  return h("datalist", { id }, ...names.map((name) => h("option", { value: name })));
}

const STARTS = {
  events: () => ({ kind: "events", name: "", measure: "count" }),
  orders: () => ({ kind: "orders", measure: "count" }),
  visits: () => ({ kind: "visits", measure: "sessions" }),
  points: (words) => ({ kind: "points", weights: { ...words.defaults.weights.points }, half_life_days: words.defaults.half_life_days }),
  favourite: (words) => ({ kind: "favourite", by: "category", weights: { ...words.defaults.weights.favourite } }),
  band: (words) => ({ kind: "band", of: words.traits[0]?.[0] ?? "", best: "high" }),
  cell: () => ({ kind: "cell", of: ["rfm_recency", "rfm_frequency"] }),
};
const OF_NEEDED = new Set(["distinct", "first", "last", "most_frequent", "list"]);
const OF_NUMBER = new Set(["sum", "avg", "min", "max"]);

export class TraitBuilder {
  constructor(place, { definition, words, onchange }) {
    Object.assign(this, { place, words, onchange });
    this.definition = definition ?? STARTS.events();
    this.draw();
  }

  set(changes, redraw = true) {
    Object.assign(this.definition, changes);
    for (const key of Object.keys(this.definition)) if (this.definition[key] === undefined) delete this.definition[key];
    if (redraw) this.draw();
    this.onchange(this.definition);
  }

  begin(kind) {
    this.definition = STARTS[kind](this.words);
    this.set({});
  }

  draw() {
    const kinds = Object.entries(this.words.kinds);
    const active = document.activeElement?.closest?.("#trait-builder [data-part]")?.dataset.part;
    this.place.replaceChildren(
      field("What it is about", choice(kinds, this.definition.kind, (kind) => this.begin(kind))),
      datalist("known-events", this.words.events.map(([name]) => name)),
      ...this[this.definition.kind](),
    );
    if (active) this.place.querySelector(`[data-part="${active}"]`)?.focus();
  }

  events() {
    const d = this.definition;
    const parts = [
      field("Which event", text(d.name, (name) => this.set({ name }), { list: "known-events" })),
      field("What of it", choice(Object.entries(this.words.measures.events), d.measure, (measure) => this.measure(measure))),
    ];
    parts[0].querySelector("input").setAttribute("list", "known-events");
    if (OF_NEEDED.has(d.measure) || OF_NUMBER.has(d.measure)) parts.push(field("Of which property", this.reference(d.of, (of) => this.set({ of }))));
    if (d.measure === "first" || d.measure === "last") {
      const types = [["text", "as text"], ["number", "as a number"], ["date", "as a date"]];
      if (!d.of?.column) parts.push(field("Read", choice(types, d.read_as ?? "text", (read_as) => this.set({ read_as }))));
    }
    if (d.measure === "list") parts.push(field("At most so many", text(d.most ?? this.words.defaults.most, (most) => this.set({ most }, false), { type: "number", min: 1, max: 100 })));
    return [...parts, windowFields(d.window, (window) => this.set({ window })), filters(this)];
  }

  measure(measure) {
    const of = OF_NEEDED.has(measure) ? this.definition.of ?? { column: "item" } : OF_NUMBER.has(measure) ? { column: "value" } : undefined;
    this.set({ measure, of, read_as: undefined, most: undefined });
  }

  // A property of the event, or a column of the usual ones.
  reference(of, onchange) {
    const known = this.words.properties.filter(([name]) => name === this.definition.name).map(([, property]) => property);
    const options = [...this.words.columns.map((column) => [`column:${column}`, column]), ...[...new Set(known)].map((property) => [`property:${property}`, `property ${property}`])];
    const value = of?.column ? `column:${of.column}` : `property:${of?.property ?? ""}`;
    if (!options.some(([key]) => key === value)) options.push([value, of?.property ? `property ${of.property}` : "choose"]);
    return choice(options, value, (picked) => {
      const [where, ...name] = picked.split(":");
      onchange({ [where]: name.join(":") });
    });
  }

  orders() {
    const d = this.definition;
    const parts = [field("What of them", choice(Object.entries(this.words.measures.orders), d.measure, (measure) => this.set({ measure, gap_days: undefined, risk: undefined, lapse: undefined })))];
    if (d.measure !== "stage") return parts;
    const { gap_days, risk, lapse } = this.words.defaults.stage;
    const number = (name, otherwise) => text(d[name] ?? otherwise, (value) => this.set({ [name]: value }, false), { type: "number", min: 0, step: "any" });
    return [...parts,
      field("Usual days between orders, where a person has fewer than three", number("gap_days", gap_days)),
      field("At risk after so many times the usual gap", number("risk", risk)),
      field("Lapsed after so many times the usual gap", number("lapse", lapse))];
  }

  visits() {
    const d = this.definition;
    const lines = h("textarea", { className: "form-control", rows: 5, value: (d.without ?? this.words.defaults.without).join("\n") });
    lines.addEventListener("change", () => this.set({ without: lines.value.split("\n").map((one) => one.trim()).filter(Boolean) }, false));
    return [
      field("What of them", choice(Object.entries(this.words.measures.visits), d.measure, (measure) => this.set({ measure }))),
      field("Minutes of silence that end a visit", text(d.gap_minutes ?? this.words.defaults.gap_minutes, (gap_minutes) => this.set({ gap_minutes }, false), { type: "number", min: 1, max: 1440 })),
      field("Events that are no visit, one a line", lines),
    ];
  }

  points() {
    const days = text(this.definition.half_life_days ?? this.words.defaults.half_life_days, (half_life_days) => this.set({ half_life_days }, false), { type: "number", min: 1, max: 3650, step: "any" });
    return [field("Half of the points are gone after so many days", days), this.weights("points")];
  }

  favourite() {
    const by = [["category", "category"], ["brand", "brand"], ["item", "product"]];
    return [field("Their favourite", choice(by, this.definition.by, (value) => this.set({ by: value }))), this.weights("favourite")];
  }

  weights(kind) {
    const weights = Object.entries(this.definition.weights ?? this.words.defaults.weights[kind]);
    const save = (rows) => this.set({ weights: Object.fromEntries(rows.filter(([name]) => name)) });
    const rows = weights.map(([name, weight], i) => h("div", { className: "d-flex gap-2 mb-2" },
      h("label", { className: "flex-fill" }, h("span", { className: "visually-hidden" }, `Event ${i + 1}`), text(name, (value) => save(weights.with(i, [value, weight])), { "data-part": `name${i}` })),
      h("label", { className: "points-number" }, h("span", { className: "visually-hidden" }, `Points for ${name}`), text(weight, (value) => save(weights.with(i, [name, value])), { type: "number", min: 0, step: "any", "data-part": `weight${i}` })),
      h("button", { type: "button", className: "btn btn-ghost", ariaLabel: `Remove ${name}`, onclick: () => save(weights.toSpliced(i, 1)) }, "×")));
    const added = text("", (name) => name && save([...weights, [name, 1]]), { placeholder: "Event" });
    added.setAttribute("list", "known-events");
    return h("fieldset", { className: "mb-3" }, h("legend", { className: "form-label" }, "Points for each event"), ...rows, field("Another event", added));
  }

  band() {
    const best = [["high", "the highest"], ["low", "the lowest, or the most recent"]];
    return [
      field("By which trait", choice(this.words.traits, this.definition.of, (of) => this.set({ of }))),
      field("The best band, 5, is", choice(best, this.definition.best ?? "high", (value) => this.set({ best: value }))),
    ];
  }

  cell() {
    const of = this.definition.of;
    const rows = of.map((key, i) => field(`Part ${i + 1}`, choice([...this.words.traits, ["", "none"]], key, (value) => this.set({ of: value ? of.with(i, value) : of.toSpliced(i, 1) }))));
    const more = h("button", { type: "button", className: "btn", onclick: () => this.set({ of: [...of, this.words.traits[0][0]] }) }, "Add a part");
    return of.length < 5 && this.words.traits.length ? [...rows, more] : rows;
  }
}
