// Saves by itself a second after the last change, and keeps trying. What was asked without an answer is asked again as it
// was, so that one's own lost save is not taken for somebody else's.
import { post, Unreachable } from "./mail-post.js";

const PAUSE_MS = 1000;
const AT_MOST_MS = 8000;
const RETRY_MS = [2000, 4000, 8000, 15000, 30000];

export class Saver {
  // `content()` is what there is to save; `onstate({state, at, message})`; `onconflict(theirs)`.
  constructor({ url, revision, savedAt, content, onstate, onconflict, onanswer = () => {} }) {
    Object.assign(this, { url, revision, content, onstate, onconflict, onanswer });
    this.saved = JSON.stringify(content());
    this.failures = 0;
    this.told = { state: "saved", at: savedAt };
    addEventListener("online", () => { if (this.isUnsaved) this.save(); });
    addEventListener("beforeunload", (event) => { if (this.isUnsaved) event.preventDefault(); });
  }

  get isUnsaved() {
    return Boolean(this.body) || this.isSaving || JSON.stringify(this.content()) !== this.saved;
  }

  tell(told) {
    this.told = told;
    this.onstate(told);
  }

  changed() {
    if (this.theirs) return;
    if (!this.isUnsaved) {
      clearTimeout(this.timer);
      return this.tell({ state: "saved", at: this.told.at });
    }
    if (!this.isSaving && this.told.state !== "failed") this.tell({ state: "unsaved", at: this.told.at });
    this.since ??= performance.now();
    const wait = Math.min(PAUSE_MS, Math.max(0, this.since + AT_MOST_MS - performance.now()));
    if (!this.body) this.plan(wait);
  }

  plan(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.isSaving || this.theirs || (!this.body && !this.isUnsaved)) return;
    this.body ??= { revision: this.revision, content: structuredClone(this.content()) };
    this.isSaving = true;
    this.since = undefined;
    if (this.told.state !== "failed") this.tell({ state: "saving", at: this.told.at });
    try {
      this.heard(await post(this.url, this.body));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      this.failed(error.message);
    } finally {
      this.isSaving = false;
    }
    if (this.told.state === "saved") this.changed();
  }

  // True once everything is saved; false where it cannot be just now.
  async settled() {
    while (this.isUnsaved) {
      if (this.isSaving) await this.running;
      else {
        this.running = this.save();
        await this.running;
      }
      if (this.told.state !== "saved" && this.told.state !== "unsaved") return false;
    }
    return true;
  }

  heard({ status, answer }) {
    const sent = this.body;
    this.body = null;
    this.failures = 0;
    if (status === 409) {
      this.theirs = answer;
      this.tell({ state: "conflict", message: answer.message });
      return this.onconflict(answer);
    }
    if (status >= 400) return this.tell({ state: "refused", message: answer.message ?? `the server answered ${status}` });
    this.revision = answer.revision;
    this.saved = JSON.stringify(sent.content);
    this.tell({ state: "saved", at: answer.saved_at });
    return this.onanswer(answer);
  }

  failed(message) {
    this.tell({ state: "failed", message });
    this.plan(RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)]);
    this.failures += 1;
  }

  // After a conflict: mine over theirs, knowing of it.
  keepMine() {
    this.revision = this.theirs.revision;
    this.theirs = null;
    return this.save();
  }

  // After a conflict: theirs stands here now.
  takeTheirs() {
    const { revision, content, at } = this.theirs;
    this.theirs = null;
    this.revision = revision;
    this.saved = JSON.stringify(content);
    this.tell({ state: "saved", at });
    return content;
  }
}
