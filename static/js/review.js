// The review queue by keyboard: a key presses the button that names it. What was decided is announced, and the focus
// follows to the next two people.
const KEYS = { m: "m", n: "n", l: "l", u: "u", arrowleft: "ArrowLeft", arrowright: "ArrowRight" };
const theCase = () => document.getElementById("case");

function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

document.addEventListener("keydown", (event) => {
  const key = KEYS[event.key.toLowerCase()];
  if (!key || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const button = theCase().querySelector(`[data-key="${key}"]`);
  if (!button) return;
  event.preventDefault();
  // A held key, or one pressed before the next two are seen, decides nothing.
  if (!event.repeat && !theCase().hasAttribute("aria-busy")) button.click();
});

const ofCase = (event) => event.detail.target?.id === "case";
const setBusy = () => theCase().setAttribute("aria-busy", "true");
const setReady = () => theCase().removeAttribute("aria-busy");

document.addEventListener("htmx:beforeRequest", (event) => ofCase(event) && setBusy());
// The new buttons work only once htmx has settled them.
document.addEventListener("htmx:afterSwap", (event) => ofCase(event) && setBusy());
document.addEventListener("htmx:afterRequest", (event) => ofCase(event) && !event.detail.successful && setReady());

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id !== "case") return;
  setReady();
  document.getElementById("case-title")?.focus({ preventScroll: true });
  if (theCase().getBoundingClientRect().top < 0) theCase().scrollIntoView({ block: "start" });
});
