// Buttons that write Markdown into a text: bold, italic, link, list; also Ctrl+B, Ctrl+I and Ctrl+K.
import { h } from "./dom.js";
import { smallButton } from "./mail-fields.js";

const AROUND = { bold: "**", italic: "*" };

// What becomes of {text, start, end}: the new text, and what is then chosen in it.
export function format(kind, { text, start, end }) {
  const chosen = text.slice(start, end);
  if (AROUND[kind]) return around(AROUND[kind], { text, start, end, chosen });
  if (kind === "link") {
    const words = chosen || "words";
    const made = `[${words}](https://)`;
    const at = start + words.length + 3;
    return { text: text.slice(0, start) + made + text.slice(end), start: chosen ? at : start + 1, end: chosen ? at + 8 : start + 1 + words.length };
  }
  return listed({ text, start, end });
}

function around(sign, { text, start, end, chosen }) {
  const n = sign.length;
  const isInside = text.slice(start - n, start) === sign && text.slice(end, end + n) === sign && !(n === 1 && text.slice(start - 2, start) === "**");
  if (isInside) return { text: text.slice(0, start - n) + chosen + text.slice(end + n), start: start - n, end: end - n };
  const words = chosen || "words";
  return { text: text.slice(0, start) + sign + words + sign + text.slice(end), start: start + n, end: start + n + words.length };
}

function listed({ text, start, end }) {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const after = text.indexOf("\n", end);
  const to = after < 0 ? text.length : after;
  const lines = text.slice(from, to).split("\n");
  const isList = lines.every((line) => line.startsWith("- "));
  const made = lines.map((line) => (isList ? line.slice(2) : `- ${line}`)).join("\n");
  const gap = !isList && from > 1 && text.slice(from - 2, from) !== "\n\n" ? "\n" : ""; // a list begins after an empty line
  return { text: text.slice(0, from) + gap + made + text.slice(to), start: from + gap.length, end: from + gap.length + made.length };
}

const TOOLS = [["bold", "bold", "Bold (Ctrl+B)", "b"], ["italic", "italic", "Italic (Ctrl+I)", "i"], ["link", "link", "Link (Ctrl+K)", "k"], ["list", "list", "List", ""]];

export function formatting(control) {
  const run = (kind) => {
    const { text, start, end } = format(kind, { text: control.value, start: control.selectionStart, end: control.selectionEnd });
    control.value = text;
    control.focus();
    control.setSelectionRange(start, end);
    control.dispatchEvent(new Event("input"));
  };
  control.addEventListener("keydown", (event) => {
    const tool = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && TOOLS.find(([, , , key]) => key && key === event.key.toLowerCase());
    if (!tool) return;
    event.preventDefault();
    run(tool[0]);
  });
  return h("div", { className: "me-format", role: "group", ariaLabel: "Formatting" }, ...TOOLS.map(([kind, icon, label]) => smallButton(icon, label, () => run(kind))));
}
