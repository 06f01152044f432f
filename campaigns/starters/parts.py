"""Blocks and conditions as content writes them, for the starters."""

from collections.abc import Iterable
from typing import Any

from campaigns.content.blocks import VERSION

Json = dict[str, Any]
Words = str | Json
"""Liquid, or a varied value."""


def mail(subject: Words, preheader: Words, *blocks: Json | None, look: Json | None = None) -> Json:
    """Those that are None are left out; each of the others gets an id."""
    listed = [_with_id(block, f"b{n}") for n, block in enumerate(filter(None, blocks), start=1)]
    return {
        "version": VERSION,
        "subject": subject,
        "preheader": preheader,
        **({"look": look} if look else {}),
        "blocks": listed,
    }


def _with_id(block: Json, name: str) -> Json:
    made = {"id": name, **block}
    if "else" in block:
        made["else"] = _with_id(block["else"], f"{name}e")
    if "columns" in block:
        made["columns"] = [
            [_with_id(one, f"{name}-{at}-{n}") for n, one in enumerate(column, start=1)]
            for at, column in enumerate(block["columns"], start=1)
        ]
    return made


def text(words: str, **more: Any) -> Json:
    return {"kind": "text", "text": words, **more}


def heading(words: Words, level: int = 1, **more: Any) -> Json:
    return {"kind": "heading", "text": words, "level": level, **more}


def button(words: Words, url: Words, **more: Any) -> Json:
    return {"kind": "button", "text": words, "url": url, "align": "center", **more}


def space(height_px: int = 16) -> Json:
    return {"kind": "spacer", "height_px": height_px}


def line() -> Json:
    return {"kind": "divider"}


def columns(*each: list[Json]) -> Json:
    return {"kind": "columns", "columns": list(each)}


def products(kind: str, limit: int, *, fallback: str = "popular", per_row: int = 2, **more: Any) -> Json:
    button_words = more.pop("button", "")
    return {
        "kind": "products",
        "source": {"kind": kind, "fallback": fallback},
        "limit": limit,
        "per_row": per_row,
        "button": button_words,
        **more,
    }


def offer(key: str, title: str, words: str, *, button: str = "Use it now", without: str = "", **more: Any) -> Json:
    return {"kind": "offer", "offer": key, "title": title, "text": words, "button": button, "without": without, **more}


def footer(why: str) -> Json:
    return {"kind": "footer", "text": f"{why}\n\nYour shop · 1 Example Street · 12345 Example Town"}


def module(pk: int) -> Json:
    return {"kind": "module", "module": pk}


def cases(otherwise: str, *each: tuple[Json, str]) -> Json:
    """A value that differs: of the first rule that holds, else `otherwise`."""
    return {"cases": [{"when": rule, "then": then} for rule, then in each], "else": otherwise}


def only(block: Json, when: Json, otherwise: Json | None = None) -> Json:
    return {**block, "when": when, **({"else": otherwise} if otherwise else {})}


def did(event: str, *, days: int, times: int = 1) -> Json:
    return {"kind": "event", "name": event, "op": "at_least", "value": times, "window": _last(days)}


def never(event: str) -> Json:
    return {"kind": "event", "name": event, "op": "zero"}


def silent(event: str, *, times: float) -> Json:
    """Longer than so many times one's own usual gap."""
    return {"kind": "interval", "name": event, "times": times}


def in_bands(predictor_id: int, *bands: str) -> Json:
    return {"kind": "score", "id": predictor_id, "op": "in_band", "bands": list(bands)}


def above(predictor_id: int, value: float) -> Json:
    return {"kind": "score", "id": predictor_id, "op": "more_than", "value": value}


def at_least(predictor_id: int, value: float) -> Json:
    return {"kind": "score", "id": predictor_id, "op": "at_least", "value": value}


def below(predictor_id: int, value: float) -> Json:
    return {"kind": "score", "id": predictor_id, "op": "less_than", "value": value}


def expected(predictor_id: int, days: int) -> Json:
    """To order within so many days."""
    return {"kind": "score", "id": predictor_id, "op": "expected_within", "amount": days, "unit": "day"}


def comes_round(trait: str, *, op: str, **more: int) -> Json:
    return {"kind": "anniversary", "name": trait, "op": op, **more}


def rule(*conditions: Json) -> Json:
    """All of them."""
    return {"version": 1, "root": {"kind": "all", "of": list(conditions)}}


def any_of(conditions: Iterable[Json]) -> Json:
    return {"version": 1, "root": {"kind": "any", "of": list(conditions)}}


def _last(days: int) -> Json:
    return {"kind": "last", "amount": days, "unit": "day"}
