"""Records that come in are compared with those that are there: linked, asked about, or left alone."""

import pytest
from django.db import OperationalError, connection

from cdp.common.models import Job
from identity import incremental, standing, waiting
from identity.incremental import JOB, resolve_waiting
from identity.models import Apart, BlockKey, Candidate, Link, Separation, Waiting
from identity.rules import Fuzzy
from tests.identity.matching import ADA, ADA_AGAIN, BOB, apply_rules, candidates, comes, profiles
from tests.taking_in import NOW, ago, identify, rows, take_in, track

pytestmark = pytest.mark.django_db


def test_a_record_like_another_is_linked_and_says_why() -> None:
    comes("a", ADA)
    assert comes("b", ADA_AGAIN, of="shop").linked == 1
    assert profiles() == [["anon:a", "anon:b"]]
    found = Candidate.objects.get()
    assert (found.state, found.may_merge) == ("linked", True)
    assert [line["field"] for line in found.evidence][:3] == ["prior", "first name", "last name"]
    assert sum(line["bits"] for line in found.evidence) == pytest.approx(found.weight, abs=0.1)
    birth = next(line for line in found.evidence if line["field"] == "birth date")
    assert (birth["label"], birth["a"], birth["b"]) == ("the same", "19790314", "19790314")


def test_a_household_is_not_a_person() -> None:
    comes("a", ADA)
    assert comes("b", BOB).linked == 0
    assert profiles() == [["anon:a"], ["anon:b"]]


def test_between_the_thresholds_a_steward_is_asked() -> None:
    apply_rules(Fuzzy(link=0.999999, review=0.3))
    comes("a", ADA)
    comes("b", {**ADA_AGAIN, "phone": None, "address": {"city": "Ely"}})
    assert candidates() == {("anon:a", "anon:b"): "open"}
    assert profiles() == [["anon:a"], ["anon:b"]]


def test_nobody_is_asked_about_records_of_one_profile_or_of_two_users() -> None:
    apply_rules(Fuzzy(link=0.9999999, review=0.3))
    comes("a", {**ADA, "email": "ada@shop.example"})
    comes("b", {**ADA_AGAIN, "email": "ada@shop.example"}, of="shop")
    assert profiles() == [["anon:a", "anon:b"]]
    comes("c", {**ADA, "phone": None}, user="u1", of="crm")
    comes("d", {**ADA_AGAIN, "phone": None}, user="u2", of="crm")
    assert candidates()["anon:a", "anon:b"] == "left"
    assert candidates()["user:u1", "user:u2"] == "left"
    assert candidates()["anon:a", "user:u1"] == "open"


def test_a_question_that_events_answer_is_closed() -> None:
    apply_rules(Fuzzy(link=0.9999999, review=0.3))
    comes("a", ADA)
    comes("b", ADA_AGAIN)
    take_in([identify(anonymousId=device, traits={"email": "ada@shop.example"}) for device in "ab"])
    assert (len(profiles()), candidates()) == (1, {("anon:a", "anon:b"): "open"})
    with connection.cursor() as cursor:
        assert standing.close_answered(cursor) == 1
    assert candidates() == {("anon:a", "anon:b"): "left"}


def test_a_changed_record_is_judged_anew_and_its_link_goes() -> None:
    comes("a", ADA)
    comes("b", ADA_AGAIN)
    done = comes("b", {"firstName": "Zebedee", "lastName": "Orr", "birthday": "1950-01-09"})
    assert (done.linked, done.unlinked) == (0, 1)
    assert profiles() == [["anon:a"], ["anon:b"]]
    assert not Candidate.objects.exists()


@pytest.mark.parametrize("state", ["same", "different", "later"])
def test_decisions_stay_whatever_changes(state: str) -> None:
    apply_rules(Fuzzy(link=0.9999999, review=0.3))
    comes("a", ADA)
    comes("b", ADA_AGAIN)
    Candidate.objects.update(state=state, decided_by="user:1", decided_at=NOW, weight=1.5)
    comes("b", {"company": "Difference Ltd"})
    assert Candidate.objects.values_list("state", "decided_by", "weight").get() == (state, "user:1", 1.5)


def test_manual_links_stay() -> None:
    apply_rules(Fuzzy(link=0.9999999))
    comes("a", ADA)
    comes("b", ADA_AGAIN)
    a, b = (one for (one,) in rows("select id from profiles_record order by id"))
    Link.objects.create(record_a=a, record_b=b, kind="manual", by="user:1", at=NOW)
    comes("b", {"firstName": "Zebedee", "lastName": "Orr", "birthday": "1950-01-09"})
    assert Link.objects.get().kind == "manual"


