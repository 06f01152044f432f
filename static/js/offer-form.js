// Setting an offer up: shows what its kind, audience and codes ask for, holds the rule, and shows what a code looks like.
import { RuleBuilder } from "./rule-builder.js";

const form = document.getElementById("offer-form");
const words = JSON.parse(document.getElementById("words").textContent);

for (const host of form.querySelectorAll("[data-rule]")) {
  const field = host.querySelector("input[type=hidden]");
  new RuleBuilder(host.querySelector("[data-rule-host]"), {
    rule: JSON.parse(field.value || "null"), words, compact: true,
    onchange: (rule) => { field.value = JSON.stringify(rule); },
  });
}

function show() {
  const chosen = {
    kind: form.elements.namedItem("kind").value,
    audience: form.querySelector("[name=audience]:checked")?.value,
    codes: form.querySelector("[name=codes]:checked")?.value,
  };
  for (const [name, value] of Object.entries(chosen)) {
    for (const part of form.querySelectorAll(`[data-for-${name}]`)) part.hidden = !part.getAttribute(`data-for-${name}`).split(" ").includes(value);
  }
}

const prefix = form.elements.namedItem("code_prefix");
const length = form.elements.namedItem("code_length");
const example = form.querySelector("[data-example]");
function look() {
  example.value = prefix.value.trim().toUpperCase() + form.dataset.letters.slice(0, Number(length.value) || 10);
}

form.addEventListener("change", show);
form.addEventListener("input", look);
show();
look();
