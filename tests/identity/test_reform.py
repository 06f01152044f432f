"""What other rules would change is told before, and is what happens then."""

from datetime import datetime

import pytest

from identity.models import Merge, RuleSet
from identity.reform import Difference, compare, settle_all
from identity.rules import DEFAULTS, parse, to_json
from tests.taking_in import NOW, ago, identify, rows, strays, take_in, track

pytestmark = pytest.mark.django_db


def people() -> list[list[str]]:
    return [keys for (keys,) in rows("select array_agg(key order by key) from profiles_record group by profile_id")]


def clock() -> datetime:
    return NOW


def apply(rules: dict[str, object]) -> int:
    row = RuleSet.objects.create(rules=rules, by="user:1", at=NOW, applied_at=NOW)
    changed = settle_all(row.pk, clock=clock)
    row.refresh_from_db()
    assert row.settled_at == NOW
    return changed


def two_at_one_till() -> None:
    take_in([identify(anonymousId=f"d{n}", traits={"email": "till@shop.example"}, at=ago(days=9 - n)) for n in (1, 2)])
    take_in([identify("ada", anonymousId="d3", at=ago(days=3)), identify("bob", anonymousId="d4")])


def test_a_blocked_value_parts_people_and_lifting_the_block_brings_them_back() -> None:
    two_at_one_till()
    before = sorted(people())
    ids = rows("select id, merged_into from profiles_profile order by id")
    blocking = {**to_json(DEFAULTS), "blocked": [{"namespace": "email", "value": "till@*"}]}
    told = compare(parse(blocking))
    assert (told.joined, told.broken, told.changed, told.people_before, told.people_after) == (0, 1, 0, 3, 4)
    assert told.dropped_after == 2
    assert len(told.samples) == 1
    assert sorted(people()) == before
    assert apply(blocking) == 2
    assert sorted(people()) == [["anon:d1"], ["anon:d2"], ["user:ada"], ["user:bob"]]
    assert strays() == 0
    told = compare(DEFAULTS)
    assert (told.joined, told.broken, told.changed) == (1, 0, 0)
    assert apply(to_json(DEFAULTS)) == 2
    assert sorted(people()) == before
    assert [row for row in rows("select id, merged_into from profiles_profile order by id") if row in ids] == ids
    assert list(Merge.objects.order_by("id").values_list("verb", "how")) == [
        ("split", "rules"),
        ("merged", "rules"),
    ]


def test_a_soft_namespace_made_hard_parts_people() -> None:
    external = {"externalIds": [{"type": "card", "id": "1", "collection": "users"}]}
    take_in([track("", anonymousId="d1", context=external, at=ago(days=2)), track("", anonymousId="d1")])
    take_in([identify("", anonymousId="d1", context={"externalIds": [{"type": "card", "id": "2"}]})])
    hard = {**to_json(DEFAULTS)}
    hard["namespaces"] = [*hard["namespaces"], {"name": "card", "priority": 3, "is_hard": True}]
    told = compare(parse(hard))
    assert (told.dropped_before, told.dropped_after) == (0, 1)
    assert told.is_none
    apply(hard)
    assert rows("select value, dropped_for from profiles_identifier where namespace = 'card' order by 1") == [
        ("1", ""),
        ("2", "hard"),
    ]


def test_a_sample_reads_some_components_only() -> None:
    take_in([track(f"u{n}") for n in range(60)])
    some = compare(DEFAULTS, most=20)
    assert 0 < some.records < 60
    assert some.is_none
    assert compare(DEFAULTS).records == 60


def test_what_exchanges_records_is_neither_joined_nor_broken() -> None:
    found = Difference()
    found.add([frozenset({1, 2}), frozenset({3})], [frozenset({1}), frozenset({2, 3})])
    assert (found.joined, found.broken, found.changed) == (0, 0, 2)
    found = Difference()
    found.add([frozenset({1}), frozenset({2}), frozenset({4, 5})], [frozenset({1, 2}), frozenset({4}), frozenset({5})])
    assert (found.joined, found.broken, found.changed) == (1, 1, 0)


def test_the_rules_that_count_already_change_nothing() -> None:
    two_at_one_till()
    before = rows("select t::text from profiles_identifier t order by 1")
    assert apply(to_json(DEFAULTS)) == 0
    assert rows("select t::text from profiles_identifier t order by 1") == before
