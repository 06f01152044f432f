// Opens the form of test mails, of what is saved by then.
export function testSend({ save, person, say }) {
  const button = document.querySelector("[data-test-url]");
  const dialog = document.getElementById("mail-test");
  button?.addEventListener("click", async () => {
    if (dialog.open || button.disabled) return;
    button.disabled = true;
    const isSaved = await save();
    button.disabled = false;
    if (!isSaved) return say("The mail is not saved yet; tests are made of what is saved.");
    dialog.showModal();
    return htmx.ajax("GET", `${button.dataset.testUrl}?${new URLSearchParams({ person: person() })}`, { target: dialog.querySelector("[data-test]"), swap: "innerHTML" });
  });
}
