"""What became of one content in another, in words: blocks added, removed, moved and changed, and what of them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

SHOWN = 60
NAMES = {
    "text": "Text",
    "heading": "Heading",
    "image": "Image",
    "button": "Button",
    "divider": "Divider",
    "spacer": "Space",
    "products": "Products",
    "offer": "Offer",
    "feed": "Data feed",
    "mjml": "MJML",
    "html": "HTML",
    "footer": "Footer",
    "columns": "Columns",
    "module": "Module",
}
FIELDS = {
    "text": "its words",
    "url": "where it leads",
    "src": "its picture",
    "alt": "the words for those who do not see the picture",
    "when": "its condition",
    "else": "what the others get",
    "source": "its source",
    "align": "its alignment",
    "level": "its size",
    "width_px": "its width",
    "height_px": "its height",
    "limit": "how many items",
    "per_row": "items in a row",
    "button": "the words of its button",
    "title": "its title",
    "offer": "which offer",
    "feed": "which feed",
    "without": "what stands instead",
    "module": "which module",
    "label": "what it is called in the editor",
    "shows_price": "whether prices are shown",
    "shows_reason": "whether reasons are shown",
    "kind": "its kind",
}
LOOKS = {
    "font": "font",
    "text": "colour of the text",
    "background": "background",
    "paper": "paper",
    "accent": "colour of buttons and links",
    "width_px": "width",
}


@dataclass(frozen=True)
class Difference:
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """Sentences."""

    @property
    def is_none(self) -> bool:
        return not (self.added or self.removed or self.changed)


def difference(old: Any, new: Any) -> Difference:
    """Blocks are told apart by their ids. Contents may hold mistakes, as drafts do."""
    old, new = _object(old), _object(new)
    before, after = dict(_blocks(old)), dict(_blocks(new))
    common = [name for name in after if name in before]
    changed = [
        *_whole(old, new),
        *(f"{describe(after[name])}: {words}" for name in common if (words := _changed(before[name], after[name]))),
        *(f"{describe(after[name])} moved" for name in _moved([one for one in before if one in after], common)),
    ]
    return Difference(
        added=[describe(block) for name, block in after.items() if name not in before],
        removed=[describe(block) for name, block in before.items() if name not in after],
        changed=changed,
    )


def describe(block: Mapping[str, Any]) -> str:
    """Such as “Text “Hello …””."""
    kind = NAMES.get(str(block.get("kind")), "Block")
    said = next((text for name in ("label", "text", "title", "alt") if (text := _said(block.get(name)))), "")
    return f"{kind} “{said}”" if said else kind


def _said(value: Any) -> str:
    """The words of a text, perhaps varied, in one line."""
    if isinstance(value, dict):
        value = value.get("else")
    if not isinstance(value, str):
        return ""
    words = " ".join(re.sub(r"[#*_>`]+", " ", value).split())
    return words if len(words) <= SHOWN else words[: SHOWN - 1].rstrip() + "…"


def _whole(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name, words in (("subject", "Subject"), ("preheader", "Preheader")):
        if (was := old.get(name, "")) != (now := new.get(name, "")):
            yield f"{words}: “{_said(was)}” became “{_said(now)}”" if _said(was) != _said(now) else f"{words} varied"
    old_look, new_look = _object(old.get("look")), _object(new.get("look"))
    if changed := [words for name, words in LOOKS.items() if old_look.get(name) != new_look.get(name)]:
        yield f"Look: {', '.join(changed)}"


def _blocks(holder: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Those of columns too, each by its id, or by its place where it has none."""
    for nth, block in enumerate(_list(holder.get("blocks"))):
        if not isinstance(block, dict):
            continue
        yield str(block.get("id") or f"#{nth}"), block
        for column in _list(block.get("columns")):
            yield from _blocks({"blocks": column})


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    names = [name for name in dict.fromkeys([*old, *new]) if name not in ("id", "columns")]
    return ", ".join(_field(name, old, new) for name in names if _plain(old.get(name)) != _plain(new.get(name)))


def _field(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    words = FIELDS.get(name, name)
    if name in ("when", "else") and (name in old) != (name in new):
        added = {"when": "a condition was added", "else": "the others get something now"}
        removed = {"when": "the condition was removed", "else": "the others get nothing any more"}
        return (added if name in new else removed)[name]
    return f"{words} changed"


def _moved(before: list[str], after: list[str]) -> list[str]:
    """Those that left the longest order both have in common."""
    kept = {
        before[nth]
        for match in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
        for nth in range(match.a, match.a + match.size)
    }
    return [name for name in after if name not in kept]


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
