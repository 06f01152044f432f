// Moves conditions and groups by their handle, with mouse, pen or finger; a line shows where they would go.
import { h } from "./dom.js";
import { find, holds, move, prune } from "./rule-tree.js";

const STARTS_PX = 5;
const SCROLL_PX = 60;

export function dragging(builder) {
  builder.body.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (!handle || event.button !== 0) return;
    begin(builder, handle, event);
  });
}

function begin(builder, handle, start) {
  const id = handle.dataset.handle;
  const item = builder.body.querySelector(`[data-id="${id}"]`);
  if (!item) return;
  const line = h("li", { className: "rb-drop-line", ariaHidden: "true" });
  let isMoving = false;
  let target = null;
  const { body } = builder; // a card may be drawn anew meanwhile, the body is not
  body.setPointerCapture(start.pointerId);

  function moved(event) {
    if (!isMoving && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < STARTS_PX) return;
    isMoving = true;
    item.classList.add("rb-dragged");
    if (event.clientY < SCROLL_PX) scrollBy({ top: -12, behavior: "instant" });
    if (event.clientY > innerHeight - SCROLL_PX) scrollBy({ top: 12, behavior: "instant" });
    target = under(builder, id, event.clientX, event.clientY);
    if (target) target.list.insertBefore(line, target.before);
    else line.remove();
  }
  function done(event) {
    body.removeEventListener("pointermove", moved);
    body.removeEventListener("pointerup", done);
    body.removeEventListener("pointercancel", done);
    removeEventListener("keydown", escape, true);
    line.remove();
    item.classList.remove("rb-dragged");
    if (!isMoving || event.type !== "pointerup" || !target) return;
    drop(builder, id, target);
  }
  function escape(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    target = null;
    done(event);
  }
  body.addEventListener("pointermove", moved);
  body.addEventListener("pointerup", done);
  body.addEventListener("pointercancel", done);
  addEventListener("keydown", escape, true);
}

// The innermost group under the pointer, and the child before which it would go; null inside of what is dragged.
function under(builder, id, x, y) {
  const dragged = find(builder.root, id).node;
  const box = document.elementsFromPoint(x, y).find((one) => one.classList.contains("rb-group") && builder.body.contains(one));
  if (!box || holds(dragged, box.dataset.node)) return null;
  const list = box.querySelector(":scope > .rb-list");
  const children = [...list.children].filter((one) => one.dataset.id);
  const before = children.find((one) => {
    const { top, height } = one.getBoundingClientRect();
    return y < top + height / 2;
  });
  return { list, groupId: list.dataset.list, before: before ?? null, index: before ? children.indexOf(before) : children.length };
}

function drop(builder, id, { groupId, index }) {
  builder.edit(() => {
    if (move(builder.root, id, groupId, index)) prune(builder.root);
  }, { id, field: "handle" });
  builder.say("Moved.");
}
