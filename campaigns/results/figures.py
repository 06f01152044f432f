"""What became of a campaign's mails, in numbers: of all of them, and of each variant, way to the hour and occurrence.

One grouped statement for the ledger and one for the orders; the groups are few, and are put together here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.models import Campaign, Delivery, Variant
from campaigns.results.counts import COLUMNS, Counts
from campaigns.results.money import Money, money_of

NEWEST = 60
"""Occurrences of a recurring campaign that are told one by one."""
_LEDGER = """
select d.variant, d.arm, {occurrence}, min(coalesce(d.due_at, d.planned_at)), d.state, d.reason, {columns}
  from campaigns_delivery d where d.campaign_id = %s
 group by d.variant, d.arm, {occurrence}, d.state, d.reason
"""
_ORDERS = """
select d.variant, d.arm, {occurrence}, count(*), sum(k.value)
  from campaigns_conversion k join campaigns_delivery d on d.ref = k.delivery
 where k.campaign_id = %s group by 1, 2, 3
"""


@dataclass(frozen=True)
class Part:
    """Some of the mails, under the name of what they have in common. `key` chooses them in lists."""

    key: str
    name: str
    counts: Counts


@dataclass(frozen=True)
class Occurrence:
    key: str
    at: datetime
    counts: Counts


@dataclass(frozen=True)
class Results:
    counts: Counts
    money: Money
    skipped: tuple[tuple[str, str, int], ...]
    """Reason, in words, and how many."""
    variants: tuple[Part, ...]
    arms: tuple[Part, ...]
    occurrences: tuple[Occurrence, ...]
    """The newest first."""


def results_of(campaign: Campaign) -> Results:
    ledger, orders = _rows(_LEDGER, campaign), _rows(_ORDERS, campaign)
    counts = _grouped(ledger, orders, lambda row: "")[""]
    variants = {one.number: one.name for one in Variant.objects.filter(campaign=campaign).order_by("number")}
    return Results(
        counts=counts,
        money=money_of(campaign, counts),
        skipped=tuple(
            (reason, str(Delivery.Reason(reason).label) if reason in Delivery.Reason.values else reason, n)
            for reason, n in counts.skipped.most_common()
        ),
        variants=_parts(_grouped(ledger, orders, lambda row: row[0]), variants) if variants else (),
        arms=_parts(_grouped(ledger, orders, lambda row: row[1]), dict(Delivery.Arm.choices))
        if campaign.timing == Campaign.Timing.BEST_HOUR
        else (),
        occurrences=_occurrences(ledger, orders) if campaign.kind == Campaign.Kind.RECURRING else (),
    )


def _rows(sql: str, campaign: Campaign) -> list[tuple[Any, ...]]:
    """Only occurrences of a recurring campaign are few."""
    occurrence = "d.occurrence" if campaign.kind == Campaign.Kind.RECURRING else "''::text"
    with connection.cursor() as cursor:
        cursor.execute(sql.format(occurrence=occurrence, columns=COLUMNS), [campaign.pk])
        return list(cursor.fetchall())


def _grouped(
    ledger: Iterable[tuple[Any, ...]], orders: Iterable[tuple[Any, ...]], key: Callable[[tuple[Any, ...]], Any]
) -> defaultdict[Any, Counts]:
    found: defaultdict[Any, Counts] = defaultdict(Counts)
    for row in ledger:
        found[key(row)].add(*row[4:])
    for row in orders:
        found[key(row)].earn(*row[3:])
    return found


def _parts(found: Mapping[Any, Counts], names: Mapping[Any, str]) -> tuple[Part, ...]:
    return tuple(Part(str(key), str(name), found[key]) for key, name in names.items() if key in found)


def _occurrences(ledger: list[tuple[Any, ...]], orders: list[tuple[Any, ...]]) -> tuple[Occurrence, ...]:
    began: dict[str, datetime] = {}
    for _, _, key, at, *_ in ledger:
        began[key] = min(began.get(key, at), at)
    counts = _grouped(ledger, orders, lambda row: row[2])
    newest = sorted(began, key=lambda key: (began[key], key), reverse=True)[:NEWEST]
    return tuple(Occurrence(key, began[key], counts[key]) for key in newest)
