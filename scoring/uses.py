"""What uses a predictor, and which segments predictors use: nothing that others rest on is put away."""

from collections.abc import Callable, Collection, Iterable, Iterator

from django.urls import reverse

from scoring.models import Predictor
from segments.models import Segment
from segments.save import lock_rules
from segments.uses import Use, mentioned

Finder = Callable[[Collection[int]], Iterable[tuple[int, Use]]]
"""The uses of those predictors."""
_finders: dict[str, Finder] = {}


class StillUsed(Exception):
    """It is still used."""

    def __init__(self, names: str) -> None:
        super().__init__(f"It is used by {names}. Take it out there first: they would stand still.")


def declare(name: str, find: Finder) -> None:
    """Apps above add what they ask predictors for."""
    _finders[name] = find


def predictor_uses(predictor: Predictor) -> list[Use]:
    return uses_of([predictor.pk])[predictor.pk]


def uses_of(predictor_ids: Collection[int]) -> dict[int, list[Use]]:
    """An entry for each of them, also without a use."""
    found: dict[int, list[Use]] = {predictor_id: [] for predictor_id in predictor_ids}
    for find in (_by_segments, *_finders.values()):
        for predictor_id, use in find(predictor_ids):
            found[predictor_id].append(use)
    return found


def refuse_used(predictor: Predictor) -> None:
    """Raises StillUsed. Nothing new can come to use it until the caller's transaction ends."""
    lock_rules()
    if using := [f"“{use.name}”" for use in predictor_uses(predictor) if not use.is_over]:
        raise StillUsed(", ".join(using))


def by_predictors(segment_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    """Predictors whose people or whose target a segment decides."""
    for one in Predictor.objects.filter(archived_at=None).order_by("name"):
        for segment_id in mentioned([one.population, one.target]) & set(segment_ids):
            yield (
                segment_id,
                Use("Predictor", one.name, reverse("scoring:predictor", args=[one.pk]), "view_predictions"),
            )


def _by_segments(predictor_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    rows = Segment.objects.filter(archived_at=None).order_by("name")
    for pk, name, rule in rows.values_list("pk", "name", "rule"):
        for predictor_id in mentioned(rule, "score") & set(predictor_ids):
            yield predictor_id, Use("Segment", name, reverse("segments:segment", args=[pk]), "view_segments")
