"""A conditional block is shown to exactly those who are in the segment of the same rule."""

from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.content.compose import About, press_for
from segments import save
from segments.refresh import refresh_fully
from tests.campaigns.bulk.mails import BASE, branches, content, made_for, text
from tests.cdp.rules.drawing import CUT, KEPT, LEAVES, TREE
from tests.cdp.rules.histories import Person, people, write
from tests.cdp.rules.test_oracle import CLOCK, ZONE, Rule, quick
from tests.segments.test_refresh import members
from tests.taking_in import rows

ANY = st.one_of(*LEAVES.values(), *KEPT.values(), TREE, CUT)
RULES = st.lists(ANY, min_size=3, max_size=6, unique_by=repr)
numbers = count()


@pytest.fixture
def crowd(db: None) -> list[Person]:
    found = people(1)
    write(found)
    rows("select setval(pg_get_serial_sequence('segments_segment', 'id'), 1000)")
    return found


def test_a_block_and_the_segment_of_its_rule_have_the_same_people(crowd: list[Person]) -> None:
    ids = [one.id for one in crowd]
    seen: set[int] = set()

    @settings(quick, max_examples=15)
    @given(RULES, CLOCK, ZONE)
    def check(rules: list[Rule], now: datetime, zone: ZoneInfo) -> None:
        whole = [{"version": 1, "root": one} for one in rules]
        expected = []
        for one in whole:
            segment = save.create(f"Drawn {next(numbers)}", rule=one, by=None, now=now)
            assert refresh_fully(segment.pk, now=now, zone=zone)
            expected.append(members(segment))
        blocks = [
            text(f"b{k}", f"block {k} is here", when=one, **{"else": text(f"b{k}e", f"block {k} is not")})
            for k, one in enumerate(whole)
        ]
        ready = press_for(content(*blocks), about=About(BASE, zone), now=now)
        made = made_for(ready, ids, now=now)
        for k, among in enumerate(expected):
            assert {pk for pk, branch in branches(made, f"b{k}").items() if branch == 0} == among
            assert {pk for pk, one in made.items() if f"block {k} is here" in one.rendered.html} == among
            assert {pk for pk, one in made.items() if f"block {k} is not" in one.rendered.text} == set(ids) - among
            seen.add(len(among))

    check()
    assert len(seen) > 5
