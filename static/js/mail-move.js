// Moves blocks in the list: by their handle with mouse, pen or finger, a line showing where they would go; by keyboard
// Space picks up, the arrows move, Space or Enter puts down, Escape puts back. What happens is said aloud.
import { h } from "./dom.js";
import { find, fits, listOf, move, step } from "./mail-tree.js";

const STARTS_PX = 5;
const EDGE_PX = 50;
const WAYS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

export function moving(host, ctx) {
  dragging(host, ctx);
  return byKeys(host, ctx);
}

function dragging(host, ctx) {
  host.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (handle && event.button === 0) begin(host, ctx, handle.dataset.handle, event);
  });
}

function begin(host, ctx, id, start) {
  const item = host.querySelector(`li[data-id="${id}"]`);
  const line = h("li", { className: "rb-drop-line", ariaHidden: "true" });
  const pane = host.closest(".me-pane-body");
  let isMoving = false;
  let target = null;
  host.setPointerCapture(start.pointerId);

  function moved(event) {
    if (!isMoving && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < STARTS_PX) return;
    isMoving = true;
    item.classList.add("rb-dragged");
    const { top, bottom } = pane.getBoundingClientRect();
    if (event.clientY < top + EDGE_PX) pane.scrollBy({ top: -10, behavior: "instant" });
    if (event.clientY > bottom - EDGE_PX) pane.scrollBy({ top: 10, behavior: "instant" });
    target = under(host, ctx, id, event);
    if (target) target.list.insertBefore(line, target.before);
    else line.remove();
  }
  function done(event) {
    ["pointermove", "pointerup", "pointercancel"].forEach((type, index) => host.removeEventListener(type, [moved, done, done][index]));
    removeEventListener("keydown", escape, true);
    line.remove();
    item.classList.remove("rb-dragged");
    if (!isMoving || event.type !== "pointerup" || !target) return;
    if (ctx.doc.edit((content) => move(content, id, target.key, target.index), id)) ctx.say("Moved.");
  }
  function escape(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    target = null;
    done(event);
  }
  host.addEventListener("pointermove", moved);
  host.addEventListener("pointerup", done);
  host.addEventListener("pointercancel", done);
  addEventListener("keydown", escape, true);
}

// The innermost list under the pointer that may take the block, and the block before which it would go.
function under(host, ctx, id, { clientX, clientY }) {
  const { head } = find(ctx.doc.content, id);
  const boxes = document.elementsFromPoint(clientX, clientY).flatMap((one) => (one.closest && host.contains(one) ? [one.closest(".me-column")?.querySelector(":scope > .me-list"), one.closest("[data-list]")] : [])).filter(Boolean);
  const list = boxes.find((one) => fits(head, one.dataset.list) && !one.closest(`li[data-id="${id}"]`)) ?? (host.contains(document.elementFromPoint(clientX, clientY)) ? host.querySelector('[data-list="root"]') : null);
  if (!list) return null;
  const children = [...list.children].filter((one) => one.dataset.id);
  const before = children.find((one) => {
    const { top, height } = one.getBoundingClientRect();
    return clientY < top + height / 2;
  });
  return { list, key: list.dataset.list, before: before ?? null, index: before ? children.indexOf(before) : children.length };
}

function byKeys(host, ctx) {
  let held = null;
  let isDrawing = false;
  const handle = (id) => host.querySelector(`[data-handle="${id}"]`);
  const show = () => {
    handle(held.id)?.setAttribute("aria-pressed", "true");
    handle(held.id)?.focus();
    host.querySelector(`li[data-id="${held.id}"]`)?.classList.add("rb-held");
  };
  const take = (id) => {
    held = { id, before: structuredClone(ctx.doc.content) };
    show();
    ctx.say(`Picked up, ${where(ctx, id)}. Arrow keys move it, Space puts it down, Escape puts it back.`);
  };
  const put = () => {
    const { id } = held;
    held = null;
    ctx.doc.keep("", { isForm: true });
    ctx.redraw();
    handle(id)?.focus();
    ctx.say(`Put down, ${where(ctx, id)}.`);
  };
  const back = () => {
    const { id, before } = held;
    held = null;
    ctx.doc.content = before;
    ctx.redraw();
    handle(id)?.focus();
    ctx.say("Put back where it was.");
  };
  const go = (way) => {
    if (!step(ctx.doc.content, held.id, way)) return ctx.say(`It cannot go ${way} from here, ${where(ctx, held.id)}.`);
    isDrawing = true;
    ctx.redraw();
    show();
    isDrawing = false;
    return ctx.say(where(ctx, held.id));
  };

  host.addEventListener("keydown", (event) => {
    const at = event.target.closest("[data-handle]");
    if (!at) return;
    const isPress = event.key === " " || event.key === "Enter";
    const way = WAYS[event.key];
    if (!isPress && !(held && (way || event.key === "Escape"))) return;
    event.preventDefault();
    event.stopPropagation();
    if (isPress && held) put();
    else if (isPress) take(at.dataset.handle);
    else if (way) go(way);
    else back();
  });
  host.addEventListener("keyup", (event) => { if (event.key === " " && event.target.closest("[data-handle]")) event.preventDefault(); });
  host.addEventListener("focusout", (event) => { if (held && !isDrawing && event.relatedTarget && event.target.dataset?.handle === held.id) put(); });
  return () => Boolean(held);
}

function where(ctx, id) {
  const { key, index } = find(ctx.doc.content, id);
  const place = key === "root" ? "the mail" : `column ${Number(key.split("/")[1]) + 1}`;
  return `${index + 1} of ${listOf(ctx.doc.content, key).length} in ${place}`;
}
