"""A run: learns from everybody's year, measures itself on the last weeks, and makes everybody's list."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from django.db import connection, transaction

from cdp.accounts.models import User
from cdp.common.copying import numbers, texts
from cdp.common.models import Job
from scoring.item_models import Recommending
from scoring.recommend import kept
from scoring.recommend.interactions import EVENTS, seconds
from scoring.recommend.knowledge import Knowledge, catalogue_of, learn
from scoring.recommend.lists import Entry, Wish, as_kept, lists_of
from scoring.recommend.measure import Quality, measure
from scoring.recommend.reading import everybody, how_many, of_everybody
from segments.models import Segment
from segments.schedule import Schedule

KIND = "recommending"
AT_ONCE = 5_000
"""People whose lists are made in one go: some hundred candidates each, so that memory stays flat."""
SEED = 5
RECENT = timedelta(days=28)
MOST_OF_SEGMENT = 50
SOONER = timedelta(hours=1)
"""While there is too little to measure, a run follows so soon: a new shop fills up within the day."""
Report = Callable[[int, int], None]

_FAVOURITES = """
with did as (
    select distinct profile_id, item_id from events_event
     where name = any(%(names)s) and item_id is not null and occurred_at > %(since)s and occurred_at <= %(until)s
    union
    select profile_id, item_id from events_eventitem
     where name = 'Order Completed' and occurred_at > %(since)s and occurred_at <= %(until)s),
counted as (
    select m.segment_id, d.item_id, count(*) n from did d join segments_membership m on m.profile_id = d.profile_id
     where m.segment_id = any(%(segments)s) and exists (select from events_item i where i.id = d.item_id)
     group by 1, 2),
placed as (
    select *, row_number() over (partition by segment_id order by n desc, item_id) place from counted),
active as (
    select m.segment_id, count(distinct d.profile_id) people from did d
      join segments_membership m on m.profile_id = d.profile_id
     where m.segment_id = any(%(segments)s) group by 1)
insert into scoring_segmentfavourites (segment_id, items, people, computed_at)
select p.segment_id, jsonb_agg(jsonb_build_array(p.item_id, p.n) order by p.place), min(a.people), %(until)s
  from placed p join active a on a.segment_id = p.segment_id where p.place <= %(most)s group by p.segment_id"""


_STRANGERS = """
select count(distinct item_id) from (
    select item_id from events_event
     where name = any(%(names)s) and item_id is not null and occurred_at > %(since)s and occurred_at <= %(until)s
    union
    select item_id from events_eventitem
     where name = 'Order Completed' and occurred_at > %(since)s and occurred_at <= %(until)s) d
 where not exists (select from events_item i where i.id = d.item_id)"""


class Stopped(Exception):
    """Somebody cancelled the run."""


@dataclass(frozen=True)
class Ran:
    people: int
    items: int
    strangers: int
    """Items of the last four weeks' events that are not in the catalogue."""
    quality: Quality


def settings_row() -> Recommending:
    """The one row; made when it is first asked for."""
    return Recommending.objects.get_or_create(pk=1)[0]


def new_job(*, title: str, by: User | None, now: datetime) -> Job:
    row = settings_row()
    with transaction.atomic():
        job = Job.objects.create(kind=KIND, title=title, created_by=by, created_at=now)
        Recommending.objects.filter(pk=row.pk).update(last_job=job)
    return job


