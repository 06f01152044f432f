"""Two beats at once are one, in transactions of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from campaigns import audience, occurrences
from campaigns.due import plan_some
from campaigns.models import Campaign, Delivery, PlanLot
from cdp.rules.tree import UTC
from tests.campaigns.plan.cases import a_campaign, a_segment, some_people
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work: Callable[[], object], times: int = 3) -> list[BaseException | None]:
    ready = Barrier(times)

    def one() -> BaseException | None:
        try:
            ready.wait(timeout=20)
            work()
        except Exception as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(times) as pool:
        return [found.result() for found in [pool.submit(one) for _ in range(times)]]


def test_beats_at_once_plan_everybody_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occurrences, "LOT", 7)
    ids = some_people(80)
    campaign = a_campaign(a_segment(ids), kind="recurring", cron="0 9 * * *", state="sending", next_at=NOW)

    def beat() -> None:
        while plan_some(now=NOW, zone=UTC) or PlanLot.objects.exists():
            pass

    assert at_once(beat) == [None, None, None]
    rows = Delivery.objects.filter(campaign_id=campaign.pk)
    assert sorted(rows.values_list("profile_id", flat=True)) == ids
    assert set(rows.values_list("occurrence", flat=True)) == {NOW.isoformat()}


def test_starts_at_once_are_one() -> None:
    campaign = a_campaign(a_segment(some_people(5)))
    found = at_once(lambda: audience.start(Campaign.objects.get(pk=campaign.pk), now=NOW))
    assert sorted(type(one).__name__ for one in found) == ["AlreadyStarted", "AlreadyStarted", "NoneType"]
    assert Delivery.objects.count() == 5
