// The review queue by keyboard: a key presses the button that names it. What was decided is announced, and the focus
// follows to the next two people.
const KEYS = { m: "m", n: "n", l: "l", u: "u", arrowleft: "ArrowLeft", arrowright: "ArrowRight" };
const theCase = () => document.getElementById("case");

function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

let busy = false;

document.addEventListener("keydown", (event) => {
  const key = KEYS[event.key.toLowerCase()];
  if (!key || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const button = theCase().querySelector(`[data-key="${key}"]`);
  if (!button) return;
  event.preventDefault();
  // A held key, or one pressed before the next two are seen, decides nothing.
  if (!event.repeat && !busy) button.click();
});

const ofCase = (event) => event.detail.target?.id === "case";

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!ofCase(event)) return;
  busy = true;
  theCase().setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!ofCase(event)) return;
  busy = false;
  theCase().removeAttribute("aria-busy");
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id !== "case") return;
  document.getElementById("case-title")?.focus({ preventScroll: true });
  const top = theCase().getBoundingClientRect().top;
  if (top < 0) theCase().scrollIntoView({ block: "start" });
});
