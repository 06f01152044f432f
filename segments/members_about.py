"""Memberships of a person who is erased: they go, and the sizes that counted them shrink."""

from cdp.common.belongings import Person
from cdp.common.copying import Cursor, numbers


def erase(cursor: Cursor, person: Person) -> int:
    """Under the locks of the segments, as every change of memberships."""
    ids = numbers(person.profile_ids)
    cursor.execute(
        "select from segments_segment where id in (select segment_id from segments_membership"
        " where profile_id = any(%s::bigint[])) order by id for update",
        [ids],
    )
    cursor.execute(
        "with gone as (delete from segments_membership where profile_id = any(%s::bigint[]) returning segment_id),"
        " counted as (select segment_id, count(*) n from gone group by 1),"
        " sized as (update segments_segment s set size = s.size - c.n from counted c where s.id = c.segment_id)"
        " select coalesce(sum(n), 0) from counted",
        [ids],
    )
    return int(cursor.fetchone()[0])
