"""What happened begins a campaign for its people: once for each happening, and as often as its re-entry says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.models import Campaign, Triggered
from campaigns.planning import Wanted, plan
from cdp.common.copying import Cursor, numbers, texts, times

Outcome = Triggered.Outcome
_NOTE = """
insert into campaigns_triggered (campaign_id, occurrence, profile_id, record_id, outcome, at, noted_at)
select %s, w.occurrence, w.profile_id, w.record_id, w.outcome, w.at, %s
  from unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[])
       w (occurrence, profile_id, record_id, outcome, at)
on conflict do nothing returning occurrence
"""
# A person's earlier starts stand with the person or with one that was merged into them.
_LAST = """
select w.id, max(t.at)
  from unnest(%s::bigint[]) w (id)
  join lateral (select w.id as who union all select id from profiles_profile m where m.merged_into = w.id) g on true
  join campaigns_triggered t on t.profile_id = g.who and t.campaign_id = %s and t.outcome = 'started'
 group by w.id
"""
_KNOWN = "select occurrence from campaigns_triggered where campaign_id = %s and occurrence = any(%s::text[])"


@dataclass(frozen=True)
class Happened:
    """Something that may begin the campaign for a person."""

    profile_id: int
    occurrence: str
    at: datetime
    record_id: int | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


def begin_for(
    cursor: Cursor, campaign: Campaign, happened: Sequence[Happened], *, now: datetime, zone: ZoneInfo
) -> int:
    """Returns for how many. The caller holds the readers' lock: two would not see each other's starts."""
    fresh = _fresh(cursor, campaign, happened)
    outcomes = _outcomes(cursor, campaign, fresh)
    noted = _note(cursor, campaign, outcomes, now=now)
    started = [one for one, outcome in outcomes if outcome is Outcome.STARTED and one.occurrence in noted]
    delay = timedelta(seconds=campaign.delay_s)
    wanted = [Wanted(one.profile_id, one.occurrence, one.at + delay, context_of(one)) for one in started]
    return plan(campaign, wanted, now=now, zone=zone)


def context_of(one: Happened) -> dict[str, Any]:
    """What the ledger keeps of it: standing.py and the mail read it."""
    return {"at": one.at.isoformat(), **one.context}


def _fresh(cursor: Cursor, campaign: Campaign, happened: Sequence[Happened]) -> list[Happened]:
    """Each once, in the order in which it happened."""
    by_occurrence = {one.occurrence: one for one in happened}
    cursor.execute(_KNOWN, [campaign.pk, texts(list(by_occurrence))])
    for (occurrence,) in cursor.fetchall():
        del by_occurrence[occurrence]
    return sorted(by_occurrence.values(), key=lambda one: (one.at, one.occurrence))


def _outcomes(cursor: Cursor, campaign: Campaign, fresh: Sequence[Happened]) -> list[tuple[Happened, Outcome]]:
    days = campaign.reentry_days
    if days == 0 or not fresh:
        return [(one, Outcome.STARTED) for one in fresh]
    cursor.execute(_LAST, [numbers({one.profile_id for one in fresh}), campaign.pk])
    last: dict[int, datetime] = dict(cursor.fetchall())
    found = []
    for one in fresh:
        before = last.get(one.profile_id)
        may = before is None or (days is not None and one.at >= before + timedelta(days=days))
        if may:
            last[one.profile_id] = one.at
        found.append((one, Outcome.STARTED if may else Outcome.AGAIN))
    return found


def _note(
    cursor: Cursor, campaign: Campaign, outcomes: Sequence[tuple[Happened, Outcome]], *, now: datetime
) -> set[str]:
    """Those that nobody noted before."""
    if not outcomes:
        return set()
    some = [one for one, _ in outcomes]
    cursor.execute(
        _NOTE,
        [
            campaign.pk,
            now,
            texts([one.occurrence for one in some]),
            numbers(one.profile_id for one in some),
            [one.record_id for one in some],
            texts([outcome.value for _, outcome in outcomes]),
            times(one.at for one in some),
        ],
    )
    return {occurrence for (occurrence,) in cursor.fetchall()}
