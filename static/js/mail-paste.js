// What is pasted with tokens of another program is turned into ours; beside the field it says what became of it.
import { note } from "./mail-fields.js";
import { post } from "./mail-post.js";

const FOREIGN = /\{\{|\{%|\*\||%%|\[\[|%[A-Z_]+%|\$\{/;

export const mayBeForeign = (text) => FOREIGN.test(text);

export function pasting(control, url) {
  control.addEventListener("paste", async (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!mayBeForeign(text)) return;
    event.preventDefault();
    const pasted = control.tagName === "INPUT" ? text.replace(/\s*\n\s*/g, " ") : text;
    control.setRangeText(pasted, control.selectionStart, control.selectionEnd, "end");
    control.dispatchEvent(new Event("input"));
    try {
      const { status, answer } = await post(url, { text: pasted });
      if (status === 200) converted(control, pasted, answer);
    } catch {
      note(control, "What was pasted could not be looked through for tokens of other programs.", true);
    }
  });
}

// What was pasted may have been typed over meanwhile: then it stays.
function converted(control, pasted, { text, notes, problems }) {
  const at = control.value.indexOf(pasted);
  if (text !== pasted && at >= 0) {
    const isThere = document.activeElement === control;
    control.setRangeText(text, at, at + pasted.length, isThere ? "end" : "preserve");
    control.dispatchEvent(new Event("input"));
  }
  const said = (list) => list.map((one) => (typeof one === "string" ? one : one.message)).join(" ");
  note(control, [said(notes), said(problems)].filter(Boolean).join(" "), problems.length > 0);
}
