// A text field with suggestions, after the ARIA pattern of a combobox with a list: any text may be typed, the arrows
// choose, Enter takes, Escape closes.
import { h } from "./dom.js";

const PAUSE_MS = 120;
let made = 0;

// `suggest(text)` answers with [{value, n, note, …}]; `onpick` gets the one that was chosen, `ontype` any text.
export function combobox({ label, field, value, placeholder, suggest, onpick, ontype, onenter, className = "" }) {
  const id = `rb-list-${++made}`;
  const list = h("ul", { className: "rb-options", role: "listbox", id, ariaLabel: "Suggestions", hidden: true });
  const input = h("input", {
    className: "form-control", value: value ?? "", placeholder: placeholder ?? label.toLowerCase(), autocomplete: "off", spellcheck: false,
    role: "combobox", ariaLabel: label, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, data: { field },
  });
  const box = h("span", { className: `rb-field rb-combo ${className}` }, input, list);
  let options = [];
  let at = -1;
  let timer = 0;
  let asked = 0;

  const isOpen = () => !list.hidden;
  function close() {
    clearTimeout(timer);
    timer = 0;
    asked += 1;
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function point(index) {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = index;
    const option = list.children[at];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }
  function take(option) {
    input.value = option.text ?? String(option.value);
    close();
    onpick(option);
  }
  async function open(text) {
    const mine = ++asked;
    const found = await suggest(text);
    if (mine !== asked || document.activeElement !== input) return;
    options = found.slice(0, 50);
    list.replaceChildren(...options.map((option, index) => drawn(option, `${id}-${index}`, () => take(option))));
    list.hidden = !options.length;
    at = -1;
    input.setAttribute("aria-expanded", String(isOpen()));
    input.removeAttribute("aria-activedescendant");
  }
  // Who types fast chooses from what was typed, not from what is still shown: keys wait for their list, in order.
  let turn = Promise.resolve();
  const fresh = async () => {
    if (!timer && isOpen()) return;
    clearTimeout(timer);
    timer = 0;
    await open(input.value);
  };
  async function arrow(by) {
    const wasOpen = isOpen();
    await fresh();
    if (options.length && isOpen()) point(at < 0 ? (by > 0 || !wasOpen ? 0 : options.length - 1) : (at + by + options.length) % options.length);
  }
  function enter() {
    if (isOpen() && at >= 0) return take(options[at]);
    close();
    return onenter?.(input.value);
  }
  input.addEventListener("input", () => {
    ontype(input.value);
    clearTimeout(timer);
    timer = setTimeout(() => { timer = 0; open(input.value); }, PAUSE_MS);
  });
  input.addEventListener("click", () => { if (!isOpen()) open(""); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by || event.key === "Enter") {
      event.preventDefault(); // and do not send the form
      turn = turn.then(() => (by ? arrow(by) : enter()));
    } else if (event.key === "Escape" && isOpen()) {
      event.stopPropagation();
      close();
    }
  });
  return box;
}

function drawn(option, id, take) {
  const name = option.label ?? String(option.value);
  const count = option.n == null ? (option.right ?? "") : option.n.toLocaleString("en");
  const line = h("li", { role: "option", id, ariaSelected: "false" },
    h("span", { className: "rb-option-name" }, name), option.note ? h("span", { className: "rb-option-note" }, option.note) : null, h("span", { className: "rb-option-n" }, count));
  // Before the field loses the focus, and without taking it.
  line.addEventListener("mousedown", (event) => { event.preventDefault(); take(); });
  return line;
}

// Among what is there already: those that begin with the text first.
export function among(options, text) {
  const wanted = text.trim().toLowerCase();
  const name = (one) => String(one.label ?? one.value).toLowerCase();
  const rank = (one) => (name(one).startsWith(wanted) ? 0 : 1);
  return options.filter((one) => name(one).includes(wanted)).sort((a, b) => rank(a) - rank(b));
}
