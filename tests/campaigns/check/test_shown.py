"""Product blocks and feeds: what they show to whom, and what is only known of a few."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from campaigns.check.lots import first_of
from campaigns.check.points import tried
from campaigns.check.result import result_of
from campaigns.content.compose import prepare, press_for
from campaigns.content.press import About, Recipient
from campaigns.models import Campaign
from cdp.events.models import Item
from cdp.rules.tree import UTC
from tests.campaigns.check.making import BASE, a_campaign, checked, content, points, text, viewers, words
from tests.campaigns.feeds.making import a_feed
from tests.cdp.common.outbound.answering import Answering, answer
from tests.cdp.rules.test_rules import BUY
from tests.taking_in import NOW, ago, take_in, track

pytestmark = pytest.mark.django_db


def bought(who: str, *items: str) -> dict[str, Any]:
    products = [{"product_id": one, "price": 10, "quantity": 1} for one in items]
    return track(who, BUY, at=ago(days=1), properties={"order_id": who, "products": products})


def products(name: str, kind: str, fallback: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "products", "source": {"kind": kind, "fallback": fallback}, "limit": 2, **more}


def lists_by_hand(campaign: Campaign, ids: list[int]) -> dict[int, dict[str, int]]:
    press = press_for(campaign.template.content, about=About(BASE, UTC), now=NOW)
    ready = prepare(press, [Recipient(one, UUID(int=one)) for one in ids], now=NOW, rehearsed=Counter())
    return {one.recipient.profile_id: {block: len(of) for block, of in one.context["lists"].items()} for one in ready}


def test_product_blocks_show_to_each_as_many_items_as_the_mail() -> None:
    for number in range(4):
        Item.objects.create(
            pk=f"i{number}", name=f"Item {number}", price=10, currency="EUR", url="", created_at=NOW, updated_at=NOW
        )
    who = viewers(zero={}, one={}, two={}, three={})
    take_in([bought("one", "i0"), bought("two", "i0", "i1"), bought("three", "i0", "i1", "i2")])
    held = content(products("own", "last_purchase", "hide"), products("new", "last_purchase", "new"))
    campaign = a_campaign(held)
    check = checked(campaign)
    by_hand = lists_by_hand(campaign, list(who.values()))
    assert by_hand[who["zero"]] == {"own": 0, "new": 2}
    grids = {key: first_of(check, [key], most=9) for key in check.counts if key.startswith("grid:")}
    assert grids == {
        "grid:own:nothing": [who["zero"]],
        "grid:own:short": [who["one"]],
        "grid:own:own": sorted([who["one"], who["two"], who["three"]]),
        "grid:new:fallback": [who["zero"]],
        "grid:new:some": [who["one"]],
        "grid:new:own": sorted([who["two"], who["three"]]),
    }
    for block in ("own", "new"):
        shows = [one for one, lists in by_hand.items() if lists[block]]
        assert sum(check.counts.get(f"grid:{block}:{how}", 0) for how in ("own", "some", "fallback")) == len(shows)
    assert [one.keys for one in points(check).warnings if one.place == "blocks.own"] == [("grid:own:nothing",)]


def weather(request: str) -> bytes:
    return answer(b'{"sky": "sunny"}') if "Ulm" in request else answer(status="500 Oh")


def test_feeds_are_tried_with_a_few(settings: Any) -> None:
    who = viewers(ann={"city": "Ulm"}, bob={"city": "Bonn"}, cat={"city": "Ulm", "email": None})
    with Answering(weather) as server:
        base = f"http://127.0.0.1:{server.port}/"
        settings.OUTBOUND_OWN = [base]
        feed = a_feed(f"{base}?city={{{{ profile.city }}}}", key="weather")
        block = {"id": "w", "kind": "feed", "feed": feed.key, "without": ""}
        block["text"] = "It is {{ feed.sky }}{{ feed.wind }}."
        check = checked(a_campaign(content(block)), own=(base,))
    assert first_of(check, ["feed:w"], most=9) == sorted([who["ann"], who["bob"]])
    (found,) = result_of(check).feeds
    assert (found.tried, found.failed) == (sorted([who["ann"], who["bob"]]), [who["bob"]])
    assert any("failed for 1 of 2 people" in one and "see nothing in its place" in one for one in words(check))
    sky, wind = (one.tried for one in result_of(check).tokens if one.tried is not None)
    assert (sky, wind) == ({"value": [who["ann"]]}, {"nothing": [who["ann"]]})
    (point,) = [one for one in points(check).errors if "tried with" in one.words]
    assert tried(result_of(check), point.keys[0]) == [who["ann"]]


def test_feeds_are_not_asked_for_everybody(settings: Any) -> None:
    viewers(**{f"p{n}": {"city": f"City {n}"} for n in range(30)})
    with Answering(lambda request: answer(b"{}")) as server:
        base = f"http://127.0.0.1:{server.port}/"
        settings.OUTBOUND_OWN = [base]
        feed = a_feed(f"{base}?city={{{{ profile.city }}}}", key="weather")
        held = content(
            {"id": "w", "kind": "feed", "feed": feed.key, "text": "Sky", "without": "No sky"}, text("t", "x")
        )
        check = checked(a_campaign(held), own=(base,))
    assert check.counts["feed:w"] == 30
    assert len(set(server.requests)) == 20
