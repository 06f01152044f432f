"""Where news stand: the rows of a table after a cursor, each as what happened to whom.

A row's place is (transaction, id), and rows are read only below every transaction that is still under way. So one that
is committed late is never behind the cursor.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.webhooks.kinds import CONSENT, DELIVERY, MEMBERSHIP, MERGE, MERGES, SCORE
from cdp.common.copying import Cursor

Place = tuple[int, int]
LARGEST = 2**63 - 1
_BELOW = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True, slots=True)
class Happening:
    kind: str
    type: str
    at: datetime
    profiles: Mapping[str, int]
    """Name in the body → profile id. The first is whom the message is about."""
    data: Mapping[str, Any]
    about: int | None = None
    """The segment, predictor or campaign."""
    what: str = ""
    xact: int = LARGEST
    address: tuple[str, str] = ("", "")
    """Of a consent: whoever has this address is meant."""
    delivery: str = ""


@dataclass(frozen=True)
class Source:
    """A table of news and how its rows are read."""

    kind: str
    table: str
    columns: str
    read: Callable[[int, Sequence[Any]], Happening | None]
    where: str = "true"

    @property
    def reader(self) -> str:
        return f"webhooks:{self.kind}"

    def after(self, cursor: Cursor, place: Place, *, limit: int) -> tuple[list[Happening], Place, bool]:
        """What follows, where the cursor stands then, and whether there may be more."""
        cursor.execute(
            f"select n.xact_id, n.id, {self.columns} from {self.table} n"
            f" where (n.xact_id, n.id) > (%s, %s) and n.xact_id < {_BELOW} and {self.where}"
            " order by n.xact_id, n.id limit %s",
            [*place, limit],
        )
        rows = cursor.fetchall()
        found = [one for row in rows if (one := self.read(row[0], row[2:])) is not None]
        return found, (rows[-1][0], rows[-1][1]) if rows else place, len(rows) == limit


def is_any(cursor: Cursor) -> bool:
    """Whether a turn over the sources could find something: one statement, for all the seconds in which it could not.
    Each looks at the next row alone, in the order of the index."""
    cursor.execute(_ANY, [[source.kind for source in SOURCES]])
    return bool(cursor.fetchone()[0])


def now_in(cursor: Cursor) -> Place:
    """Before everything that is not committed yet."""
    cursor.execute(f"select {_BELOW} - 1")
    return int(cursor.fetchone()[0]), LARGEST


def _membership(xact: int, row: Sequence[Any]) -> Happening:
    segment, profile, change, cause, at, entered_at = row
    data = {"segment": segment, "cause": cause, **({"entered_at": entered_at} if entered_at else {})}
    return Happening(MEMBERSHIP, f"segment.{change}", at, {"profile": profile}, data, about=segment, xact=xact)


def _score(xact: int, row: Sequence[Any]) -> Happening:
    profile, predictor, at, value, percentile, band, was = row
    data = {"predictor": predictor, "band": band, "was": was, "value": value, "percentile": percentile}
    return Happening(SCORE, "score.band_changed", at, {"profile": profile}, data, about=predictor, xact=xact)


def _merge(xact: int, row: Sequence[Any]) -> Happening:
    merge, verb, how, winner, loser, n_records, at = row
    data = {"merge": merge, "how": how, "records": n_records}
    return Happening(MERGE, MERGES[verb], at, {"profile": winner, "other": loser}, data, xact=xact)


def _consent(xact: int, row: Sequence[Any]) -> Happening:
    namespace, value, purpose, topic, is_granted, at, how, is_current = row
    data = {"address": {"namespace": namespace, "value": value}, "purpose": purpose, "topic": topic or None}
    data |= {"is_granted": is_granted, "is_current": is_current, "how": how}
    said = "granted" if is_granted else "denied"
    return Happening(CONSENT, f"consent.{said}", at, {}, data, xact=xact, address=(namespace, value))


SOURCES = (
    Source(
        MEMBERSHIP,
        "segments_membershipchange",
        "n.segment_id, n.profile_id, n.kind, n.cause, n.at, n.entered_at",
        _membership,
    ),
    Source(
        SCORE,
        "scoring_scorechange",
        "n.profile_id, n.predictor_id, n.at, n.value, n.percentile, n.band, n.was",
        _score,
        "n.was <> ''",
    ),
    Source(
        MERGE,
        "identity_merge",
        "n.id, n.verb, n.how, n.winner_id, n.loser_id, cardinality(n.record_ids), n.at",
        _merge,
    ),
    Source(
        CONSENT,
        "privacy_consent",
        "n.namespace, n.value, n.purpose, n.topic, n.is_granted, n.last_at, n.how, not exists (select from"
        " privacy_consent o where o.namespace = n.namespace and o.value = n.value and o.purpose = n.purpose"
        " and o.topic = n.topic and o.is_granted <> n.is_granted"
        " and (o.last_at > n.last_at or (o.last_at = n.last_at and n.is_granted)))",
        _consent,
    ),
)


_NEXT = """exists (select from common_newscursor c cross join lateral (
  select from {table} n where (n.xact_id, n.id) > (c.xact_id, c.row_id) and {where} order by n.xact_id, n.id limit 1) n
 where c.reader = '{reader}')"""
_UNREAD = """exists (select from campaigns_endpoint e cross join unnest(%s::text[]) k
 where e.state <> 'disabled' and e.wants -> 'kinds' ? k
   and not exists (select from common_newscursor c where c.reader = 'webhooks:' || k))"""
_ANY = " or ".join(
    [
        "select exists (select from campaigns_mailhappened)",
        _UNREAD,
        *(_NEXT.format(table=one.table, where=one.where, reader=one.reader) for one in SOURCES),
    ]
)


def take_mails(cursor: Cursor, *, limit: int) -> list[Happening]:
    """The queue of what became of messages: who takes rows deletes them."""
    cursor.execute(
        "delete from campaigns_mailhappened where id in (select id from campaigns_mailhappened order by id limit %s"
        " for update skip locked) returning id, profile_id, what, delivery, campaign_id, at, about::text",
        [limit],
    )
    return [
        Happening(
            DELIVERY,
            f"delivery.{what}",
            at,
            {"profile": profile},
            {"delivery": str(delivery), "campaign": campaign, **json.loads(about)},
            about=campaign,
            what=what,
            delivery=str(delivery),
        )
        for _, profile, what, delivery, campaign, at, about in sorted(cursor.fetchall())
    ]
