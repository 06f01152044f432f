// Setting up a clustering: the rule of who is grouped, ready-made choices of features, and only what the choices need.
import { RuleBuilder } from "./rule-builder.js";

const form = document.querySelector("[data-clustering-form]");
const field = form.elements.namedItem("population");
const features = [...form.querySelectorAll("[name=features]")];

const builder = new RuleBuilder(document.getElementById("rule-builder"), {
  rule: JSON.parse(field.value || "null"),
  words: JSON.parse(document.getElementById("words").textContent),
  compact: true,
  onchange: (rule) => { field.value = JSON.stringify(rule); },
});

function show() {
  const chosen = (name) => form.elements.namedItem(name).value;
  const isSome = chosen("whom") === "some";
  form.querySelector("[data-population]").hidden = !isSome;
  if (isSome) field.value = JSON.stringify(builder.rule);
  form.querySelector("[data-for-number]").hidden = !["k_means", "hierarchical"].includes(chosen("method"));
  form.querySelector("[data-for-own]").hidden = chosen("pace") !== "own";
}

form.addEventListener("change", show);
form.addEventListener("click", (event) => {
  const preset = event.target.closest("[data-preset]")?.dataset.preset.split(" ");
  if (preset) for (const one of features) one.checked = preset.includes(one.value);
});

show();
const broken = document.querySelector("[data-rule-error]");
if (broken) builder.mark(broken.dataset.ruleError, broken.textContent);
