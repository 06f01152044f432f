// The settings of what is chosen: of the mail itself, or of one block with whom it is shown to.
import { h } from "./dom.js";
import { icon } from "./rule-controls.js";
import { showTo } from "./mail-condition.js";
import { checkField, choiceField, colourField, numberField, selectField, smallButton, textField } from "./mail-fields.js";
import { kindOf, SOURCE_CHOICES } from "./mail-kinds.js";
import { find, MOST_COLUMNS, setColumns } from "./mail-tree.js";
import { variedField } from "./mail-varied.js";

const ALIGNS = [["left", "Left"], ["center", "Middle"], ["right", "Right"]];
const LEVELS = [[1, "Large"], [2, "Medium"], [3, "Small"]];
const FALLBACKS = [["popular", "what sells best"], ["new", "what is new"], ["hide", "leave the block out"]];
const FONTS = [["sans", "The reader's own"], ["arial", "Arial"], ["verdana", "Verdana"], ["trebuchet", "Trebuchet"], ["georgia", "Georgia"], ["times", "Times"], ["courier", "Courier"]];
const LOOK = { text: "#1f2933", background: "#f2f4f7", paper: "#ffffff", accent: "#1f5fbf" };

export function drawSettings(ctx, id) {
  return id ? ofBlock(ctx, id) : ofMail(ctx);
}

const text = (ctx, id, path, label, more = {}) => textField(ctx, { id, path, label, ...more });
const varied = (ctx, id, path, label, more = {}) => variedField(ctx, { id, path, label, make: (at, words, extra) => textField(ctx, { id, path: at, label: words, ...more, ...extra }) });

function ofMail(ctx) {
  const isModule = ctx.kind === "module";
  const parts = isModule
    ? [h("p", { className: "me-hint" }, "A module is put into mails as it is now; a change of it changes them all.")]
    : [varied(ctx, "", ["subject"], "Subject", { placeholder: "What the mail is about" }), varied(ctx, "", ["preheader"], "Preheader", { placeholder: "Stands after the subject in the inbox", hint: "The first words an inbox shows after the subject." })];
  const look = [
    selectField(ctx, { id: "", path: ["look", "font"], label: "Font", options: FONTS, fallback: "sans" }),
    numberField(ctx, { id: "", path: ["look", "width_px"], label: "Width", unit: "pixels", min: 320, max: 800, placeholder: "600" }),
    h("div", { className: "me-grid" }, ...[["accent", "Buttons and links"], ["text", "Words"], ["paper", "Paper"], ["background", "Background"]].map(([key, label]) => colourField(ctx, { id: "", path: ["look", key], label, fallback: LOOK[key] }))),
  ];
  return [
    h("div", { className: "me-settings-head" }, icon(isModule ? "puzzle" : "mail"), h("h2", { className: "me-settings-title", tabIndex: -1 }, isModule ? "Module" : "Subject and look")),
    ...parts, ...(isModule ? [] : [h("h3", { className: "me-section" }, "Look"), ...look]),
  ];
}

function ofBlock(ctx, id) {
  const { block, nth } = find(ctx.doc.content, id);
  const { title, icon: name } = kindOf(block);
  const key = (what) => ({ data: { key: `${id} ${what}` } });
  const head = h("div", { className: "me-settings-head" }, icon(name), h("h2", { className: "me-settings-title", tabIndex: -1 }, title),
    nth ? null : smallButton("copy", "Duplicate", () => ctx.duplicate(id), key("duplicate")),
    smallButton("clipboard", "Copy this block (Ctrl+C in the list)", () => ctx.copy(id), key("copy")),
    smallButton("trash", nth ? "Remove: those people then get the next, or nothing" : "Remove", () => ctx.remove(id), key("remove")));
  return [head, h("p", { className: "me-error me-error-block", data: { place: `blocks.${id}` }, hidden: true }), ...(FIELDS[block.kind] ?? unknown)(ctx, id, block), showTo(ctx, id), more(ctx, id)];
}

