"""Links that matching made by itself, checked by a steward: the answers, what they do, and what they measure."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from cdp.accounts.models import AuditEntry
from identity import audited_links, candidates, review
from identity.models import Apart, Candidate, Decision, Link, Merge
from identity.quality import measure, wilson
from identity.quality_words import told
from identity.regroup import regroup
from tests.cast import Cast
from tests.identity.alike import candidate, linked, living, twins, visitor
from tests.taking_in import NOW, identify, people, take_in

pytestmark = pytest.mark.django_db
STEW, ADA = "user:1", "user:2"
SOON = NOW + timedelta(minutes=1)
PAGE = "/identity/duplicates/audit/"
HTMX = {"HX-Request": "true"}


def drawn(count: int = 1) -> list[Candidate]:
    found = [linked(twins(n, probability=0.995)) for n in range(count)]
    assert audited_links.draw(count, seed=1) == count
    return found


def state_of(one: Candidate) -> str:
    return str(Candidate.objects.values_list("state", flat=True).get(pk=one.pk))


def test_a_sample_is_drawn_once_until_it_is_answered() -> None:
    found = [linked(twins(n)) for n in range(4)]
    candidate(visitor("x"), visitor("y"))
    assert audited_links.draw(3, seed=1) == 3
    assert audited_links.draw(3, seed=2) == 0
    waiting = audited_links.waiting()
    assert len(waiting) == 3
    assert set(waiting) < {one.pk for one in found}
    for pk in waiting:
        audited_links.answer(pk, is_right=True, by=STEW, now=SOON)
    assert audited_links.draw(3, seed=2) == 1


def test_answers_measure_precision() -> None:
    found = drawn(5)
    for n, one in enumerate(found):
        audited_links.answer(one.pk, is_right=n > 0, by=STEW, now=SOON)
    with connection.cursor() as cursor:
        quality = measure(cursor)
    assert (quality.audited, quality.linked, quality.precision_audited) == (5, 0, wilson(4, 1))
    assert audited_links.tally() == audited_links.Tally(right=4, wrong=1)
    assert told(quality).right == 4


def test_right_keeps_them_together_whatever_matching_thinks_later() -> None:
    (one,) = drawn()
    audited_links.answer(one.pk, is_right=True, by=STEW, now=SOON)
    row = Candidate.objects.get()
    assert (row.state, row.decided_by, row.decided_at) == ("same", STEW, SOON)
    pair = (one.record_a, one.record_b)
    with connection.cursor() as cursor:
        candidates.relink(cursor, pair, {}, now=SOON)
        regroup(cursor, pair, how=Merge.How.FUZZY, by="system", now=SOON)
    assert len(living()) == 1


def test_wrong_parts_them_for_good() -> None:
    (one,) = drawn()
    done = audited_links.answer(one.pk, is_right=False, by=STEW, now=SOON)
    assert done.decision is not None
    assert (len(living()), state_of(one), Link.objects.count()) == (2, "different", 0)
    for key in ("one-0", "two-0"):
        take_in([identify(anonymousId=key, traits={"email": "together@x.org"})], now=SOON)
    assert len(living()) == 2


def test_wrong_leaves_with_each_what_hangs_together_with_it() -> None:
    one = twins(0)
    first = visitor("first", email="ada.0@a.example")
    second = visitor("second", email="abel0@b.example", of="app")
    weak = candidate(first, second, probability=0.96)
    linked(weak)
    linked(one)
    assert len(living()) == 1
    assert audited_links.draw(2, seed=1) == 2
    audited_links.answer(one.pk, is_right=False, by=STEW, now=SOON)
    ours, theirs = Decision.objects.get().sides
    assert sorted(map(sorted, (ours, theirs))) == sorted(
        map(sorted, ([one.record_a, first.pk], [one.record_b, second.pk]))
    )
    assert len(living()) == 2
    assert (state_of(weak), audited_links.waiting()) == ("different", [])


@pytest.mark.parametrize("is_right", [True, False])
def test_undone_it_waits_again(is_right: bool) -> None:
    (one,) = drawn()
    before = people(), Candidate.objects.values().get(), Link.objects.values("kind", "weight", "by").get()
    audited_links.answer(one.pk, is_right=is_right, by=STEW, now=SOON)
    assert audited_links.last_of(STEW, since=NOW) == one
    assert audited_links.undo(one.pk, by=STEW, now=SOON)
    after = people(), Candidate.objects.values().get(), Link.objects.values("kind", "weight", "by").get()
    assert after == before
    assert (audited_links.waiting(), Apart.objects.count()) == ([one.pk], 0)
    assert audited_links.last_of(STEW, since=NOW) is None
    assert not audited_links.undo(one.pk, by=STEW, now=SOON)


@pytest.mark.parametrize("is_right", [True, False])
def test_a_double_click_is_one_answer_and_a_second_steward_is_told(is_right: bool) -> None:
    (one,) = drawn()
    first, second = (audited_links.answer(one.pk, is_right=is_right, by=STEW, now=SOON) for _ in range(2))
    assert (first.is_new, second.is_new, first.decision == second.decision) == (True, False, True)
    with pytest.raises(review.AlreadyDecided):
        audited_links.answer(one.pk, is_right=is_right, by=ADA, now=SOON)
    with pytest.raises(review.AlreadyDecided):
        audited_links.answer(one.pk, is_right=not is_right, by=STEW, now=SOON)


def test_only_what_was_drawn_and_still_holds_can_be_answered() -> None:
    one = linked(twins(1))
    with pytest.raises(review.NotWaiting):
        audited_links.answer(one.pk, is_right=False, by=STEW, now=SOON)
    audited_links.draw(1, seed=1)
    Candidate.objects.update(state="left")
    with pytest.raises(review.NotWaiting):
        audited_links.answer(one.pk, is_right=False, by=STEW, now=SOON)
    assert len(living()) == 1


@pytest.fixture
def stew(cast: Cast) -> Client:
    return cast.client("stew")


def post(client: Client, one: Candidate, word: str) -> str:
    answer = client.post(f"{PAGE}{one.pk}/answer/", {"answer": word}, headers=HTMX)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_steward_draws_looks_and_answers(stew: Client) -> None:
    found = [linked(twins(n)) for n in range(2)]
    assert "Check 20 links drawn at random" in stew.get(PAGE).content.decode()
    page = stew.post(f"{PAGE}draw/", follow=True).content.decode()
    assert 'Ada Abel <span class="text-secondary">and</span> Adah Abel' in page
    assert "<mark>h</mark>" in page
    assert "What speaks for one person" in page
    skipped = stew.get(f"{PAGE}?after={found[0].pk}", headers=HTMX).content.decode()
    assert f"{PAGE}{found[1].pk}/answer/" in skipped
    page = post(stew, found[0], "right")
    assert "Right: Ada Abel and Adah Abel stay one person." in page
    assert f"{PAGE}{found[1].pk}/answer/" in page
    page = post(stew, found[1], "wrong")
    assert "Wrong: Bela Brandt and Belah Brandt are two people now." in page
    assert "No link waits to be checked" in page
    assert '<strong class="numbers">2</strong>, of which <strong class="numbers">1</strong> right: 50 %' in page
    verbs = AuditEntry.objects.filter(verb__startswith="found a link").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["found a link right", "found a link wrong"]
    page = stew.post(f"{PAGE}{found[1].pk}/undo/", headers=HTMX).content.decode()
    assert "Undone: the link waits to be checked again." in page
    assert len(living()) == 2


@pytest.mark.parametrize("word", ["right", "wrong"])
def test_a_double_click_is_told_the_same_and_noted_once(stew: Client, word: str) -> None:
    one = drawn(2)[0]
    first, second = (post(stew, one, word) for _ in range(2))
    assert f"{word.title()}: Ada Abel and Adah Abel" in first
    assert f"{word.title()}: Ada Abel and Adah Abel" in second
    assert AuditEntry.objects.filter(verb__startswith="found a link").count() == 1
    assert Decision.objects.count() == (word == "wrong")


def test_drawing_twice_draws_one_sample(stew: Client) -> None:
    for n in range(25):
        linked(twins(n))
    for _ in range(2):
        stew.post(f"{PAGE}draw/")
    assert len(audited_links.waiting()) == 20
    assert AuditEntry.objects.filter(verb="drew links to check").count() == 1


def test_without_scripts_a_form_leads_back_to_the_page(stew: Client) -> None:
    one, other = drawn(2)
    answer = stew.post(f"{PAGE}{one.pk}/answer/", {"answer": "right"}, follow=True)
    assert "stay one person" in answer.content.decode()
    assert f"{PAGE}{other.pk}/answer/" in answer.content.decode()


def test_who_may_not_review_checks_nothing(cast: Cast) -> None:
    (one,) = drawn()
    for who in ("mara", "vic"):
        client = cast.client(who)
        assert client.get(PAGE).status_code == 403
        assert client.get("/identity/duplicates/estimate/").status_code == 403
        assert client.post(f"{PAGE}{one.pk}/answer/", {"answer": "wrong"}).status_code == 403
    assert state_of(one) == "linked"


@pytest.mark.parametrize("query", ["at=x", "after=99999999999999999999", "at=12345", "after=-1"])
def test_a_damaged_address_is_no_crash(stew: Client, query: str) -> None:
    drawn()
    assert stew.get(f"{PAGE}?{query}").status_code == 200
    assert stew.post(f"{PAGE}12345/answer/", {"answer": "right"}, headers=HTMX).status_code == 200
    assert stew.post(f"{PAGE}12345/undo/", headers=HTMX).status_code == 200
    assert stew.post(f"{PAGE}12345/answer/", {"answer": "maybe"}).status_code == 400


def test_the_estimate_says_how_good_matching_is_and_leads_to_the_check(stew: Client) -> None:
    assert "Matching has linked nobody by itself" in stew.get("/identity/duplicates/estimate/").content.decode()
    found = [linked(twins(n, probability=0.995)) for n in range(4)]
    page = stew.get("/identity/duplicates/estimate/").content.decode()
    assert 'Of <strong class="numbers">4</strong> links made by itself about' in page
    assert "Check 4 of them" in page
    assert "No link was checked at random yet" in page
    stew.post(f"{PAGE}draw/")
    post(stew, found[0], "right")
    page = stew.get("/identity/duplicates/estimate/").content.decode()
    assert "Checked at random: 1 of 1 right" in page
    assert "Check the 3 drawn" in page
    assert 'hx-get="/identity/duplicates/estimate/"' in stew.get("/identity/duplicates/").content.decode()


@pytest.mark.django_db
def test_pairs_that_two_user_ids_keep_apart_are_not_missed() -> None:
    left = {"weight": 6.0, "probability": 0.98, "evidence": [], "state": "left", "found_at": NOW}
    linked = {**left, "probability": 0.999, "state": "linked"}
    Candidate.objects.create(record_a=1, record_b=2, **linked)
    with connection.cursor() as cursor:
        before = measure(cursor)
        Candidate.objects.create(record_a=3, record_b=4, **left)
        assert measure(cursor) == before
        Candidate.objects.create(record_a=5, record_b=6, **{**left, "probability": 0.4})
        assert measure(cursor).missed > before.missed
