"""The list of people and the page of one person, over HTTP."""

import csv

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cdp.accounts.models import AuditEntry
from cdp.events.ourselves import internal_source
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from cdp.profiles.panels import Panel, Place, declare, panels_for
from tests.cast import Cast
from tests.crowd import crowd
from tests.taking_in import NOW, ago, identify, source, take_in, track

pytestmark = pytest.mark.django_db
LIST = "/people/"


def only() -> Profile:
    return Profile.objects.get(merged_into=None)


def get(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return str(answer.content.decode())


def test_the_list_costs_the_same_queries_however_many_people(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    crowd(60, now=NOW, events_each=1)
    client = cast.client("vic")
    client.get(LIST)
    with django_assert_max_num_queries(9):
        page = get(client, LIST)
    assert page.count("person-name") == 50


def test_pages_follow_each_other_both_ways_and_keep_the_filter(cast: Cast) -> None:
    take_in([identify(f"u{n}", traits={"n": n}, at=ago(minutes=n)) for n in range(60)])
    client = cast.client("vic")
    first = client.get(f"{LIST}?seen=&sort=added")
    second = client.get(f"{LIST}?sort=added&after={first.context['page'].next}")
    names = [line.name for page in (first, second) for line in page.context["lines"]]
    assert len(names) == len(set(names)) == 60
    assert f"sort=added&amp;before={second.context['page'].previous}" in second.content.decode()


def test_the_sort_is_by_what_an_index_serves(cast: Cast) -> None:
    take_in([identify("old", at=ago(days=40)), identify("new", at=ago(days=1))])
    client = cast.client("vic")
    assert [line.name for line in client.get(LIST).context["lines"]] == ["new", "old"]
    assert [line.name for line in client.get(f"{LIST}?sort=seen").context["lines"]] == ["old", "new"]
    assert client.get(f"{LIST}?sort=traits").status_code == 200


def test_search_says_how_each_person_was_found(cast: Cast) -> None:
    take_in(
        [identify("7", traits={"email": "ada@example.com", "city": "Adana"}), identify("8", traits={"city": "Ada"})]
    )
    lines = cast.client("vic").get(f"{LIST}?q=ada").context["lines"]
    assert {line.found_by for line in lines} == {"email: ada@example.com", "city: Ada"}
    assert "Nobody is known by that" in get(cast.client("vic"), f"{LIST}?q=zzz")


@pytest.mark.parametrize("query", ["q=%00", "after=x", "after=WyIyMDI2Il0", "before=%F0", "sort=x&after=bnVsbA"])
def test_a_damaged_address_is_no_crash(cast: Cast, query: str) -> None:
    assert cast.client("vic").get(f"{LIST}?{query}").status_code in (200, 400)


def exported(client: Client, query: str) -> list[list[str]]:
    return list(csv.reader(client.get(f"/people/export/{query}").getvalue().decode().splitlines()))[1:]


def test_the_export_is_what_is_seen_and_runs_nothing_in_a_spreadsheet(cast: Cast) -> None:
    take_in([identify("u1", traits={"name": '=HYPERLINK("http://x")'}), identify("u2", at=ago(days=400))])
    mara = cast.client("mara")
    assert [row[1] for row in exported(mara, "")] == ['\'=HYPERLINK("http://x")', "u2"]
    assert [row[1] for row in exported(mara, "?q=u2")] == ["u2"]
    assert AuditEntry.objects.filter(verb="exported people").count() == 2
    assert cast.client("vic").get("/people/export/").status_code == 403


def test_a_merged_address_leads_to_the_winner(cast: Cast) -> None:
    take_in([identify(anonymousId="v1", at=ago(days=1)), identify("1", traits={"email": "a@x.org"}, at=ago(days=2))])
    take_in([identify(anonymousId="v1", traits={"email": "a@x.org"})])
    loser = Profile.objects.exclude(merged_into=None).get()
    answer = cast.client("vic").get(f"/people/{loser.uuid}/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/people/{only().uuid}/"


def test_traits_show_who_won_and_who_says_otherwise(cast: Cast) -> None:
    take_in([identify("1", traits={"city": "Bern", "email": "a@x.org"}, at=ago(days=2))], of="crm")
    take_in([identify("1", traits={"city": "Berlin", "email": "a@x.org"}, at=ago(days=1))], of="shop")
    page = get(cast.client("vic"), f"/people/{only().uuid}/traits/")
    assert page.index("Berlin") < page.index("1 other word") < page.index("Bern</span>")
    assert "1 agrees" in page
    assert "Correct" not in page


def test_the_timeline_groups_visits_and_goes_on_with_older(cast: Cast) -> None:
    take_in([track("1", f"Step {n}", at=ago(minutes=n)) for n in range(3)])
    take_in([track("1", "Page Viewed", at=ago(days=d)) for d in range(1, 60)])
    url = f"/data/people/{only().uuid}/timeline/"
    client = cast.client("vic")
    first = client.get(url)
    assert [len(visit.happenings) for visit in first.context["visits"]][:2] == [3, 1]
    older = client.get(f"{url}?after={first.context['next']}")
    shown = [line.event.key for page in (first, older) for v in page.context["visits"] for line in v.happenings]
    assert len(shown) == len(set(shown)) == 62
    assert not older.context["next"]
    only_pages = client.get(f"{url}?name=@visits")
    assert {line.event.name for v in only_pages.context["visits"] for line in v.happenings} == {"Page Viewed"}
    assert "Nothing of that kind" in get(client, f"{url}?name=Nothing")


def test_a_correction_is_an_identify_of_our_own_and_the_changes_name_who_made_it(cast: Cast) -> None:
    take_in([identify("1", traits={"points": 5, "city": "Bern"}, at=ago(days=2))], of="crm")
    url = reverse("events:correct", args=[only().uuid])
    stew = cast.client("stew")
    assert stew.post(url, {"trait": "points", "value": "many"}).status_code == 422
    assert stew.post(url, {"trait": "points", "value": "7"}).status_code == 302
    assert stew.post(url, {"trait": "city", "is_removed": "on"}).status_code == 302
    drain("live", now=NOW)
    assert only().traits == {"points": 7}
    page = get(stew, f"/people/{only().uuid}/changes/")
    assert "corrected by Stew" in page
    assert internal_source().kind == "internal"
    assert AuditEntry.objects.filter(verb="corrected trait").count() == 2
    assert cast.client("vic").post(url, {"trait": "points", "value": "9"}).status_code == 403


@pytest.mark.parametrize(
    "call",
    [
        identify(anonymousId="v1"),
        identify("1"),
        identify(anonymousId="v9", context={"externalIds": [{"type": "loyalty", "id": "L1"}]}),
    ],
)
def test_a_correction_reaches_exactly_this_person(cast: Cast, call: dict[str, object]) -> None:
    take_in([call, identify("someone else")])
    profile = Profile.objects.order_by("id")[0]
    cast.client("stew").post(reverse("events:correct", args=[profile.uuid]), {"trait": "city", "value": "Oslo"})
    drain("live", now=NOW)
    profile.refresh_from_db()
    assert profile.traits == {"city": "Oslo"}
    assert Profile.objects.count() == 2


def test_the_raw_view_and_consent_load(cast: Cast) -> None:
    take_in([identify("1", traits={"email": "a@x.org"}), track("1")])
    client, uuid = cast.client("vic"), only().uuid
    assert "recent_events" in get(client, f"/people/{uuid}/raw/")
    assert "Nothing was said about consent yet" in get(client, f"/privacy/people/{uuid}/consent/")


def test_other_apps_add_panels_and_each_role_sees_its_own(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdp.profiles.panels._panels", {})
    declare(
        Panel("Segments", "segments:of_person", "view_segments", 5, Place.SIDE), Panel("Audit", "x:y", "view_audit")
    )
    assert [panel.title for panel in panels_for(cast.vic, Place.SIDE)] == ["Segments"]
    assert panels_for(cast.vic, Place.TAB) == []
    assert [panel.title for panel in panels_for(cast.stew, Place.TAB)] == ["Audit"]


def test_empty_pages_say_what_to_do(cast: Cast) -> None:
    assert "Nobody is known yet" in get(cast.client("vic"), LIST)
    take_in([identify("1")])
    source("web")
    assert "No traits yet" in get(cast.client("vic"), f"/people/{only().uuid}/traits/")
    assert "No events yet" in get(cast.client("vic"), f"/data/people/{only().uuid}/timeline/")
    assert "Nothing changed yet" in get(cast.client("vic"), f"/people/{only().uuid}/changes/")
