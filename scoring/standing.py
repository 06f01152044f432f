"""What single people are held against: the latest scoring of everybody, by predictor."""

from collections.abc import Collection
from dataclasses import dataclass

from scoring.chunks import Said
from scoring.lots import Lot
from scoring.models import Predictor, ScoringRun
from scoring.ranks import percentiles
from scoring.rhythm import USUAL_DAYS


@dataclass(frozen=True)
class Standing:
    """A predictor as everybody was last scored by it. Single people get that version, not a newer one, until everybody
    does: else their percentiles would be read from another version's scores."""

    predictor: Predictor
    model_id: int
    quantiles: list[float]
    usual_days: float

    def lot(self, said: Said, *, is_cold: bool = False) -> Lot:
        return lot_of(self.predictor, self.model_id, said, self.quantiles, is_cold=is_cold)


def standings(predictor_ids: Collection[int] | None = None) -> list[Standing]:
    """Of the predictors in use by which everybody was scored at least once, in the order of their ids."""
    rows = ScoringRun.objects.filter(predictor__archived_at=None, predictor__active__isnull=False)
    if predictor_ids is not None:
        rows = rows.filter(predictor_id__in=predictor_ids)
    latest = rows.select_related("predictor").order_by("predictor_id", "-at", "-id").distinct("predictor_id")
    return [
        Standing(run.predictor, run.model_id, run.quantiles, run.usual_days or USUAL_DAYS)
        for run in latest
        if run.quantiles
    ]


def lot_of(predictor: Predictor, model_id: int, said: Said, quantiles: list[float], *, is_cold: bool = False) -> Lot:
    is_date = predictor.kind == Predictor.Kind.NEXT_ORDER
    return Lot(
        predictor.pk,
        model_id,
        said.profile_ids,
        said.values,
        percentiles(said.values, quantiles, sooner_is_higher=is_date),
        said.days,
        is_cold,
    )
