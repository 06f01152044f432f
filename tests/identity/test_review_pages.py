"""Duplicates, the ledger, and merging and splitting on the profile, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cdp.accounts.models import AuditEntry
from cdp.common.models import Job
from cdp.profiles.models import Identifier, Profile
from identity import review
from identity.models import Candidate, Decision, Merge, Separation
from segments import save
from segments.tasks import refresh_stale
from tests.cast import Cast
from tests.cdp.rules.test_rules import rule, trait
from tests.identity.alike import candidate, customer, living, twins, visitor
from tests.taking_in import NOW, ago, identify, take_in

pytestmark = pytest.mark.django_db
QUEUE = "/identity/duplicates/"
HISTORY = "/identity/duplicates/history/"
HTMX = {"HX-Request": "true"}


def get(client: Client, url: str, **more: Any) -> str:
    answer = client.get(url, **more)
    assert answer.status_code == 200, (url, answer.status_code)
    return str(answer.content.decode())


def decide(client: Client, one: Candidate, verdict: str, query: str = "") -> Any:
    return client.post(f"{QUEUE}{one.pk}/decide/{query}", {"verdict": verdict}, headers=HTMX)


@pytest.fixture
def stew(cast: Cast) -> Client:
    return cast.client("stew")


def test_an_empty_queue_says_what_will_appear(stew: Client) -> None:
    assert "No duplicates wait" in get(stew, QUEUE)
    assert "Nobody was merged yet" in get(stew, HISTORY)


def test_two_people_side_by_side_with_source_date_and_likeness(stew: Client) -> None:
    twins(3)
    page = get(stew, QUEUE)
    row = page[page.index(">firstName<") : page.index(">lastName<")]
    assert "similar" in row
    assert "<mark>h</mark>" in row
    assert "web, " in row
    assert "app, " in row
    assert NOW.date().isoformat() in row
    assert "What speaks for one person" in page
    assert "merge by itself" in page


def test_an_act_answers_with_the_next_two_and_what_was_done(stew: Client) -> None:
    first, second = twins(1, probability=0.9), twins(2, probability=0.8)
    answer = decide(stew, first, "same")
    page = answer.content.decode()
    assert "Merged Bela Brandt and Belah Brandt." in page
    assert answer.headers["HX-Replace-Url"] == f"{QUEUE}?at={second.pk}"
    assert "Cleo Conrad" in page
    assert 'id="review-said" hx-swap-oob' in page
    winner = Profile.objects.get(pk=Merge.objects.get().winner_id)
    assert AuditEntry.objects.get(verb="merged people").target == str(winner.uuid)


def test_without_scripts_a_form_leads_back_to_the_queue(stew: Client) -> None:
    one = twins(1)
    answer = stew.post(f"{QUEUE}{one.pk}/decide/?least=50", {"verdict": "different"}, follow=True)
    assert answer.request["QUERY_STRING"] == "least=50"
    assert "Not the same: Bela Brandt and Belah Brandt stay apart." in answer.content.decode()


def test_a_double_click_is_told_the_same_and_noted_once(stew: Client) -> None:
    one = twins(1)
    for _ in range(2):
        assert "Merged Bela Brandt and Belah Brandt." in decide(stew, one, "same").content.decode()
    assert AuditEntry.objects.filter(verb="merged people").count() == 1


def test_the_second_of_two_stewards_is_told_who_decided_what(cast: Cast, stew: Client) -> None:
    one = twins(1)
    decide(cast.client("ada"), one, "different")
    page = decide(stew, one, "same").content.decode()
    assert "Ada decided on these two before you: not the same." in page
    assert len(living()) == 2


def test_two_user_ids_stay_two_people_and_the_page_says_why(stew: Client) -> None:
    one = candidate(customer("1", firstName="Ann"), customer("2", firstName="Ann"))
    assert "They cannot be merged." in get(stew, f"{QUEUE}{one.pk}/if-merged/")
    page = decide(stew, one, "same").content.decode()
    assert "Nothing was changed." in page
    assert "user_id" in page
    assert len(living()) == 2


def test_if_merged_says_what_wins_and_keeps_nothing(stew: Client) -> None:
    one = twins(1)
    page = get(stew, f"{QUEUE}{one.pk}/if-merged/")
    assert "wins over" in page
    assert len(living()) == 2
    assert not Merge.objects.exists()
    assert Candidate.objects.get().state == "open"
    decide(stew, one, "same")
    assert "became one person by themselves" in get(stew, f"{QUEUE}{one.pk}/if-merged/")


def test_if_merged_names_segments_that_are_left(stew: Client) -> None:
    bern = candidate(
        visitor("a", at=ago(days=2), city="Bern", firstName="Ann"), visitor("b", city="Basel", firstName="Ann")
    )
    for city in ("Bern", "Basel"):
        save.create(f"People of {city}", rule=rule(trait("city", "is", city)), by=None, now=NOW)
    refresh_stale.apply()
    page = get(stew, f"{QUEUE}{bern.pk}/if-merged/")
    assert "no more People of Bern" in page
    assert "as before People of Basel" in page


def test_a_filter_that_cannot_be_read_shows_no_pair_to_decide(stew: Client) -> None:
    twins(1)
    page = get(stew, f"{QUEUE}?least=many")
    assert "The filter cannot be read" in page
    assert 'data-key="m"' not in page


def test_a_filter_holds_when_its_last_pair_is_decided(stew: Client) -> None:
    one = twins(1)
    other = candidate(visitor("x"), visitor("y"), evidence=[{"field": "prior", "bits": -10}])
    page = decide(stew, one, "different", "?different=email").content.decode()
    assert "No waiting pair matches" in page
    assert f"/{other.pk}/decide/" not in page


def test_undo_shows_the_pair_again(stew: Client) -> None:
    one, _ = twins(1, probability=0.6), twins(2, probability=0.9)
    decide(stew, one, "same")
    page = stew.post(f"{QUEUE}undo/{Decision.objects.get().pk}/", headers=HTMX).content.decode()
    assert "Undone: Bela Brandt and Belah Brandt are as they were before." in page
    assert 'id="case-title" tabindex="-1">Bela Brandt' in page
    assert AuditEntry.objects.filter(verb="undid a decision").count() == 1


DAMAGED = """at=x at=99999999999999999999 at=%C2%B2 least=a least=-1 least=nan least=inf least=60&most=50 sort=zz
source=x source=99999999999999999999999 same=x text=%00 domain=%00"""


@pytest.mark.parametrize("query", DAMAGED.split())
def test_a_damaged_address_is_no_crash(stew: Client, query: str) -> None:
    twins(1)
    assert stew.get(f"{QUEUE}?{query}").status_code == 200


@pytest.mark.parametrize("verdict", ["", "linked", "split"])
def test_only_the_three_words_are_decisions(stew: Client, verdict: str) -> None:
    assert decide(stew, twins(1), verdict).status_code == 400
    assert len(living()) == 2


def test_a_candidate_that_is_not_there(stew: Client) -> None:
    assert "do not wait" in stew.post(f"{QUEUE}12345/decide/", {"verdict": "same"}, headers=HTMX).content.decode()
    assert stew.get(f"{QUEUE}12345/if-merged/").status_code == 404
    assert stew.post(f"{QUEUE}undo/12345/").status_code == 404


def test_the_page_costs_the_same_queries_however_long_the_queue(
    stew: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(12):
        twins(n)
    with django_assert_max_num_queries(26):
        get(stew, QUEUE)


def test_many_are_said_first_then_done_then_undone(stew: Client) -> None:
    for n in range(3):
        twins(n, probability=0.9)
    twins(4, probability=0.6)
    assert "Merge these 3" in get(stew, f"{QUEUE}?least=80")
    url = f"{QUEUE}many/?least=80&verdict=same"
    page = get(stew, url)
    assert "6 people in 3 pairs become fewer" in page
    answer = stew.post(url, {"verdict": "same", "expected": "3"}, follow=True)
    assert "3 of 3 decisions hold" in answer.content.decode()
    assert len(living()) == 5
    job = Job.objects.get()
    answer = stew.post(f"{QUEUE}jobs/{job.pk}/undo/", follow=True)
    assert "0 of 3 decisions hold" in answer.content.decode()
    assert len(living()) == 8


def test_many_are_not_done_if_the_queue_changed_meanwhile(stew: Client) -> None:
    twins(1, probability=0.9)
    page = stew.post(f"{QUEUE}many/?least=80&verdict=same", {"verdict": "same", "expected": "2"}).content.decode()
    assert "Look again, then decide" in page
    assert "Merge 1 pair" in page
    assert not Job.objects.exists()


@pytest.mark.parametrize("query", ["verdict=same", "least=80", "least=80&verdict=later", "least=x&verdict=same"])
def test_many_need_a_filter_and_a_verdict(stew: Client, query: str) -> None:
    twins(1, probability=0.9)
    assert stew.post(f"{QUEUE}many/?{query}", {"expected": "1"}).status_code == 400
    assert not Decision.objects.exists()


def test_more_than_a_few_are_left_to_a_worker_and_can_be_stopped(stew: Client) -> None:
    job = Job.objects.create(kind="decide_many", title="Merging", total=40, params={}, created_at=NOW)
    assert "Waiting for a worker" in get(stew, f"{QUEUE}jobs/{job.pk}/")
    assert stew.post(f"{QUEUE}jobs/{job.pk}/undo/", follow=True).status_code == 200
    stew.post(f"{QUEUE}jobs/{job.pk}/stop/")
    job.refresh_from_db()
    assert job.is_cancel_requested
    other = Job.objects.create(kind="import", title="Import", created_at=NOW)
    assert stew.get(f"{QUEUE}jobs/{other.pk}/").status_code == 404


def test_the_ledger_tells_how_why_and_by_whom(cast: Cast, stew: Client) -> None:
    take_in([identify(anonymousId="v1", at=ago(days=1)), identify("1", traits={"email": "a@x.org"}, at=ago(days=2))])
    take_in([identify(anonymousId="v1", traits={"email": "a@x.org"})])
    decide(stew, twins(2), "same")
    page = get(stew, HISTORY)
    assert page.index("Cleoh Conrad") < page.index("a@x.org")
    assert "By shared identifiers" in page
    assert "first name similar" in page
    only_by_hand = get(stew, f"{HISTORY}?how=manual&by=user:{cast.stew.pk}")
    assert "a@x.org" not in only_by_hand.split("filter-buttons")[1]
    assert "Cleoh Conrad" in only_by_hand
    assert "Nothing like that happened" in get(stew, f"{HISTORY}?verb=split")


@pytest.mark.parametrize("query", ["how=x", "by=x", "since=x", "since=2026-02-02&until=2026-01-01", "verb=%00"])
def test_wrong_filters_of_the_ledger_say_so(stew: Client, query: str) -> None:
    assert stew.get(f"{HISTORY}?{query}").status_code == 200


def test_a_damaged_cursor_of_the_ledger(stew: Client) -> None:
    assert stew.get(f"{HISTORY}?after=x").status_code == 400


def test_the_ledger_has_keyset_pages_at_a_constant_cost(
    stew: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [
        Merge(winner_id=n, loser_id=n + 1, at=NOW - timedelta(minutes=n), xact_id=1, record_ids=[n]) for n in range(60)
    ]
    Merge.objects.bulk_create(rows)
    with django_assert_max_num_queries(14):
        first = stew.get(HISTORY)
    second = stew.get(f"{HISTORY}?after={first.context['page'].next}")
    third = stew.get(f"{HISTORY}?after={second.context['page'].next}")
    seen = [line.row.winner_id for page in (first, second, third) for line in page.context["lines"]]
    assert seen == list(range(60))


def person() -> Profile:
    return living()[0]


def family() -> Any:
    """Two people of one mailbox: one profile, wrongly."""
    visitor("ann", at=ago(days=2), email="family@x.org", firstName="Ann")
    return visitor("bob", of="app", email="family@x.org", firstName="Bob")


def test_why_one_person_names_the_identifier_they_share(cast: Cast) -> None:
    take_in([identify("1", traits={"email": "a@x.org"})], of="crm")
    take_in([identify(anonymousId="v1", traits={"email": "a@x.org"})], of="web")
    page = get(cast.client("vic"), f"/identity/people/{person().uuid}/why/")
    assert "a@x.org" in page.split("How each source")[0]
    assert "anon:v1" in page.split("How each source")[0]
    assert "Split off" not in page
    assert "Merge with another" not in page


@pytest.mark.parametrize(
    ("dropped", "words"),
    [
        ("hard", "two user ids one person"),
        ("limit", "only so many"),
        ("apart", "keeps these people apart"),
        ("blocked", "names nobody"),
        ("shared", "too many people share it"),
    ],
)
def test_what_was_left_aside_is_told_with_the_reason(stew: Client, dropped: str, words: str) -> None:
    record = visitor("a", email="a@x.org")
    Identifier.objects.filter(record_id=record.pk, namespace="email").update(dropped_for=dropped)
    page = get(stew, f"/identity/people/{person().uuid}/why/")
    assert "Seen, but not used to join" in page
    assert words in page


def test_splitting_previews_then_does_then_can_be_undone(stew: Client) -> None:
    bob = family()
    url = f"/identity/people/{person().uuid}/split/"
    page = get(stew, f"{url}?record={bob.pk}")
    assert "Split off 1 record" in page
    assert "comes out of it" in page
    assert len(living()) == 1
    answer = stew.post(url, {"record": bob.pk}, follow=True)
    assert "now stands apart for good" in answer.content.decode()
    assert [one.traits["firstName"] for one in living()] == ["Ann", "Bob"]
    assert Separation.objects.count() == 1
    assert AuditEntry.objects.filter(verb="split a person").exists()
    stew.post(f"/identity/decisions/{Decision.objects.get().pk}/undo/", {"person": str(living()[0].uuid)})
    assert len(living()) == 1


@pytest.mark.parametrize("chosen", ["none", "all", "foreign", "words"])
def test_a_split_that_makes_no_sense_changes_nothing_and_says_why(stew: Client, chosen: str) -> None:
    family()
    other = visitor("else")
    home = Profile.objects.get(traits__firstName="Bob")
    records = review.records_of(home.pk)
    given = {"none": [], "all": records, "foreign": [other.pk], "words": ["x"]}[chosen]
    answer = stew.post(f"/identity/people/{home.uuid}/split/", {"record": given}, follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert len(living()) == 2
    assert not Decision.objects.exists()


def test_un_merging_previews_what_returns(stew: Client) -> None:
    one = twins(1)
    decide(stew, one, "same")
    merge = Merge.objects.get()
    page = get(stew, f"/identity/merges/{merge.pk}/unmerge/")
    assert "Belah Brandt" in page
    assert "comes out of it" in page
    assert len(living()) == 1
    answer = stew.post(f"/identity/merges/{merge.pk}/unmerge/", follow=True)
    assert "Un-merged" in answer.content.decode()
    assert len(living()) == 2
    again = stew.post(f"/identity/merges/{merge.pk}/unmerge/", follow=True)
    assert "undone before" in again.content.decode()
    assert Merge.objects.filter(verb="unmerged").count() == 1


def test_merging_with_another_found_by_identifier(stew: Client) -> None:
    visitor("a", email="ann@x.org", firstName="Ann", at=ago(days=1))
    visitor("b", email="anna@y.org", firstName="Anna")
    ann, anna = living()
    url = f"/identity/people/{ann.uuid}/merge/"
    assert str(anna.uuid) in get(stew, f"{url}?q=ANNA@")
    assert "Nobody else is known by that" in get(stew, f"{url}?q=zz")
    assert "same person already" in get(stew, f"{url}?with={ann.uuid}")
    assert "wins over" in get(stew, f"{url}?with={anna.uuid}")
    answer = stew.post(url, {"with": str(anna.uuid)}, follow=True)
    assert "Merged Ann and Anna." in answer.content.decode()
    assert len(living()) == 1
    undo = reverse("identity:undo_decision", args=[Decision.objects.get().pk])
    assert "Undone" in stew.post(undo, {"person": str(ann.uuid)}, follow=True).content.decode()
    assert len(living()) == 2


@pytest.mark.parametrize(("other", "status"), [("x", 404), ("00000000-0000-0000-0000-000000000000", 404), ("", 400)])
def test_merging_with_nobody(stew: Client, other: str, status: int) -> None:
    visitor("a")
    assert stew.post(f"/identity/people/{person().uuid}/merge/", {"with": other}).status_code == status


def test_what_vic_may_not_do_is_not_offered_and_refused(cast: Cast) -> None:
    bob = family()
    vic = cast.client("vic")
    assert vic.get(QUEUE).status_code == 403
    assert vic.post(f"/identity/people/{person().uuid}/split/", {"record": bob.pk}).status_code == 403
    assert "Duplicates" not in get(vic, "/people/")
    assert len(living()) == 1


def test_a_strange_name_is_text_everywhere(stew: Client) -> None:
    nasty = "<script>alert(1)</script>"
    one = candidate(visitor("a", firstName=nasty, lastName="X"), visitor("b", firstName=nasty + "b", lastName="X"))
    pages = [get(stew, QUEUE), get(stew, f"{QUEUE}{one.pk}/if-merged/"), decide(stew, one, "same").content.decode()]
    pages += [get(stew, HISTORY), get(stew, f"/identity/people/{person().uuid}/why/")]
    merge = Merge.objects.get()
    answer = stew.post(f"/identity/merges/{merge.pk}/unmerge/", follow=True)
    pages.append(answer.content.decode())
    assert all(nasty not in page for page in pages)
    assert "&lt;script&gt;" in pages[-1].split("now stand")[0]


def test_todays_decisions_are_counted(stew: Client, cast: Cast) -> None:
    decide(stew, twins(1), "same")
    decide(cast.client("ada"), twins(2), "different")
    page = get(stew, QUEUE)
    assert "You today:" in page
    assert "Ada today:" in page
    assert "1 profile fewer" in page
