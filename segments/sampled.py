"""A random few of very many people: what a page counts about them is ready before one looks up."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from django.db import connection

from cdp.common.estimate import table_size
from segments.models import Segment

SEED = 20_261
"""The same few each time: a page that is loaded again says the same."""
WHOLE = 2**31


@dataclass(frozen=True)
class Sample:
    """Profile ids, each person with the same chance to be among them."""

    ids: tuple[int, ...]
    total: int
    """Of how many: exact where the sample is whole."""

    @property
    def is_whole(self) -> bool:
        return len(self.ids) == self.total

    @property
    def weight(self) -> float:
        """How many people each of the sample stands for."""
        return self.total / len(self.ids) if self.ids else 0.0


def some_people(size: int) -> Sample:
    """Of everybody. Random ids are looked up, so the cost grows with the sample and not with the people."""
    total = table_size("profiles_profile", where="merged_into is null", without="profile_by_winner").n
    with connection.cursor() as cursor:
        if total <= size:
            cursor.execute("select id from profiles_profile where merged_into is null")
            ids = [row[0] for row in cursor.fetchall()]
            return Sample(tuple(ids), len(ids))
        cursor.execute("select min(id), max(id) from profiles_profile")
        low, high = cursor.fetchone()
        random, found = Random(SEED), set[int]()  # noqa: S311 no secret
        for _ in range(20):
            drawn = [random.randint(low, high) for _ in range(2 * size)]
            cursor.execute("select id from profiles_profile where id = any(%s) and merged_into is null", [drawn])
            found.update(row[0] for row in cursor.fetchall())
            if len(found) >= size:
                break
    return Sample(tuple(random.sample(sorted(found), min(size, len(found)))), total)


def some_members(segment: Segment, size: int) -> Sample:
    """Of a segment's people: those whose id's hash is small. An index-only scan over its members."""
    share = 1.0 if segment.size <= size else 1.1 * size / segment.size
    with connection.cursor() as cursor:
        cursor.execute(
            "select profile_id from segments_membership where segment_id = %s"
            " and (hashint8(profile_id)::bigint + %s) < %s limit %s",
            [segment.pk, WHOLE, round(share * 2 * WHOLE), max(size, 1)],
        )
        ids = tuple(row[0] for row in cursor.fetchall())
    return Sample(ids, len(ids) if share == 1.0 else segment.size)


def listed(ids: Sequence[int]) -> str:
    """An array literal: adapting a list of twenty thousand numbers costs more than the statement."""
    return "{" + ",".join(map(str, ids)) + "}"
