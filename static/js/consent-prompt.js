// A small question to visitors of a shop's pages. Until they chose, the tracking library is not even loaded: what the page
// says to `analytics` waits in a list, and goes out with the choice in it, or is forgotten.
//
// Stands on other people's pages: one classic script, nothing loaded from elsewhere, styles and markup in a shadow tree.

function tributaryConsent(settings) {
  const script = document.currentScript;
  const writeKey = (script && script.dataset.writeKey) || "";
  const isPreview = Boolean(script && script.dataset.preview !== undefined);
  const home = new URL((script && script.src) || location.href).origin;
  const KEPT = "tributary-consent";
  const METHODS = ["track", "page", "screen", "identify", "group", "alias", "reset", "ready", "on", "once", "off",
    "setAnonymousId", "addSourceMiddleware", "addIntegrationMiddleware", "addDestinationMiddleware", "register", "debug"];
  const signalled = navigator.globalPrivacyControl === true;
  let choice = read();
  let isLoaded = false;
  let box = null;

  // What the visitor chose before, if they were asked the same: {purpose: true or false}.
  function read() {
    if (isPreview) return null;
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT));
      return kept && kept.revision === settings.revision ? kept.purposes : null;
    } catch {
      return null;
    }
  }

  function keep(purposes) {
    try {
      localStorage.setItem(KEPT, JSON.stringify({ revision: settings.revision, at: new Date().toISOString(), purposes }));
    } catch {
      // The browser keeps nothing for this page: the choice holds until it is left.
    }
  }

  function canBeChosen(purpose) {
    return !(signalled && purpose.is_denied_by_gpc);
  }

  function all(answer) {
    return Object.fromEntries(settings.purposes.map((one) => [one.key, answer && canBeChosen(one)]));
  }

  const allows = (purposes) => Object.values(purposes).some(Boolean);

  function waitingList() {
    const list = (window.analytics = window.analytics || []);
    if (!Array.isArray(list) || list.isHeld) return;
    list.isHeld = true;
    for (const method of METHODS)
      list[method] = (...said) => {
        list.push([method, ...said]);
        return list;
      };
    list.load = () => list; // Pages that bring Segment's snippet call it: the library comes once the visitor agreed.
  }

  // First in line: every message carries the choice, and none leaves once all was taken back.
  function sayWithEach({ payload, next }) {
    if (!choice || !(allows(choice) || payload.obj.event === "Consent Preference Updated")) return;
    payload.obj.context = payload.obj.context || {};
    payload.obj.context.consent = { categoryPreferences: { ...choice } };
    next(payload);
  }

  function load() {
    isLoaded = true;
    window.analytics.unshift(["addSourceMiddleware", sayWithEach]);
    const library = document.createElement("script");
    library.async = true;
    library.src = `${home}/analytics.js/v1/${encodeURIComponent(writeKey)}/analytics.min.js`;
    document.head.append(library);
  }

  function decide(purposes) {
    const before = choice;
    choice = purposes;
    close();
    if (isPreview) return;
    keep(purposes);
    if (isLoaded) {
      if (JSON.stringify(before) !== JSON.stringify(purposes)) window.analytics.track("Consent Preference Updated", {});
    } else if (allows(purposes)) load();
    else if (Array.isArray(window.analytics)) window.analytics.length = 0; // What was said before the no is forgotten.
    window.dispatchEvent(new CustomEvent("tributary-consent", { detail: { ...purposes } }));
  }

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children.filter(Boolean));
    return element;
  }

  function close() {
    if (box) box.remove();
    box = null;
  }

  function ask(isChoosing) {
    close();
    box = document.createElement("div");
    const tree = box.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    tree.adoptedStyleSheets = [sheet];
    const title = make("h2", { id: "title", textContent: settings.title });
    const panel = make("section", { className: `panel ${settings.position}`, tabIndex: -1 }, title,
      make("p", { textContent: settings.text }), more());
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-labelledby", "title");
    panel.append(isChoosing ? choosing() : buttons());
    tree.append(panel);
    document.body.append(box);
    if (isChoosing) panel.focus();
  }

  function more() {
    return settings.more_url && make("p", {}, make("a", { href: settings.more_url, textContent: "Read more" }));
  }

  function button(text, onclick, className = "") {
    return make("button", { type: "button", textContent: text, onclick, className });
  }

  // Yes and no look alike: neither is pressed upon the visitor.
  function buttons() {
    return make("div", { className: "buttons" }, button(settings.refuse, () => decide(all(false))),
      button(settings.accept, () => decide(all(true))),
      settings.purposes.length > 1 && button(settings.choose, () => ask(true), "quiet"));
  }

  function choosing() {
    const form = make("form", {});
    for (const purpose of settings.purposes) {
      const isFree = canBeChosen(purpose);
      const tick = make("input", { type: "checkbox", name: purpose.key, disabled: !isFree,
        checked: isFree && Boolean(choice && choice[purpose.key]) });
      const words = isFree ? purpose.text : "Your browser says no to this (Global Privacy Control).";
      form.append(make("label", {}, tick,
        make("span", {}, make("b", { textContent: purpose.name }), make("br", {}), words)));
    }
    form.append(make("div", { className: "buttons" }, button(settings.refuse, () => decide(all(false))),
      make("button", { type: "submit", textContent: "Save my choice" })));
    form.onsubmit = (event) => {
      event.preventDefault();
      decide(Object.fromEntries([...form.querySelectorAll("input")].map((tick) => [tick.name, tick.checked])));
    };
    return form;
  }

  const STYLE = `
    :host { all: initial; }
    .panel { position: fixed; z-index: 2147483000; box-sizing: border-box; max-width: min(26rem, calc(100vw - 2rem));
      max-height: calc(100vh - 2rem); overflow: auto; bottom: 1rem; padding: 1.25rem; border-radius: 12px; background: #fff;
      color: #1d273b; font: 15px/1.5 system-ui, sans-serif; box-shadow: 0 8px 32px rgb(0 0 0 / 25%); outline: none; }
    .left { left: 1rem; } .right { right: 1rem; }
    .bottom { left: 1rem; right: 1rem; max-width: none; }
    h2 { margin: 0 0 .5rem; font-size: 17px; } p { margin: 0 0 .75rem; } a { color: #0b5ed7; }
    .buttons { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .75rem; }
    button { flex: 1 1 8rem; min-height: 44px; padding: .5rem .75rem; border: 1px solid #1d273b; border-radius: 8px;
      background: #fff; color: inherit; font: inherit; cursor: pointer; }
    button:hover { background: #f1f3f6; }
    button:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid #0b5ed7; outline-offset: 2px; }
    .quiet { border-color: transparent; text-decoration: underline; }
    label { display: flex; gap: .75rem; align-items: flex-start; padding: .5rem 0; border-top: 1px solid #e6e7e9; }
    input { width: 20px; height: 20px; margin: .15rem 0 0; flex: none; }
    @media (prefers-color-scheme: dark) {
      .panel, button { background: #182433; color: #f6f8fb; } button { border-color: #dce1e7; }
      button:hover { background: #24344b; } a { color: #7db3ff; } label { border-color: #3a4859; }
      .quiet { border-color: transparent; } }
    @media (max-width: 480px) { .panel { left: 1rem; right: 1rem; max-width: none; } }`;

  function begin() {
    if (choice) return;
    ask(false);
  }

  if (!isPreview) {
    waitingList();
    if (choice && allows(choice)) load();
    document.addEventListener("click", (event) => {
      const asked = event.target instanceof Element && event.target.closest("[data-tributary-consent]");
      if (!asked) return;
      event.preventDefault();
      ask(true);
    });
  }
  window.tributaryConsent = { open: () => ask(true), choice: () => (choice ? { ...choice } : null) };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
}
