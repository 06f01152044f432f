"""Who came into segments and who left them, in the order of the news, each once: the cursor commits with what it
caused."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cdp.common.copying import Cursor, numbers
from cdp.common.models import NewsCursor

READER = "triggers"
AT_ONCE = 2_000
FAR = 10_000
"""Transactions after which the place is kept also where nobody asks: nothing is written in every idle second."""
NEAR = 100
"""The same where nothing was found: what is gone through again each second stays little."""
LAST = 2**63 - 1
# Of who came in by what an import brought, the newest that we got came by it: of events their keys are kept for ever,
# of traits the cause names the import. An import of long ago is not what brought somebody in: a score did, or a cut.
# The days are those that a weekly segment looks back on.
_CHANGES = """
select c.xact_id, c.id, c.segment_id, coalesce(p.merged_into, p.id), c.kind, c.at,
       case c.cause
         when 'event' then coalesce((
           select exists (select from events_seenmessage s where s.source_id = e.source_id
                             and s.message_id = e.message_id and s.seen_at is null)
             from events_event e where e.profile_id = p.id and e.received_at <= c.at + interval '1 minute'
            order by e.received_at desc limit 1), false)
         when 'trait' then coalesce((
           select h.cause like 'import:%%' from profiles_profilechange h
            where h.profile_id = p.id and h.cause not like 'merge:%%' and h.at > c.at - interval '8 days'
            order by h.id desc limit 1), false)
         else false end
  from segments_membershipchange c join profiles_profile p on p.id = c.profile_id
 where (c.xact_id, c.id) > (%s, %s) and c.xact_id < %s and c.segment_id = any(%s::bigint[])
   and c.cause in ('event', 'trait', 'time')
 order by c.xact_id, c.id limit %s
"""


@dataclass(frozen=True)
class Change:
    id: int
    segment_id: int
    profile_id: int
    """Who they are by now."""
    kind: str
    at: datetime


def changes(cursor: Cursor, segment_ids: Collection[int]) -> list[Change]:
    """The next of them about these segments, without what imports caused; under the reader's lock. Only what lies below
    every transaction that is under way is read, so that nothing can appear behind the cursor."""
    cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    horizon = cursor.fetchone()[0]
    place, _ = NewsCursor.objects.get_or_create(reader=READER)
    rows = []
    if not segment_ids and horizon - place.xact_id < FAR:
        return []
    if segment_ids:
        cursor.execute(_CHANGES, [place.xact_id, place.row_id, horizon, numbers(segment_ids), AT_ONCE])
        rows = cursor.fetchall()
        if not rows and horizon - place.xact_id < NEAR:
            return []
    is_all = len(rows) < AT_ONCE
    place.xact_id, place.row_id = (max(place.xact_id, horizon - 1), LAST) if is_all else rows[-1][:2]
    place.save(update_fields=["xact_id", "row_id"])
    return [
        Change(change_id, segment_id, profile_id, kind, at)
        for _, change_id, segment_id, profile_id, kind, at, is_import in rows
        if not is_import
    ]
