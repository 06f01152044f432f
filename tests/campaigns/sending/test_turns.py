"""Turns of workers: what they keep from one to the next, and how many send at a time."""

from datetime import timedelta

import psycopg2
import pytest
from django.db import connection

from campaigns.crowd import MARK, place
from campaigns.ledger import LEASE
from campaigns.models import Campaign, Delivery, SendingPolicy, Variant
from campaigns.policy import THE_ONE
from campaigns.ways import KEPT, MOST, Keeper
from cdp.rules.tree import UTC
from tests.campaigns.sending.planned import campaign_of, send, somebody
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_ways_are_kept_until_what_they_are_made_from_changes_or_they_are_old() -> None:
    keeper, campaign = Keeper(), campaign_of(somebody("ann"))

    def ways(after: timedelta = timedelta(0)) -> object:
        found = Campaign.objects.select_related("template", "version").get(pk=campaign.pk)
        return keeper.ways_of(found, base_url="https://cdp.example", zone=UTC, now=NOW + after)

    first = ways()
    assert ways(KEPT - SECOND) is first
    assert ways(KEPT) is not first
    second = ways(KEPT)
    SendingPolicy.objects.create(pk=THE_ONE, company="New name")
    third = ways(KEPT)
    assert third is not second
    Variant.objects.create(campaign=campaign, number=1, name="A", sender="A <a@x.org>")
    fourth = ways(KEPT)
    assert fourth is not third
    template = campaign.template
    template.content = {**template.content, "subject": "Changed"}
    template.save()
    assert ways(KEPT) is not fourth


def test_only_so_many_campaigns_are_kept() -> None:
    keeper = Keeper()
    campaigns = [campaign_of() for _ in range(MOST + 1)]
    made = [keeper.ways_of(one, base_url="https://cdp.example", zone=UTC, now=NOW) for one in campaigns]
    again = [keeper.ways_of(one, base_url="https://cdp.example", zone=UTC, now=NOW) for one in reversed(campaigns)]
    assert again[0] is made[-1]
    assert again[-1] is not made[0]


def is_free(*, most: int, silence: timedelta = LEASE) -> bool:
    with place(most=most, silence=silence) as found:
        return found


def test_no_more_workers_send_than_may_and_who_dies_or_is_silent_counts_no_more() -> None:
    with connection.cursor() as cursor:
        cursor.execute("show application_name")
        before = cursor.fetchone()
    assert is_free(most=1)
    other = psycopg2.connect(**connection.get_connection_params())
    try:
        other.autocommit = True
        other.cursor().execute("select set_config('application_name', %s, false)", [MARK])
        # What others do is told as it was when a transaction looked first.
        assert not seen_anew(most=1)
        assert seen_anew(most=2)
        assert seen_anew(most=1, silence=timedelta(0))
    finally:
        other.close()
    with connection.cursor() as cursor:
        cursor.execute("show application_name")
        assert cursor.fetchone() == before


def seen_anew(*, most: int, silence: timedelta = LEASE) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")
    return is_free(most=most, silence=silence)


def test_what_no_cap_holds_has_its_slot_when_it_is_handed_over() -> None:
    campaign = campaign_of(somebody("ann"))
    assert send(campaign) == ["ann"]
    assert Delivery.objects.get().claimed_at == NOW
