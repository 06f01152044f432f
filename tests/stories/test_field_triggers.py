"""Examples of the field: mails that go out by themselves, when their moment comes."""

import json
from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from campaigns.models import Campaign
from cdp.common.models import Job
from cdp.profiles.models import Identifier
from scoring import runs
from scoring.jobs import KIND
from scoring.models import Predictor, Score
from scoring.tasks import begin_scoring, train_and_score
from segments.models import Segment
from tests.campaigns.offers.making import an_offer
from tests.scoring.timing.made_orders import lives
from tests.stories.fielded import ADDED, Field, opened, rule_of
from tests.taking_in import track

TODAY = 640.0
CART = {
    "trigger": {"kind": "event", "event": "Product Added"},
    "exit": {"since_trigger": ["Order Completed"]},
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def field(monkeypatch: pytest.MonkeyPatch) -> Field:
    return opened(monkeypatch)


def test_10_welcome_with_a_score_above_0_75(field: Field) -> None:
    buys = Predictor.objects.create(name="Buys in 30 days", kind="purchase", days=30, created_at=field.now)
    an_offer(name="Ten percent off")
    field.people("old")
    field.tell(track("old", "Signed Up", at=field.now))
    field.names_are_counted()
    campaign = field.ready_made("welcome")
    [present] = [one for one in campaign.template.content["blocks"] if one["kind"] == "offer"]
    assert present["when"] == rule_of(10, {"id": buys.pk})
    field.later(minutes=1)
    field.start(campaign)
    names = ("sure", "exactly", "almost", "unscored")
    field.people(*names, "visitor")
    field.scored(buys, sure=0.7500001, exactly=0.75, almost=0.74, visitor=0.9)
    field.later(seconds=5)
    field.tell(*(track(who, "Signed Up", at=field.now) for who in names))
    field.work()
    mails = field.mails()
    assert {who: ("Ten percent off" in only(some)) for who, some in mails.items()} == {
        "sure": True,
        "exactly": False,
        "almost": False,
        "unscored": False,
    }
    # the same rule as the condition of the whole mail
    alone = welcome_for(field, rule_of(10, {"id": buys.pk}))
    field.people("later-sure", "later-not")
    field.scored(buys, **{"later-sure": 0.76, "later-not": 0.75})
    field.later(seconds=5)
    field.tell(*(track(who, "Signed Up", at=field.now) for who in ("later-sure", "later-not")))
    field.work()
    assert {who: len(some) for who, some in field.mails().items() if who.startswith("later")} == {
        "later-sure": 2,
        "later-not": 1,
    }
    assert alone.pk != campaign.pk


def welcome_for(field: Field, rule: object) -> Campaign:
    """As the first, in the browser: only for people of a rule."""
    made = field.ready_made("welcome")
    form = {"kind": "event", "event": "Signed Up", "where": "[]", "delay": 0, "unit": "hour", "reentry": "never"}
    more = {"did": "nothing", "exit_events": "[]", "condition": json.dumps(rule), "exit_rule": ""}
    assert field.mara.post(reverse("campaigns:trigger", args=[made.pk]), form | more).status_code == 302
    field.start(made)
    return made


def test_13_a_mail_just_before_the_expected_order(field: Field) -> None:
    people = lives(320, seed=11, leaving=(1, 5))
    field.tell(
        *(
            field.ordered(f"u{n}", days=TODAY - float(day))
            for n, orders in enumerate(people)
            for day in orders[orders <= TODAY]
        )
    )
    field.people(*(f"u{n}" for n, orders in enumerate(people) if orders[0] <= TODAY))
    predictor = trained(field)
    campaign = field.ready_made("next-order")
    segment = Segment.objects.get(pk=campaign.trigger["segment"])
    assert segment.rule == rule_of(13, {"id": predictor.pk})
    field.start(campaign)
    inside = expected(field, days=7)
    assert field.members(segment.pk) == sorted(inside)
    assert field.mails() == {}  # who was in when it was started is no news
    buyer, *others = [who for who in expected(field, days=9) if who not in inside]
    field.later(hours=1)
    field.tell(field.ordered(buyer))
    exactly, almost = others[-2:]
    for day in range(4):
        night(field, predictor)
        if day == 1:
            date_is(exactly, field.now + timedelta(hours=1, days=7))
            date_is(almost, field.now + timedelta(hours=1, days=7, seconds=1))
        field.later(hours=1)  # 4:00: daily segments are looked at
        assert field.members(segment.pk) == sorted(expected(field, days=7))
        if day == 1:
            assert exactly in field.mails() and almost not in field.mails()
    mails = field.mails()
    assert len(mails) >= 3 and buyer not in mails and not mails.keys() & set(inside)
    assert {len(some) for some in mails.values()} == {1}


def expected(field: Field, *, days: int) -> list[str]:
    """Those whose date lies within so many days, the soonest first."""
    soon = Score.objects.filter(expected_at__gt=field.now, expected_at__lte=field.now + timedelta(days=days))
    names = dict(Identifier.objects.filter(namespace="user_id").values_list("profile_id", "value"))
    return [names[one] for one in soon.order_by("expected_at").values_list("profile_id", flat=True)]


def date_is(who: str, moment: datetime) -> None:
    profile = Identifier.objects.filter(namespace="user_id", value=who).values_list("profile_id", flat=True)[0]
    Score.objects.filter(profile_id=profile).update(expected_at=moment)


def night(field: Field, predictor: Predictor) -> None:
    """3:00: everybody is scored anew."""
    field.now = (field.now + timedelta(days=1)).replace(hour=3, minute=0)
    job = begin_scoring([predictor])
    assert job
    runs.work(job.pk, clock=lambda: field.now)


def trained(field: Field) -> Predictor:
    field.mara.post(reverse("scoring:start", kwargs={"key": "next"}))
    train_and_score(Job.objects.get(kind=KIND).pk)
    runs.work(Job.objects.get(kind=runs.KIND).pk, clock=lambda: field.now)
    return Predictor.objects.get(active__is_useful=True)


def test_14_abandoned_cart(field: Field) -> None:
    sold = [{"id": "mug", "name": "The mug", "url": "https://shop.example/mug", "price": "9"}]
    assert field.api.post("/api/items", {"items": sold}, content_type="application/json").status_code == 200
    field.people("old")
    field.tell(added("old", field))
    field.later(minutes=1)
    field.tell(field.ordered("old"))
    field.names_are_counted()
    segment = field.segment("Cart abandoners", rule_of(14))
    campaign = field.ready_made("cart")
    assert {"trigger": campaign.trigger, "exit": campaign.exit} == CART
    field.later(minutes=1)
    field.start(campaign)
    names = ("left", "bought", "before", "removed", "late")
    field.people(*names)
    field.tell(field.ordered("before", minutes=0))
    field.later(minutes=1)
    field.tell(*(added(who, field) for who in names))
    field.later(hours=3, minutes=59)
    field.tell(field.ordered("bought", products=["mug"]))
    field.work()
    assert field.mails() == {}
    field.later(minutes=1)
    assert sorted(field.mails()) == ["before", "late", "left", "removed"]
    assert "The mug" in only(field.mails()["left"])
    assert field.members(segment) == ["before", "late", "left", "removed"]
    field.later(days=1)
    field.tell(added("left", field))
    field.later(hours=4)
    assert len(field.mails()["left"]) == 1  # at most once in 7 days
    field.later(days=6)
    field.tell(added("left", field))
    field.later(hours=4)
    assert len(field.mails()["left"]) == 2


def added(who: str, field: Field) -> dict[str, object]:
    about = {"product_id": "mug", "quantity": 1, "price": 9, "currency": "EUR"}
    return track(who, ADDED, at=field.now, properties=about)


def only(mails: list[str]) -> str:
    [one] = mails
    return one
