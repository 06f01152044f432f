// Brings <div data-fresh data-url data-every> up to date every few seconds, and says how old it is when that fails.
// What is being used (an open dialog, the focus) is left alone or given back.
import { showTimes } from "./times.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

function keep(box) {
  const every = Number(box.dataset.every);
  const part = box.querySelector("[data-fresh-part]");
  const line = box.querySelector("[data-fresh-line]");
  let got = Date.now();

  function say(failed) {
    const age = Math.round((Date.now() - got) / 1000);
    const old = age > 3 * every;
    const words = old ? `These figures are ${age} seconds old${failed ? ": the server does not answer" : ""}.` : `As of ${clock.format(got)}, brought up to date every ${every} seconds.`;
    line.classList.toggle("is-old", old);
    if (line.textContent !== words) line.textContent = words;
  }

  function swap(html) {
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.innerHTML = html; // the server's own template, everything in it escaped
    showTimes(part);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  async function look() {
    const answer = await fetch(box.dataset.url, { headers: { "HX-Request": "true" } });
    const html = await answer.text();
    if (!answer.ok || answer.redirected || !html.includes("data-at")) throw new Error(String(answer.status));
    if (part.querySelector("dialog[open], form[data-sent]")) return;
    swap(html);
    got = Date.now();
  }

  async function turn() {
    let failed = false;
    if (!document.hidden) {
      try { await look(); } catch { failed = true; }
      say(failed);
    }
    setTimeout(turn, 1000 * every);
  }

  setTimeout(turn, 1000 * every);
}

document.querySelectorAll("[data-fresh]").forEach(keep);
