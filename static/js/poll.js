// Parts that stay right by themselves: an element with data-poll (its address) is asked for anew every data-poll-ms, and
// changes only when the answer does. An answer with the header X-Poll-Ms sets the pace; 0 ends it. If the server cannot
// be reached, the part stays, and what is marked data-poll-stale inside says since when it is old.
import { showTimes } from "./times.js";

const STALE_MS = 5000;

function freshen(part, html) {
  if (part.pollHtml === html) return;
  part.pollHtml = html;
  const body = part.querySelector("[data-poll-body]");
  body.innerHTML = html; // the server's own template, everything in it escaped
  showTimes(body);
  htmx.process(body);
}

function tellAge(part) {
  const old = part.querySelector("[data-poll-stale]");
  if (!old) return;
  const isStale = part.pollFailed && Date.now() - part.pollAt > STALE_MS;
  if (isStale && old.hidden) {
    old.querySelector("time").dateTime = new Date(part.pollAt).toISOString();
    showTimes(old);
  }
  old.hidden = !isStale;
  part.classList.toggle("is-stale", isStale);
}

async function look(part) {
  const answer = await fetch(part.dataset.poll, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected || answer.headers.has("HX-Redirect")) throw new Error(String(answer.status));
  const html = await answer.text();
  freshen(part, html);
  Object.assign(part, { pollAt: Date.now(), pollFailed: false });
  if (answer.headers.has("X-Poll-Ms")) part.dataset.pollMs = answer.headers.get("X-Poll-Ms");
}

async function turn(part) {
  if (!part.isConnected) return;
  if (!document.hidden) {
    try {
      await look(part);
    } catch {
      part.pollFailed = true;
    }
    tellAge(part);
  }
  const pace = Number(part.dataset.pollMs);
  if (pace) setTimeout(turn, pace, part);
}

function begin(root) {
  const parts = [...root.querySelectorAll("[data-poll]"), ...(root.matches?.("[data-poll]") ? [root] : [])];
  for (const part of parts) {
    if (part.pollAt) continue;
    part.pollAt = Date.now();
    turn(part);
  }
}

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
