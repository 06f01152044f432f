"""The rules in force, read once per claim and parsed once per version."""

import json
from functools import lru_cache

from cdp.common.copying import Cursor
from identity.rules import DEFAULTS, Rules, parse


def current(cursor: Cursor) -> Rules:
    """The newest applied rules; without any, the defaults."""
    cursor.execute("select id from identity_ruleset where applied_at is not null order by id desc limit 1")
    row = cursor.fetchone()
    return DEFAULTS if row is None else parsed(cursor, row[0])


def parsed(cursor: Cursor, version: int) -> Rules:
    cursor.execute("select rules::text from identity_ruleset where id = %s", [version])
    return _rules(version, cursor.fetchone()[0])


@lru_cache(maxsize=8)
def _rules(version: int, text: str) -> Rules:
    return parse(json.loads(text), version=version)
