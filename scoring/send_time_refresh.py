"""Every night: everybody's habits, how good hours learned earlier were, and each person's best hour."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction

from cdp.common.copying import copy_rows
from scoring.activity_hours import Activity, activity, chunks_of_people, drawn_people
from scoring.columns import Numbers
from scoring.estimators.send_hour import HOURS, Habits, best, fit_habits
from scoring.models import SendHourFit
from scoring.send_time_measured import Measured, measured

SAMPLE = 20_000
"""People habits are learned from and measured on."""
WEEKS = 4
CHUNK = 20_000
KEPT = 90
"""Nights whose figures are kept."""
COLUMNS = ("profile_id", "hour", "evidence", "own_share", "lift", "shares")
UPSERT = """
insert into scoring_sendhour (profile_id, hour, evidence, own_share, lift, shares, computed_at)
select f.profile_id, f.hour, f.evidence, f.own_share, f.lift, f.shares, %s from fresh_hours f
  join profiles_profile p on p.id = f.profile_id and p.merged_into is null
on conflict (profile_id) do update set hour = excluded.hour, evidence = excluded.evidence,
  own_share = excluded.own_share, lift = excluded.lift, shares = excluded.shares, computed_at = excluded.computed_at
"""


def refresh_hours(
    *, now: datetime, zone: ZoneInfo, seed: int = 1, report: Callable[[int], None] = lambda done: None
) -> SendHourFit:
    """Rows of people without activity of their own go: they are served by their group's habits."""
    sample = drawn_people(SAMPLE, seed=seed, since=now - timedelta(days=180))
    found = activity(now, zone=zone, ids=sample)
    habits = fit_habits(found.counts, found.groups)
    spread, own, people = np.zeros(HOURS, dtype=np.int64), np.zeros(5, dtype=np.int64), 0
    for ids in chunks_of_people(CHUNK):
        hours, shares_own = _write(activity(now, zone=zone, ids=ids), habits, now=now)
        spread += np.bincount(hours, minlength=HOURS)
        own += np.bincount(np.minimum((shares_own * 5).astype(np.int64), 4), minlength=5)
        people += len(hours)
        report(people)
    return _keep(
        SendHourFit(
            at=now,
            people=people,
            habits=habits.facts(),
            quality=_measure(sample, now=now, zone=zone).facts(),
            spread=spread.tolist(),
            own=own.tolist(),
        )
    )


def _measure(sample: list[int], *, now: datetime, zone: ZoneInfo) -> Measured:
    then = now - timedelta(weeks=WEEKS)
    before = activity(then, zone=zone, ids=sample)
    after = activity(now, zone=zone, ids=sample, since=then, fades=False)
    habits = fit_habits(before.counts, before.groups)
    groups = dict(zip(before.ids.tolist(), before.groups, strict=True))
    # Whom nothing was known of then is measured too: they were given their group's hour.
    named = [groups.get(i, country) for i, country in zip(after.ids.tolist(), after.groups, strict=True)]
    return measured(habits, _of(after.ids.tolist(), before), named, after.counts, weeks=WEEKS)


def _of(ids: list[int], found: Activity) -> Numbers:
    place = {profile_id: index for index, profile_id in enumerate(found.ids.tolist())}
    counts = np.zeros((len(ids), HOURS))
    for row, profile_id in enumerate(ids):
        if profile_id in place:
            counts[row] = found.counts[place[profile_id]]
    return counts


def _write(found: Activity, habits: Habits, *, now: datetime) -> tuple[np.ndarray, Numbers]:
    if not len(found.ids):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    shares, own = habits.shares(found.counts, found.groups), habits.own_share(found.counts)
    hours, evidence = best(shares), found.counts.sum(axis=1)
    lifts = shares[np.arange(len(hours)), hours] * HOURS
    numbers = zip(found.ids.tolist(), hours.tolist(), evidence.tolist(), own.tolist(), lifts.tolist(), strict=True)
    texts = ("[" + ",".join(f"{share:.4f}" for share in row) + "]" for row in shares.tolist())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "create temporary table fresh_hours (profile_id bigint, hour smallint, evidence float8,"
            " own_share float8, lift float8, shares jsonb) on commit drop"
        )
        copy_rows(cursor, "fresh_hours", COLUMNS, ((*row, text) for row, text in zip(numbers, texts, strict=True)))
        cursor.execute(UPSERT, [now])
        cursor.execute("drop table fresh_hours")
    return hours, own


def _keep(fit: SendHourFit) -> SendHourFit:
    """The new habits and the end of old rows hold at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from scoring_sendhour where computed_at < %s", [fit.at])
        fit.save()
        old = SendHourFit.objects.order_by("-at").values_list("pk", flat=True)[KEPT:]
        SendHourFit.objects.filter(pk__in=list(old)).delete()
    return fit
