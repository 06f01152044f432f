"""Starters: on a shop with everything and on one that has nothing yet, each is without a mistake and can be seen."""

from datetime import timedelta
from itertools import islice

import pytest

from campaigns import first
from campaigns.content.modules import modules_for
from campaigns.content.press import About, made_ready
from campaigns.content.problems import judged
from campaigns.content.vocabulary import Vocabulary
from campaigns.models import Campaign, Offer, Template
from campaigns.preview import Wanted, preview, rendered_for
from campaigns.starters.all import STARTERS
from campaigns.starters.shop import EXAMPLE, Shop, read_shop
from cdp.common.models import Job
from cdp.connectors.demo import load
from cdp.connectors.demo.shop import Size, tell
from cdp.events.models import InboxBatch
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from scoring import first as predictions
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
SITE = "https://shop.example"
ABOUT = About(base_url="https://cdp.example", zone=UTC, is_tracked=False)


@pytest.fixture
def shop() -> Shop:
    """A small demo shop, as its first start leaves it."""
    size = Size(people=12, seed=1, until=NOW)
    sources = load.lay_ground(size, site=SITE, now=NOW)
    load.put_people(
        Job.objects.create(kind="demo", title="x", created_at=NOW), list(islice(tell(size), 12)), sources, now=NOW
    )
    while InboxBatch.objects.exists():
        drain(InboxBatch.Lane.BULK, now=NOW + timedelta(minutes=1))
    predictions.lay_out(now=NOW, zone=UTC)
    first.lay_out(now=NOW)
    return read_shop(now=NOW)


def mistakes(content: object, *, is_module: bool = False) -> list[str]:
    modules = modules_for(content)
    compiled, found = judged(content, vocabulary=Vocabulary.now(), modules=modules, is_module=is_module, has_topic=True)
    assert compiled is not None
    return [f"{one.place}: {one.message}" for one in found]


def test_the_demo_shop_begins_with_content_that_has_no_mistake(shop: Shop) -> None:
    assert shop.offer == first.OFFER and shop.footer and shop.url.startswith(SITE)
    assert {"purchase", "lapse"} <= shop.predictors.keys()
    for template in Template.objects.all():
        assert mistakes(template.content, is_module=template.kind == "module") == []
    assert sorted(Template.objects.values_list("kind", "name")) == [
        ("mail", first.NAME),
        ("module", "Footer with address"),
        ("saved", "Newsletter"),
        ("saved", "Win back"),
    ]
    draft = Campaign.objects.get()
    conditional = [one["kind"] for one in draft.template.content["blocks"] if "when" in one]
    assert (draft.state, conditional) == ("draft", ["text", "heading", "products", "offer"])
    first.lay_out(now=NOW)
    assert (Template.objects.count(), Offer.objects.count()) == (4, 1)
    everybody_gets_it(STARTERS["newsletter"].make(shop))
    for key, starter in STARTERS.items():
        assert mistakes(starter.make(shop)) == [], key
        assert len(looked_at(starter.make(shop))) > 1_000, key


def everybody_gets_it(content: object) -> None:
    for profile in Profile.objects.filter(merged_into=None)[:3]:
        found = preview(Wanted(content, profile=profile, has_topic=True), about=ABOUT, now=NOW)
        assert found.rendered and "{{" not in found.rendered.html and "Unsubscribe" in found.rendered.text


def looked_at(content: object) -> str:
    modules = modules_for(content)
    compiled, _ = judged(content, vocabulary=Vocabulary.now(), modules=modules, is_module=False, has_topic=False)
    assert compiled
    press = made_ready(compiled, about=ABOUT, vocabulary=Vocabulary.now(), now=NOW)
    made = rendered_for(press, None, now=NOW)
    assert not isinstance(made, str), made
    assert "{{" not in made.html and "Unsubscribe" in made.text
    return made.html


@pytest.mark.parametrize("key", list(STARTERS))
def test_where_nothing_is_known_nothing_is_named(key: str) -> None:
    shop = read_shop(now=NOW)
    assert (shop.offer, shop.footer, shop.first_name, shop.url) == ("", 0, "", EXAMPLE)
    content = STARTERS[key].make(shop)
    assert mistakes(content) == []
    assert "firstName" not in str(content) and "'score'" not in str(content)
    assert looked_at(content)
