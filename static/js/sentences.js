// Whoever points at a name with data-sentence, or comes to it with the keyboard, is told in one sentence what it is.
// The sentence is fetched once. Escape closes it, and the pointer may move onto it.
const PAUSE_MS = 300;
const known = new Map();
const bubble = document.createElement("p");
bubble.className = "sentence-bubble";
bubble.id = "sentence-bubble";
bubble.setAttribute("role", "tooltip");
bubble.hidden = true;
let shownFor = null;
let timer;

async function sentence(url) {
  if (!known.has(url)) {
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok || answer.redirected) return "";
    known.set(url, new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent);
  }
  return known.get(url);
}

function place(name) {
  const at = name.getBoundingClientRect();
  bubble.style.top = `${at.bottom + scrollY + 6}px`;
  bubble.style.left = "0px";
  const room = document.documentElement.clientWidth - bubble.offsetWidth - 12;
  bubble.style.left = `${Math.max(12, Math.min(at.left, room)) + scrollX}px`;
}

async function show(name) {
  const text = await sentence(name.dataset.sentence);
  if (!text || shownFor !== name) return;
  if (!bubble.isConnected) document.body.append(bubble);
  bubble.textContent = text;
  bubble.hidden = false;
  name.setAttribute("aria-describedby", bubble.id);
  place(name);
}

function hide() {
  clearTimeout(timer);
  bubble.hidden = true;
  shownFor?.removeAttribute("aria-describedby");
  shownFor = null;
}

function begin(event) {
  const name = event.target.closest?.("[data-sentence]");
  if (event.target === bubble) return clearTimeout(timer);
  if (!name || name === shownFor) return name && clearTimeout(timer);
  hide();
  shownFor = name;
  timer = setTimeout(() => show(name), event.type === "focusin" ? 0 : PAUSE_MS);
}

function end(event) {
  if (!shownFor || (event.target !== bubble && !event.target.closest?.("[data-sentence]"))) return;
  if (shownFor === document.activeElement && event.type !== "focusout") return;
  clearTimeout(timer);
  timer = setTimeout(hide, PAUSE_MS);
}

for (const type of ["pointerover", "focusin"]) document.addEventListener(type, begin);
for (const type of ["pointerout", "focusout"]) document.addEventListener(type, end);
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
