"""People by their scores, as the rule of a segment."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.urls import reverse

Rule = dict[str, Any]


def at_least(predictor_id: int, value: float) -> Rule:
    return _of({"kind": "score", "id": predictor_id, "op": "at_least", "value": value})


def in_bands(*wanted: tuple[int, Sequence[str]]) -> Rule:
    """All of: in one of these bands of that predictor."""
    return _of(*({"kind": "score", "id": pk, "op": "in_band", "bands": list(bands)} for pk, bands in wanted))


def expected_within(predictor_id: int, days: int) -> Rule:
    return _of({"kind": "score", "id": predictor_id, "op": "expected_within", "amount": days, "unit": "day"})


def new_segment(rule: Rule) -> str:
    """The page that begins a segment by it."""
    return f"{reverse('segments:new')}?rule={quote(json.dumps(rule, separators=(',', ':')))}"


def _of(*leaves: Rule) -> Rule:
    return {"version": 1, "root": {"kind": "all", "of": list(leaves)}}