const unknown = (_, __, block) => [h("p", { className: "me-hint" }, "A block that this page does not know; it is kept as it is."), h("code", { className: "rb-json" }, JSON.stringify(block))];

function more(ctx, id) {
  const details = h("details", { className: "me-more", open: Boolean(ctx.doc.at(id).label) }, h("summary", { data: { key: `${id} more` } }, "Name in the list"));
  details.append(text(ctx, id, ["label"], "Name in the list", { isLiquid: false, isQuiet: true, placeholder: "By its first words" }));
  return details;
}

const align = (ctx, id) => choiceField(ctx, { id, path: ["align"], label: "Place", options: ALIGNS, fallback: "left" });
const address = (ctx, id, label, more_ = {}) => varied(ctx, id, ["url"], label, { placeholder: "https://", ...more_ });
const named = (ctx, list, options) => ({ options: ctx.choices[list].map((one) => [one.key, one.name]), empty: options });

const FIELDS = {
  text: (ctx, id) => [text(ctx, id, ["text"], "Text", { rows: 9, isMarkdown: true }), align(ctx, id)],
  heading: (ctx, id) => [varied(ctx, id, ["text"], "Heading"), selectField(ctx, { id, path: ["level"], label: "Size", options: LEVELS, isNumber: true, fallback: 1 }), align(ctx, id)],
  image: (ctx, id) => [
    varied(ctx, id, ["src"], "Address of the image", { placeholder: "https://" }), text(ctx, id, ["alt"], "What it shows", { hint: "Read aloud, and seen where images are off." }),
    address(ctx, id, "Leads to", { hint: "Nothing: the image is no link." }), numberField(ctx, { id, path: ["width_px"], label: "Width", unit: "pixels", min: 1, max: 2000, placeholder: "as wide as the mail" }),
  ],
  button: (ctx, id) => [varied(ctx, id, ["text"], "Words on it"), address(ctx, id, "Leads to"), align(ctx, id)],
  divider: () => [],
  spacer: (ctx, id) => [numberField(ctx, { id, path: ["height_px"], label: "Height", unit: "pixels", min: 1, max: 200 })],
  products: ofProducts,
  offer: (ctx, id) => [
    variedField(ctx, { id, path: ["offer"], label: "Offer", make: (path, label, extra) => selectField(ctx, { id, path, label, ...named(ctx, "offers", ctx.choices.offers.length ? "choose an offer …" : "there is no offer yet"), ...extra }) }),
    text(ctx, id, ["title"], "Title"), text(ctx, id, ["text"], "Text", { rows: 4, isMarkdown: true, hint: "offer.code is the person's own code." }), text(ctx, id, ["button"], "Words on the button", { placeholder: "None: no button" }),
    text(ctx, id, ["without"], "Instead, who cannot have it sees", { rows: 2, placeholder: "Nothing" }),
  ],
  feed: (ctx, id) => [
    selectField(ctx, { id, path: ["feed"], label: "Feed", ...named(ctx, "feeds", ctx.choices.feeds.length ? "choose a feed …" : "there is no feed yet") }),
    text(ctx, id, ["text"], "Text", { rows: 6, isMarkdown: true, hint: "feed is what the endpoint answered." }), text(ctx, id, ["without"], "Instead, where it gives no answer", { rows: 2, placeholder: "Nothing" }),
  ],
  mjml: (ctx, id) => [text(ctx, id, ["source"], "MJML", { rows: 18, isCode: true })],
  html: (ctx, id) => [text(ctx, id, ["source"], "HTML", { rows: 18, isCode: true })],
  footer: (ctx, id) => [text(ctx, id, ["text"], "Text", { rows: 5, isMarkdown: true, hint: "The link to unsubscribe follows it." })],
  columns: (ctx, id, block) => [selectField(ctx, {
    id, path: ["columns", "length"], label: "How many", isNumber: true, options: Array.from({ length: MOST_COLUMNS - 1 }, (_, index) => [index + 2, `${index + 2} columns`]),
    change: (n) => ctx.doc.edit(() => setColumns(ctx.doc.at(id), n)),
  }), h("p", { className: "me-hint" }, block.columns.some((one) => one.length) ? "On a phone they stand below one another." : "Add blocks to each column in the list of blocks.")],
  module: (ctx, id, block) => {
    const chosen = ctx.choices.modules.find((one) => one.key === block.module);
    return [
      selectField(ctx, { id, path: ["module"], label: "Module", isNumber: true, ...named(ctx, "modules", ctx.choices.modules.length ? "choose a module …" : "there is no module yet") }),
      chosen ? h("a", { className: "me-link", href: chosen.url, target: "_blank", rel: "noopener" }, icon("external-link"), `Edit “${chosen.name}”`) : h("p", { className: "me-hint" }, "Saved blocks that many mails share."),
    ];
  },
};

