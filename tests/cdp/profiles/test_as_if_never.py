"""An import that was rolled back leaves people as if it had never been; undone, as if it had never been rolled back."""

from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.common.models import Job
from cdp.events import inbox
from cdp.pipeline import drain
from cdp.profiles.lots import Lot
from cdp.profiles.models import Record
from cdp.profiles.rollback import roll_back, undo
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
LIVE, IMPORT = "live", "bulk"

turns = st.lists(
    st.tuples(
        st.sampled_from([LIVE, LIVE, IMPORT]),
        st.lists(
            st.tuples(st.sampled_from(["city", "plan"]), st.sampled_from(["a", "b", ["c"], None]), st.integers(0, 8)),
            min_size=1,
            max_size=3,
        ),
    ),
    min_size=1,
    max_size=8,
)
"""Claims in the order of their arrival: each a few words (trait, value, hours ago)."""


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def an_import() -> int:
    one = uploaded(f"e-mail\nx{next(numbers)}@x.org\n", of="crm", preset="people")
    Job.objects.filter(of_import=one.pk).update(state=Job.State.DONE)
    return one.pk


def say(person: str, claims: Any, import_id: int) -> None:
    for lane, words in claims:
        messages = [identify(person, traits={name: value}, at=ago(hours=hours)) for name, value, hours in words]
        inbox.put(source("crm").pk, messages, now=NOW, lane=lane, import_id=import_id if lane == IMPORT else None)
        drain(lane, now=NOW)


def record(person: str) -> Any:
    return Record.objects.filter(key=f"user:{person}").values_list("traits", flat=True).first() or {}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns)
def test_a_rolled_back_import_never_was(claims: Any) -> None:
    spoken_to, spared, import_id = f"p{next(numbers)}", f"p{next(numbers)}", an_import()
    say(spoken_to, claims, import_id)
    say(spared, [(lane, words) for lane, words in claims if lane == LIVE], import_id)
    before = record(spoken_to)
    one = roll_back(Lot(f"import:{import_id}"), actor=None, now=SOON)
    finish(one.job)
    assert record(spoken_to) == record(spared)
    one.refresh_from_db()
    finish(undo(one, actor=None, now=SOON))
    assert record(spoken_to) == before


def test_segments_follow() -> None:
    segment = a_segment(trait("city", "is", "WRONG"))
    bad = finish_import(uploaded("e-mail,city\nada@x.org,WRONG\n", of="crm", preset="people"))
    refresh_changes(now=NOW)
    assert len(members(segment)) == 1
    one = roll_back(Lot(f"import:{bad.pk}"), actor=None, now=SOON)
    finish(one.job)
    refresh_changes(now=SOON)
    assert changes(segment) == [("entered", "trait"), ("left", "trait")]
    one.refresh_from_db()
    finish(undo(one, actor=None, now=SOON))
    refresh_changes(now=SOON)
    assert len(members(segment)) == 1
