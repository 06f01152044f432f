"""Where in a mail's rules a number or a word stands that variants may differ in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.changes import WHOLE, about, blocks_in
from campaigns.library.difference import NAMES
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.tree import VERSION, Leaf

Path = tuple[Any, ...]
WORDS = {
    "value": "compared with",
    "to": "up to",
    "from": "from",
    "amount": "how long",
    "times": "how many times",
    "days": "how many days",
    "percent": "per cent",
    "count": "how many",
    "least": "at least",
}
"""The members of conditions that hold a number."""
INSIDE = ("window", "within")
LONGEST = 60


@dataclass(frozen=True)
class Place:
    path: Path
    label: str
    value: int | float | str
    about: str
    """What the condition is about, as `changes.about` says it."""

    @property
    def is_number(self) -> bool:
        return not isinstance(self.value, str)


def places_in(content: Any) -> list[Place]:
    """In the order of the mail. What cannot be read is left out: a draft may hold mistakes."""
    found = []
    for where, path, rule in _rules(content):
        root = rule.get("root") if isinstance(rule, dict) else None
        for leaf_path, leaf in _leaves(root, (*path, "root")):
            words = _english(leaf)
            for key, value in _values(leaf) if words else ():
                place = (*leaf_path, *key)
                label = f"{where}: people {words} – {_word(leaf, key)} {value}"
                found.append(Place(place, label, value, about(content, place)))
    return found


def _rules(content: Any) -> Iterator[tuple[str, Path, Any]]:
    """Every condition: of whom, where, and the rule."""
    if not isinstance(content, dict):
        return
    for name in WHOLE:
        for index, rule in _cases(content.get(name)):
            yield name.capitalize(), (name, "cases", index, "when"), rule
    for block in blocks_in(content):
        here: Path = ("blocks", block["id"])
        if block.get("when") is not None:
            yield _called(block), (*here, "when"), block["when"]
        for name, member in block.items():
            for index, rule in _cases(member):
                yield f"{_called(block)}, its {name}", (*here, name, "cases", index, "when"), rule


def _cases(member: Any) -> Iterator[tuple[int, Any]]:
    cases = member.get("cases") if isinstance(member, dict) else None
    for index, case in enumerate(cases if isinstance(cases, list) else ()):
        if isinstance(case, dict):
            yield index, case.get("when")


def _leaves(node: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if not isinstance(node, dict):
        return
    inner = node.get("of")
    if node.get("kind") in ("all", "any") and isinstance(inner, list):
        for index, child in enumerate(inner):
            yield from _leaves(child, (*path, "of", index))
    elif node.get("kind") == "not":
        yield from _leaves(inner, (*path, "of"))
    else:
        yield path, node


def _values(leaf: dict[str, Any]) -> Iterator[tuple[Path, int | float | str]]:
    for key in WORDS:
        if _is_value(leaf.get(key), key):
            yield (key,), leaf[key]
    for member in INSIDE:
        held = leaf.get(member)
        for key, value in held.items() if isinstance(held, dict) else ():
            if key in WORDS and _is_number(value):
                yield (member, key), value
    listed = leaf.get("where")
    for index, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict) and _is_value(one.get("value"), "value"):
            yield ("where", index, "value"), one["value"]


def _is_value(value: Any, key: str) -> bool:
    return _is_number(value) or (key == "value" and isinstance(value, str))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _english(leaf: dict[str, Any]) -> str:
    try:
        read = parse({"version": VERSION, "root": leaf})
    except RuleError:
        return ""
    return read.english() if isinstance(read, Leaf) else ""


def _word(leaf: dict[str, Any], key: Path) -> str:
    held = leaf.get(key[0]) if len(key) == 2 else leaf
    unit = held.get("unit") if isinstance(held, dict) else None
    return f"how many {unit}s:" if key[-1] in ("amount", "from", "to") and unit else f"{WORDS[key[-1]]}:"


def _called(block: dict[str, Any]) -> str:
    if isinstance(block.get("label"), str) and block["label"].strip():
        return f"“{block['label'][:LONGEST]}”"
    kind = NAMES.get(str(block.get("kind")), str(block.get("kind")))
    said = next((block[key] for key in ("title", "text") if isinstance(block.get(key), str) and block[key].strip()), "")
    return f"{kind} “{said[:LONGEST]}”" if said else kind


def found_at(places: Sequence[Place], path: Sequence[Any]) -> Place | None:
    return next((one for one in places if one.path == tuple(path)), None)
