// Undo and redo. Changes of the same control within a moment are one step, so that undo takes back words, not letters.
const TOGETHER_MS = 1000;
const MOST = 200;

export class History {
  constructor(state) {
    this.past = [];
    this.now = structuredClone(state);
    this.future = [];
  }

  // `about`: what was changed, such as a control; empty for a change that is always a step of its own.
  add(state, about = "") {
    const text = JSON.stringify(state);
    if (text === JSON.stringify(this.now)) return false;
    const at = performance.now();
    const isSame = about && about === this.about && at - this.at < TOGETHER_MS;
    if (!isSame) this.past = [...this.past.slice(-MOST), this.now];
    this.now = JSON.parse(text);
    this.future = [];
    this.about = about;
    this.at = at;
    return true;
  }

  undo() {
    return this.turn(this.past, this.future);
  }

  redo() {
    return this.turn(this.future, this.past);
  }

  turn(from, to) {
    if (!from.length) return null;
    to.push(this.now);
    this.now = from.pop();
    this.about = "";
    return structuredClone(this.now);
  }
}
