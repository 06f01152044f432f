// A rule as JSON: to a file, to the clipboard, and back. What is no rule is said with its place.
const FORM = "A rule is an object such as {\"version\": 1, \"root\": {\"kind\": \"all\", \"of\": […]}}.";

// {rule} or {error}; mistakes inside the rule are for the server, which names their places, as it does for what is no JSON.
export function readRule(text) {
  let rule;
  try {
    rule = JSON.parse(text);
  } catch {
    return { error: "rule: is no JSON.", isNoJson: true };
  }
  if (rule === null || typeof rule !== "object" || Array.isArray(rule)) return { error: `rule: must be an object. ${FORM}` };
  if (rule.rule && !rule.root) return readRule(JSON.stringify(rule.rule));
  if (rule.version !== 1) return { error: `rule.version: must be 1. ${FORM}` };
  if (rule.root === null || typeof rule.root !== "object" || Array.isArray(rule.root)) return { error: `rule.root: must be a condition or a group. ${FORM}` };
  return { rule };
}

export function download(name, rule) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(rule, null, 2)}\n`], { type: "application/json" }));
  link.download = `${name.trim().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").toLowerCase() || "rule"}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// A dialog with a text field, a file and two buttons.
export function transfer(dialog, { rule, name, onimport, explain }) {
  const text = dialog.querySelector("textarea");
  const said = dialog.querySelector("[data-import-error]");
  const show = (message) => { said.textContent = message; said.hidden = !message; };
  dialog.querySelector("[data-import]").addEventListener("click", async () => {
    const found = readRule(text.value);
    show(found.isNoJson ? `rule: ${await explain(text.value)}` : found.error ?? "");
    if (found.error) return text.focus();
    dialog.close();
    return onimport(found.rule);
  });
  dialog.querySelector("[type=file]").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    text.value = await file.text();
    event.target.value = "";
    show(readRule(text.value).error ?? "");
  });
  dialog.querySelector("[data-download]").addEventListener("click", () => download(name(), rule()));
  return () => {
    text.value = JSON.stringify(rule(), null, 2);
    show("");
    dialog.showModal();
  };
}
