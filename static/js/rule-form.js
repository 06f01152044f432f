// Shows only what the chosen strategy needs. Without this module all of it is shown.
const form = document.getElementById("rule-form");
const strategy = form?.elements.namedItem("strategy");

function show() {
  for (const part of form.querySelectorAll("[data-for-strategy]")) {
    part.hidden = part.dataset.forStrategy !== strategy.value;
  }
}

if (strategy) {
  strategy.addEventListener("change", show);
  show();
}
