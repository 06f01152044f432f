"""What a version says of people whose features are known: one array per question, whatever kind it is."""

from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from cdp.rules.tree import UTC
from scoring.chunks import Said
from scoring.columns import FeatureTable
from scoring.features import Wanted
from scoring.loaded import model_of
from scoring.models import Predictor
from scoring.next_order import dates

Kind = Predictor.Kind
Answer = Callable[[int, FeatureTable, datetime], Said]
"""Of (version, the features of those asked, now)."""


def _probabilities(model_id: int, table: FeatureTable, now: datetime) -> Said:
    return Said(table.profile_ids, model_of(model_id).probabilities(table))


def _amounts(model_id: int, table: FeatureTable, now: datetime) -> Said:
    return Said(table.profile_ids, model_of(model_id).amounts(table))


_OF_KIND: dict[str, Answer] = {Kind.VALUE: _amounts, Kind.NEXT_ORDER: dates}


def answers(predictor: Predictor, model_id: int, table: FeatureTable, *, now: datetime) -> Said:
    return _OF_KIND.get(predictor.kind, _probabilities)(model_id, table, now)


def wanted_of(predictors: Iterable[Predictor], zone: ZoneInfo = UTC) -> Wanted:
    """The features of all of them: one pass serves them all. In the zone in which versions were trained."""
    listed = list(predictors)
    events = {one.event_name for one in listed if one.kind == Kind.EVENT and one.event_name}
    traits = {name for one in listed for name in one.traits}
    return Wanted(tuple(sorted(events)), tuple(sorted(traits)), zone)
