"""The past as it is told: what the tables held when no more had been taken in, and blind to what came later."""

import random
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import transaction

from cdp.profiles.models import Identifier
from cdp.rules.fields import RuleError
from scoring.columns import FeatureTable, Words
from scoring.features import Wanted, features_as_of
from scoring.models import Predictor
from scoring.past import as_of
from scoring.past_rules import members
from scoring.populations import people_as_of
from scoring.whose import People
from segments.models import Segment
from tests.cdp.rules.test_rules import rule
from tests.taking_in import NOW, ago, identify, rows, take_in, track

pytestmark = pytest.mark.django_db
BUY, VIEW = "Order Completed", "Product Viewed"
USERS = ("ann", "bob", "cid")
HELD = (
    "select u.value, e.name, e.occurred_at, e.value::text from events_event e join users u using (profile_id)",
    "select u.value, s.name, s.n, s.valued, s.sum::text, s.first_at, s.last_at from events_eventstate s"
    " join users u using (profile_id)",
    "select u.value, o.order_id, o.ordered_at, o.total::text, o.refunded::text, o.is_cancelled from events_order o"
    " join users u using (profile_id)",
    "select u.value, p.traits::text, p.first_seen_at from profiles_profile p join users u on u.profile_id = p.id",
    "select i.namespace, i.value, i.first_seen_at from profiles_identifier i",
    "select i.item_id, i.quantity::text, i.value::text, i.occurred_at from events_eventitem i",
)
"""Everything that rules and features read, free of ids."""


def held() -> list[list[tuple[Any, ...]]]:
    users = "with users as (select value, profile_id from profiles_identifier where namespace = 'user_id') "
    return [sorted(rows(users + one), key=repr) for one in HELD]


def a_message(draw: random.Random) -> dict[str, Any]:
    user, at = draw.choice(USERS), ago(hours=draw.randrange(1, 2000))
    order = f"{user}-{draw.randrange(4)}"
    kind = draw.randrange(7)
    if kind == 0:
        return identify(user, at=at, traits={draw.choice(["plan", "city"]): draw.choice(["a", "b", None, 3])})
    if kind == 1:
        return track(user, VIEW, at=at, properties={"product_id": "a"})
    name = draw.choice([BUY, BUY, "Order Updated", "Order Refunded", "Order Cancelled"])
    total = draw.choice([10, 20, 35])
    about: dict[str, Any] = {"order_id": order, "total": total}
    if name == BUY:
        about["products"] = [{"product_id": draw.choice("ab"), "price": 5, "quantity": 2}]
    return track(user, name, at=at, properties=about)


def take_all(sent: Sequence[dict[str, Any]]) -> None:
    """Events in any order; what is said of a person in the order of its time, one by one: of several words in one
    batch only the last becomes history."""
    take_in([one for one in sent if one["type"] == "track"], lane="bulk")
    for one in sorted((one for one in sent if one["type"] == "identify"), key=lambda one: str(one["timestamp"])):
        take_in([one])


@pytest.mark.parametrize("seed", range(6))
def test_the_past_is_what_it_was(seed: int) -> None:
    draw = random.Random(seed)
    sent = [a_message(draw) for _ in range(40)]
    moments = [ago(hours=draw.randrange(2100)) + timedelta(minutes=30) for _ in range(3)]
    expected = []
    for moment in moments:
        with transaction.atomic():
            take_all([one for one in sent if datetime.fromisoformat(one["timestamp"]) <= moment])
            expected.append(held())
            transaction.set_rollback(True)
    take_all(sent)
    for moment, then in zip(moments, expected, strict=True):
        with as_of(moment):
            assert held() == then
    for moment in moments:
        with as_of(moment):
            assert rows("select count(*) from profiles_profile where last_seen_at > %s", moment) == [(0,)]
    assert rows("select count(*) from pg_class where relnamespace = pg_my_temp_schema() and relkind = 'v'") == [(0,)]


def a_past() -> dict[str, int]:
    take_in(
        [
            track("ann", BUY, at=ago(days=50), properties={"order_id": "1", "total": 40}),
            track("ann", VIEW, at=ago(days=45)),
            identify("ann", at=ago(days=45), traits={"plan": "free", "age": 30, "email": "ann@x.org"}),
            track("bob", VIEW, at=ago(days=44)),
            track("bob", "Email Delivered", at=ago(days=43)),
            identify("cid", at=ago(days=42), traits={"plan": "free"}),
        ]
    )
    return ids()


def ids() -> dict[str, int]:
    return {one.value: one.profile_id for one in Identifier.objects.filter(namespace="user_id")}


def a_future() -> None:
    take_in(
        [
            track("ann", BUY, at=ago(days=20), properties={"order_id": "2", "total": 10}),
            track("ann", "Order Refunded", at=ago(days=19), properties={"order_id": "1", "total": 40}),
            track("bob", "Order Updated", at=ago(days=18), properties={"order_id": "1", "total": 99}),
            identify("ann", at=ago(days=18), traits={"plan": "pro", "age": None}),
            identify("bob", at=ago(days=18), traits={"plan": "free"}),
            track("bob", "Email Opened", at=ago(days=17)),
            track("bob", VIEW, at=ago(days=16)),
            track("new", VIEW, at=ago(days=15)),
        ]
    )


