"""The check's page and the box of the campaign: roles, what is said, and that each number opens its people."""

import re
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import tasks
from campaigns.check.job import start_check
from campaigns.check.run import run
from campaigns.check.state import Kind, standing
from campaigns.models import Campaign, Check
from cdp.common.models import Job
from cdp.profiles.models import Profile
from segments import save
from segments.versions import Draft
from tests.campaigns.check.making import a_campaign, checked, content, given, text, viewers
from tests.cast import Cast
from tests.cdp.rules.test_rules import VIEW, event, rule, trait
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
ROME = rule(trait("city", "is", "Rome"))


def a_checked_campaign() -> tuple[Campaign, dict[str, int]]:
    who = viewers(
        ann={"city": "Rome", "nick": "A"}, bob={"city": "Oslo", "nick": ""}, cat={"city": "Rome", "nick": "C"}
    )
    campaign = a_campaign(content(text("a", "Hello {{ nick }}", when=ROME), text("b", "And {{ nick }}")))
    checked(campaign)
    return campaign, who


def page(client: Client, campaign: Campaign) -> str:
    answer = client.get(reverse("campaigns:check", args=[campaign.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_number_of_the_page_opens_as_many_people(cast: Cast) -> None:
    campaign, who = a_checked_campaign()
    client = cast.client("vic")
    html = page(client, campaign)
    assert "3 people get it; 2 things to fix." in html
    links = re.findall(r'<a href="([^"]*/people/\?[^"]*)">([\d,]+)</a>', html)
    assert len(links) >= 8
    for url, n in set(links):
        listed = client.get(url.replace("&amp;", "&"))
        assert listed.status_code == 200
        assert listed.content.decode().count('class="list-group-item"') == int(n), url
    bob = Profile.objects.get(pk=who["bob"])
    (nothing,) = {url for url, _ in links if "nothing" in url}
    assert reverse("profiles:detail", args=[bob.uuid]) in client.get(nothing).content.decode()


def test_places_lead_to_the_block_in_the_editor(cast: Cast) -> None:
    campaign, _ = a_checked_campaign()
    html = page(cast.client("mara"), campaign)
    editor = reverse("campaigns:editor", args=[campaign.template_id])
    assert {f"{editor}#a", f"{editor}#b"} <= set(re.findall(r'href="([^"]+)"', html))


@pytest.mark.parametrize("of", ["", "of=branch:a:7", "of=no", "of=token:99:value", "of=tried:hint:99", "of=branch:x:0"])
def test_a_list_of_nothing_known_is_not_found(cast: Cast, of: str) -> None:
    campaign, _ = a_checked_campaign()
    check = Check.objects.get()
    url = reverse("campaigns:check_people", args=[campaign.pk, check.pk])
    assert cast.client("mara").get(f"{url}?{of}").status_code == 404


def test_a_damaged_cursor_is_refused(cast: Cast) -> None:
    campaign, _ = a_checked_campaign()
    url = reverse("campaigns:check_people", args=[campaign.pk, Check.objects.get().pk])
    for cursor in ("x", "-1", "9" * 40, "1'"):
        assert cast.client("mara").get(url, {"of": "gets", "after": cursor}).status_code == 400


def test_who_was_erased_since_is_still_counted(cast: Cast) -> None:
    campaign, who = a_checked_campaign()
    Profile.objects.filter(pk=who["bob"]).delete()
    url = reverse("campaigns:check_people", args=[campaign.pk, Check.objects.get().pk])
    html = cast.client("mara").get(url, {"of": "gets"}).content.decode()
    assert "3 people as of" in html
    assert "an erased person" in html


def test_only_those_who_edit_campaigns_start_and_stop_it(cast: Cast) -> None:
    campaign = a_campaign(content(text("a", "x")))
    start = reverse("campaigns:check_start", args=[campaign.pk])
    with patch.object(tasks.check_audience, "apply_async") as asked:
        assert cast.client("vic").post(start).status_code == 403
        assert cast.client("stew").post(start).status_code == 403
        assert cast.client("mara").post(start).status_code == 302
    assert asked.call_count == 1
    job = Job.objects.get()
    stop = reverse("campaigns:check_stop", args=[campaign.pk, job.pk])
    assert cast.client("vic").post(stop).status_code == 403
    assert "Cancel</button>" not in page(cast.client("vic"), campaign)
    assert "Cancel</button>" in page(cast.client("mara"), campaign)
    other = a_campaign(content(text("a", "x")), segment=campaign.included.get())
    assert cast.client("mara").post(reverse("campaigns:check_stop", args=[other.pk, job.pk])).status_code == 404
    assert cast.client("mara").post(stop).status_code == 200
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_progress_brings_the_page_again_once_it_is_over(cast: Cast) -> None:
    viewers(ann={})
    campaign = a_campaign(content(text("a", "x")))
    check = start_check(campaign, by=None, now=NOW)
    client, url = cast.client("vic"), reverse("campaigns:check_progress", args=[campaign.pk, check.job_id])
    assert "HX-Refresh" not in client.get(url).headers
    run(check.job_id or 0, given=given())
    assert client.get(url)["HX-Refresh"] == "true"


def test_before_the_first_check_it_says_what_it_is_for(cast: Cast) -> None:
    html = page(cast.client("mara"), a_campaign(content(text("a", "x"))))
    assert "Not checked yet" in html
    assert "Check the whole audience" in html


def stand(campaign: Campaign) -> Any:
    return standing(Campaign.objects.select_related("template").get(pk=campaign.pk))


def test_how_a_campaign_stands() -> None:
    viewers(ann={"city": "Rome"})
    campaign = a_campaign(content(text("a", "Hello", when=ROME, **{"else": text("b", "Hi")})))
    assert stand(campaign).kind == Kind.NONE
    check = start_check(campaign, by=None, now=NOW)
    assert stand(campaign).kind == Kind.RUNNING
    run(check.job_id or 0, given=given())
    found = stand(campaign)
    assert (found.kind, found.is_enough, found.words) == (Kind.WARNINGS, True, "1 person gets it; 1 thing to look at.")
    campaign.template.content = content(text("a", "{{ city }}"))
    campaign.template.save()
    assert (stand(campaign).kind, stand(campaign).is_enough) == (Kind.OUTDATED, False)
    checked(campaign)
    assert (stand(campaign).kind, stand(campaign).words) == (Kind.FINE, "1 person gets it; nothing to fix.")
    save.change(campaign.included.get(), Draft("S", rule(event(VIEW), trait("city", "is", "Oslo"))), by=None, now=NOW)
    found = stand(campaign)
    assert (found.kind, found.words) == (
        Kind.OUTDATED,
        "The rule of a segment of its audience was changed after this check. Check again.",
    )


def test_sending_without_a_check_needs_a_word_for_it(cast: Cast) -> None:
    viewers(ann={})
    campaign = a_campaign(content(text("a", "x")))
    client, url = cast.client("mara"), reverse("campaigns:send", args=[campaign.pk])
    html = client.get(reverse("campaigns:campaign", args=[campaign.pk])).content.decode()
    assert "Not checked with the whole audience yet." in html
    assert "Send without check" in html
    client.post(url)
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.DRAFT
    client.post(url, {"without_check": "yes"})
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SENDING


def test_a_checked_campaign_is_sent_by_one_button(cast: Cast) -> None:
    viewers(ann={})
    campaign = a_campaign(content(text("a", "x")))
    checked(campaign)
    client = cast.client("mara")
    html = client.get(reverse("campaigns:campaign", args=[campaign.pk])).content.decode()
    assert "nothing to fix" in html
    assert "without check" not in html
    client.post(reverse("campaigns:send", args=[campaign.pk]))
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SENDING
