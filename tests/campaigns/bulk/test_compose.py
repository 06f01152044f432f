"""Mails of many at once: few queries whatever their number, and offers, items and feeds only for those who see them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.signing import Signer
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import links
from campaigns.content.blocks import ContentError
from campaigns.content.compose import Made, Unmade, compose
from campaigns.feeds.fetch import Answer, Wanted
from campaigns.models import Feed, Offer, OfferCode
from cdp.events.items import ItemRow, upsert_items
from tests.campaigns.bulk.mails import content, everybody, made_for, press, recipient, text
from tests.cdp.rules.test_rules import VIEW, event, rule, trait
from tests.taking_in import NOW, identify, take_in, track

pytestmark = pytest.mark.django_db
GOLD = rule(trait("level", "is", "gold"))
LOOKED = rule(event(VIEW))
OFFER = {"id": "deal", "kind": "offer", "offer": "ten", "title": "{{ offer.name }}", "text": "Code {{ offer.code }}",
         "button": "", "without": "Nothing today"}  # fmt: skip


def people(n: int) -> list[int]:
    """Every second one is gold, every third one looked at something."""
    told = []
    for k in range(n):
        told.append(identify(f"u{k}", traits={"email": f"u{k}@x.org", "level": "gold" if k % 2 == 0 else "none"}))
        if k % 3 == 0:
            told.append(track(f"u{k}", VIEW, properties={"product_id": f"p{k % 4}"}))
    take_in(told)
    return everybody()


def an_offer(**more: Any) -> Offer:
    known = {"key": "ten", "name": "Ten off", "kind": Offer.Kind.PERCENT, "value": 10, "codes": Offer.Codes.GENERATED}
    return Offer.objects.create(**{**known, "created_at": NOW, "changed_at": NOW, **more})


def items(*ids: str) -> None:
    with connection.cursor() as cursor:
        upsert_items(
            cursor,
            [ItemRow(id=one, name=f"Item {one}", price=Decimal(9), url="https://x.org/p") for one in ids],
            now=NOW,
        )


def rows() -> dict[str, list[Any]]:
    """Everything that stands in any table of ours."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f"select t::text from {model._meta.db_table} t order by 1")
            found[model._meta.db_table] = cursor.fetchall()
    return found


def a_whole_mail() -> Any:
    an_offer()
    items("p0", "p1", "p2", "p3")
    grid = {"id": "grid", "kind": "products", "source": {"kind": "viewed", "fallback": "popular"}, "limit": 2,
            "per_row": 2, "button": "Look"}  # fmt: skip
    cart = {**grid, "id": "cart", "source": {"kind": "cart", "fallback": "hide"}}
    return press(
        text("a", "Dear {{ firstName | default: 'you' }} of {{ level | default: 'none' }}", when=GOLD),
        text("b", "{{ computed.frequency }} orders, last {{ last_purchase.date | default: 'never' }}", when=LOOKED),
        grid,
        cart,
        {**OFFER, "when": GOLD},
    )


def test_the_number_of_queries_does_not_grow_with_the_people() -> None:
    ids = people(40)
    ready = a_whole_mail()
    asked = []
    for some in (ids[:5], ids):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            made_for(ready, some)
        asked.append(len(queries))
    assert asked[0] == asked[1] < 40


def test_mails_come_in_the_order_they_were_asked_for_lot_by_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = people(7)
    monkeypatch.setattr("campaigns.content.compose.AT_ONCE", 3)
    wanted = [recipient(pk) for pk in (*reversed(ids), ids[0])]
    found = list(compose(press(text("a", "Hi {{ email | default: '' }}")), wanted, now=NOW, rehearsal=True))
    assert [one.recipient for one in found] == wanted


def test_a_code_is_given_once_and_only_to_those_who_see_the_offer() -> None:
    ids = people(6)
    an_offer()
    ready = press({**OFFER, "when": GOLD, "else": text("no", "Become gold")})
    first = made_for(ready, ids)
    again = made_for(ready, ids)
    given = dict(OfferCode.objects.values_list("profile_id", "code"))
    assert set(given) == set(ids[::2])
    assert len(set(given.values())) == 3
    for pk in ids:
        assert (f"Code {given[pk]}" if pk in given else "Become gold") in first[pk].rendered.text
        assert first[pk].rendered.text == again[pk].rendered.text
    assert OfferCode.objects.count() == 3


def test_an_offer_that_a_text_names_is_given_to_those_who_read_the_text() -> None:
    ids = people(4)
    an_offer()
    made_for(press(text("a", "{% if offers.ten.code %}{{ offers.ten.code }}{% endif %}", when=GOLD)), ids)
    assert set(OfferCode.objects.values_list("profile_id", flat=True)) == set(ids[::2])


def test_who_cannot_have_the_offer_reads_the_other_words() -> None:
    ids = people(3)
    an_offer(most_given=1)
    made = made_for(press(OFFER), ids)
    assert sorted("Nothing today" in one.rendered.text for one in made.values()) == [False, True, True]


