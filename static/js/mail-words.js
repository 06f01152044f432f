// "Insert …": what may be said of a person, searched by name, with the share of people who have it. What can be empty is
// inserted with words that stand instead.
import { h } from "./dom.js";
import { icon } from "./rule-controls.js";
import { place } from "./mail-popup.js";
import { get } from "./mail-post.js";

const MOST = 60;
const percent = (share) => (share >= 0.9995 ? "everybody" : `${share > 0 && share < 0.01 ? "under 1" : Math.round(share * 100)} %`);

export class Words {
  constructor(url) {
    this.url = url;
  }

  // The groups, fetched once; an empty list where the server does not answer, asked for again the next time.
  async all() {
    this.asking ??= get(this.url).then(({ status, answer }) => (status === 200 ? answer.words : []));
    try {
      return await this.asking;
    } catch {
      this.asking = null;
      return [];
    }
  }

  // A button that opens the list for a field.
  inserter(control, label) {
    const button = h("button", { type: "button", className: "me-link", ariaHasPopup: "dialog", data: { key: `${control.dataset.key} insert` }, title: "Insert what is known of the person", onclick: () => this.open(button, control, label) },
      icon("braces"), h("span", {}, "Insert", h("span", { className: "visually-hidden" }, ` into ${label}`)));
    return button;
  }

  async open(button, control, label) {
    if (button.box) return button.box.hidePopover();
    const caret = [control.selectionStart ?? control.value.length, control.selectionEnd ?? control.value.length];
    const id = `me-words-${Math.round(performance.now())}`;
    const list = h("ul", { className: "me-words", role: "listbox", id, ariaLabel: "What can be inserted" });
    const search = h("input", { className: "form-control", type: "search", placeholder: "Search: name, city, last purchase …", autocomplete: "off", spellcheck: false, ariaLabel: `Insert into ${label}`, role: "combobox", "aria-expanded": "true", "aria-controls": id, "aria-autocomplete": "list" });
    const box = h("div", { className: "me-menu me-words-box", popover: "auto", role: "dialog", ariaLabel: "Insert what is known of the person" }, search, list);
    button.box = box;
    let isTaken = false;
    const take = (one) => {
      isTaken = true;
      box.hidePopover();
      insert(control, one.insert, caret);
    };
    box.addEventListener("toggle", (event) => {
      button.setAttribute("aria-expanded", String(event.newState === "open"));
      if (event.newState === "open") return;
      if (!isTaken && box.contains(document.activeElement)) button.focus();
      delete button.box;
      box.remove();
    });
    button.closest("main").append(box);
    box.showPopover();
    place(box, button);
    search.focus();
    const words = await this.all();
    if (!box.isConnected) return undefined;
    searching({ search, list, words, take });
    return place(box, button);
  }
}

function searching({ search, list, words, take }) {
  let shown = [];
  let at = 0;
  const point = (index) => {
    list.querySelectorAll("[role=option]").forEach((option, nth) => option.setAttribute("aria-selected", String(nth === index)));
    at = index;
    const option = list.querySelectorAll("[role=option]")[at];
    option?.scrollIntoView({ block: "nearest" });
    if (option) search.setAttribute("aria-activedescendant", option.id);
    else search.removeAttribute("aria-activedescendant");
  };
  const draw = () => {
    shown = matching(words, search.value).slice(0, MOST);
    let group;
    list.replaceChildren(...shown.flatMap((one, index) => {
      const line = drawn(one, `${list.id}-${index}`, () => take(one));
      return one.group === group ? [line] : [h("li", { className: "me-menu-title", role: "presentation" }, group = one.group), line];
    }));
    if (!shown.length) list.append(h("li", { className: "me-empty", role: "presentation" }, words.length ? "Nothing by that name is known of people." : "The list cannot be reached now. Close it and try again."));
    point(0);
  };
  search.addEventListener("input", draw);
  search.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && shown.length) point((at + by + shown.length) % shown.length);
    else if (event.key === "Enter" && shown[at]) take(shown[at]);
    else return;
    event.preventDefault();
  });
  draw();
}

function drawn(one, id, take) {
  const line = h("li", { role: "option", id, className: "me-word", ariaSelected: "false", title: one.insert },
    h("span", { className: "me-word-name" }, one.label), h("span", { className: "me-word-example" }, one.example ?? ""),
    h("span", { className: "me-word-share" }, one.share == null ? "" : percent(one.share)));
  line.addEventListener("mousedown", (event) => { event.preventDefault(); take(); });
  return line;
}

// Those whose name begins with what was typed first; each word typed must be somewhere in it.
export function matching(words, typed) {
  const wanted = typed.toLowerCase().split(/[\s_.]+/).filter(Boolean);
  const text = (one) => `${one.label} ${one.group} ${one.insert}`.toLowerCase();
  const found = words.filter((one) => wanted.every((part) => text(one).includes(part)));
  if (!wanted.length) return found;
  const begins = (one) => one.label.toLowerCase().startsWith(wanted[0]);
  return [...found.filter(begins), ...found.filter((one) => !begins(one))];
}

export function insert(control, text, [start, end]) {
  control.focus();
  control.setRangeText(text, start, end, "end");
  control.dispatchEvent(new Event("input"));
}
