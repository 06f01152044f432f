"""An order is led back to one mail at most: the last click within the window, whatever the order of arrival."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Campaign, Conversion, Delivery, SendingPolicy
from cdp.events.models import ExchangeRate
from cdp.profiles.models import Record
from identity.by_hand import merge_profiles, unmerge
from tests.campaigns.results.making import NOW, a_campaign, a_mail, ago, hit, order, person, read, take_in
from tests.taking_in import rows

pytestmark = pytest.mark.django_db
KEPT = (
    "select profile_id, order_id, campaign_id, delivery, by, touched_at, at, value from campaigns_conversion order by 2"
)


def credited() -> dict[str, tuple[str, Decimal]]:
    names = dict(Campaign.objects.values_list("pk", "name"))
    return {one.order_id: (names[one.campaign_id], one.value) for one in Conversion.objects.all()}


def test_the_last_click_within_the_window_has_it() -> None:
    ann = person("ann")
    first, second = a_mail(a_campaign("first"), ann), a_mail(a_campaign("second"), ann)
    hit(first, at=ago(days=3))
    hit(second, at=ago(days=2))
    hit(first, at=ago(days=1), verdict="machine")
    hit(first, at=ago(days=1), verdict="")
    hit(second, at=NOW + timedelta(seconds=1))
    take_in([order("ann", "7"), order("ann", "early", at=ago(days=2.5)), order("ann", "before", at=ago(days=4))])
    read()
    assert credited() == {"7": ("second", Decimal(100)), "early": ("first", Decimal(100))}
    assert [one.converted_at for one in Delivery.objects.order_by("campaign_id")] == [ago(days=2.5), NOW]


@pytest.mark.parametrize(
    ("days", "own", "is_credited"), [(5, None, True), (5.01, None, False), (6, 7, True), (2, 1, False), (0.1, 0, False)]
)
def test_the_window(days: float, own: int | None, is_credited: bool) -> None:
    ann = person("ann")
    hit(a_mail(a_campaign(conversion_days=own), ann), at=ago(days=days))
    take_in([order("ann", "7")])
    read()
    assert bool(credited()) == is_credited


def test_opens_count_only_where_the_policy_says_so_and_after_clicks() -> None:
    ann = person("ann")
    seen, followed = a_mail(a_campaign("seen", conversion_days=9), ann), a_mail(a_campaign("followed"), ann)
    hit(followed, at=ago(days=3))
    hit(seen, at=ago(days=1), kind="open")
    late, too_late = NOW + timedelta(days=2, hours=12), NOW + timedelta(days=3, hours=1)
    take_in([order("ann", "7"), order("ann", "late", at=late), order("ann", "too late", at=too_late)], now=too_late)
    read()
    assert credited() == {"7": ("followed", Decimal(100))}
    SendingPolicy.objects.create(pk=1, click_days=5, open_days=4)
    read(again=True)
    assert credited() == {"7": ("followed", Decimal(100)), "late": ("seen", Decimal(100))}
    assert set(Conversion.objects.values_list("order_id", "by")) == {("7", "click"), ("late", "open")}


def test_refunds_reduce_and_what_is_taken_back_vanishes() -> None:
    ann = person("ann")
    mail = a_mail(a_campaign(), ann)
    hit(mail, at=ago(days=1))
    take_in([order("ann", one) for one in ("part", "whole", "gone", "changed")])
    read()
    assert len(credited()) == 4
    later = NOW + timedelta(hours=1)
    take_in(
        [
            order("ann", "part", at=later, verb="Refunded", total=30),
            order("ann", "whole", at=later, verb="Refunded"),
            order("ann", "gone", at=later, verb="Cancelled"),
            order("ann", "changed", at=later, verb="Updated", total=250),
        ],
        now=later,
    )
    read()
    assert {key: value for key, (_, value) in credited().items()} == {"part": Decimal(70), "changed": Decimal(250)}
    take_in([order("ann", one, at=later, verb="Cancelled") for one in ("part", "changed")], now=later)
    read()
    assert credited() == {}
    assert Delivery.objects.get().converted_at is None


def test_in_the_reporting_currency() -> None:
    ExchangeRate.objects.create(currency="USD", valid_on="2026-01-01", rate=Decimal("0.5"))
    ann = person("ann")
    hit(a_mail(a_campaign(), ann), at=ago(days=1))
    take_in([order("ann", "7", total=80, currency="USD")])
    read()
    assert credited() == {"7": ("C", Decimal(40))}


def test_merged_and_parted_again_is_as_before() -> None:
    """Both had the campaign: one of the mails sleeps with the profile that was merged away."""
    ann, bob = person("ann"), person("bob")
    campaign = a_campaign()
    a_mail(campaign, ann)
    hit(a_mail(campaign, bob), at=ago(days=1))
    take_in([order("ann", "7"), order("bob", "8", total=50)])
    read()
    before, mails = rows(KEPT), rows("select ref, profile_id, converted_at from campaigns_delivery order by 1")
    assert credited() == {"8": ("C", Decimal(50))}
    merge = merge_profiles([ann.profile_id, bob.profile_id], by="Stew", now=NOW).merge_ids[0]
    read()
    assert credited() == {"7": ("C", Decimal(100)), "8": ("C", Decimal(50))}
    assert len(set(Conversion.objects.values_list("profile_id", flat=True))) == 1
    unmerge(merge, by="Stew", now=NOW)
    read()
    assert rows(KEPT) == before
    assert rows("select ref, profile_id, converted_at from campaigns_delivery order by 1") == mails


@dataclass
class World:
    """What happened, in plain Python, and what should follow."""

    people: list[Record]
    mails: dict[tuple[int, int], Delivery]
    windows: tuple[int, ...] = (5, 2)
    open_days: int = 3
    orders: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Id → who, day."""
    refunds: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    touches: list[tuple[int, int, str, int]] = field(default_factory=list)
    """Who, campaign, kind, hours."""
    merge: tuple[int, int] | None = None

    def expected(self) -> dict[str, tuple[int, str, Decimal]]:
        found = {}
        for order_id, (who, day) in self.orders.items():
            left = 100
            for _, amount in sorted(self.refunds.get(order_id, [])):
                left -= min(left, amount)
            if order_id in self.cancelled or left == 0:
                continue
            if best := self.best(who, day * 24):
                found[order_id] = (best[1], best[2], Decimal(left))
        return found

    def best(self, who: int, hour: int) -> tuple[int, int, str, int] | None:
        same = set(self.merge) if self.merge and who in self.merge else {who}
        near = [
            one
            for one in self.touches
            if one[0] in same
            and 0 <= hour - one[3] <= 24 * (self.windows[one[1]] if one[2] == "click" else self.open_days)
        ]
        return max(near, key=lambda one: (one[2] == "click", one[3]), default=None)


