// A campaign's form: shows what its kind and timing ask for, and holds the rule. Without this module all of it is shown.
import { RuleBuilder } from "./rule-builder.js";

const form = document.getElementById("campaign-form");
const words = JSON.parse(document.getElementById("words").textContent);

for (const host of form.querySelectorAll("[data-rule]")) {
  const field = host.querySelector("input[type=hidden]");
  new RuleBuilder(host.querySelector("[data-rule-host]"), {
    rule: JSON.parse(field.value || "null"), words, compact: true,
    onchange: (rule) => {
      field.value = JSON.stringify(rule);
      field.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });
}

function fits(part, name, value) {
  const wanted = part.getAttribute(`data-for-${name}`);
  return wanted === null || wanted.split(" ").includes(value);
}

function show() {
  const kind = form.querySelector("[name=kind]:checked")?.value ?? "once";
  const moment = form.querySelector("[name=timing][value=at]");
  moment.closest("label").hidden = kind !== "once";
  if (kind !== "once" && moment.checked) form.querySelector("[name=timing][value=now]").checked = true;
  const timing = form.querySelector("[name=timing]:checked")?.value ?? "now";
  for (const part of form.querySelectorAll("[data-for-kind], [data-for-timing]")) {
    part.hidden = !fits(part, "kind", kind) || !fits(part, "timing", timing);
  }
}

form.addEventListener("change", show);
show();
