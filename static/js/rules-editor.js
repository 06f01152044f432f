// The rows of the identity rules: added, removed and put in order; sliders and their numbers are one value.
const form = document.querySelector("[data-rules-editor]");

function rank() {
  form.querySelectorAll('[data-rows="namespace"] > [data-row]').forEach((row, index, rows) => {
    row.querySelector("[data-rank]").textContent = index + 1;
    row.querySelector('[data-move="up"]').disabled = index === 0;
    row.querySelector('[data-move="down"]').disabled = index === rows.length - 1;
  });
}

function add(name) {
  const row = form.querySelector(`template[data-new="${name}"]`).content.firstElementChild.cloneNode(true);
  form.querySelector(`[data-rows="${name}"]`).append(row);
  htmx.process(row);
  rank();
  row.querySelector("input:not([type=hidden]), select").focus();
}

function move(row, button) {
  if (button.dataset.move === "up") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  rank();
  const other = row.querySelector("[data-move]:not(:disabled)");
  (button.disabled ? other : button)?.focus(); // moving the row took the focus away
}

function remove(row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const adder = row.closest(".card-body").querySelector("[data-add]");
  row.remove();
  rank();
  (next?.querySelector("input:not([type=hidden]), select") ?? adder).focus();
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.add) add(button.dataset.add);
  else if (button?.dataset.move) move(button.closest("[data-row]"), button);
  else if (button && "remove" in button.dataset) remove(button.closest("[data-row]"));
});

form.querySelectorAll("[data-slides]").forEach((slider) => {
  const field = document.getElementById(slider.dataset.slides);
  slider.addEventListener("input", () => { field.value = slider.value; });
  field.addEventListener("input", () => { slider.value = field.value; });
});

rank();
