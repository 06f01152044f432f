"""What a shop begins with: the predictors most want and one clustering, due at once; the schedule learns them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from scoring.cluster.themes import DEFAULT
from scoring.models import Clustering, Predictor
from scoring.set_up import create
from scoring.starters import STARTERS

CLUSTERING = "Kinds of customers"


def lay_out(*, now: datetime, zone: ZoneInfo) -> None:
    """Only where nobody has set up any."""
    if not Predictor.objects.exists():
        for starter in STARTERS.values():
            predictor = create(starter.draft, by=None, now=now, zone=zone)
            Predictor.objects.filter(pk=predictor.pk).update(due_at=now)
    if not Clustering.objects.exists():
        Clustering.objects.create(name=CLUSTERING, features=list(DEFAULT.features), created_at=now, due_at=now)
