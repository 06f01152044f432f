"""Rewrites pasted conditions: Liquid's own, Django's, those on a segment."""

from dataclasses import dataclass

from campaigns.content.paste_expression import COMPARISONS, SEGMENTS, Reading, Refused, has_foreign, operand

JOINS = {"and": "and", "or": "or", "&&": "and", "||": "or"}


@dataclass(frozen=True)
class Condition:
    text: str
    is_foreign: bool
    is_negated: bool = False
    """It holds for the others: `if` becomes `unless`."""


def condition(text: str, bound: frozenset[str]) -> Condition:
    """The same text if nothing in it is foreign. Raises Refused."""
    reading = Reading.of(text, bound)
    try:
        return _joined(reading, text)
    except Refused:
        reading.is_foreign |= any(token.text in ("not", "in") for token in reading.tokens)
        if has_foreign(reading):
            raise
        return Condition(text, is_foreign=False)


def _joined(reading: Reading, text: str) -> Condition:
    made, is_negated = _term(reading)
    while reading.at < len(reading.tokens):
        word = reading.take().text
        if word not in JOINS:
            raise Refused(f"“{word}” cannot be read in a condition")
        reading.is_foreign |= JOINS[word] != word
        more, is_more_negated = _term(reading)
        if is_negated or is_more_negated:
            raise Refused("“not” beside other conditions cannot be written in Liquid: put one condition in another")
        made += f" {JOINS[word]} {more}"
    return Condition(f" {made} " if reading.is_foreign else text, reading.is_foreign, is_negated)


def _term(reading: Reading) -> tuple[str, bool]:
    is_negated = False
    if reading.says("not", "!"):
        reading.take()
        is_negated = reading.is_foreign = True
    left = _side(reading)
    if reading.at >= len(reading.tokens) or reading.says(*JOINS):
        return left, is_negated
    word = reading.take().text
    if word in ("not", "is") and reading.says("in", "not"):
        word = f"{word} {reading.take().text}"
    right = _side(reading)
    made, is_other = _compared(reading, left, word, right)
    return made, is_negated != is_other


def _compared(reading: Reading, left: str, word: str, right: str) -> tuple[str, bool]:
    if word in ("in", "not in"):
        reading.is_foreign = True
        return f"{right} contains {left}", word == "not in"
    if word in ("is", "is not"):
        reading.is_foreign = True
        word = "==" if word == "is" else "!="
    if word not in COMPARISONS:
        raise Refused(f"“{word}” cannot be read in a condition")
    if left in (SEGMENTS, "segment") and right[:1] in ("'", '"') and word in ("==", "!=", "<>"):
        reading.is_foreign = True
        return f"segments contains {right}", word != "=="
    return f"{left} {word} {right}", False


def _side(reading: Reading) -> str:
    """One value; of filters only the length can be said in Liquid."""
    made = operand(reading)
    while reading.peek("pipe"):
        reading.take()
        name = reading.take().text
        if name not in ("length", "size"):
            raise Refused(f"a condition cannot hold the filter “{name}”: {{% assign %}} a name for it first")
        made, reading.is_foreign = f"{made}.size", True
    return made
