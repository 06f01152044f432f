"""Two workers at once begin a campaign once for each happening, and what one dies with is found again."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from campaigns.models import Delivery
from campaigns.triggers.read import read
from cdp.profiles.models import Touched
from cdp.rules.tree import UTC
from tests.campaigns.triggers.making import a_campaign, later, noted, on_event, read_all
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = [f"p{n}" for n in range(40)]


def signed_up() -> None:
    take_in([identify(name, traits={"email": f"{name}@x.org"}) for name in PEOPLE])
    for name in PEOPLE:
        take_in([track(name, "Signed Up", at=later(seconds=1))], now=later(seconds=1))


def test_two_readers_and_a_crash_between() -> None:
    campaign = a_campaign(on_event(), reentry_days=0)
    signed_up()
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        assert read(now=later(seconds=2), zone=UTC)
        assert Delivery.objects.count() == len(PEOPLE)
        raise KeyboardInterrupt
    assert Touched.objects.filter(reader="triggers").count() == len(PEOPLE)
    together = Barrier(2)

    def one() -> None:
        try:
            together.wait(10)
            while read(now=later(seconds=2), zone=UTC):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(one) for _ in range(2)]:
            done.result()
    read_all(now=later(seconds=3))
    assert noted(campaign) == ["started"] * len(PEOPLE)
    assert Delivery.objects.filter(campaign_id=campaign.pk).count() == len(PEOPLE)
