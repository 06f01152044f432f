"""Writes the ledger: who gets a campaign, when, as which variant, and who is held back. Some thousands at a time.

Everything that chance decides is stored in the row. Planning the same again changes nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction

from campaigns import chance
from campaigns.addressed import Known, known_of, resolved
from campaigns.control import in_control
from campaigns.hours import Asked, Hour, hours
from campaigns.models import Campaign, Delivery, Variant
from campaigns.permitted import refusals
from cdp.common.copying import Cursor, copy_rows
from cdp.rules.tree import UTC

Reason, State = Delivery.Reason, Delivery.State
NOTHING: Mapping[str, Any] = MappingProxyType({})
COLUMNS = (
    "profile_id", "occurrence", "address", "record_id", "state", "reason", "variant", "arm", "context", "due_at",
    "settled_at", "gets_winner",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody who is to get a campaign, unless something speaks against it."""

    profile_id: int
    occurrence: str
    due_at: datetime
    """Not before that. The campaign's timing finds the hour."""
    context: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    on: date | None = None
    """… and not before that day on their own clock."""


@dataclass(slots=True)
class _Row:
    wanted: Wanted
    known: Known
    reason: str = ""
    variant: int = 0
    waits: bool = False
    """For the winner of the test."""
    gets_winner: bool = False
    """Which is known already."""
    hour: Hour | None = None


def plan(
    campaign: Campaign,
    wanted: Sequence[Wanted],
    *,
    now: datetime,
    zone: ZoneInfo = UTC,
    generator: np.random.Generator | None = None,
) -> int:
    """Returns how many rows are new. `zone` is the clock of people whose own is not known."""
    if not wanted:
        return 0
    drawing = generator or chance.generator_for(campaign.pk, wanted[0].occurrence, wanted[0].profile_id, len(wanted))
    with transaction.atomic():
        rows = _rows(campaign, wanted, zone)
        _hold_back(campaign, rows, now=now, drawing=drawing)
        _vary(campaign, rows, zone=zone, drawing=drawing)
        with connection.cursor() as cursor:
            return _write(cursor, campaign, rows, now=now)


def release(campaign: Campaign, *, variant: int, now: datetime, zone: ZoneInfo, most: int = 5_000) -> int:
    """Gives the winner to some of those who waited for it, at their hour. Returns how many; 0: nobody waits."""
    with transaction.atomic():
        waiting = Delivery.objects.select_for_update().filter(
            campaign_id=campaign.pk, state=State.PLANNED, due_at=None
        )[:most]
        rows = list(waiting)
        own = {one.number: one.local_time for one in Variant.objects.filter(campaign=campaign)}
        zones = {one.profile_id: one.zone for one in known_of([row.profile_id for row in rows], zone=zone)}
        asked = [Asked(row.profile_id, zones.get(row.profile_id, zone), now, None, own.get(variant)) for row in rows]
        drawing = chance.generator_for(campaign.pk, "winner", *(row.ref for row in rows[:1]))
        for row, hour in zip(rows, hours(campaign, asked, drawing), strict=True):
            row.variant, row.due_at, row.arm = variant, hour.due_at, hour.arm
        with connection.cursor() as cursor:
            cursor.execute(
                "update campaigns_delivery d set variant = %s, due_at = n.due_at, arm = n.arm, gets_winner = true"
                " from unnest(%s::uuid[], %s::timestamptz[], %s::text[]) n(ref, due_at, arm)"
                " where d.campaign_id = %s and d.ref = n.ref",
                [
                    variant,
                    [str(row.ref) for row in rows],
                    [row.due_at for row in rows],
                    [row.arm for row in rows],
                    campaign.pk,
                ],
            )
    return len(rows)


def _rows(campaign: Campaign, wanted: Sequence[Wanted], zone: ZoneInfo) -> list[_Row]:
    """One of each living person and occurrence; those without an address, or with another's, marked."""
    living = resolved([one.profile_id for one in wanted])
    known = {one.profile_id: one for one in known_of(sorted(set(living.values())), zone=zone)}
    found: dict[tuple[int, str], _Row] = {}
    for one in wanted:
        person = known.get(living.get(one.profile_id, 0))
        if person is not None:
            own = one if one.profile_id == person.profile_id else replace(one, profile_id=person.profile_id)
            found.setdefault((person.profile_id, one.occurrence), _Row(own, person))
    rows = sorted(found.values(), key=lambda row: (row.wanted.occurrence, row.wanted.profile_id))
    owners = _owners(campaign, rows)
    for row in rows:
        address = row.known.address
        if not address:
            row.reason = Reason.NO_ADDRESS
        elif owners.setdefault((row.wanted.occurrence, address), row.wanted.profile_id) != row.wanted.profile_id:
            row.reason = Reason.SAME_ADDRESS
    return rows


