"""What the rule builder knows from the start; what people type is looked up in `suggestions`. Apps above add theirs."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from cdp.analytics.conditions import OPS
from cdp.analytics.definition import Type
from cdp.analytics.models import ComputedTrait
from cdp.events.models import EventVolume
from cdp.privacy.models import Purpose, Topic
from cdp.rules.operators import OPERATORS
from cdp.rules.registry import kinds
from segments.models import Segment
from segments.suggestions import Asked, Suggestion, events, traits

MOST = 300

Named = list[dict[str, Any]]
_more: dict[str, Callable[[], Named]] = {"predictors": list, "clusterings": list, "campaigns": list}


def add(name: str, read: Callable[[], Named]) -> None:
    _more[name] = read


def vocabulary(*, without_segment: int = 0) -> dict[str, Any]:
    segments = Segment.objects.filter(archived_at=None).exclude(pk=without_segment).order_by("name")
    computed = ComputedTrait.objects.filter(is_on=True, is_removed=False)
    return {
        "lookup": reverse("segments:suggest"),
        "kinds": list(kinds()),
        "operators": list(OPERATORS),
        "events": [_named(one) for one in events(Asked())],
        "traits": [_named(one) for one in traits(Asked())],
        "segments": [
            {"id": pk, "name": name, "note": f"{size:,}"}
            for pk, name, size in segments.values_list("pk", "name", "size")[:MOST]
        ],
        "computed": [
            {"id": key, "name": label, "type": kind, "operators": list(OPS[Type(kind)])}
            for key, label, kind in computed.order_by("label").values_list("key", "label", "type")[:MOST]
        ],
        "purposes": [{"id": key, "name": name} for key, name in Purpose.objects.values_list("key", "name")],
        "topics": [{"id": key, "name": name} for key, name in Topic.objects.values_list("key", "name")],
        "is_empty": not EventVolume.objects.exists(),
        **{name: read() for name, read in _more.items()},
    }


def _named(one: Suggestion) -> dict[str, Any]:
    return {"name": one.value, "note": f"{one.n:,}" if one.n else "", "type": one.type}
