// The menu of conditions that can be added: grouped, each with an example. Arrows move, Enter adds, Escape closes.
import { h } from "./dom.js";
import { icon } from "./rule-controls.js";
import { offered } from "./rule-kinds.js";

export function openMenu(opener, builder, group) {
  const isOpen = opener.nextElementSibling?.classList.contains("rb-menu");
  document.querySelectorAll(".rb-menu").forEach((old) => old.close());
  if (isOpen) return;
  const choose = (fresh) => { menu.close(); fresh(); };
  const groups = new Map();
  for (const [key, kind] of offered(builder.words)) {
    if (!groups.has(kind.group)) groups.set(kind.group, []);
    groups.get(kind.group).push(choice(kind, () => choose(() => builder.add(group.id, key))));
  }
  const nested = choice({ title: "A group of conditions", hint: "all, any or none of them", icon: "sitemap" }, () => choose(() => builder.addGroup(group.id)));
  groups.set("Build", [nested]);
  const parts = [...groups].map(([title, choices]) => h("div", { className: "rb-menu-group", role: "group", ariaLabel: title }, h("div", { className: "rb-menu-title" }, title), ...choices));
  const menu = h("div", { className: "rb-menu", role: "menu", ariaLabel: "Add a condition" }, ...parts);
  const outside = (event) => { if (!menu.contains(event.target) && event.target !== opener) menu.close(); };
  menu.close = () => {
    menu.remove();
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
  };
  menu.addEventListener("keydown", (event) => keys(event, menu, opener));
  opener.after(menu);
  opener.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside);
  menu.querySelector("button").focus();
}

function choice(kind, onclick) {
  return h("button", { type: "button", className: "rb-choice", role: "menuitem", tabIndex: -1, onclick },
    icon(kind.icon), h("span", { className: "rb-choice-text" }, h("span", { className: "rb-choice-title" }, kind.title), h("span", { className: "rb-choice-hint" }, kind.hint)));
}

function keys(event, menu, opener) {
  const all = [...menu.querySelectorAll("button")];
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    if (event.key === "Escape") event.stopPropagation();
    menu.close();
    opener.focus();
  } else if (event.key.length === 1 && event.key !== " ") {
    const next = [...all.slice(at + 1), ...all].find((one) => one.querySelector(".rb-choice-title").textContent.toLowerCase().startsWith(event.key.toLowerCase()));
    next?.focus();
  }
}