RULES = [
    rule({"kind": "trait", "name": "plan", "op": "is", "value": "free"}),
    rule({"kind": "event", "name": BUY, "measure": "sum", "op": "at_least", "value": 30}),
    rule({"kind": "event", "name": VIEW, "measure": "count", "op": "at_least", "value": 1}),
    rule({"kind": "seen", "which": "last", "op": "within_last", "amount": 20, "unit": "day"}),
    rule({"kind": "percentile", "of": {"kind": "event", "name": BUY, "measure": "sum"}, "side": "top", "percent": 50}),
]


def words(table: FeatureTable) -> Words:
    assert table.words is not None
    return table.words


def everything(moment: datetime) -> list[Any]:
    wanted = Wanted(events=(VIEW,), traits=("plan", "age"))
    table = features_as_of(moment, wanted=wanted)
    asked = [Predictor(kind=kind, days=30) for kind in ("purchase", "churn", "lapse", "open", "next_order")]
    return [
        table.profile_ids.tolist(),
        np.nan_to_num(table.values, nan=-7).tolist(),
        words(table).tolist(),
        *(people_as_of(one, moment).tolist() for one in asked),
        *(members(one, moment).tolist() for one in RULES),
    ]


def test_nothing_later_is_seen() -> None:
    a_past()
    moment = ago(days=30)
    before = everything(moment)
    assert [len(one) for one in before[-len(RULES) :]] == [2, 1, 2, 3, 1]
    a_future()
    assert everything(moment) == before
    assert everything(ago(days=10)) != before


def test_a_later_merge_changes_the_grouping_and_nothing_else() -> None:
    """The loser's traits then count for who they are today."""
    a_past()
    moment = ago(days=30)
    assert len(features_as_of(moment, wanted=Wanted())) == 3
    take_in([identify("cid", at=ago(days=5), traits={"email": "ann@x.org"})])
    take_in([identify("ann", at=ago(days=5), anonymousId="a1"), identify("cid", at=ago(days=4), anonymousId="a1")])
    living = rows("select count(*) from profiles_profile where merged_into is null")[0][0]
    assert len(features_as_of(moment, wanted=Wanted())) == living


def test_one_person_alone_is_as_among_all() -> None:
    known = a_past()
    a_future()
    for moment in (ago(days=30), ago(days=10), NOW):
        whole = features_as_of(moment, wanted=Wanted(traits=("plan",)))
        for row, profile_id in enumerate(whole.profile_ids.tolist()):
            alone = features_as_of(moment, wanted=Wanted(traits=("plan",)), ids=[profile_id])
            np.testing.assert_array_equal(alone.values[0], whole.values[row])
            np.testing.assert_array_equal(words(alone)[0], words(whole)[row])
        for one in RULES[:4]:
            found = set(members(one, moment).tolist())
            for profile_id in known.values():
                assert (profile_id in found) == bool(len(members(one, moment, people=People.of([profile_id]))))


def test_chunks_are_the_whole() -> None:
    a_past()
    a_future()
    whole = features_as_of(NOW, wanted=Wanted())
    after, parts = 0, []
    while len(part := features_as_of(NOW, wanted=Wanted(), after=after, limit=1)):
        parts.append(part.values)
        after = int(part.profile_ids[-1])
    np.testing.assert_array_equal(np.concatenate(parts), whole.values)


def a_segment(name: str, said: dict[str, Any], *, created_at: datetime = NOW) -> int:
    return Segment.objects.create(name=name, rule=said, created_at=created_at, changed_at=NOW).pk


def test_a_segment_is_read_as_its_rule_was_true_then() -> None:
    known = a_past()
    free = a_segment("Free", RULES[0])
    inner = a_segment("In free", rule({"kind": "segment", "id": free, "op": "in"}))
    a_future()
    within = rule({"kind": "segment", "id": inner, "op": "in"})
    without = rule({"kind": "segment", "id": free, "op": "not_in"})
    assert members(within, ago(days=30)).tolist() == sorted([known["ann"], known["cid"]])
    assert members(without, ago(days=30)).tolist() == [known["bob"]]
    assert members(within, NOW).tolist() == sorted([known["bob"], known["cid"]])
    assert members(within, ago(days=30), people=People.of([known["ann"]])).tolist() == [known["ann"]]


@pytest.mark.parametrize(
    ("leaf", "said"),
    [
        ({"kind": "score", "id": 0, "op": "at_least", "value": 0.5}, "root.of[0]: people whose “Buys” score"),
        ({"kind": "segment", "id": 0, "op": "entered_within", "amount": 5, "unit": "day"}, "is kept since 2026-03-01"),
        ({"kind": "segment", "id": 1, "op": "in"}, "root.of[0]: the segment “Scored” cannot be told of the past"),
    ],
)
def test_what_is_not_known_of_the_past_is_refused(leaf: dict[str, Any], said: str) -> None:
    predictor = Predictor.objects.create(name="Buys", days=30, created_at=NOW)
    score = {"kind": "score", "id": predictor.pk, "op": "at_least", "value": 0.5}
    segments = [a_segment("Free", RULES[0]), a_segment("Scored", rule(score))]
    leaf = leaf | {"id": predictor.pk if leaf["kind"] == "score" else segments[leaf["id"]]}
    with pytest.raises(RuleError, match=re.escape(said)):
        members(rule(leaf), ago(days=30))
