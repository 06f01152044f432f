// The editor of a mail: puts list, preview and settings together, and cares for undo, saving and the clipboard.
import { h } from "./dom.js";
import { BlockMenus } from "./mail-blocks.js";
import { ConditionDialog } from "./mail-condition.js";
import { Doc } from "./mail-doc.js";
import { focusIn, focusOn } from "./mail-fields.js";
import { formatting } from "./mail-format.js";
import { kindOf, wordsOf } from "./mail-kinds.js";
import { moving } from "./mail-move.js";
import { Outline } from "./mail-outline.js";
import { pasting } from "./mail-paste.js";
import { Preview } from "./mail-preview.js";
import { Report } from "./mail-report.js";
import { savedState } from "./mail-saved.js";
import { saveAs } from "./mail-save-as.js";
import { Sentences } from "./mail-sentences.js";
import { drawSettings, markProblems } from "./mail-settings.js";
import { find, target } from "./mail-tree.js";
import { testSend } from "./mail-test.js";
import { Words } from "./mail-words.js";

const PHONE = matchMedia("(max-width: 899.98px)");
const host = document.getElementById("mail-editor");
const at = (selector) => document.querySelector(selector);
const json = (id) => JSON.parse(document.getElementById(id).textContent);
const held = json("held");
const urls = Object.fromEntries(Object.entries(host.dataset).filter(([key]) => key.endsWith("Url")).map(([key, url]) => [key.slice(0, -3), url]));
const settings = host.querySelector("[data-settings]");
const outlineHost = host.querySelector("[data-outline]");
const dialog = new ConditionDialog(document.getElementById("condition"), json("words"));
const words = new Words(urls.words);
let problems = [];
let branches = {};
let person = null;

// What the parts of the page may use of one another.
const ctx = {
  doc: new Doc(held.content), kind: held.kind, choices: held.choices, urls,
  sentences: new Sentences(urls.sentences, () => ctx.redraw()),
  formatting, editRule: (asked) => dialog.edit(asked),
  inserter: (control, label) => words.inserter(control, label),
  pasting: (control) => pasting(control, urls.convert),
  say,
  problemsOf: (id) => problems.filter((one) => target(ctx.doc.content, one.place).id === id),
  redraw: () => { outline.draw(); drawChosen(); mark(); },
  focusOn: (place) => focusOn(settings, place),
  choose(id) {
    ctx.doc.select(id);
    if (PHONE.matches) tab("settings");
  },
  preview: () => preview,
  branches: () => branches,
};
Object.assign(ctx, new BlockMenus(ctx).verbs());
const outline = new Outline(outlineHost, ctx);
const preview = new Preview(host.querySelector("[data-preview]"), ctx, { urls, onanswer: heard });
const report = new Report(host.querySelector(".me-foot"), { onpick: goTo });
const saver = savedState(ctx, { host, held, url: urls.save });
ctx.isMoving = moving(outlineHost, ctx);
saveAs(ctx, { url: urls.saveAs });
testSend({ save: () => saver.settled(), person: () => person?.uuid ?? "", say });

function say(text) {
  const line = host.querySelector("[data-said-aloud]");
  line.textContent = "";
  requestAnimationFrame(() => { line.textContent = text; });
  const seen = host.querySelector("[data-say]") ?? host.appendChild(h("div", { className: "me-say", ariaHidden: "true", data: { say: "1" } }));
  seen.textContent = text;
  seen.classList.add("me-say-shown");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => seen.classList.remove("me-say-shown"), 4000);
}

let drawn;
function drawChosen() {
  const id = ctx.doc.selected;
  const focus = focusIn(settings);
  const { scrollTop } = settings;
  settings.replaceChildren(...drawSettings(ctx, id).filter(Boolean));
  settings.scrollTop = drawn === id ? scrollTop : 0;
  drawn = id;
  focusOn(settings, focus);
}

