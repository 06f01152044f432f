// Says how the mail is kept: saved when, being saved, or not and why; and asks whose changes stand after a conflict.
import { icon } from "./rule-controls.js";
import { Saver } from "./mail-save.js";

const clock = (at) => new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
const WORDS = {
  saved: ({ at }) => `Saved ${clock(at)}`,
  unsaved: () => "Not saved yet",
  saving: () => "Saving …",
  failed: ({ message }) => `Not saved: ${message}. Trying again`,
  refused: ({ message }) => `Not saved: ${message}`,
  conflict: () => "Not saved: changed by somebody else",
};
const ICONS = { saved: "circle-check", unsaved: "point", saving: "refresh", failed: "alert-triangle", refused: "alert-triangle", conflict: "alert-triangle" };

export function savedState(ctx, { host, held, url }) {
  const line = document.querySelector("[data-saved]");
  const conflict = host.querySelector("[data-conflict]");
  const show = (told) => {
    const words = WORDS[told.state](told);
    line.dataset.state = told.state;
    if (line.textContent !== words) line.replaceChildren(icon(ICONS[told.state]), words);
    conflict.hidden = told.state !== "conflict";
  };
  const saver = new Saver({
    url, revision: held.revision, savedAt: held.savedAt, content: () => ctx.doc.content, onstate: show,
    onconflict: ({ by, at }) => { conflict.querySelector("[data-conflict-words]").textContent = `${by} changed this at ${clock(at)}.`; },
  });
  host.querySelector("[data-keep-mine]").addEventListener("click", () => saver.keepMine());
  host.querySelector("[data-take-theirs]").addEventListener("click", () => {
    ctx.doc.replace(saver.takeTheirs());
    ctx.say("Loaded. Undo brings back what you wrote.");
  });
  show(saver.told);
  return saver;
}