WHO, WHICH, DAY = st.integers(0, 2), st.integers(0, 1), st.integers(0, 7)
TOUCH = st.tuples(st.sampled_from(["click", "click", "open", "machine"]), WHO, WHICH, DAY)
STEPS = st.tuples(
    st.lists(st.tuples(st.just("order"), WHO, DAY), min_size=2, max_size=4),
    st.lists(TOUCH, min_size=4, max_size=9),
    st.lists(st.tuples(st.just("refund"), st.integers(0, 3), st.integers(20, 120)), max_size=3),
    st.lists(st.tuples(st.just("cancel"), st.integers(0, 3)), max_size=1),
    st.lists(st.one_of(st.tuples(st.just("merge"), WHO, WHO), st.tuples(st.just("unmerge"))), max_size=2),
    st.lists(st.sampled_from([("repeat",), ("read",)]), max_size=4),
).map(lambda lists: [step for steps in lists for step in steps])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, data=st.data())
def test_any_order_of_events_repeats_refunds_and_merges(
    known: tuple[list[Record], list[Campaign]], steps: Sequence[Any], data: st.DataObject
) -> None:
    with transaction.atomic():
        _check(*known, steps, data)
        transaction.set_rollback(True)


@pytest.fixture
def known() -> tuple[list[Record], list[Campaign]]:
    SendingPolicy.objects.create(pk=1, click_days=5, open_days=3)
    return [person(f"p{n}") for n in range(3)], [a_campaign("0"), a_campaign("1", conversion_days=2)]


