// What every page does: theme, the search key, confirmations, copying, and saying so when a request fails.
import "./scrolling.js";
import "./sentences.js";
import "./times.js";

const root = document.documentElement;
const byId = (id) => document.getElementById(id);

function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

document.addEventListener("keydown", (event) => {
  const box = byId("search-box");
  if (event.key === "/" && box && !typing(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-theme-toggle]")) {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.bsTheme);
    document.dispatchEvent(new CustomEvent("theme"));
  }
  const copier = event.target.closest("[data-copy]");
  if (copier) {
    await navigator.clipboard.writeText(byId(copier.dataset.copy).textContent.trim());
    say("Copied.", "success");
  }
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) byId(opener.dataset.openDialog).showModal();
  if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
});

// A form with data-submit-on-change sends itself when a filter changes.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form) form.requestSubmit();
});

// Two clicks on a slow button are one request.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// A part whose work has ended loads the page anew (HX-Refresh), but not from under somebody who is on the way elsewhere.
const ON_THE_WAY_MS = 10_000;
let leftAt = -Infinity;
addEventListener("beforeunload", () => { leftAt = Date.now(); });
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const isLeaving = Date.now() - leftAt < ON_THE_WAY_MS;
  if (isLeaving && event.detail.xhr.getResponseHeader("HX-Refresh")) event.preventDefault();
});

export function say(text, kind = "danger") {
  const line = document.createElement("div");
  line.className = `alert alert-${kind} alert-important`;
  line.textContent = text;
  byId("sayings").append(line);
  setTimeout(() => line.remove(), 6000);
}

document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.status === 403) say("Your role may not do that, or you were signed out. Reload the page.");
  else if (xhr.status === 429) say("Too many requests. Wait a moment and try again.");
  else say(`The server answered ${xhr.status}. Nothing was changed on this page; try again.`);
});
document.addEventListener("htmx:sendError", () => say("The server cannot be reached. Check the connection and try again."));
