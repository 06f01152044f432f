"""The stretches of people of one run: made, taken by one worker at a time, with what was found of each as arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from django.db.models import BigIntegerField, Case, F, Sum, When

from cdp.common.models import Job
from scoring.lots import Ids, Numbers
from scoring.models import ScoringChunk
from scoring.packed import Arrays, packed, unpacked

State = ScoringChunk.State
PEOPLE = 50_000
"""In one stretch: 30 MB of features, and some seconds of work that a crash may cost."""
HELD = timedelta(minutes=5)
"""A worker that took one and has said nothing for so long has died with it."""
# Ids are not dense: those of merged people, and what sequences skip.
_BOUNDS = """
select id, n from (select id, row_number() over (order by id) as n, count(*) over () as people
                  from profiles_profile where merged_into is null) p
 where mod(n, %s) = 0 or n = people order by id
"""
_TAKE = """
update scoring_scoringchunk set held_until = %s, fence = fence + 1
 where id = (select id from scoring_scoringchunk
              where job_id = %s and state = %s and (held_until is null or held_until < %s)
              order by number limit 1 for update skip locked)
returning id
"""


@dataclass(frozen=True)
class Said:
    """Of one predictor, of the people of a stretch that it is asked about, by ascending id."""

    profile_ids: Ids
    values: Numbers
    days: Numbers | None = None
    """As in lots.Lot."""


def make(job: Job, *, people: int = PEOPLE) -> int:
    """Rows for everybody who is known now. Returns how many people that is."""
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS, [people])
        bounds = cursor.fetchall()
    before = [(0, 0), *bounds]
    ScoringChunk.objects.bulk_create(
        ScoringChunk(job=job, number=number, after_id=after, until_id=until, people=n - n_before)
        for number, ((after, n_before), (until, n)) in enumerate(zip(before, bounds, strict=False))
    )
    return int(before[-1][1])


def take(job_id: int, state: State, *, now: datetime) -> ScoringChunk | None:
    """The first that nobody holds. It is held until HELD has passed, or it is let go of."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [now + HELD, job_id, state.value, now])
        row = cursor.fetchone()
    return None if row is None else ScoringChunk.objects.get(pk=row[0])


def keep(chunk: ScoringChunk, said: Mapping[int, Said], seen: Mapping[str, object]) -> bool:
    """What was found. False if the stretch was given to somebody else meanwhile, who keeps the same."""
    return bool(
        ScoringChunk.objects.filter(pk=chunk.pk, fence=chunk.fence, state=State.WAITING).update(
            scored=_pack(said), seen=seen, state=State.SCORED, held_until=None
        )
    )


def let_go(chunk: ScoringChunk) -> None:
    ScoringChunk.objects.filter(pk=chunk.pk, fence=chunk.fence).update(held_until=None)


def tell_progress(job_id: int) -> None:
    """To score a person is half the work, to write the scores the other."""
    done = Case(
        When(state=State.WRITTEN, then=2 * F("people")),
        When(state=State.SCORED, then=F("people")),
        default=0,
        output_field=BigIntegerField(),
    )
    halves = ScoringChunk.objects.filter(job_id=job_id).aggregate(n=Sum(done))["n"] or 0
    Job.objects.filter(pk=job_id).update(done=halves // 2)


def said_in(chunk: ScoringChunk) -> dict[int, Said]:
    """By predictor. Raises NotAnArtefact where the bytes are not whole."""
    header, arrays = unpacked(bytes(chunk.scored))
    return {
        predictor_id: Said(
            arrays[f"{predictor_id}.ids"].astype(np.int64),
            arrays[f"{predictor_id}.values"].astype(np.float64),
            arrays[f"{predictor_id}.days"].astype(np.float64) if f"{predictor_id}.days" in arrays else None,
        )
        for predictor_id in header["predictors"]
    }


def all_said(job_id: int, predictor_id: int) -> tuple[Ids, Numbers]:
    """Of everybody: ids and values."""
    some = [said_in(chunk)[predictor_id] for chunk in _in_order(job_id)]
    if not some:
        return np.empty(0, np.int64), np.empty(0)
    return np.concatenate([one.profile_ids for one in some]), np.concatenate([one.values for one in some])


def _in_order(job_id: int) -> Iterable[ScoringChunk]:
    return ScoringChunk.objects.filter(job_id=job_id).order_by("number").iterator(chunk_size=1)


def _pack(said: Mapping[int, Said]) -> bytes:
    arrays: Arrays = {}
    for predictor_id, one in said.items():
        arrays[f"{predictor_id}.ids"] = one.profile_ids.astype(np.int64)
        arrays[f"{predictor_id}.values"] = one.values
        if one.days is not None:
            arrays[f"{predictor_id}.days"] = one.days
    return packed({"predictors": sorted(said)}, arrays)
