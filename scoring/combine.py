"""Two predictors together say more than each alone: valuable people about to leave, for one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from scoring.as_rule import in_bands, new_segment
from scoring.models import Band, Predictor
from scoring.words import LEAVING

Kind = Predictor.Kind
PAIRS = (
    (
        Kind.VALUE,
        LEAVING,
        "High value and likely to leave",
        "Worth a call, or the best offer: they spend much, and are about to go.",
    ),
    (
        Kind.VALUE,
        (Kind.PURCHASE,),
        "High value and likely to buy",
        "Show them what is new at its full price: they buy anyway.",
    ),
    (Kind.PURCHASE, (Kind.OPEN, Kind.CLICK), "Likely to buy, and reads mails", "The mail that pays for itself."),
)
MOST = 3


@dataclass(frozen=True)
class Combination:
    title: str
    text: str
    one: Predictor
    other: Predictor
    people: int
    """In the high band of both, now."""
    url: str
    """Begins the segment of them."""


def combinations(predictor: Predictor | None = None) -> list[Combination]:
    """Of predictors in use; with `predictor`, those it is part of."""
    rows = Predictor.objects.filter(archived_at=None).exclude(scored_at=None).order_by("id")
    found = list(rows)
    pairs = [
        (title, text, one, other)
        for kind, others, title, text in PAIRS
        for one in found
        for other in found
        if one.kind == kind and other.kind in others and (predictor is None or predictor.pk in (one.pk, other.pk))
    ]
    return [_combination(title, text, one, other) for title, text, one, other in pairs[:MOST]]


def _combination(title: str, text: str, one: Predictor, other: Predictor) -> Combination:
    rule = in_bands((one.pk, [Band.HIGH.value]), (other.pk, [Band.HIGH.value]))
    return Combination(title, text, one, other, _in_both([one.pk, other.pk]), new_segment(rule))


def _in_both(predictor_ids: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from scoring_score a join scoring_score b on b.profile_id = a.profile_id"
            " and b.predictor_id = %s and b.band = 'high'"
            " join profiles_profile p on p.id = a.profile_id and p.merged_into is null"
            " where a.predictor_id = %s and a.band = 'high'",
            list(predictor_ids),
        )
        return int(cursor.fetchone()[0])
