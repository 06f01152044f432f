"""Groups of given records anew: after a steward's word, a link, a change of rules. The pipeline's way is `resolve`."""

from collections.abc import Collection
from datetime import datetime

from cdp.common.copying import Cursor
from cdp.profiles.touched import touch
from identity.component import Seeds, around, read_edges
from identity.ledger import Cause
from identity.locks import lock_identity, lock_profiles
from identity.models import Merge
from identity.rule_sets import current
from identity.rules import Rules
from identity.settle import Settled, settle


def regroup(
    cursor: Cursor, record_ids: Collection[int], *, how: Merge.How, by: str, now: datetime, rules: Rules | None = None
) -> Settled:
    """Recomputes the components of these records; merges, splits, moves rows, writes the ledger, touches profiles.

    Takes the identity lock and the profiles' locks: call it inside a transaction, with few things after it.
    """
    lock_identity(cursor)
    done = connect(cursor, Seeds(record_ids), rules or current(cursor), Cause(how, by), now=now)
    touch(cursor, {profile: [word] for profile, word in done.touched.items()}, now=now)
    return done


def connect(cursor: Cursor, seeds: Seeds, rules: Rules, cause: Cause, *, now: datetime) -> Settled:
    """The same for the records and edges of a batch. The caller holds the identity lock and touches the profiles."""
    found = around(cursor, seeds, rules)
    gone = lock_profiles(cursor, found.profile_ids | found.home_ids | set(seeds.also_lock))
    read_edges(cursor, found)
    return settle(cursor, found, sorted(gone & found.home_ids), rules, cause, now=now)
