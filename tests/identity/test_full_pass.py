"""Everybody matched anew: what it writes, that it can be stopped, and that it agrees with matching one by one."""

from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.common.models import Job
from identity import full_pass, full_write
from identity.incremental import JOB, resolve_waiting
from identity.models import BlockKey, Candidate, Link, MatchModel, Term, Waiting
from identity.rules import Fuzzy
from tests.identity import made_people
from tests.identity.matching import (
    ADA,
    ADA_AGAIN,
    BOB,
    apply_rules,
    candidates,
    comes,
    match_everybody,
    profiles,
    take_in_all,
    traits_of,
    undone,
)  # fmt: skip
from tests.taking_in import NOW, identify, rows, take_in

pytestmark = pytest.mark.django_db
SHOP = made_people.with_doubles(Random(5), made_people.people(Random(5), 90))


def test_it_learns_links_and_asks() -> None:
    take_in_all(SHOP)
    job = match_everybody()
    assert (job.state, job.done, job.total) == ("done", 100, 100)
    assert job.result["records"] == len(SHOP)
    assert job.result["links"] == Link.objects.count() > 30
    assert job.result["to_review"] == Candidate.objects.filter(state="open").count()
    model = MatchModel.objects.get(is_active=True)
    assert [one["name"] for one in model.parameters["fields"]][:3] == ["first name", "last name", "birth date"]
    assert model.learned_from["records"] == len(SHOP)
    assert Term.objects.filter(field="first name/6", people__gte=2).exists()
    assert BlockKey.objects.values("record_id").distinct().count() == len(SHOP)
    person = {f"anon:d{i:05}": one.person for i, one in enumerate(SHOP)}
    by_likeness = rows(
        "select a.key, b.key from identity_candidate c join profiles_record a on a.id = c.record_a"
        " join profiles_record b on b.id = c.record_b where state = 'linked' and not is_exact"
    )
    assert len(by_likeness) > 30
    assert sum(person[a] != person[b] for a, b in by_likeness) <= 1


def test_a_second_pass_changes_nothing() -> None:
    take_in_all(SHOP)
    match_everybody()
    before = profiles(), rows("select record_a, record_b, state from identity_candidate order by 1, 2")
    job = match_everybody()
    assert (job.result["linked"], job.result["unlinked"], job.result["groups_changed"]) == (0, 0, 0)
    assert (profiles(), rows("select record_a, record_b, state from identity_candidate order by 1, 2")) == before


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.randoms(use_true_random=False))
def test_one_by_one_and_a_full_pass_equal_a_full_pass_alone(order: Random) -> None:
    people = list(enumerate(SHOP[:70]))
    order.shuffle(people)

    def arrive(*, one_by_one: bool) -> tuple[object, object]:
        for i, one in people:
            take_in([identify(anonymousId=f"d{i:05}", traits=traits_of(one))])
            if one_by_one:
                resolve_waiting(now=NOW)
        match_everybody()
        return profiles(), {pair: state for pair, state in candidates().items() if state != "left"}

    assert undone(lambda: arrive(one_by_one=True)) == undone(lambda: arrive(one_by_one=False))


def test_one_by_one_finds_what_a_full_pass_finds() -> None:
    """After parameters were learned: of the pairs that a pass links, those of a late comer are found when it comes."""
    take_in_all(SHOP[:-20])
    match_everybody()
    for i, one in enumerate(SHOP[-20:], start=len(SHOP) - 20):
        comes(f"d{i:05}", traits_of(one))
    live = {pair for pair, state in candidates().items() if state == "linked"}
    match_everybody()
    full = {pair for pair, state in candidates().items() if state == "linked"}
    assert len(live & full) >= 0.97 * len(full)
    assert len(live - full) <= 0.03 * len(full)


def test_decisions_and_links_by_hand_stay() -> None:
    apply_rules(Fuzzy(link=0.9999999, review=0.3))
    comes("a", ADA)
    comes("b", ADA_AGAIN)
    comes("c", BOB)
    Candidate.objects.update(state="different", decided_by="user:1", decided_at=NOW)
    a, _, c = (one for (one,) in rows("select id from profiles_record order by id"))
    Link.objects.create(record_a=a, record_b=c, kind="manual", by="user:1", at=NOW)
    match_everybody()
    assert candidates()["anon:a", "anon:b"] == "different"
    assert Link.objects.get(record_a=a, record_b=c).kind == "manual"


def test_links_that_nothing_supports_any_more_go() -> None:
    take_in_all(SHOP)
    match_everybody()
    assert Link.objects.exists()
    apply_rules(Fuzzy(is_on=False))
    job = match_everybody()
    assert job.result["unlinked"] > 0
    assert not Link.objects.exists()
    assert not Candidate.objects.exists()
    assert {len(keys) for keys in profiles()} == {1} or rows("select count(*) from profiles_identifier")[0][0]


def test_it_can_be_stopped_and_what_is_written_stays() -> None:
    take_in_all(SHOP)
    job = full_pass.start_full_pass(None, now=NOW)
    assert full_pass.start_full_pass(None, now=NOW) == job
    Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)
    full_pass.run(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert not Link.objects.exists()
    assert not Waiting.objects.filter(is_held=True).exists()
    full_pass.run(job.pk, clock=lambda: NOW)
    assert Job.objects.get(pk=job.pk).state == Job.State.CANCELLED


def test_stopped_while_it_writes_it_leaves_every_person_as_before_or_as_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(full_write, "BATCH", 20)
    take_in_all(SHOP)
    job = full_pass.start_full_pass(None, now=NOW)

    def clock() -> datetime:
        if Link.objects.count() > 20:
            Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)
        return NOW

    full_pass.run(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    written = Link.objects.count()
    assert Candidate.objects.filter(state="linked").count() == written
    again = match_everybody()
    assert again.result["links"] == Link.objects.count() > written
    assert again.result["linked"] == again.result["links"] - written


def test_a_pass_whose_worker_died_begins_anew_and_one_that_runs_is_left_alone() -> None:
    take_in_all(SHOP[:5])
    job = full_pass.start_full_pass(None, now=NOW)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, heartbeat_at=NOW)
    full_pass.run(job.pk, clock=lambda: NOW)
    assert Job.objects.get(pk=job.pk).state == Job.State.RUNNING
    assert full_pass.abandoned(now=NOW) == []
    later = NOW + full_pass.SILENT * 2
    assert full_pass.abandoned(now=later) == [job.pk]
    full_pass.run(job.pk, clock=lambda: later)
    assert Job.objects.get(pk=job.pk).state == Job.State.DONE


def test_nobody_to_compare_is_no_error() -> None:
    assert match_everybody().state == Job.State.DONE
    comes("a", {"plan": "gold"})
    assert match_everybody().result["pairs"] == 0
    assert Job.objects.filter(kind=JOB, state=Job.State.DONE).count() == 2
