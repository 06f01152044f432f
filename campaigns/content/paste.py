"""Pasted tokens and conditions of other products become ours; what has no counterpart is refused with its place."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from campaigns.content.blocks import Problem
from campaigns.content.paste_expression import Refused
from campaigns.content.paste_tags import Stack, mailchimp, mautic, percent, said, tag

STARTS = re.compile(r"\{#|\{\{|\{%|\*\||%%(?=[A-Za-z_\[])|\{(?=[a-z_]+[=}])")
ENDS = {"{#": "#}", "{{": "}}", "{%": "%}", "*|": "|*", "%%": "%%", "{": "}"}
LONGEST = 5_000
"""Characters of one tag."""
MOST_ROUNDS = 5
BINDING = re.compile(r"\{%-?\s{0,20}(?:for\s+([\w-]+)\s+in\b|(?:assign|capture)\s+([\w-]+))")
UNTOUCHED = {"raw": re.compile(r"\{%-?\s*endraw\s*-?%\}"), "comment": re.compile(r"\{%-?\s*endcomment\s*-?%\}")}
NAMED_TAG = re.compile(r"\{%-?\s*(\w+)")


@dataclass(frozen=True)
class Note:
    """Something that was changed, where it stood in what was pasted."""

    place: str
    was: str
    now: str
    message: str = ""


@dataclass(frozen=True)
class Converted:
    """`problems` name what was left as it is, by line and column."""

    text: str
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


def convert(text: str) -> Converted:
    """Text without foreign tokens stays as it is, and what was converted stays so."""
    found = _Pasted(text).converted()
    made, before = found.text, text
    for _ in range(MOST_ROUNDS):
        if made == before:
            break
        made, before = _Pasted(made).converted().text, made  # what was converted may end a tag that was broken
    return replace(found, text=made)


@dataclass
class _Pasted:
    text: str
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stack: Stack = field(default_factory=Stack)

    def converted(self) -> Converted:
        made, at = [], 0
        bound = frozenset(name for names in BINDING.findall(self.text) for name in names if name)
        self.stack.bound = bound
        while start := STARTS.search(self.text, at):
            made.append(self.text[at : start.start()])
            end = self._end(start.group(), start.start())
            whole = self.text[start.start() : end]
            made.append(self._island(start.group(), whole, start.start()))
            at = end
        made.append(self.text[at:])
        for left in self.stack.open:
            if left.is_foreign:
                self._refuse(left.at, f"“{said(left.was)}” is never closed")
        return Converted("".join(made), tuple(self.notes), tuple(self.problems))

    def _end(self, opening: str, start: int) -> int:
        """Where the tag ends; one that does not is passed over."""
        after = start + len(opening)
        end = self.text.find(ENDS[opening], after, after + LONGEST)
        if end < 0:
            return after
        inside = self.text[after:end]
        if opening != "{#" and any(one in inside for one in ("{{", "{%", "*|")):
            return after  # it is the next one that ends there
        end += len(ENDS[opening])
        if opening == "{{" and self.text[end : end + 1] == "}" and inside.count("{") > inside.count("}"):
            end += 1  # Braze's name in braces, or three of Handlebars', ends here as well
        if opening == "{%" and (name := NAMED_TAG.match(self.text, start)) and name.group(1) in UNTOUCHED:
            closing = UNTOUCHED[name.group(1)].search(self.text, end)
            return closing.end() if closing else end
        return end

    def _island(self, opening: str, whole: str, at: int) -> str:
        if not whole.endswith(ENDS[opening]) or len(whole) <= len(opening) or _is_untouched(opening, whole):
            return whole
        self.stack.at, self.stack.notes = at, []
        try:
            made = BY_OPENING[opening](whole, self.stack)
        except Refused as refusal:
            self._refuse(at, f"“{said(whole)}”: {refusal}")
            return whole
        if made != whole:
            self.notes.append(Note(self._place(at), whole, made, "; ".join(self.stack.notes)))
        return made

    def _refuse(self, at: int, message: str) -> None:
        self.problems.append(Problem(self._place(at), message))

    def _place(self, at: int) -> str:
        line = self.text.count("\n", 0, at) + 1
        return f"line {line}, column {at - (self.text.rfind(chr(10), 0, at) + 1) + 1}"


def _is_untouched(opening: str, whole: str) -> bool:
    name = NAMED_TAG.match(whole) if opening == "{%" else None
    return name is not None and name.group(1) in UNTOUCHED


def _django_comment(whole: str, stack: Stack) -> str:
    return f"{{% comment %}}{whole[2:-2]}{{% endcomment %}}"


BY_OPENING: dict[str, Callable[[str, Stack], str]] = {
    "{{": tag,
    "{%": tag,
    "*|": mailchimp,
    "{": mautic,
    "%%": percent,
    "{#": _django_comment,
}
