"""Examples of the field: what a mail shows to whom, read in the mailbox."""

import re

import pytest
from django.test import Client

from campaigns.models import Campaign, OfferCode
from scoring.models import Predictor
from tests.campaigns.offers.making import an_offer, with_codes
from tests.factories import a_token
from tests.stories.fielded import Field, opened, rule_of

pytestmark = pytest.mark.django_db
LIKELY, MAYBE, UNLIKELY = "New, and yours first.", "These go with what you have.", "It has been quiet between us."
EVERYBODY = {"version": 1, "root": {"kind": "trait", "name": "email", "op": "is_set"}}


@pytest.fixture
def field(monkeypatch: pytest.MonkeyPatch) -> Field:
    return opened(monkeypatch)


@pytest.fixture
def buys() -> Predictor:
    return Predictor.objects.create(name="Buys in 30 days", kind="purchase", days=30, created_at="2026-01-01T00:00Z")


def conditions(campaign: Campaign) -> list[object]:
    """Of the blocks of its mail, in their order, also of those that stand for the others."""
    found, waiting = [], list(campaign.template.content["blocks"])
    while waiting:
        block = waiting.pop(0)
        found += [block["when"]] if "when" in block else []
        waiting[:0] = [block["else"]] if "else" in block else []
    return found


def test_7_up_to_four_viewed_items_in_a_mail(field: Field) -> None:
    names = ("mug", "cup", "pot", "jug", "pan", "lid")
    sold = [{"id": one, "name": f"The {one}", "url": f"https://shop.example/{one}", "price": "9"} for one in names]
    assert field.api.post("/api/items", {"items": sold}, content_type="application/json").status_code == 200
    field.people("six", "four", "one", "looker", "again", "bought")
    for hours, item in enumerate(names, start=1):
        field.tell(field.viewed("six", item, hours=hours))
    for hours, item in enumerate(names[:4], start=1):
        field.tell(field.viewed("four", item, hours=hours))
    field.tell(field.viewed("one", "pot", hours=1))
    field.tell(
        *(field.viewed("again", "mug", hours=hours) for hours in (1, 2, 3)), field.viewed("again", "cup", hours=4)
    )
    field.tell(field.viewed("bought", "mug", hours=3), field.viewed("bought", "cup", hours=2))
    field.tell(field.ordered("bought", products=["mug"], hours=1))
    field.names_are_counted()
    everybody = field.segment("All", EVERYBODY)
    campaign = field.campaign("Look again", everybody, starter="looked-at")
    assert conditions(campaign) == [rule_of(7)]
    mails = field.mails()
    shown = {who: re.findall(r">\s*The (\w+)\s*<", only(mails[who])) for who in mails}
    assert shown == {
        "six": ["mug", "cup", "pot", "jug"],
        "four": ["mug", "cup", "pot", "jug"],
        "one": ["pot"],
        "looker": [],
        "again": ["mug", "cup"],
        "bought": ["cup"],
    }
    feed = Client(headers={"Authorization": f"Bearer {a_token('scores:read')[1]}"})
    said = feed.get("/api/profiles/user_id:six/items", {"kind": "viewed", "limit": "4"}).json()["results"]
    assert [one["id"] for one in said] == shown["six"]


def test_8_branches_at_0_8_and_0_4(field: Field, buys: Predictor) -> None:
    field.people("sure", "exactly-0.8", "maybe", "exactly-0.4", "no", "unscored")
    field.scored(buys, **{"sure": 0.8000001, "exactly-0.8": 0.8, "maybe": 0.6, "exactly-0.4": 0.4, "no": 0.3999999})
    campaign = field.campaign("Three ways", field.segment("All", EVERYBODY), starter="likelihood")
    assert conditions(campaign) == [rule_of(8, {"id": buys.pk}), rule_of(8, {"id": buys.pk}, at=1)]
    ways = {who: [way for way in (LIKELY, MAYBE, UNLIKELY) if way in only(some)] for who, some in field.mails().items()}
    assert ways == {
        "sure": [LIKELY],
        "exactly-0.8": [MAYBE],
        "maybe": [MAYBE],
        "exactly-0.4": [MAYBE],
        "no": [UNLIKELY],
        "unscored": [UNLIKELY],
    }


def test_9_at_risk_below_0_3_gets_an_incentive(field: Field, buys: Predictor) -> None:
    offer = an_offer(name="Ten percent off", codes="uploaded")
    with_codes(offer, "BACK-1", "BACK-2", "BACK-3")
    field.people("leaving", "almost", "exactly", "loyal", "unscored")
    field.scored(buys, leaving=0.05, almost=0.2999999, exactly=0.3, loyal=0.9)
    campaign = field.campaign("Come back", field.segment("All", EVERYBODY), starter="incentive")
    assert conditions(campaign) == [rule_of(9, {"id": buys.pk})]
    codes = {who: re.findall(r"BACK-\d", only(some)) for who, some in field.mails().items()}
    assert {who: len(some) for who, some in codes.items()} == {
        "leaving": 1,
        "almost": 1,
        "exactly": 0,
        "loyal": 0,
        "unscored": 0,
    }
    assert codes["leaving"] != codes["almost"]
    assert OfferCode.objects.filter(profile_id=None).count() == 1


def only(mails: list[str]) -> str:
    [one] = mails
    return one
