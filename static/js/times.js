// Shows <time> in the viewer's zone; the exact UTC stays in its title.
const forms = {
  moment: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short", year: "numeric" },
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};
const formats = Object.fromEntries(Object.entries(forms).map(([k, v]) => [k, new Intl.DateTimeFormat(undefined, v)]));
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const steps = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

export function ago(moment, now = new Date()) {
  let n = (moment - now) / 1000;
  if (Math.abs(n) < 5) return "just now";
  for (const [unit, size] of steps) {
    if (Math.abs(n) < size) return relative.format(Math.round(n), unit);
    n /= size;
  }
}

function show(element) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.valueOf())) return;
  const style = element.dataset.style;
  element.textContent = style === "ago" ? ago(moment) : formats[style in formats ? style : "moment"].format(moment);
}

export function showTimes(root = document) {
  root.querySelectorAll("time[data-style]").forEach(show);
}

showTimes();
document.addEventListener("htmx:load", (event) => showTimes(event.detail.elt));
setInterval(() => document.querySelectorAll('time[data-style="ago"]').forEach(show), 20_000);