def test_a_rehearsal_leaves_no_trace_in_any_table() -> None:
    ids = people(6)
    ready = a_whole_mail()
    before = rows()
    made = made_for(ready, ids, rehearsal=True)
    assert rows() == before
    assert all("Code " in made[pk].rendered.text for pk in ids[::2])
    assert made_for(ready, ids, rehearsal=True, forced={"deal": 0})[ids[1]].rendered.branches["deal"] == 0
    assert rows() == before


def test_branches_that_are_forced_are_taken_whatever_holds() -> None:
    ids = people(2)
    ready = press(text("a", "for gold", when=GOLD, **{"else": text("b", "for others")}))
    assert [one.rendered.branches["a"] for one in made_for(ready, ids).values()] == [0, 1]
    forced = made_for(ready, ids, rehearsal=True, forced={"a": 1})
    assert [one.rendered.branches["a"] for one in forced.values()] == [1, 1]


def a_feed(**more: Any) -> Feed:
    known = {"key": "weather", "name": "Weather", "url": "https://api.example/{{ profile.level }}", "created_at": NOW}
    return Feed.objects.create(**{**known, "changed_at": NOW, **more})


def test_a_feed_is_asked_for_those_who_see_it_and_its_failure_stops_nothing() -> None:
    ids = people(4)
    a_feed()
    block = {"id": "sky", "kind": "feed", "feed": "weather", "text": "It is {{ feed.sky }}", "without": "No forecast"}
    asked: list[Any] = []

    def answer(wanted: Sequence[Wanted], now: datetime) -> Sequence[Answer]:
        asked.extend(one.context["profile"]["level"] for one in wanted)
        found = [Answer({"sky": "blue"}) for _ in wanted]
        return [*found[:-1], Answer(None, "It did not answer.")]

    ready = replace(press({**block, "when": GOLD}), ask_feeds=answer)
    made = made_for(ready, ids)
    assert asked == ["gold", "gold"]
    assert "It is blue" in made[ids[0]].rendered.text
    assert "No forecast" in made[ids[2]].rendered.text
    assert "forecast" not in made[ids[1]].rendered.text


def test_a_list_of_a_feed_is_filled_up_and_never_leads_astray() -> None:
    ids = people(1)
    a_feed(url="https://api.example/")
    items("p0", "p1")
    source = {"kind": "feed", "feed": "weather", "path": "data.products", "fallback": "new"}
    grid = {"id": "grid", "kind": "products", "source": source, "limit": 3, "per_row": 3, "button": ""}
    said = {"data": {"products": ["p1", {"name": "<b>Own</b>", "url": "javascript:alert(1)"}, 7, None, {"x": 1}]}}
    ready = replace(press(grid), ask_feeds=lambda wanted, now: [Answer(said) for _ in wanted])
    made = made_for(ready, ids)[ids[0]].rendered
    assert made.text.index("Item p1") < made.text.index("<b>Own</b>") < made.text.index("Item p0")
    assert "javascript:" not in made.html
    assert "<b>Own" not in made.html


def test_a_cart_shows_what_lies_in_it_and_is_left_out_where_there_is_none() -> None:
    ids = people(2)
    items("p0")
    take_in([track("u1", "Product Added", properties={"product_id": "p0"})])
    grid = {"id": "cart", "kind": "products", "source": {"kind": "cart", "fallback": "hide"}, "limit": 4, "per_row": 2,
            "button": ""}  # fmt: skip
    made = made_for(press(grid), ids)
    assert "Item p0" not in made[ids[0]].rendered.text
    assert "Item p0" in made[ids[1]].rendered.text


def test_what_cannot_be_made_for_one_says_why_and_the_others_are_made() -> None:
    ids = people(2)
    button = {"id": "go", "kind": "button", "text": "Go", "url": "{% if level == 'gold' %}https://x.org{% endif %}"}
    found = list(compose(press(button), [recipient(pk) for pk in ids], now=NOW, rehearsal=False))
    assert isinstance(found[0], Made)
    assert isinstance(found[1], Unmade)
    assert "no web address" in found[1].why


def test_links_are_tracked_unless_they_shall_not_be() -> None:
    [pk] = people(1)
    button = {"id": "go", "kind": "button", "text": "Go", "url": "https://shop.example/"}
    tracked = made_for(press(button), [pk])[pk].rendered
    straight = made_for(press(button, is_tracked=False), [pk])[pk].rendered
    assert "https://shop.example/" not in tracked.html
    assert "https://cdp.example/campaigns/c/" in tracked.html
    assert "https://shop.example/" in straight.html
    assert "/campaigns/c/" not in straight.html


def test_content_with_a_mistake_makes_no_press() -> None:
    with pytest.raises(ContentError):
        press(text("a", "{{ name"))
    assert content(text("a", "x"))["version"] == 2


def test_signed_links_are_those_of_the_signer() -> None:
    target = "https://shop.example/é?a=1&b=%20"
    ref = recipient(1).ref
    token = links.click_url("", ref, target).removeprefix("/campaigns/c/").removesuffix("/")
    assert token == Signer(salt="campaigns.click").sign_object([ref.hex, target])
    assert links.read_click(token) == (ref, target, "")
    token = links.click_url("", ref, target, "b1").removeprefix("/campaigns/c/").removesuffix("/")
    assert token == Signer(salt="campaigns.click").sign_object([ref.hex, target, "b1"])
    assert links.read_click(token) == (ref, target, "b1")
