// A menu beside its button, above everything: arrows move, a letter jumps, Enter takes, Escape closes.
import { h } from "./dom.js";
import { icon } from "./rule-controls.js";

// `choices`: {title, hint, icon, run, isOff, group}, null for a line between.
export function popup(opener, label, choices) {
  if (opener.menu) return opener.menu.hidePopover();
  const parts = [];
  let group;
  for (const one of choices.filter((choice, index) => choice || index)) {
    if (one?.group && one.group !== group) parts.push(h("div", { className: "me-menu-title", role: "presentation" }, group = one.group));
    parts.push(one ? drawn(one, () => { close(); one.run(); }) : h("hr", { className: "me-menu-line" }));
  }
  const menu = h("div", { className: "me-menu", popover: "auto", role: "menu", ariaLabel: label }, ...parts);
  const close = () => { opener.focus(); menu.hidePopover(); };
  opener.menu = menu;
  menu.addEventListener("keydown", (event) => keys(event, menu, close));
  menu.addEventListener("toggle", (event) => {
    opener.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "open") return;
    if (menu.contains(document.activeElement)) opener.focus();
    delete opener.menu;
    menu.remove();
  });
  (opener.closest("dialog, main") ?? document.body).append(menu);
  menu.showPopover();
  place(menu, opener);
  menu.querySelector("button:not(:disabled)")?.focus();
  return menu;
}

// Below its button, above it where there is no room; never past the edge of the window.
export function place(box, opener) {
  const at = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const below = at.bottom + 4 + height <= innerHeight || at.top < height + 8;
  box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  box.style.top = `${Math.max(8, below ? Math.min(at.bottom + 4, innerHeight - height - 8) : at.top - height - 4)}px`;
}

function drawn({ title, hint, icon: name, isOff }, take) {
  return h("button", { type: "button", className: "me-choice", role: "menuitem", tabIndex: -1, disabled: Boolean(isOff), onclick: take },
    name ? icon(name) : null, h("span", {}, h("span", { className: "me-choice-title" }, title), hint ? h("span", { className: "me-choice-hint" }, hint) : null));
}

function keys(event, menu, close) {
  const all = [...menu.querySelectorAll("button:not(:disabled)")];
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    close();
  } else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) {
    [...all.slice(at + 1), ...all].find((one) => one.textContent.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  }
}
