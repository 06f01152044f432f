"""Examples of the field: segments. People stand before, on and behind each edge, and time passes over it."""

import pytest
from django.urls import reverse

from tests.stories.fielded import Field, opened, rule_of
from tests.taking_in import identify

pytestmark = pytest.mark.django_db


@pytest.fixture
def field(monkeypatch: pytest.MonkeyPatch) -> Field:
    return opened(monkeypatch)


def test_1_product_viewed_in_7_days_refreshed_hourly(field: Field) -> None:
    field.tell(
        field.viewed("ann", days=1),
        field.viewed("exactly", days=7),
        field.viewed("almost", days=6, hours=23, minutes=59),
        field.viewed("other", "cup", days=1),
        field.ordered("buyer", products=["mug"], days=1),
    )
    segment = field.segment("Mugs", rule_of(1), pace="hourly")
    assert field.members(segment) == ["almost", "ann"]
    field.later(minutes=20)
    field.tell(field.viewed("bob"))
    field.later(minutes=39, seconds=59)
    assert field.members(segment) == ["almost", "ann"]  # 12:59:59: not yet
    field.later(seconds=1)
    assert field.members(segment) == ["ann", "bob"]  # 13:00
    field.later(days=6, hours=23)
    assert field.members(segment) == ["bob"]


def test_2_viewed_and_not_bought_in_48_hours(field: Field) -> None:
    field.tell(
        *(field.viewed(who, hours=1) for who in ("ann", "buyer", "before", "long ago")),
        field.viewed("exactly", hours=48),
        field.viewed("almost", hours=47, minutes=59),
        field.ordered("buyer", minutes=30),
        field.ordered("before", hours=47),
        field.ordered("long ago", hours=48),
    )
    segment = field.segment("Undecided", rule_of(2))
    assert field.members(segment) == ["almost", "ann", "long ago"]
    field.later(minutes=1)
    assert field.members(segment) == ["ann", "long ago"]
    field.tell(field.ordered("ann"))
    field.work()
    assert field.members(segment) == ["long ago"]
    field.later(hours=1)
    assert field.members(segment) == ["before", "long ago"]  # their order is 48 hours old, their look is not


def test_3_more_than_two_orders_the_last_under_30_days_ago(field: Field) -> None:
    for who, hours in (("regular", 5 * 24), ("exactly", 30 * 24), ("almost", 30 * 24 - 1)):
        field.tell(field.ordered(who, days=90), field.ordered(who, days=60), field.ordered(who, hours=hours))
    field.tell(field.ordered("twice", days=3), field.ordered("twice", days=2), field.viewed("looker"))
    segment = field.segment("Regulars", rule_of(3))
    assert field.members(segment) == ["almost", "regular"]
    field.tell(field.ordered("twice"))
    field.later(hours=1)
    assert field.members(segment) == ["regular", "twice"]


def test_4_region_and_30_days(field: Field) -> None:
    field.people("ann", "exactly", "looker", region="North")
    field.people("south", region="South")
    field.people("nowhere")
    buyers = ("ann", "south", "nowhere")
    field.tell(
        *(field.ordered(who, days=29) for who in buyers), field.ordered("exactly", days=30), field.viewed("looker")
    )
    segment = field.segment("Northerners", rule_of(4))
    assert field.members(segment) == ["ann"]
    field.later(minutes=1)
    field.tell(identify("south", at=field.now, traits={"region": "North"}))
    field.tell(identify("ann", at=field.now, traits={"region": "South"}))
    field.work()
    assert field.members(segment) == ["south"]
    field.later(days=1)
    assert field.members(segment) == []


def test_5_bought_within_15_days_and_above_200(field: Field) -> None:
    field.tell(
        field.ordered("at once", total=200.01, days=1),
        field.ordered("exactly 200", total=200, days=1),
        field.ordered("in two", total=150, days=100),
        field.ordered("in two", total=51, days=14, hours=23),
        field.ordered("rich", total=900, days=15),
        field.viewed("looker"),
    )
    segment = field.segment("Recent high value", rule_of(5))
    assert field.members(segment) == ["at once", "in two"]
    field.tell(field.ordered("exactly 200", total=0.01))
    field.later(hours=1)
    assert field.members(segment) == ["at once", "exactly 200"]


def test_6_lapsed_for_90_days(field: Field) -> None:
    field.tell(
        field.ordered("gone", days=200),
        field.ordered("exactly", days=90),
        field.ordered("almost", days=89, hours=23),
        field.ordered("back", days=300),
        field.ordered("back", days=2),
        field.viewed("never", days=200),
    )
    segment = field.segment("Lapsed", rule_of(6))
    assert field.members(segment) == ["exactly", "gone"]
    field.later(hours=1)
    assert field.members(segment) == ["almost", "exactly", "gone"]
    field.tell(field.ordered("gone"))
    field.work()
    assert field.members(segment) == ["almost", "exactly"]


@pytest.mark.parametrize(
    ("number", "title"),
    [
        (1, "Looked at one product"),
        (2, "Looked, not bought in 48 hours"),
        (3, "Regulars"),
        (4, "Customers of a region"),
        (5, "Recent high value"),
        (6, "Lapsed"),
    ],
)
def test_each_is_one_click_in_the_builder(field: Field, number: int, title: str) -> None:
    """Written in the names of the data, with its most viewed product and the place where most live."""
    field.people("ann", region="North")
    field.tell(field.viewed("ann", "mug"), field.viewed("ann", "mug"), field.ordered("ann"))
    field.names_are_counted()
    page = field.mara.get(reverse("segments:new"))
    ready = {one.title: one for one in page.context["gallery"]}
    assert (ready[title].rule, ready[title].is_known) == (rule_of(number), True)
    assert f'data-title="{title}"' in page.content.decode()
