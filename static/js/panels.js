// A panel of the profile page that cannot be loaded says so in its own place, and can be tried again.
const panelOf = (event) => event.target.closest?.("[data-panel]");

function failed(event) {
  const panel = panelOf(event);
  if (!panel || event.detail.elt !== panel) return;
  const words = panel.panelError ?? panel.querySelector("template");
  if (!words) return;
  panel.panelError = words;
  panel.replaceChildren(words.content.cloneNode(true));
  panel.removeAttribute("aria-busy");
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, failed);
document.addEventListener("htmx:beforeRequest", (event) => {
  const panel = panelOf(event);
  if (panel && event.detail.elt === panel) panel.panelError ??= panel.querySelector("template");
});
document.addEventListener("htmx:afterSwap", (event) => panelOf(event)?.removeAttribute("aria-busy"));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-retry]")) htmx.trigger(panelOf(event), "retry");
});
