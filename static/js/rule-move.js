// Moves conditions and groups by keyboard: Space or Enter picks up, the arrows move, Space or Enter puts down, Escape
// puts back. What happens is said aloud.
import { find, prune, step } from "./rule-tree.js";

const WAYS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };
const MODES = { all: "all of these", any: "any of these", none: "none of these" };

export function moving(builder) {
  let held = null;

  const show = () => {
    const handle = builder.control({ id: held.id, field: "handle" });
    handle?.setAttribute("aria-pressed", "true");
    builder.element(held.id)?.classList.add("rb-held");
  };

  function take(id) {
    held = { id, before: structuredClone(builder.root) };
    show();
    builder.say(`Picked up, ${where(builder, id)}. Arrow keys move it, Space puts it down, Escape puts it back.`);
  }

  function put() {
    const { id } = held;
    held = null;
    builder.edit(() => prune(builder.root), { id, field: "handle" });
    builder.say(`Put down, ${where(builder, id)}.`);
  }

  function back() {
    const { id, before } = held;
    held = null;
    builder.root = before;
    builder.draw({ id, field: "handle" });
    builder.say("Put back where it was.");
  }

  function go(way) {
    const { id } = held;
    const moved = step(builder.root, id, way);
    if (!moved) return builder.say(`It cannot go ${way} from here, ${where(builder, id)}.`);
    builder.isMoving = true;
    builder.draw({ id, field: "handle" });
    builder.isMoving = false;
    show();
    return builder.say(where(builder, id));
  }

  builder.body.addEventListener("keydown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (!handle) return;
    const isPress = event.key === " " || event.key === "Enter";
    const way = WAYS[event.key];
    if (!isPress && !(held && (way || event.key === "Escape"))) return;
    event.preventDefault();
    event.stopPropagation();
    if (isPress) (held ? put : () => take(handle.dataset.handle))();
    else if (way) go(way);
    else back();
  });
  // Buttons also click when Space is released: the pressing was all.
  builder.body.addEventListener("keyup", (event) => { if (event.key === " " && event.target.closest("[data-handle]")) event.preventDefault(); });
  builder.body.addEventListener("focusout", (event) => {
    if (held && !builder.isMoving && event.target.dataset?.handle === held.id && event.relatedTarget) put();
  });
}

function where(builder, id) {
  const { parent, index } = find(builder.root, id);
  const depth = parent.id === builder.root.id ? "the outer group" : "an inner group";
  return `${index + 1} of ${parent.of.length} in ${depth}, ${MODES[parent.mode]}`;
}

