"""What came true: a predictor's outcome for each person, in the window (after, until]."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from cdp.rules.sql import Sql, fill
from scoring.binary import read_numbers
from scoring.columns import Numbers
from scoring.feature_columns import CLICKED, OPENED, ORDER
from scoring.models import Predictor
from scoring.past import held
from scoring.past_rules import members
from scoring.populations import MOST_IDS
from scoring.rhythm import rhythm, usual_gap
from scoring.whose import EVERYBODY, People

Kind = Predictor.Kind
Ids = NDArray[np.int64]
MONEY = ("Order Completed", "Order Updated", "Order Refunded", "Order Cancelled")
_EVENTS = {Kind.PURCHASE: ORDER, Kind.CHURN: ORDER, Kind.OPEN: OPENED, Kind.CLICK: CLICKED}
_FIRST = "(extract(epoch from min(e.occurred_at) - {after}) / 86400)::float8"
_NET = "coalesce(sum(e.value), 0)::float8"
_SELECT = (
    "select e.profile_id::float8, {what} from events_event e where e.name = any({names}::text[])"
    " and e.occurred_at > {after} and {of_people} group by e.profile_id order by e.profile_id"
)


def outcome(predictor: Predictor, ids: Ids | Sequence[int], *, after: datetime, until: datetime) -> Numbers:
    """For each of `ids`: 1 or 0; of kind `value` money net of what was given back in the window; of `next_order` days
    until the next order, NaN where there was none."""
    asked = np.asarray(ids, dtype=np.int64)
    kind = Kind(predictor.kind)
    match kind:
        case Kind.RULE:
            return np.isin(asked, members(predictor.target, until, people=_people(asked))).astype(np.float64)
        case Kind.VALUE:
            return _in_order(asked, *_read(_NET, MONEY, asked, after, until), otherwise=0.0)
        case Kind.EVENT:
            return (~np.isnan(_days_until(predictor.event_name, asked, after, until))).astype(np.float64)
    days = _days_until(_EVENTS.get(kind, ORDER), asked, after, until)
    match kind:
        case Kind.NEXT_ORDER:
            return days
        case Kind.CHURN:
            return np.isnan(days).astype(np.float64)
        case Kind.LAPSE:
            return (~(days <= _horizon(predictor.days, asked, after))).astype(np.float64)
        case _:
            return (~np.isnan(days)).astype(np.float64)


def _horizon(days: int, asked: Ids, moment: datetime) -> Numbers:
    """How long a silence is usual for each: of those who never ordered, for everybody."""
    known = rhythm(moment, usual=usual_gap(moment), people=_people(asked))
    return _in_order(asked, known.profile_ids, known.horizon(days), otherwise=float(days))


def _days_until(name: str, asked: Ids, after: datetime, until: datetime) -> Numbers:
    return _in_order(asked, *_read(_FIRST, (name,), asked, after, until), otherwise=np.nan)


def _read(what: str, names: Sequence[str], asked: Ids, after: datetime, until: datetime) -> tuple[Ids, Numbers]:
    """As known at the end of the window."""
    people = _people(asked)
    start = Sql("%s::timestamptz", (after,))
    sql = fill(
        _SELECT,
        what=fill(what, after=start),
        names=list(names),
        after=start,
        of_people=people.narrowed("e.profile_id"),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        found = read_numbers(cursor, held(cursor, until, people=people).before(["events_event"], sql), columns=2)
    return found[:, 0].astype(np.int64), found[:, 1]


def _in_order(asked: Ids, ids: Ids, numbers: Numbers, *, otherwise: float) -> Numbers:
    """The numbers of the ascending `ids`, in the order of `asked`."""
    found = np.full(len(asked), otherwise)
    if len(ids):
        places = np.minimum(np.searchsorted(ids, asked), len(ids) - 1)
        is_there = ids[places] == asked
        found[is_there] = numbers[places[is_there]]
    return found


def _people(asked: Ids) -> People:
    """Many are read with everybody."""
    return People.of(asked.tolist()) if len(asked) <= MOST_IDS else EVERYBODY
