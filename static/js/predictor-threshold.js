// The threshold one slides over today's scores: how many people, what to expect of them, and how right it was before.
const number = new Intl.NumberFormat(document.documentElement.lang || "en");
const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)} %` : "–");
const WIDTH = 600;

function begin(card) {
  const json = card.querySelector("script[type='application/json']");
  if (!json || card.dataset.begun) return;
  card.dataset.begun = "1";
  const curve = JSON.parse(json.textContent);
  const slider = card.querySelector("input[type=range]");
  const part = (name) => card.querySelector(`[data-${name}]`);
  const values = [...card.querySelectorAll("tbody tr")].map((row) => row.cells[0].textContent.trim());
  const everybody = curve.steps[0][1];

  // Of the days it was measured on: everybody with at least this score. Points stand by ascending threshold.
  function before(threshold) {
    return curve.past.findLast((point) => point.threshold <= threshold) ?? curve.past[0];
  }

  function measured(threshold) {
    if (!part("precision")) return;
    const point = before(threshold);
    part("precision").textContent = share(point.happened, point.people);
    part("precision-note").textContent = `${number.format(point.happened)} of ${number.format(point.people)} above this score`;
    part("recall").textContent = share(point.happened, curve.happened);
    part("recall-note").textContent = `${number.format(point.happened)} of ${number.format(curve.happened)} in all`;
  }

  function show() {
    const at = Number(slider.value);
    const [threshold, people, expected] = curve.steps[at];
    part("value").textContent = values[at];
    slider.setAttribute("aria-valuetext", `${values[at]}: ${number.format(people)} people`);
    part("people").textContent = number.format(people);
    part("share").textContent = share(people, everybody);
    part("expected").textContent = number.format(Math.round(expected)) + (curve.unit ? ` ${curve.unit}` : "");
    const x = (WIDTH * (threshold - curve.low)) / (curve.high - curve.low || 1);
    for (const end of ["x1", "x2"]) part("line").setAttribute(end, x.toFixed(1));
    const middle = (curve.high - curve.low) / card.querySelectorAll("rect").length / 2;
    card.querySelectorAll("rect").forEach((bar) => bar.classList.toggle("is-below", Number(bar.dataset.low) + middle < threshold));
    measured(threshold);
    const rule = { version: 1, root: { kind: "all", of: [{ kind: "score", id: curve.predictor, op: "at_least", value: threshold }] } };
    const make = part("make");
    if (make) {
      make.href = `${curve.newSegment}?rule=${encodeURIComponent(JSON.stringify(rule))}`;
      part("make-count").textContent = number.format(people);
    }
    part("see").href = `${part("see").href.split("?")[0]}?at_least=${threshold}`;
  }

  slider.addEventListener("input", show);
  show();
}

const beginAll = (root) => root.querySelectorAll("[data-threshold]").forEach(begin);
beginAll(document);
document.addEventListener("htmx:load", (event) => {
  const part = event.detail.elt;
  if (part.matches?.("[data-threshold]")) begin(part);
  else beginAll(part);
});
