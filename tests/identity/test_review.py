"""Decisions of stewards: what they do, what they leave, and that each can be undone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from cdp.common.models import Job
from cdp.profiles.models import Record
from identity import by_hand, many, review
from identity.by_hand import CannotMerge
from identity.models import Apart, Candidate, Decision, Link, Merge
from identity.tasks import decide_many
from identity.today import tallies
from identity.waiting_pairs import Sort, Wanted, compared_fields, ids_of, left, place_of
from tests.cast import Cast
from tests.identity.alike import candidate, customer, living, twins, visitor
from tests.taking_in import NOW, identify, people, take_in
from tests.unmanaged import empty_unmanaged_tables

pytestmark = pytest.mark.django_db
STEW, ADA = "user:1", "user:2"
Verdict = Decision.Verdict
SOON = NOW + timedelta(minutes=1)


def queue(**wanted: Any) -> list[int]:
    return ids_of(Wanted(**wanted), now=SOON)


def states() -> list[str]:
    return list(Candidate.objects.order_by("id").values_list("state", flat=True))


def test_same_makes_one_person_and_not_the_same_keeps_them_apart_for_good() -> None:
    same, different = twins(1), twins(2)
    review.decide(same.pk, Verdict.SAME, by=STEW, now=SOON)
    review.decide(different.pk, Verdict.DIFFERENT, by=STEW, now=SOON)
    assert len(living()) == 3
    assert states() == ["same", "different"]
    assert queue() == []
    a, b = (Record.objects.get(pk=pk) for pk in (different.record_a, different.record_b))
    shared = {"email": "together@x.org"}
    for record in (a, b):
        take_in([identify(anonymousId=record.key.removeprefix("anon:"), traits=shared)], now=SOON)
    assert len(living()) == 3


@pytest.mark.parametrize("verdict", [Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER])
def test_undone_is_as_if_it_had_never_been(verdict: Decision.Verdict) -> None:
    one = twins(1)
    before = people(), Candidate.objects.values().get()
    decision = review.decide(one.pk, verdict, by=STEW, now=SOON)
    assert Candidate.objects.get().decided_by == STEW
    review.undo(decision.pk, by=ADA, now=SOON + timedelta(hours=1))
    assert (people(), Candidate.objects.values().get()) == before
    assert queue() == [one.pk]
    assert not Apart.objects.exists()
    assert not Link.objects.exists()
    assert Decision.objects.get().undone_by == ADA


def test_undoing_twice_is_once() -> None:
    decision = review.decide(twins(1).pk, Verdict.SAME, by=STEW, now=SOON)
    first = review.undo(decision.pk, by=STEW, now=SOON)
    ledger = Merge.objects.count()
    assert review.undo(decision.pk, by=ADA, now=SOON + timedelta(hours=1)).undone_at == first.undone_at
    assert Merge.objects.count() == ledger


def test_a_merge_that_overruled_a_separation_brings_it_back_when_undone() -> None:
    one = twins(1)
    pair = review.owners(one)
    review.decide(one.pk, Verdict.DIFFERENT, by=STEW, now=SOON)
    decision = review.merge(pair, by=STEW, now=SOON)
    assert not Apart.objects.exists()
    review.undo(decision.pk, by=STEW, now=SOON)
    assert Apart.objects.count() == 2
    assert states() == ["different"]


def test_a_decision_overtaken_by_an_un_merge_says_so() -> None:
    decision = review.decide(twins(1).pk, Verdict.SAME, by=STEW, now=SOON)
    review.unmerge(decision.merge_ids[0], by=ADA, now=SOON)
    with pytest.raises(review.CannotUndo, match="un-merged since"):
        review.undo(decision.pk, by=STEW, now=SOON)


def test_a_double_click_is_one_decision() -> None:
    one = twins(1)
    first, second = (review.decide(one.pk, Verdict.SAME, by=STEW, now=SOON) for _ in range(2))
    assert first == second
    assert Decision.objects.count() == Merge.objects.filter(verb="merged").count() == 1


@pytest.mark.parametrize("second", [Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER])
def test_of_two_stewards_the_second_is_told_who_decided(second: Decision.Verdict) -> None:
    one = twins(1)
    review.decide(one.pk, Verdict.SAME, by=ADA, now=SOON)
    with pytest.raises(review.AlreadyDecided) as told:
        review.decide(one.pk, second, by=STEW, now=SOON)
    assert (told.value.by, told.value.word) == (ADA, "One person")
    assert states() == ["same"]


def test_what_became_one_person_by_itself_waits_no_more() -> None:
    one = twins(1)
    shared = {"email": "one@x.org"}
    take_in([identify(anonymousId=key, traits=shared) for key in ("one-1", "two-1")], now=SOON)
    assert queue() == []
    with pytest.raises(review.NotWaiting):
        review.decide(one.pk, Verdict.SAME, by=STEW, now=SOON)
    assert states() == ["open"]
    assert not Decision.objects.exists()


def test_two_customers_with_two_user_ids_cannot_be_merged_and_keep_waiting() -> None:
    one = candidate(customer("1", firstName="Ann"), customer("2", firstName="Ann"))
    with pytest.raises(CannotMerge, match="user_id"):
        review.decide(one.pk, Verdict.SAME, by=STEW, now=SOON)
    assert queue() == [one.pk]
    assert not Decision.objects.exists()


def test_a_pair_of_people_waits_once_and_is_decided_as_a_whole() -> None:
    a, b, also_b = visitor("a"), visitor("b", email="b@x.org"), visitor("b2", email="b@x.org")
    weaker, stronger = candidate(a, b, probability=0.7), candidate(a, also_b, probability=0.8)
    linked = candidate(b, also_b, probability=0.999)
    Candidate.objects.filter(pk=linked.pk).update(state="linked")
    assert queue() == [stronger.pk]
    decision = review.decide(stronger.pk, Verdict.DIFFERENT, by=STEW, now=SOON)
    assert states() == ["different", "different", "linked"]
    assert {one["id"] for one in decision.before} == {weaker.pk, stronger.pk}
    review.undo(decision.pk, by=STEW, now=SOON)
    assert states() == ["open", "open", "linked"]


def test_to_put_off_leaves_decided_pairs_alone() -> None:
    a, b, also_b = visitor("a"), visitor("b", email="b@x.org"), visitor("b2", email="b@x.org")
    open_one, ruled_out = candidate(a, b), candidate(a, also_b, probability=0.6)
    Candidate.objects.filter(pk=ruled_out.pk).update(state="linked")
    review.decide(open_one.pk, Verdict.LATER, by=STEW, now=SOON)
    assert states() == ["later", "linked"]


def test_what_was_put_off_comes_last_for_a_day() -> None:
    first, second = twins(1, probability=0.9), twins(2, probability=0.8)
    review.decide(first.pk, Verdict.LATER, by=STEW, now=SOON)
    assert queue() == [second.pk, first.pk]
    assert ids_of(Wanted(), now=SOON + timedelta(hours=25)) == [first.pk, second.pk]


@pytest.mark.parametrize(
    ("sort", "order"), [(Sort.LIKELY, [0, 1, 2]), (Sort.DOUBTFUL, [2, 1, 0]), (Sort.NEW, [1, 0, 2])]
)
def test_orders(sort: Sort, order: list[int]) -> None:
    found = [twins(n, probability=share) for n, share in enumerate((0.95, 0.8, 0.6))]
    Candidate.objects.filter(pk=found[1].pk).update(found_at=SOON)
    Candidate.objects.filter(pk=found[2].pk).update(found_at=NOW - timedelta(days=1))
    assert queue(sort=sort) == [found[n].pk for n in order]


def test_places_lead_forth_and_back() -> None:
    ids = [twins(n, probability=0.9 - n / 10).pk for n in range(3)]
    middle = place_of(Wanted(), candidate_id=ids[1], now=SOON)
    assert middle is not None
    assert (middle.number, middle.total, middle.previous_id, middle.next_id) == (2, 3, ids[0], ids[2])
    gone = place_of(Wanted(), candidate_id=10**9, now=SOON)
    assert gone is not None
    assert gone.candidate_id == ids[0]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [0, 1, 2]),
        ({"least": 0.75}, [0, 1]),
        ({"most": 0.75}, [2]),
        ({"same": "last name"}, [0, 1, 2]),
        ({"same": "email"}, []),
        ({"different": "email"}, [0, 1, 2]),
        ({"different": "first name"}, []),
        ({"domain": "a.example"}, [0, 1, 2]),
        ({"domain": "@A.example"}, [0, 1, 2]),
        ({"domain": "example"}, []),
        ({"domain": "%"}, []),
        ({"text": "cleo"}, [2]),
        ({"text": "%"}, []),
        ({"text": "one-1"}, [1]),
        ({"source_id": 10**6}, []),
    ],
)
def test_filters(wanted: dict[str, Any], found: list[int]) -> None:
    ids = [twins(n, probability=0.9 - n / 10).pk for n in range(3)]
    assert queue(**wanted) == [ids[n] for n in found]
    assert left(Wanted(**wanted), now=SOON) == len(found)


def test_what_can_be_filtered_by_is_what_was_compared() -> None:
    twins(1)
    assert compared_fields() == ["birth date", "email", "first name", "last name"]


def test_split_and_undo(cast: Cast) -> None:
    visitor("a", email="a@x.org", city="Bern")
    other = visitor("b", email="a@x.org", city="Basel")
    before = people()
    decision = review.split([other.pk], by=STEW, now=SOON)
    assert sorted(profile.traits["city"] for profile in living()) == ["Basel", "Bern"]
    review.undo(decision.pk, by=STEW, now=SOON)
    assert people() == before


def test_unmerge_and_undo() -> None:
    merged = review.decide(twins(1).pk, Verdict.SAME, by=STEW, now=SOON)
    before = people()
    decision = review.unmerge(merged.merge_ids[0], by=ADA, now=SOON)
    assert len(living()) == 2
    assert states() == ["different"]
    review.undo(decision.pk, by=ADA, now=SOON)
    assert people() == before
    assert states() == ["same"]


def test_today_counts_what_holds_and_what_was_undone(cast: Cast) -> None:
    by, ada = f"user:{cast.stew.pk}", f"user:{cast.ada.pk}"
    decisions = [review.decide(twins(n).pk, Verdict.SAME, by=by, now=SOON) for n in range(3)]
    review.undo(decisions[0].pk, by=by, now=SOON)
    review.decide(twins(5).pk, Verdict.DIFFERENT, by=ada, now=SOON)
    review.decide(twins(6).pk, Verdict.SAME, by=ada, now=NOW - timedelta(days=1))
    own, other = tallies(since=NOW, by=by)
    assert (own.name, own.merged, own.apart, own.undone) == ("You", 2, 0, 1)
    assert (other.name, other.merged, other.apart, other.undone) == ("Ada", 0, 1, 0)


def test_undo_takes_ones_own_last_decision_of_the_queue() -> None:
    mine = review.decide(twins(1).pk, Verdict.SAME, by=STEW, now=SOON)
    review.decide(twins(2).pk, Verdict.SAME, by=ADA, now=SOON)
    assert review.last_of(STEW, since=NOW) == mine
    review.undo(mine.pk, by=STEW, now=SOON)
    assert review.last_of(STEW, since=NOW) is None


def test_many_at_once_and_all_undone(cast: Cast) -> None:
    for n in range(4):
        twins(n, probability=0.9)
    twins(5, probability=0.6)
    before = people()
    wanted = Wanted(least=0.8)
    with pytest.raises(many.QueueChanged):
        many.start(wanted, Verdict.SAME, expected=3, user=cast.stew, now=SOON)
    job = many.start(wanted, Verdict.SAME, expected=4, user=cast.stew, now=SOON)
    decide_many.apply((job.pk,))
    job.refresh_from_db()
    assert (job.state, job.done, job.total, len(living())) == ("done", 4, 4, 6)
    decide_many.apply((job.pk,))
    assert Decision.objects.count() == 4
    undo = many.start_undo(job, user=cast.stew, now=SOON)
    assert many.start_undo(job, user=cast.stew, now=SOON) == undo
    many.run(undo.pk, clock=lambda: SOON)
    assert people() == before
    assert left(Wanted(), now=SOON) == 5


def test_of_many_those_that_cannot_be_one_are_left_and_named(cast: Cast) -> None:
    candidate(customer("1", firstName="Ann"), customer("2", firstName="Ann"))
    twins(1)
    job = many.start(Wanted(least=0.5), Verdict.SAME, expected=2, user=cast.stew, now=SOON)
    many.run(job.pk, clock=lambda: SOON)
    job.refresh_from_db()
    assert (job.state, job.result["refusals"]) == ("done", 1)
    assert "user_id" in job.result["refused"][0]
    assert Decision.objects.count() == 1


def test_a_job_that_lost_its_worker_goes_on(cast: Cast) -> None:
    twins(1)
    job = many.start(Wanted(least=0.5), Verdict.SAME, expected=1, user=cast.stew, now=SOON)
    assert many.abandoned(now=SOON) == []
    assert many.abandoned(now=SOON + timedelta(minutes=2)) == [job.pk]


def test_what_the_api_decided_is_told_too() -> None:
    one = twins(1)
    by_hand.merge_profiles(review.owners(one), by="token:7", now=SOON)
    with pytest.raises(review.AlreadyDecided) as told:
        review.decide(one.pk, Verdict.SAME, by=STEW, now=SOON)
    assert told.value.by == "token:7"


def test_a_job_that_is_stopped_leaves_the_rest(cast: Cast) -> None:
    for n in range(2):
        twins(n)
    job = many.start(Wanted(least=0.5), Verdict.SAME, expected=2, user=cast.stew, now=SOON)
    Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)
    many.run(job.pk, clock=lambda: SOON)
    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 0)
    assert not Decision.objects.exists()


@pytest.fixture
def threads(transactional_db: None) -> Iterator[None]:
    """What threads write is committed; Django empties only the tables it manages."""
    yield
    empty_unmanaged_tables()


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("verdicts", [("same", "same"), ("same", "different"), ("different", "later")])
def test_two_stewards_at_the_same_moment(verdicts: tuple[str, str]) -> None:
    """Of two requests at once one decides; the other is told, or, for later, comes too late or goes first."""
    one = twins(1)
    start = Barrier(2)

    def decide(by: str, verdict: str) -> str:
        try:
            start.wait(timeout=20)
            return review.decide(one.pk, Verdict(verdict), by=by, now=SOON).verdict
        except review.AlreadyDecided:
            return "told"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(decide, (STEW, ADA), verdicts))
    assert said in (sorted(["told", verdicts[0]]), sorted(["told", verdicts[1]]), ["different", "later"])
    final = [one.verdict for one in Decision.objects.order_by("id")][-1]
    assert states() == [final]
    assert len(living()) == (1 if final == "same" else 2)
