"""Who uses a segment: other segments, and what the apps above declare from their `apps.py`."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from segments.models import Segment


@dataclass(frozen=True)
class Use:
    """One thing that would answer differently without the segment."""

    kind: str
    """What it is, as people say it: “Segment”, “Campaign”."""
    name: str
    url: str
    permission: str
    """Who may see it."""
    state: str = ""
    """In words, where it has one."""
    is_over: bool = False
    """Whether it no longer asks who is in the segment, such as a campaign that was sent."""
    is_sending: bool = False
    """Whether it speaks to the segment's people now."""


Finder = Callable[[Collection[int]], Iterable[tuple[int, Use]]]
"""The uses of those segments: one statement or two, however many segments are asked for."""
_finders: dict[str, Finder] = {}


def declare(name: str, find: Finder) -> None:
    _finders[name] = find


def uses_of(segment_ids: Collection[int]) -> dict[int, list[Use]]:
    """An entry for each of the segments, those without a use as well."""
    found: dict[int, list[Use]] = {segment_id: [] for segment_id in segment_ids}
    for find in (_by_segments, *_finders.values()):
        for segment_id, use in find(segment_ids):
            found[segment_id].append(use)
    return found


NAMED_BY = {"message": "campaign"}
"""Where leaves of a kind name what they are about by another word than `id`."""


def mentioned(document: Any, kind: str = "segment") -> set[int]:
    """Ids that the leaves of a kind, anywhere in a JSON document, name, also where the rule cannot be read any more."""
    return set(_walk(document, kind))


def _walk(document: Any, kind: str) -> Iterator[int]:
    if isinstance(document, dict):
        named = document.get(NAMED_BY.get(kind, "id"))
        if document.get("kind") == kind and isinstance(named, int):
            yield named
        if kind == "segment" and document.get("kind") == "overlap" and isinstance(document.get("segments"), list):
            yield from (one for one in document["segments"] if isinstance(one, int))
        for part in document.values():
            yield from _walk(part, kind)
    elif isinstance(document, list):
        for part in document:
            yield from _walk(part, kind)


def _by_segments(segment_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    for pk, name, rule in Segment.objects.filter(archived_at=None).order_by("name").values_list("pk", "name", "rule"):
        for segment_id in mentioned(rule) & set(segment_ids):
            yield segment_id, Use("Segment", name, reverse("segments:segment", args=[pk]), "view_segments")
