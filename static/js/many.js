// A list of which one can choose several: says how many are chosen, and lets the verbs be pressed only then.
const form = document.querySelector("form[data-many]");

function count() {
  const boxes = [...form.querySelectorAll("[data-many-one]")];
  const n = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("[data-many-all]");
  const words = form.querySelector("[data-many-count]");
  words.dataset.none ??= words.textContent;
  words.textContent = n ? `${n} chosen` : words.dataset.none;
  words.parentElement.classList.toggle("has-chosen", n > 0);
  form.querySelectorAll("[data-many-verb]").forEach((button) => { button.disabled = !n; });
  all.checked = n > 0 && n === boxes.length;
  all.indeterminate = n > 0 && n < boxes.length;
}

if (form?.querySelector("[data-many-all]")) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-many-all]")) {
      form.querySelectorAll("[data-many-one]").forEach((box) => { box.checked = event.target.checked; });
    }
    count();
  });
  addEventListener("pageshow", count);
  count();
}
