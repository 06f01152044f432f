// Keeps the mail as a template, or one of its blocks as a module, under a name of its own.
import { post } from "./mail-post.js";

export function saveAs(ctx, { url }) {
  const dialog = document.getElementById("save-as");
  const form = dialog.querySelector("form");
  const error = dialog.querySelector("[data-error]");
  let block = null;
  const open = (title, words, of) => {
    block = of;
    dialog.querySelector("[data-title]").textContent = title;
    dialog.querySelector("[data-words]").textContent = words;
    error.hidden = true;
    form.reset();
    dialog.showModal();
    form.elements.name.focus();
  };
  document.querySelector("[data-open-save-as]")?.addEventListener("click", () => open(
    "Save as a template", "Other mails can begin with it. This one goes on as it is.", null));
  if (url) ctx.saveModule = (head) => open("Save as a module", "Other mails can hold it; a change of the module changes them all. This block stays as it is.", head);

  let isSaving = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSaving) return;
    isSaving = true;
    const name = form.elements.name.value;
    const asked = block ? { kind: "module", name, block } : { kind: "saved", name, content: ctx.doc.content };
    try {
      const { status, answer } = await post(url, asked);
      if (status < 400) {
        dialog.close();
        if (answer.kind === "module") ctx.choices.modules.push({ key: answer.id, name: answer.name, url: answer.url });
        ctx.say(`“${answer.name}” is in the library.`);
      } else refuse(answer.message);
    } catch (problem) {
      refuse(`Not saved: ${problem.message}.`);
    } finally {
      isSaving = false;
    }
  });
  function refuse(message) {
    error.textContent = message;
    error.hidden = false;
  }
}
