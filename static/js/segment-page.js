// The segment builder's page: keeps the form's rule, and asks how many people it holds for.
import { RuleBuilder } from "./rule-builder.js";

const PAUSE_MS = 250;
const form = document.querySelector("[data-segment-form]");
const field = form.querySelector("[name=rule]");
const preview = document.getElementById("preview");
let asked = 0;
let timer;

const builder = new RuleBuilder(document.getElementById("rule-builder"), {
  rule: JSON.parse(field.value || "null"),
  words: JSON.parse(document.getElementById("words").textContent),
  onchange: (rule) => {
    field.value = JSON.stringify(rule);
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  },
});

// Answers may overtake each other: only the latest question's is shown.
async function ask() {
  const mine = ++asked;
  preview.setAttribute("aria-busy", "true");
  const answer = await fetch(preview.dataset.url, {
    method: "POST",
    headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
    body: new URLSearchParams({ rule: field.value }),
  }).catch(() => null);
  if (mine !== asked) return;
  preview.removeAttribute("aria-busy");
  if (!answer?.ok) return;
  preview.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
  const error = preview.querySelector("[data-error-place]");
  builder.mark(error?.dataset.errorPlace ?? "-", error?.textContent ?? "");
}

field.value = JSON.stringify(builder.rule);
const broken = document.querySelector("[data-rule-error]");
if (broken) builder.mark(broken.dataset.ruleError, broken.textContent);
ask();
