"""The per-profile state of events, computed anew from the events: after a merge, and to check the pipeline."""

from collections.abc import Sequence

from django.db import connection

COLUMNS = "profile_id, name, n, valued, sum, first_at, last_at"
COMPUTED = (
    "select profile_id, name, count(*) n, count(value) valued, coalesce(sum(value), 0) sum, min(occurred_at) first_at,"
    " max(occurred_at) last_at from events_event where profile_id = any(%s) group by 1, 2"
)


def recompute_state(profile_ids: Sequence[int]) -> None:
    """Replaces the state of these profiles by what their events say. The caller holds their locks."""
    ids = list(profile_ids)
    with connection.cursor() as cursor:
        cursor.execute("delete from events_eventstate where profile_id = any(%s)", [ids])
        cursor.execute(f"insert into events_eventstate ({COLUMNS}) {COMPUTED}", [ids])
