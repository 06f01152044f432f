// Conditions in words. The server says them; what it said once is kept for as long as the page is open.
import { post } from "./mail-post.js";

export class Sentences {
  constructor(url, onarrived) {
    Object.assign(this, { url, onarrived });
    this.known = new Map();
    this.waiting = new Map();
  }

  // {english} or {error}; null until it has come.
  of(rule) {
    const key = JSON.stringify(rule);
    if (this.known.has(key)) return this.known.get(key);
    if (!this.waiting.has(key)) {
      this.waiting.set(key, rule);
      queueMicrotask(() => this.ask());
    }
    return null;
  }

  async ask() {
    if (this.isAsking || !this.waiting.size) return;
    this.isAsking = true;
    const keys = [...this.waiting.keys()].slice(0, 100);
    try {
      const { status, answer } = await post(this.url, { rules: keys.map((key) => this.waiting.get(key)) });
      keys.forEach((key, index) => this.known.set(key, status < 400 ? answer.sentences[index] : { error: answer.message }));
      keys.forEach((key) => this.waiting.delete(key));
    } catch {
      setTimeout(() => this.ask(), 5000); // said when the server is back
      return;
    } finally {
      this.isAsking = false;
    }
    this.onarrived();
    if (this.waiting.size) this.ask();
  }

  // "only people who …"
  only(rule, lead = "only people") {
    const said = this.of(rule);
    if (!said) return `${lead} …`;
    return said.english ? said.english.replace(/^People/, lead) : `${lead} …: not complete yet`;
  }

  isBroken(rule) {
    return Boolean(this.of(rule)?.error);
  }
}