def test_who_was_separated_never_comes_back() -> None:
    comes("a", ADA)
    take_in([identify(anonymousId="b", traits=ADA_AGAIN)])
    a, b = (one for (one,) in rows("select id from profiles_record order by id"))
    apart = Separation.objects.create(by="user:1", at=NOW)
    Apart.objects.bulk_create(Apart(separation=apart, side=i, record_id=one) for i, one in enumerate((a, b)))
    assert resolve_waiting(now=NOW).linked == 0
    assert candidates() == {("anon:a", "anon:b"): "open"}
    assert profiles() == [["anon:a"], ["anon:b"]]


def test_a_single_weak_bridge_does_not_join_two_groups() -> None:
    """A father and his son of one name, and a record of neither: it is like both, and they are not alike."""
    father = {**ADA, "firstName": "Robert", "birthday": "1950-06-24", "phone": "+44 20 7946 1111"}
    son = {**ADA, "firstName": "Robert", "birthday": "1979-03-14", "phone": "+44 20 7946 2222"}
    comes("f1", father)
    comes("f2", {**father, "company": "Mill"})
    comes("s1", son)
    comes("s2", {**son, "company": "Bank"})
    assert profiles() == [["anon:f1", "anon:f2"], ["anon:s1", "anon:s2"]]
    comes("x", {**father, "birthday": None, "email": "r@mill.example"})
    assert [len(keys) for keys in profiles()] in ([2, 3], [3, 2])


def test_only_changes_of_what_is_compared_are_queued() -> None:
    comes("a", ADA)
    take_in([identify(anonymousId="a", traits={"plan": "gold"}), track(anonymousId="a")])
    take_in([identify(anonymousId="a", traits={"firstName": "Ada"}, at=NOW)])
    take_in([identify(anonymousId="a", traits={"firstName": "Adah"}, at=ago(days=9))])
    assert not Waiting.objects.exists()
    take_in([identify(anonymousId="a", traits={"firstName": "Adah"}, at=ago(seconds=-1))])
    assert Waiting.objects.count() == 1


def test_who_tells_too_little_is_left_out() -> None:
    comes("a", {"email": "only@shop.example"})
    comes("b", {"firstName": "Ada", "lastName": "Quillfeather"})
    assert not BlockKey.objects.exists()


def test_erased_and_missing_records_are_skipped() -> None:
    comes("a", ADA)
    comes("b", ADA_AGAIN)
    (erased,) = rows("delete from profiles_record where key = 'anon:a' returning id")[0]
    with connection.cursor() as cursor:
        waiting.add(cursor, [erased, 999_999], now=NOW)
    assert resolve_waiting(now=NOW).records == 2
    assert not Candidate.objects.exists()
    assert not Link.objects.exists()
    assert not BlockKey.objects.filter(record_id=erased).exists()


def test_switched_off_it_only_keeps_the_keys() -> None:
    apply_rules(Fuzzy(is_on=False))
    comes("a", ADA)
    comes("b", ADA_AGAIN)
    assert BlockKey.objects.values("record_id").distinct().count() == 2
    assert not Candidate.objects.exists()


def test_what_is_compared_during_a_full_pass_is_compared_again_after_it() -> None:
    Job.objects.create(kind=JOB, title="", state=Job.State.RUNNING, created_at=NOW, heartbeat_at=NOW)
    comes("a", ADA)
    assert list(Waiting.objects.values_list("is_held", flat=True)) == [True]
    assert resolve_waiting(now=NOW).records == 0
    with connection.cursor() as cursor:
        waiting.release(cursor)
    Job.objects.update(state=Job.State.DONE)
    assert resolve_waiting(now=NOW).records == 1
    assert not Waiting.objects.exists()


def test_when_the_worker_dies_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    comes("a", ADA)
    take_in([identify(anonymousId="b", traits=ADA_AGAIN)])
    queued = Waiting.objects.get().record_id

    def dies(*_: object, **__: object) -> None:
        raise OperationalError("terminating connection")

    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(incremental, "regroup", dies)
        resolve_waiting(now=NOW)
    assert Waiting.objects.get().record_id == queued
    assert not Candidate.objects.exists()
    assert not BlockKey.objects.filter(record_id=queued).exists()
    assert resolve_waiting(now=NOW).linked == 1


def test_one_worker_at_a_time() -> None:
    take_in([identify(anonymousId="a", traits=ADA)])
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [incremental.MATCH_LOCK])
        assert resolve_waiting(now=NOW).records == 0
        cursor.execute("select pg_advisory_unlock(%s)", [incremental.MATCH_LOCK])
    other.close()
    assert resolve_waiting(now=NOW).records == 1
