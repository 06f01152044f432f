// Setting a predictor up: shows what the chosen kind, audience and pace ask for, and holds the two rules.
import { RuleBuilder } from "./rule-builder.js";

const form = document.getElementById("set-up");
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

function show() {
  const chosen = {
    kind: form.querySelector("[name=kind]:checked")?.value,
    audience: form.querySelector("[name=audience]:checked")?.value,
    pace: form.elements.namedItem("pace").value,
  };
  for (const [name, value] of Object.entries(chosen)) {
    for (const part of form.querySelectorAll(`[data-for-${name}]`)) part.hidden = !part.getAttribute(`data-for-${name}`).split(" ").includes(value);
  }
}

// A name is proposed until somebody writes one.
const name = form.elements.namedItem("name");
const TITLES = { purchase: "Buys in {n} days", lapse: "Leaves", churn: "No order for {n} days", value: "Spends in {n} days", next_order: "Next order", open: "Opens mails", click: "Clicks in mails" };
let isOwn = Boolean(name.value);
name.addEventListener("input", () => { isOwn = Boolean(name.value); });
function propose() {
  if (isOwn) return;
  const kind = form.querySelector("[name=kind]:checked")?.value;
  const event = form.elements.namedItem("event_name").value;
  const title = TITLES[kind] ?? (kind === "event" && event ? `${event} in {n} days` : "");
  name.value = title.replace("{n}", form.elements.namedItem("days").value);
}

form.addEventListener("change", () => { show(); propose(); });
form.addEventListener("input", propose);
show();
propose();
