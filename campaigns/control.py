"""The control group: people who get no campaign, so that it can be seen what all of them together do.

Each person draws a number once; who is below the policy's share is in. A larger share takes more people in and lets
nobody out, a smaller one the other way round.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import connection

from campaigns.policy import policy
from cdp.common.copying import numbers
from cdp.rules.sql import Sql, fill

_KNOWN = "select profile_id, draw from campaigns_controldraw where profile_id = any(%s::bigint[])"
# Whoever became part of a person that has not drawn: what they drew stands.
_TAKEN_OVER = """
select distinct on (p.merged_into) p.merged_into, d.draw from profiles_profile p
  join campaigns_controldraw d on d.profile_id = p.id
 where p.merged_into = any(%s::bigint[]) order by p.merged_into, p.id
"""
_KEEP = """
insert into campaigns_controldraw (profile_id, draw, at)
select n.id, n.draw, %s from unnest(%s::bigint[], %s::float8[]) n(id, draw) order by n.id on conflict do nothing
"""


def in_control(profile_ids: Sequence[int], *, now: datetime, generator: np.random.Generator) -> set[int]:
    """Those of them who are in the group; who has not drawn yet draws now. In the caller's transaction."""
    share = policy().control_percent
    if not share or not profile_ids:
        return set()
    return {one for one, draw in _draws(profile_ids, now, generator).items() if draw < share}


def members() -> Sql:
    """Selects profile ids of the group as the share is now."""
    return fill(
        "select d.profile_id from campaigns_controldraw d where d.draw < {share}", share=policy().control_percent
    )


def _draws(profile_ids: Sequence[int], now: datetime, generator: np.random.Generator) -> dict[int, float]:
    ids = sorted(set(profile_ids))
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [numbers(ids)])
        found: dict[int, float] = dict(cursor.fetchall())
        if missing := [one for one in ids if one not in found]:
            cursor.execute(_TAKEN_OVER, [numbers(missing)])
            inherited = dict(cursor.fetchall())
            drawn = (100 * generator.random(len(missing))).tolist()
            draws = [inherited.get(one, draw) for one, draw in zip(missing, drawn, strict=True)]
            cursor.execute(_KEEP, [now, numbers(missing), "{" + ",".join(map(repr, draws)) + "}"])
            cursor.execute(_KNOWN, [numbers(missing)])  # another campaign may have let them draw at the same moment
            found |= dict(cursor.fetchall())
    return found