def run(*, now: datetime, zone: ZoneInfo, report: Report = lambda done, total: None) -> Ran:
    """Safe to run twice: everything is replaced by what holds at `now`."""
    recommending = settings_row()
    people = how_many(until=now)
    total = people + 3
    report(0, total)
    rows = _catalogue()
    catalogue = catalogue_of(rows)
    learned = of_everybody(catalogue.ids, until=now)
    steps = iter((1, 2))
    measured = measure(
        learned,
        catalogue,
        now_s=seconds(now),
        left_out_days=recommending.leaves_out_bought_days,
        random=np.random.default_rng(SEED),
        report=lambda: report(next(steps), total),
    )
    known = learn(learned, catalogue, now_s=seconds(now))
    kept.write(known, rows, now=now)
    report(3, total)
    _favourites(now=now)
    Recommending.objects.filter(pk=recommending.pk).update(weights=as_kept(measured.weights))
    wish = Wish(measured.weights, recommending.leaves_out_bought_days)
    done = _everybodys(known, wish, now=now, report=lambda n: report(3 + n, total))
    ran = Ran(done, len(catalogue), _strangers(now=now), measured.quality)
    _finish(recommending, ran, now=now, zone=zone)
    return ran


def next_run(schedule: str, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    return Schedule("cron", schedule, zone).next_after(now)


def put_off(*, now: datetime, zone: ZoneInfo) -> None:
    """Until its next regular time."""
    row = settings_row()
    Recommending.objects.filter(pk=row.pk).update(due_at=next_run(row.schedule, now=now, zone=zone))


def is_possible() -> bool:
    """Whether anybody did something with an item of the catalogue, and no large import is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from events_item) and exists (select from events_eventstate where name = any(%s))"
            " and not exists (select from common_job where kind in ('demo', 'import') and state = 'running')",
            [list(EVENTS)],
        )
        return bool(cursor.fetchone()[0])


def _catalogue() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select id, category, brand from events_item")
        return sorted(cursor.fetchall())


def _everybodys(known: Knowledge, wish: Wish, *, now: datetime, report: Callable[[int], None]) -> int:
    done = written = 0
    for ids in everybody(until=now, size=AT_ONCE):
        found = lists_of(ids, wish, known=lambda _: known, now=now)
        _write(found, now=now)
        done, written = done + len(ids), written + len(found)
        report(done)
    with connection.cursor() as cursor:
        cursor.execute("delete from scoring_recommendation where computed_at < %s", [now])
    return written


def _write(found: dict[int, list[Entry]], *, now: datetime) -> None:
    """People merged since they were read get no list."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into scoring_recommendation (profile_id, items, computed_at)"
            " select f.profile_id, f.items::jsonb, %s from unnest(%s::bigint[], %s::text[]) f (profile_id, items)"
            " join profiles_profile p on p.id = f.profile_id and p.merged_into is null"
            " on conflict (profile_id) do update set items = excluded.items, computed_at = excluded.computed_at",
            [now, numbers(found), texts([msgspec.json.encode(entries).decode() for entries in found.values()])],
        )


def _favourites(*, now: datetime) -> None:
    segments = list(Segment.objects.filter(archived_at=None).values_list("pk", flat=True))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from scoring_segmentfavourites")
        values: dict[str, Any] = {
            "names": list(EVENTS),
            "since": now - RECENT,
            "until": now,
            "segments": segments,
            "most": MOST_OF_SEGMENT,
        }
        cursor.execute(_FAVOURITES, values)


def _strangers(*, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_STRANGERS, {"names": list(EVENTS), "since": now - RECENT, "until": now})
        return int(cursor.fetchone()[0])


def _finish(recommending: Recommending, ran: Ran, *, now: datetime, zone: ZoneInfo) -> None:
    due_at = next_run(recommending.schedule, now=now, zone=zone)
    if ran.quality.missing and due_at is not None:
        due_at = min(due_at, now + SOONER)
    Recommending.objects.filter(pk=recommending.pk).update(
        ran_at=now,
        due_at=due_at,
        people=ran.people,
        items=ran.items,
        quality={**_as_kept(ran.quality), "strangers": ran.strangers},
    )


def _as_kept(quality: Quality) -> dict[str, object]:
    made = asdict(quality)
    for name in ("since_s", "until_s"):
        moment = datetime.fromtimestamp(made.pop(name), UTC)
        made[name.removesuffix("_s")] = moment.isoformat() if quality.personal else None
    made["is_better"] = quality.is_better
    return dict(json.loads(json.dumps(made)))
