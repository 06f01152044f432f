// Beside the rule, always in view: how many, how that changed with the last edit, who, and whether one person is in.
import { h } from "./dom.js";

const PAUSE_MS = 250;
const PATIENT_MS = 1200;
const number = new Intl.NumberFormat("en");

export class Preview {
  constructor(form, { onanswer }) {
    this.form = form;
    this.onanswer = onanswer;
    this.host = document.getElementById("preview");
    this.bar = document.querySelector("[data-bar-count]");
    this.sentence = document.querySelector("[data-rule-sentence]");
    this.asked = 0;
    this.people = document.getElementById("people");
    this.people.addEventListener("toggle", (event) => this.open(event.target), true);
    const person = document.getElementById("person-form");
    person.addEventListener("submit", (event) => { event.preventDefault(); this.findPerson(person); });
  }

  // Not at every letter; and what is typed over is no longer waited for.
  soon(rule) {
    this.rule = rule;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async post(url, fields, signal) {
    const answer = await fetch(url, {
      method: "POST", signal, body: new URLSearchParams(fields),
      headers: { "X-CSRFToken": this.form.querySelector("[name=csrfmiddlewaretoken]").value },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  }

  // Where a text stops being JSON; browsers do not say.
  async explain(text) {
    try {
      const answer = await this.post(this.host.dataset.url, { rule: text });
      return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-error]")?.textContent ?? "";
    } catch {
      return "is no JSON.";
    }
  }

  async ask(patient = false) {
    const mine = ++this.asked;
    this.leaving?.abort();
    this.leaving = new AbortController();
    clearTimeout(this.timer);
    if (!patient) this.host.setAttribute("aria-busy", "true");
    const rule = JSON.stringify(this.rule);
    try {
      const answer = await this.post(this.host.dataset.url, patient ? { rule, patient: "1" } : { rule }, this.leaving.signal);
      const parts = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      if (mine === this.asked) this.show(parts.firstElementChild, patient);
    } catch (error) {
      if (error.name === "AbortError" || mine !== this.asked) return;
      this.host.removeAttribute("aria-busy");
      this.host.replaceChildren(h("p", { className: "text-secondary mb-0" }, "The count cannot be reached now. Your rule is kept; it is asked for again with the next change."));
    }
  }

  show(answer, patient) {
    this.host.removeAttribute("aria-busy");
    const { n, low, high, exact, english, slow, place } = answer.dataset;
    const people = answer.querySelector("[data-people]");
    people?.remove();
    const isRead = this.people.querySelector("details[open]"); // not taken away under somebody's eyes
    if (!patient || !isRead) this.people.replaceChildren(...(people ? [people] : []));
    this.people.parentElement.hidden = !this.people.childElementCount;
    this.host.replaceChildren(answer);
    if (english) this.sentence.textContent = `${english}.`;
    this.sentence.classList.toggle("rb-waits", !english);
    if (n !== undefined) this.changed(answer, { n: Number(n), low: Number(low), high: Number(high), isExact: exact === "1" });
    else this.bar.textContent = place === undefined ? "…" : "–";
    this.onanswer({ place, message: place === undefined ? "" : answer.querySelector("[data-error]")?.textContent ?? "" });
    if ((slow || exact === "0") && !patient) this.timer = setTimeout(() => this.ask(true), PATIENT_MS);
  }

  // What the last edit did. A better count of the same rule is no change.
  changed(answer, size) {
    this.bar.textContent = `${size.isExact ? "" : "about "}${number.format(size.n)} ${size.n === 1 ? "person" : "people"}`;
    const rule = JSON.stringify(this.rule);
    if (rule !== this.counted) {
      this.before = this.size;
      this.counted = rule;
    }
    this.size = size;
    const line = answer.querySelector("[data-delta]");
    if (!line) return;
    if (!this.before) { line.textContent = "Change the rule to see what it does to the number."; return; }
    const by = size.n - this.before.n;
    const about = size.isExact && this.before.isExact ? "" : "about ";
    line.textContent = by === 0 ? "No change by the last edit." : `${about}${number.format(Math.abs(by))} ${by > 0 ? "more" : "fewer"} by the last edit (${number.format(this.before.n)} before)`;
    line.classList.add(by > 0 ? "rb-more" : by < 0 ? "rb-fewer" : "rb-same");
  }

  // The raw events behind a condition of a person, when they are asked for.
  async open(details) {
    const place = details.dataset?.behind;
    if (place === undefined || !details.open || details.dataset.loaded) return;
    details.dataset.loaded = "1";
    const host = details.querySelector("[data-events]");
    try {
      const answer = await this.post(this.host.dataset.behindUrl, { rule: JSON.stringify(this.rule), place, profile: details.dataset.profile });
      host.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
      document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: host } }));
    } catch {
      delete details.dataset.loaded;
      host.textContent = "The events cannot be reached now.";
    }
  }

  async findPerson(form) {
    const host = document.getElementById("person-answer");
    host.setAttribute("aria-busy", "true");
    try {
      const answer = await this.post(form.action, { rule: JSON.stringify(this.rule), who: form.elements.namedItem("who").value });
      host.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
      host.querySelectorAll("details").forEach((details) => details.addEventListener("toggle", () => this.open(details)));
      document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: host } }));
    } catch {
      host.textContent = "The answer cannot be reached now.";
    }
    host.removeAttribute("aria-busy");
  }
}
