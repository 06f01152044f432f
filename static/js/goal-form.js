// Setting a goal: shows what the chosen metric and population ask for, and holds the rule.
import { RuleBuilder } from "./rule-builder.js";

const form = document.getElementById("goal-form");
const host = form.querySelector("[data-rule]");
const field = host.querySelector("input[type=hidden]");
const builder = new RuleBuilder(host.querySelector("[data-rule-host]"), {
  rule: JSON.parse(field.value || "null"),
  words: JSON.parse(document.getElementById("words").textContent),
  compact: true,
  onchange: (rule) => {
    field.value = JSON.stringify(rule);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  },
});

function show() {
  for (const name of ["metric", "whom"]) {
    const chosen = form.querySelector(`[name=${name}]:checked`)?.value;
    for (const part of form.querySelectorAll(`[data-for-${name}]`)) part.hidden = part.getAttribute(`data-for-${name}`) !== chosen;
  }
}

form.addEventListener("change", show);
show();
const broken = document.querySelector("[data-rule-error]");
if (broken) builder.mark(broken.dataset.ruleError, broken.textContent);
