// What scrolls and holds nothing that the Tab key stops at can be scrolled by key: it becomes a stop itself.
const STOPS = "a[href], button, input, select, textarea, summary, [tabindex]";

function look() {
  for (const one of document.querySelectorAll(".table-responsive, pre")) {
    const scrolls = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
    if (scrolls && !one.querySelector(STOPS) && !one.hasAttribute("tabindex")) {
      one.tabIndex = 0;
      one.dataset.scrolls = "";
    } else if (!scrolls && "scrolls" in one.dataset) {
      one.removeAttribute("tabindex");
      delete one.dataset.scrolls;
    }
  }
}

let asked = 0;
const soon = () => {
  cancelAnimationFrame(asked);
  asked = requestAnimationFrame(look);
};
soon();
addEventListener("resize", soon);
document.addEventListener("toggle", soon, true); // details do not bubble
document.addEventListener("htmx:afterSettle", soon);