// What the preview's answer says of the list and of the settings.
function mark() {
  const { selected } = ctx.doc;
  markProblems(settings, problems.filter((one) => target(ctx.doc.content, one.place).id === selected), selected);
  outline.mark(branches);
  for (const line of settings.querySelectorAll("[data-why]")) {
    const got = branches[line.dataset.why];
    line.textContent = got ? `${person?.name || "This person"}: ${got.why || got.label}` : "";
  }
  for (const one of settings.querySelectorAll("[data-branch]")) {
    const [split, nth] = one.dataset.branch.split(" ");
    one.querySelector(".me-shown").hidden = branches[split]?.branch !== Number(nth);
  }
}

function heard(answer) {
  ({ branches = {}, person = null } = answer);
  problems = (answer.problems ?? []).map((one) => ({ ...one, where: whereOf(one) }));
  const told = Object.fromEntries(Object.entries(branches).map(([key, one]) => [key, { ...one, where: nameOf(key) }]));
  report.show({ ...answer, problems, branches: told });
  outline.draw();
  mark();
}

function whereOf({ place }) {
  const { id } = target(ctx.doc.content, place);
  return id ? nameOf(id) : place.split(/[.[]/)[0];
}

// A block, or one of its varied fields, as the list calls it.
function nameOf(key) {
  const block = find(ctx.doc.content, key.split(".")[0])?.block;
  return block ? [kindOf(block).title, wordsOf(block, ctx.choices).slice(0, 30)].filter(Boolean).join(" · ") : key;
}

// To the field that a problem is about.
function goTo(problem) {
  const { id } = target(ctx.doc.content, problem.place);
  ctx.choose(id);
  const fields = [...settings.querySelectorAll("[data-key]")].filter((one) => problem.place.startsWith(one.dataset.key) || one.closest("[data-place]")?.dataset.place === problem.place);
  const control = fields.filter((one) => one.matches("input, textarea, select, .me-chip")).at(-1) ?? settings.querySelector(".me-settings-title");
  control.scrollIntoView({ block: "nearest" });
  control.focus();
}

function tab(name) {
  host.dataset.tab = name;
  host.querySelectorAll("[data-show]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.show === name)));
}

ctx.doc.on(({ isForm, isSelection }) => {
  outline.draw();
  if (isForm) drawChosen();
  mark();
  buttons();
  if (isSelection) return;
  saver.changed();
  preview.soon();
});

function buttons() {
  at("[data-undo]").disabled = !ctx.doc.canUndo;
  at("[data-redo]").disabled = !ctx.doc.canRedo;
  at("[data-paste]").disabled = !ctx.canPaste();
}

function turn(way) {
  if (!ctx.doc.turn(way)) return say("Nothing more.");
  say(way === "undo" ? "Undone." : "Done again.");
  return outlineHost.querySelector(`[data-pick="${ctx.doc.selected}"]`)?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("dialog, [popover]") || ctx.isMoving()) return;
  const key = event.key.toLowerCase();
  if (key === "s") { event.preventDefault(); saver.save(); }
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  turn(key === "y" || event.shiftKey ? "redo" : "undo");
});
at("[data-undo]").addEventListener("click", () => turn("undo"));
at("[data-redo]").addEventListener("click", () => turn("redo"));
host.querySelectorAll("[data-show]").forEach((button) => button.addEventListener("click", () => tab(button.dataset.show)));
host.querySelector("[data-add]").addEventListener("click", (event) => ctx.openAdd(event.currentTarget, {}));
host.querySelector("[data-paste]").addEventListener("click", () => ctx.paste(ctx.doc.selected));
// Who leaves by a link leaves with everything saved; where that cannot be, the browser asks.
document.querySelector(".page-header").addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !saver.isUnsaved) return;
  event.preventDefault();
  await saver.settled();
  location.assign(link.href);
});
addEventListener("storage", buttons);
addEventListener("focus", buttons);

if (find(ctx.doc.content, location.hash.slice(1))) ctx.doc.selected = location.hash.slice(1);
ctx.redraw();
buttons();
preview.ask();
