// Below the preview: what is to put right, what could be better, how large the mail is, and why this person gets what.
import { h } from "./dom.js";
import { icon } from "./rule-controls.js";

const CLIPPED_BYTES = 102 * 1024; // Gmail hides what comes after
const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

export class Report {
  // `onpick(problem)` leads to its field.
  constructor(host, { onpick }) {
    Object.assign(this, { host, onpick });
    this.summary = host.querySelector("[data-summary]");
    this.said = host.querySelector("[data-said]");
    this.body = host.querySelector("[data-report]");
    this.button = host.querySelector("[data-toggle]");
    this.button.addEventListener("click", () => this.toggle());
  }

  toggle(isOpen = this.body.hidden) {
    this.body.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
  }

  show({ problems = [], hints = [], size_bytes: size, branches = {}, person }) {
    const errors = problems.filter((one) => one.is_error).length;
    const rest = problems.length - errors;
    const notes = hints.filter((one) => one.level !== "good" && one.level !== "ok").length;
    const counts = [errors && plural(errors, "mistake"), rest && plural(rest, "warning"), notes && plural(notes, "hint")].filter(Boolean);
    this.summary.replaceChildren(h("span", { className: `me-state me-state-${errors ? "bad" : rest || notes ? "mild" : "good"}` }, icon(errors || rest ? "alert-triangle" : "circle-check")), counts.length ? counts.join(", ") : "Nothing to put right");
    const words = errors ? `${plural(errors, "mistake")} to put right` : "Nothing to put right";
    if (this.said.textContent !== words) this.said.textContent = words;
    if (size !== undefined && size !== null) this.size(size);
    this.body.replaceChildren(...this.parts({ problems, hints, branches, person }));
  }

  size(bytes) {
    const meter = this.host.querySelector("[data-size] meter");
    meter.max = CLIPPED_BYTES;
    meter.high = CLIPPED_BYTES * 0.9;
    meter.value = Math.min(bytes, CLIPPED_BYTES);
    const words = `${Math.max(1, Math.round(bytes / 1024))} KB of 102 KB`;
    meter.textContent = words;
    this.host.querySelector("[data-size] [data-words]").textContent = words;
    this.host.querySelector("[data-size]").classList.toggle("me-too-large", bytes > CLIPPED_BYTES);
  }

  parts({ problems, hints, branches, person }) {
    const list = (title, items) => (items.length ? [h("h2", { className: "me-section" }, title), h("ul", { className: "me-report" }, ...items)] : []);
    const problem = (one) => h("li", {}, h("button", { type: "button", className: "me-report-line", onclick: () => this.onpick(one) },
      h("span", { className: `me-state me-state-${one.is_error ? "bad" : "mild"}` }, icon("alert-triangle"), h("span", { className: "visually-hidden" }, one.is_error ? "Mistake: " : "Warning: ")), h("span", {}, one.message, one.where ? h("span", { className: "me-where" }, one.where) : null)));
    const hint = (one) => h("li", { className: "me-report-line" }, h("span", { className: `me-state me-state-${one.level === "good" || one.level === "ok" ? "good" : "mild"}` }, icon("bulb")), h("span", {}, one.text));
    const got = Object.values(branches).map((one) => h("li", { className: "me-report-line" }, icon("git-branch"), h("span", {}, one.where ? h("span", { className: "me-where-first" }, one.where) : null, h("strong", {}, one.label), one.why ? `: ${one.why}` : "")));
    const ordered = [...problems].sort((a, b) => Number(b.is_error) - Number(a.is_error));
    const parts = [...list("To put right", ordered.map(problem)), ...list("Could be better", hints.map(hint)), ...list(person ? `What ${person.name || "this person"} gets, and why` : "What is shown", got)];
    return parts.length ? parts : [h("p", { className: "me-hint" }, "The mail has no mistakes, and nothing in it differs by person.")];
  }
}
