// The mail as one person gets it. The old picture stays until the new one has come, at the same height.
import { h } from "./dom.js";
import { icon } from "./rule-controls.js";
import { linkButton } from "./mail-fields.js";
import { People } from "./mail-people.js";
import { post, Unreachable } from "./mail-post.js";

const PAUSE_MS = 450;

export class Preview {
  // `ctx.doc`; `onanswer` gets what the server said of the content.
  constructor(host, ctx, { urls, onanswer }) {
    Object.assign(this, { host, ctx, urls, onanswer });
    this.forced = {};
    this.branches = {};
    this.asked = 0;
    this.stage = host.querySelector("[data-stage]");
    this.forcing = host.querySelector("[data-forcing]");
    this.people = new People(host, { urls, onchange: () => { this.forced = {}; this.ask(); }, say: ctx.say });
    host.querySelectorAll("[data-device]").forEach((button) => button.addEventListener("click", () => this.device(button.dataset.device)));
    this.device(localStorage.getItem("mail-device") ?? "desktop");
  }

  device(device) {
    this.stage.dataset.as = device;
    localStorage.setItem("mail-device", device);
    this.host.querySelectorAll("[data-device]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.device === device)));
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    clearTimeout(this.timer);
    const mine = ++this.asked;
    this.leaving?.abort();
    this.leaving = new AbortController();
    this.stage.setAttribute("aria-busy", "true");
    const body = { content: this.ctx.doc.content, person: this.people.person?.uuid ?? "", forced: this.forced };
    try {
      const { status, answer } = await post(this.urls.preview, body, { signal: this.leaving.signal });
      if (mine !== this.asked) return;
      if (status === 200) this.show(answer);
      else this.unavailable(answer.message ?? "This cannot be shown.");
    } catch (error) {
      if (error.name === "AbortError" || mine !== this.asked) return;
      if (!(error instanceof Unreachable)) throw error;
      this.unavailable(`The preview waits: ${error.message}.`);
    }
  }

  unavailable(words) {
    this.stage.removeAttribute("aria-busy");
    this.say(words);
  }

  say(words) {
    const line = this.host.querySelector("[data-stale]");
    line.textContent = words;
    line.hidden = !words;
  }

  show(answer) {
    this.say(answer.frame_url ? "" : "It is shown as it was until what is wrong is put right.");
    if (answer.person) this.people.show(answer.person);
    this.inbox(answer);
    this.branches = answer.branches ?? {};
    this.showForced();
    if (answer.frame_url) this.frame(answer.frame_url);
    else this.stage.removeAttribute("aria-busy");
    this.onanswer(answer);
  }

  inbox({ subject, preheader, person, frame_url: isShown }) {
    if (!isShown) return;
    this.host.querySelector("[data-subject]").textContent = subject || "(no subject)";
    this.host.querySelector("[data-preheader]").textContent = preheader ? ` ${preheader}` : "";
    const link = this.host.querySelector("[data-profile]");
    link.hidden = !person?.url;
    if (person?.url) link.href = person.url;
  }

  // Two frames in turn: the new one takes over when it is there, scrolled as the old one was.
  frame(url) {
    const old = this.stage.querySelector("iframe:not([data-coming])");
    this.stage.querySelectorAll("iframe[data-coming]").forEach((one) => one.remove());
    const coming = h("iframe", { className: "me-frame", title: "The mail as it looks", data: { coming: "1" }, tabIndex: -1 });
    coming.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
    coming.addEventListener("load", () => {
      if (!coming.isConnected) return;
      const inside = coming.contentDocument;
      if (inside && old?.contentWindow) inside.scrollingElement?.scrollTo(0, old.contentDocument?.scrollingElement?.scrollTop ?? 0);
      delete coming.dataset.coming;
      coming.removeAttribute("tabindex");
      old?.remove();
      this.stage.removeAttribute("aria-busy");
    }, { once: true });
    coming.src = url;
    this.stage.append(coming);
  }

  // As somebody who gets the branch; where nobody does, the branch all the same.
  async asBranch(split, branch, { another = false } = {}) {
    const person = await this.people.forBranch({ content: this.ctx.doc.content, split, branch, not: another ? this.people.person?.uuid : undefined });
    if (person === undefined) return;
    if (person === null) return another ? this.ctx.say("Nobody else gets this.") : this.force(split, branch, "Nobody in the audience gets this now.");
    this.people.choose(person);
    this.ctx.say(`Shown as ${person.name || person.email}.`);
  }

  force(split, branch, why = "") {
    this.forced = { ...this.forced, [split]: branch };
    this.why = why;
    this.ask();
  }

  release() {
    this.forced = {};
    this.ask();
  }

  showForced() {
    const keys = Object.keys(this.forced);
    this.forcing.hidden = !keys.length;
    if (!keys.length) return;
    this.forcing.replaceChildren(icon("hand-stop"), h("span", {}, `${this.why ? `${this.why} ` : ""}Shown all the same, not as this person would get it.`), linkButton("Show it as they get it", () => this.release()));
  }
}
