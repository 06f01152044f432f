// Events as they arrive: asks once a second for what is new and puts it on top. Pausing keeps the place.
import { showTimes } from "./times.js";

const EVERY_MS = 1000;
const MOST_LINES = 300;
const box = document.querySelector("[data-live]");
const part = (name) => box.querySelector(`[data-live-${name}]`);
const list = part("list");
const number = new Intl.NumberFormat(document.documentElement.lang);
const keys = new Set([...list.children].map((line) => line.dataset.key));
let cursor = box.dataset.cursor;
let paused = false;

function arrived(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // the server's own template, everything in it escaped
  const fresh = [...template.content.children].filter((line) => !keys.has(line.dataset.key));
  fresh.forEach((line) => keys.add(line.dataset.key));
  list.prepend(...fresh);
  showTimes(list);
  while (list.children.length > MOST_LINES) {
    keys.delete(list.lastElementChild.dataset.key);
    list.lastElementChild.remove();
  }
  part("empty").hidden = list.children.length > 0;
}

async function look() {
  const url = new URL(box.dataset.url, location);
  url.searchParams.set("since", cursor);
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok || !answer.headers.has("X-Live-Cursor")) throw new Error(String(answer.status));
  const html = await answer.text();
  if (paused) return;
  arrived(html);
  cursor = answer.headers.get("X-Live-Cursor");
  part("waiting").textContent = number.format(Number(answer.headers.get("X-Live-Waiting")));
}

function say(text, state) {
  box.classList.toggle("is-paused", state === "paused");
  box.classList.toggle("is-away", state === "away");
  if (part("state").textContent !== text) part("state").textContent = text;
}

async function turn() {
  if (!paused && !document.hidden) {
    try {
      await look();
      if (!paused) say("Watching", "watching");
    } catch {
      if (!paused) say("The server cannot be reached; trying again. You may have been signed out.", "away");
    }
  }
  setTimeout(turn, EVERY_MS);
}

part("toggle").addEventListener("click", () => {
  paused = !paused;
  part("toggle").setAttribute("aria-pressed", String(paused));
  part("pause").hidden = paused;
  part("resume").hidden = !paused;
  say(paused ? "Paused: nothing is lost, new events wait" : "Watching", paused ? "paused" : "watching");
});

setTimeout(turn, EVERY_MS);
