"""How far back predictors look: they learn from a year and the days they foresee, whatever events there are."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse

from cdp.events.lookback import Asked, LooksBack
from scoring.models import Predictor
from scoring.training.windows import YEAR


def predictors(asked: Asked) -> Iterator[LooksBack]:
    for one in Predictor.objects.filter(archived_at=None):
        url = reverse("scoring:predictor", args=[one.pk])
        yield LooksBack("Prediction", one.name, url, YEAR + timedelta(days=one.days))
