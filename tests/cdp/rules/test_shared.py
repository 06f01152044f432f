"""Many random rules asked in one statement, of different people each: each gets what plain Python says, whatever
they have in common."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp.rules.parse import parse
from cdp.rules.shared import Asked, found_sql
from cdp.rules.tree import Scope
from tests.cdp.rules.drawing import KEPT, LEAVES, TREE
from tests.cdp.rules.histories import Person, people, write
from tests.cdp.rules.oracle import World
from tests.cdp.rules.test_oracle import CLOCK, ZONE, Rule, quick

SOME = st.sampled_from([slice(None), slice(None, None, 2), slice(1, None, 2), slice(0, 5)])
RULES = st.lists(st.tuples(st.one_of(*LEAVES.values(), *KEPT.values(), TREE), SOME), min_size=4, max_size=14)


@pytest.fixture
def crowd(db: None) -> list[Person]:
    found = people(1)
    write(found)
    return found


def test_rules_asked_together_hold_for_whom_plain_python_says(crowd: list[Person]) -> None:
    ids = [one.id for one in crowd]
    kept: set[str] = set()

    @settings(quick, max_examples=150)
    @given(RULES, CLOCK, ZONE)
    def check(rules: list[tuple[Rule, Any]], now: datetime, zone: ZoneInfo) -> None:
        asked = [Asked(parse({"version": 1, "root": rule}), ids[some]) for rule, some in rules]
        sql = found_sql(asked, Scope(now, zone=zone))
        with connection.cursor() as cursor:
            cursor.execute(sql.text, sql.values)
            found = cursor.fetchall()
        world = World(now, zone, crowd)
        expected = {(k, who) for k, (rule, some) in enumerate(rules) for who in world.holding(rule) & set(ids[some])}
        assert len(found) == len(set(found))
        assert set(found) == expected
        kept.update(word for word in ("history_", "state_", "set_") if word in sql.text)

    check()
    assert kept == {"history_", "state_", "set_"}
