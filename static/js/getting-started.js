// Getting started: the choice of a source stays in the address, and a test event goes the way any sender's would.
const byId = (id) => document.getElementById(id);

function say(text, isGood) {
  const line = byId("test-said");
  line.textContent = text;
  line.classList.toggle("text-danger", !isGood);
}

async function sendTest(button) {
  const body = {
    anonymousId: "getting-started",
    messageId: `getting-started-${crypto.randomUUID?.() ?? Date.now()}`,
    event: "Test Event",
    properties: { sent_from: "Getting started" },
    timestamp: new Date().toISOString(),
  };
  button.disabled = true;
  try {
    const answer = await fetch("/v1/track", {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Basic ${btoa(`${button.dataset.key}:`)}` },
      body: JSON.stringify(body),
    });
    if (answer.ok) say("Sent and accepted. It appears here within a second or two.", true);
    else say(`The collector answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`, false);
  } catch {
    say("The collector could not be reached. Is the product running at this address?", false);
  }
  button.disabled = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-test-event]");
  if (button) sendTest(button);
});
