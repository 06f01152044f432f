"""The locks of identity: one for whoever changes groups, one per profile, always in id order."""

from collections.abc import Iterable

from cdp.common.advisory import IDENTITY_LOCK
from cdp.common.copying import Cursor, numbers


def lock_identity(cursor: Cursor) -> None:
    """Until commit. Taken before any profile's lock."""
    cursor.execute("select pg_advisory_xact_lock(%s)", [IDENTITY_LOCK])


def lock_profiles(cursor: Cursor, profile_ids: Iterable[int]) -> set[int]:
    """Locks in id order, so that workers never wait for each other in a ring. Returns those merged away."""
    cursor.execute(
        "select id, merged_into from profiles_profile where id = any(%s::bigint[]) order by id for no key update",
        [numbers(sorted(set(profile_ids)))],
    )
    return {profile_id for profile_id, merged_into in cursor.fetchall() if merged_into is not None}