def _owners(campaign: Campaign, rows: Sequence[_Row]) -> dict[tuple[str, str], int]:
    """Whose an address is already in an occurrence. A person who was merged away owns nothing: whoever they became
    gets it, once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select d.occurrence, d.address, min(d.profile_id) from campaigns_delivery d"
            " join profiles_profile p on p.id = d.profile_id and p.merged_into is null"
            " where d.campaign_id = %s and d.address = any(%s) and d.occurrence = any(%s) and d.reason <> %s"
            " group by 1, 2",
            [
                campaign.pk,
                sorted({row.known.address for row in rows if row.known.address}),
                sorted({row.wanted.occurrence for row in rows}),
                Reason.SAME_ADDRESS,
            ],
        )
        return {(occurrence, address): profile_id for occurrence, address, profile_id in cursor.fetchall()}


def _hold_back(campaign: Campaign, rows: Sequence[_Row], *, now: datetime, drawing: np.random.Generator) -> None:
    """The control group, then the holdout. Of both only those count who would have been written to: else who got it
    and who did not would not be alike."""
    eligible = [row for row in rows if not row.reason]
    control = in_control([row.wanted.profile_id for row in eligible], now=now, generator=drawing)
    for row in eligible:
        row.reason = Reason.CONTROL if row.wanted.profile_id in control else ""
    others = [row for row in eligible if not row.reason]
    for row, is_held in zip(others, chance.taken(len(others), campaign.holdout_percent, drawing), strict=True):
        row.reason = Reason.HOLDOUT if is_held else ""
    held = [row for row in eligible if row.reason]
    refused = refusals(campaign, [row.known for row in held]) if held else {}
    for row in held:
        row.reason = refused.get(row.known.address, row.reason)


def _vary(campaign: Campaign, rows: Sequence[_Row], *, zone: ZoneInfo, drawing: np.random.Generator) -> None:
    """A variant for each, or that it waits for the winner; and the hour."""
    open_rows = [row for row in rows if not row.reason]
    variants = list(Variant.objects.filter(campaign=campaign).order_by("number"))
    for row, number in zip(open_rows, _numbers(campaign, variants, len(open_rows), drawing), strict=True):
        row.variant, row.waits = number or 0, number is None
        row.gets_winner = bool(variants) and campaign.winner is not None
    own = {one.number: one.local_time for one in variants}
    due = [row for row in open_rows if not row.waits]
    asked = [
        Asked(row.wanted.profile_id, row.known.zone, row.wanted.due_at, row.wanted.on, own.get(row.variant))
        for row in due
    ]
    for row, hour in zip(due, hours(campaign, asked, drawing), strict=True):
        row.hour = hour


def _numbers(
    campaign: Campaign, variants: Sequence[Variant], n: int, drawing: np.random.Generator
) -> Sequence[int | None]:
    """None: waits for the winner."""
    if not variants:
        return [0] * n
    if campaign.winner is not None:
        return [campaign.winner] * n
    tested = chance.taken(n, campaign.test_percent, drawing) if campaign.test_percent < 100 else [True] * n
    parts = iter(chance.spread(sum(tested), [one.weight for one in variants], drawing))
    return [variants[next(parts)].number if is_tested else None for is_tested in tested]


def _write(cursor: Cursor, campaign: Campaign, rows: Sequence[_Row], *, now: datetime) -> int:
    cursor.execute(
        "create temporary table if not exists planned_rows (profile_id bigint, occurrence text, address text,"
        " record_id bigint, state text, reason text, variant int, arm text, context jsonb, due_at timestamptz,"
        " settled_at timestamptz, gets_winner boolean) on commit drop"
    )
    cursor.execute("truncate planned_rows")
    copy_rows(cursor, "planned_rows", COLUMNS, (_values(row, now) for row in rows))
    named = ", ".join(COLUMNS)
    cursor.execute(
        f"insert into campaigns_delivery ({named}, campaign_id, ref, error, branches, fence, planned_at)"
        f" select {named}, %s, gen_random_uuid(), '', '{{}}', 0, %s from planned_rows on conflict do nothing",
        [campaign.pk, now],
    )
    return int(cursor.rowcount)


def _values(row: _Row, now: datetime) -> tuple[Any, ...]:
    wanted, hour = row.wanted, row.hour
    return (
        wanted.profile_id,
        wanted.occurrence,
        row.known.address,
        row.known.record_id,
        State.SKIPPED.value if row.reason else State.PLANNED.value,
        str(row.reason),
        row.variant,
        hour.arm if hour else "",
        json.dumps(dict(wanted.context)) if wanted.context else "{}",
        None if row.waits else (hour.due_at if hour else wanted.due_at).astimezone(UTC),
        now if row.reason else None,
        row.gets_winner,
    )
