"""An import that was rolled back leaves people as if it had never been; undone, as if it had never been rolled back."""

from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cdp.common.models import Job
from cdp.events import inbox
from cdp.pipeline import drain
from cdp.profiles.lots import Lot
from cdp.profiles.models import Record
from cdp.profiles.rollback import roll_back, undo
from cdp.rules.tree import UTC
from segments.refresh import refresh_changes
from tests.cdp.connectors.importing import finish as finish_import
from tests.cdp.connectors.importing import uploaded
from tests.cdp.profiles.test_change_rule import finish
from tests.cdp.rules.test_rules import trait
from tests.segments.test_refresh import a_segment, changes, members
from tests.taking_in import NOW, ago, identify, source

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(hours=1)
numbers = count()
LIVE, IMPORT, OTHER = "live", "the import", "another import"

turns = st.lists(
    st.tuples(
        st.sampled_from([LIVE, LIVE, IMPORT, OTHER]),
        st.lists(
            st.tuples(st.sampled_from(["city", "plan"]), st.sampled_from(["a", "b", ["c"], None]), st.integers(0, 8)),
            min_size=1,
            max_size=3,
        ),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)
"""Requests in the order of their arrival: who, a few words (trait, value, hours ago), whether they are taken in now or
together with the next."""


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def an_import() -> int:
    one = uploaded(f"e-mail\nx{next(numbers)}@x.org\n", of="crm", preset="people")
    Job.objects.filter(of_import=one.pk).update(state=Job.State.DONE)
    return one.pk


def say(person: str, requests: Any, ids: dict[str, int]) -> None:
    for who, words, is_drained in [*requests, (LIVE, [], True)]:
        messages = [identify(person, traits={name: value}, at=ago(hours=hours)) for name, value, hours in words]
        lane = "live" if who == LIVE else "bulk"
        inbox.put(source("crm").pk, messages, now=NOW, lane=lane, import_id=ids.get(who))
        if is_drained:
            drain("live", now=NOW)
            drain("bulk", now=NOW)


def record(person: str) -> Any:
    return Record.objects.filter(key=f"user:{person}").values_list("traits", flat=True).first() or {}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns)
@example(
    [(LIVE, [("city", ["c"], 4)], True), (LIVE, [("city", ["c"], 2)], False), (IMPORT, [("city", ["c"], 2)], False)]
)
@example(
    [
        (LIVE, [("city", ["c"], 3)], True),
        (LIVE, [("city", ["c"], 2)], False),
        (IMPORT, [("city", "a", 0), ("city", ["c"], 2)], False),
    ]
)
def test_a_rolled_back_import_never_was(requests: Any) -> None:
    spoken_to, spared, ids = f"p{next(numbers)}", f"p{next(numbers)}", {IMPORT: an_import(), OTHER: an_import()}
    say(spoken_to, requests, ids)
    say(spared, [one for one in requests if one[0] != IMPORT], ids)
    before = record(spoken_to)
    one = roll_back(Lot(f"import:{ids[IMPORT]}"), actor=None, now=SOON)
    finish(one.job)
    assert record(spoken_to) == record(spared)
    one.refresh_from_db()
    finish(undo(one, actor=None, now=SOON))
    assert record(spoken_to) == before


def test_segments_follow() -> None:
    segment = a_segment(trait("city", "is", "WRONG"))
    bad = finish_import(uploaded("e-mail,city\nada@x.org,WRONG\n", of="crm", preset="people"))
    refresh_changes(now=NOW, zone=UTC)
    assert len(members(segment)) == 1
    one = roll_back(Lot(f"import:{bad.pk}"), actor=None, now=SOON)
    finish(one.job)
    refresh_changes(now=SOON, zone=UTC)
    assert changes(segment) == [("entered", "trait"), ("left", "trait")]
    one.refresh_from_db()
    finish(undo(one, actor=None, now=SOON))
    refresh_changes(now=SOON, zone=UTC)
    assert len(members(segment)) == 1