function ofProducts(ctx, id, block) {
  const kind = block.source?.kind;
  const source = (...path) => ["source", ...path];
  const own = {
    category: () => [textField(ctx, { id, path: source("category"), label: "Category", isLiquid: false })],
    feed: () => [selectField(ctx, { id, path: source("feed"), label: "Feed", ...named(ctx, "feeds", ctx.choices.feeds.length ? "choose a feed …" : "there is no feed yet") }),
      textField(ctx, { id, path: source("path"), label: "Where its list of items is", isLiquid: false, placeholder: "items", hint: "Names with dots between them." })],
  }[kind]?.() ?? [];
  const fallback = ["viewed", "popular", "new"].includes(kind) ? "Where there are too few" : "Who has too few gets";
  return [
    selectField(ctx, { id, path: source("kind"), label: "Which items", options: SOURCE_CHOICES }), ...own,
    selectField(ctx, { id, path: source("fallback"), label: fallback, options: FALLBACKS }),
    h("div", { className: "me-grid" }, numberField(ctx, { id, path: ["limit"], label: "Items", min: 1, max: 12 }), numberField(ctx, { id, path: ["per_row"], label: "In a row", min: 1, max: 4 })),
    textField(ctx, { id, path: ["button"], label: "Words on each button", placeholder: "None: no button" }),
    checkField(ctx, { id, path: ["shows_price"], label: "Show the price", fallback: true }), checkField(ctx, { id, path: ["shows_reason"], label: "Say why each was chosen" }),
    checkField(ctx, { id, path: source("in_stock"), label: "Only what is in stock", fallback: true }), checkField(ctx, { id, path: source("leaves_out_bought"), label: "Leave out what they bought", fallback: true }),
  ];
}

// Mistakes beside their fields: each at the innermost field whose place begins its own.
export function markProblems(host, problems, id) {
  const marks = [...host.querySelectorAll("[data-place]")];
  for (const one of host.querySelectorAll(".me-error")) Object.assign(one, { hidden: true, textContent: "" });
  for (const one of host.querySelectorAll("[aria-invalid]")) { one.removeAttribute("aria-invalid"); one.classList.remove("is-invalid"); }
  for (const problem of problems) {
    const within = marks.filter((one) => problem.place === one.dataset.place || (problem.place.startsWith(one.dataset.place) && ".[".includes(problem.place[one.dataset.place.length])));
    const mark = within.sort((a, b) => a.dataset.place.length - b.dataset.place.length).at(-1) ?? (id ? null : marks[0]);
    if (mark) show(mark, problem);
  }
}

function show(mark, { message, is_error: isError }) {
  const line = mark.matches(".me-error") ? mark : mark.querySelector(":scope > .me-error") ?? mark.parentElement.querySelector(":scope > .me-error");
  if (!line) return;
  line.textContent = line.textContent ? `${line.textContent} ${message}` : message;
  line.hidden = false;
  line.classList.toggle("me-warning", !isError);
  const control = mark.querySelector(":scope > input, :scope > select, :scope > textarea");
  if (!control || !isError) return;
  line.id ||= `${control.id}-error`;
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", line.id);
  control.classList.add("is-invalid");
}

