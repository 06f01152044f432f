"""Whether Liquid's branches and loops keep to whole elements of the HTML they stand in."""

import re
from collections.abc import Iterator

from liquid import BoundTemplate, RenderContext
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode

ELEMENT = re.compile(r"<!--.*?-->|<(/?)([A-Za-z][\w:-]*)[^<>]*?(/?)>", re.DOTALL)
EMPTY = frozenset(("area", "br", "col", "hr", "img", "wbr"))


def entangled(template: BoundTemplate) -> str | None:
    """The element that a branch opens and leaves open, or closes without having opened it; None where all is well.

    A branch may close elements and open the same again, as one of two paragraphs does.
    """
    context = RenderContext(template)
    waiting: list[Node] = list(template.nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, BlockNode) and (name := _left(node)):
            return name
        waiting.extend(node.children(context, include_partials=False))
    return None


def _left(block: BlockNode) -> str | None:
    closed: list[str] = []
    opened: list[str] = []
    for is_end, name in _elements(block):
        if not is_end:
            opened.append(name)
        elif opened:
            if opened.pop() != name:
                return name
        else:
            closed.append(name)
    return None if closed == opened[::-1] else (opened or closed)[0]


def _elements(block: BlockNode) -> Iterator[tuple[bool, str]]:
    """Of its own text; blocks within are looked at by themselves, and count as nothing."""
    text = "".join(node.text for node in block.nodes if isinstance(node, ContentNode))
    for found in ELEMENT.finditer(text):
        name = (found[2] or "").lower()
        if name and not found[3] and name not in EMPTY:
            yield bool(found[1]), name