def _check(people: list[Record], campaigns: list[Campaign], steps: Sequence[Any], data: st.DataObject) -> None:
    world = World(people, {(n, m): a_mail(campaigns[m], people[n]) for n in range(3) for m in range(2)})
    merges: list[int] = []
    taken: list[dict[str, Any]] = []
    for kind, lot in groupby(data.draw(st.permutations(_told(world, steps))), key=type):
        if kind is dict:
            taken += (some := list(lot))
            take_in(some, now=NOW + timedelta(days=30))
        else:
            for one in lot:
                _happens(world, one, merges, taken)
    while merges and world.merge is None:
        unmerge(merges.pop(), by="Stew", now=NOW)
    read(again=True)
    names = {campaign.pk: number for number, campaign in enumerate(campaigns)}
    found = {one.order_id: (names[one.campaign_id], one.by, one.value) for one in Conversion.objects.all()}
    assert found == world.expected()
    ((net,),) = rows("select coalesce(sum(total - refunded) filter (where not is_cancelled), 0) from events_order")
    assert sum(value for _, _, value in found.values()) <= net
    first = {str(ref): at for ref, at in rows("select delivery, min(at) from campaigns_conversion group by 1")}
    assert {str(one.ref): one.converted_at for one in Delivery.objects.exclude(converted_at=None)} == first


def _told(world: World, steps: Sequence[Any]) -> list[Any]:
    """What happened, noted in `world`; it is taken in in another order. Each time is told apart by its minute."""
    made: list[Any] = []
    for n, (verb, *said) in enumerate(steps):
        if verb == "order":
            order_id = f"o{len(world.orders)}"
            world.orders[order_id] = (said[0], said[1])
            made.append(order(f"p{said[0]}", order_id, at=ago(hours=-24 * said[1])))
        elif verb in ("refund", "cancel"):
            order_id = f"o{said[0]}"
            if order_id not in world.orders:
                continue
            at, name = ago(days=-20, minutes=-n), f"p{world.orders[order_id][0]}"
            if verb == "refund":
                world.refunds.setdefault(order_id, []).append((n, said[1]))
                made.append(order(name, order_id, at=at, verb="Refunded", total=said[1]))
            else:
                world.cancelled.add(order_id)
                made.append(order(name, order_id, at=at, verb="Cancelled"))
        elif verb in ("click", "open", "machine"):
            # An hour of its own: two at once would be the same to the oracle.
            hours = 24 * said[2] - n % 20
            if verb != "machine":
                world.touches.append((said[0], said[1], verb, hours))
            made.append((verb, said[0], said[1], hours))
        elif verb == "merge" and said[0] != said[1]:
            world.merge = (said[0], said[1])
            made.append(("merge", *said))
        elif verb == "unmerge":
            world.merge = None
        elif verb in ("repeat", "read"):
            made.append((verb,))
    return _one_merge(world, made)


def _one_merge(world: World, made: list[Any]) -> list[Any]:
    """The last one: whichever people are one in the end."""
    merges = [one for one in made if isinstance(one, tuple) and one[0] == "merge"]
    last = merges[-1] if merges else None
    return [one for one in made if not (isinstance(one, tuple) and one[0] == "merge") or one is last]


def _happens(world: World, one: Any, merges: list[int], taken: list[dict[str, Any]]) -> None:
    if one[0] == "repeat" and taken:
        take_in(taken[-2:], now=NOW + timedelta(days=30))
    elif one[0] == "read":
        read()
    elif one[0] == "merge":
        ids = [Record.objects.get(pk=world.people[n].pk).profile_id for n in one[1:]]
        merges += merge_profiles(ids, by="Stew", now=NOW).merge_ids
    elif one[0] in ("click", "open", "machine"):
        mail = world.mails[one[1], one[2]]
        record = Record.objects.get(pk=world.people[one[1]].pk)
        mail.profile_id = record.profile_id
        kind, verdict = ("click", "machine") if one[0] == "machine" else (one[0], "human")
        hit(mail, at=ago(hours=-one[3]), kind=kind, verdict=verdict)
