// The builder of a computed trait: keeps the form's definition as JSON, and asks what it says of some people.
import { TraitBuilder } from "./trait-builder.js";

const PAUSE_MS = 350;
const form = document.querySelector("[data-trait-form]");
const field = form.querySelector("[name=definition]");
const preview = document.getElementById("preview");
let asked = 0;
let timer;

const builder = new TraitBuilder(document.getElementById("trait-builder"), {
  definition: JSON.parse(field.value || "null"),
  words: JSON.parse(document.getElementById("words").textContent),
  onchange: (definition) => {
    field.value = JSON.stringify(definition);
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
    body: new URLSearchParams({ definition: field.value, trait: form.dataset.trait ?? "" }),
  }).catch(() => null);
  if (mine !== asked) return;
  preview.removeAttribute("aria-busy");
  if (!answer?.ok) return;
  preview.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
}

// The key follows the name until somebody writes one.
const key = form.querySelector("[name=key]");
const label = form.querySelector("[name=label]");
let isOwn = Boolean(key?.value);
key?.addEventListener("input", () => { isOwn = true; });
label.addEventListener("input", () => {
  if (key && !isOwn) key.value = label.value.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 60);
});

field.value = JSON.stringify(builder.definition);
ask();
