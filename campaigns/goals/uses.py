"""Goals that would count differently without a segment or a predictor."""

from collections.abc import Collection, Iterator
from typing import Any

from django.urls import reverse

from campaigns.models import Goal
from segments.uses import Use, mentioned


def goals_by_segment(segment_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    return _naming(set(segment_ids), "segment", "segment")


def goals_by_predictor(predictor_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    return _naming(set(predictor_ids), "score", "predictor")


def _naming(wanted: set[int], leaf: str, param: str) -> Iterator[tuple[int, Use]]:
    for goal in Goal.objects.filter(archived_at=None).order_by("name"):
        named: set[Any] = mentioned(goal.population, leaf) | {goal.params.get(param)}
        for one in named & wanted:
            yield one, Use("Goal", goal.name, reverse("campaigns:goal", args=[goal.pk]), "view_campaigns")
