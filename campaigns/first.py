"""What a demo shop begins with beside its people: templates, a module, an offer, and a draft that shows them all."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from campaigns.library import making, versions
from campaigns.models import Campaign, Offer, Template
from campaigns.starters.all import STARTERS
from campaigns.starters.parts import (
    any_of,
    button,
    cases,
    did,
    footer,
    heading,
    in_bands,
    line,
    mail,
    module,
    offer,
    only,
    products,
    rule,
    text,
)
from campaigns.starters.shop import FOOTER, Shop, read_shop
from cdp.privacy.models import Topic
from segments import save
from segments.models import Segment

Kind = Template.Kind
OFFER = "ten-percent"
NAME = "News for everybody, in three ways"
SEGMENT = "Customers of this year"
SENDER = "Tributary demo shop <hello@demo.example>"
TEMPLATES = ("newsletter", "win-back")


def lay_out(*, now: datetime) -> None:
    """Only where nobody wrote anything yet."""
    if Template.objects.exists() or Campaign.objects.exists() or Offer.objects.exists():
        return
    with transaction.atomic():
        _offer(now, url=read_shop(now=now).url)
        address = mail("", "", footer("You get this because you are a customer of our demo shop, which is made up."))
        making.create(f"{FOOTER} with address", kind=Kind.MODULE, content=address, by=None, now=now)
        shop = read_shop(now=now)
        for key in TEMPLATES:
            content = STARTERS[key].make(shop)
            making.create(STARTERS[key].title, kind=Kind.SAVED, content=content, by=None, now=now)
        _campaign(shop, now=now)


def _offer(now: datetime, *, url: str) -> None:
    Offer.objects.create(
        key=OFFER,
        url=url,
        name="Ten percent off",
        kind=Offer.Kind.PERCENT,
        value=Decimal(10),
        terms="For one order. Not together with other codes.",
        codes=Offer.Codes.GENERATED,
        code_prefix="HELLO-",
        days_valid=30,
        most_per_person=1,
        created_at=now,
        changed_at=now,
    )


def _campaign(shop: Shop, *, now: datetime) -> None:
    template = Template.objects.create(
        name=NAME, kind=Kind.MAIL, content=_content(shop), created_at=now, changed_at=now
    )
    versions.note_save(template, by=None, now=now)
    campaign = Campaign.objects.create(
        name=NAME,
        template=template,
        topic=Topic.objects.filter(key="newsletter").first(),
        sender=SENDER,
        created_at=now,
    )
    campaign.included.set([_segment(shop, now=now)])


def _segment(shop: Shop, *, now: datetime) -> Segment:
    bought = rule(did(shop.called["bought"], days=365))
    found = Segment.objects.filter(name=SEGMENT, archived_at=None).first()
    return found or save.create(SEGMENT, rule=bought, by=None, now=now, description="Ordered in the last year.")


def _content(shop: Shop) -> dict[str, Any]:
    best = any_of([{"kind": "trait", "name": "loyaltyTier", "op": "is", "value": one} for one in ("gold", "platinum")])
    lately = rule(did(shop.called["bought"], days=60))
    left = rule(did(shop.called["added"], days=7))
    return mail(
        cases("What is new this month", (best, "{{ firstName | default: 'Hello' }}, you see it first")),
        "New arrivals, and something for you.",
        heading("What is new this month"),
        only(
            text(
                "Dear {{ firstName | default: 'friend' }},\n\nYou are one of our"
                " **{{ loyaltyTier | default: 'best' }}** customers, so you see what arrived before anybody else does."
            ),
            best,
            only(
                text(
                    "Hello {{ firstName | default: 'there' }},\n\nThank you for your order. Here is what arrived since."
                ),
                lately,
                text("Hello {{ firstName | default: 'there' }},\n\nIt has been a while. A lot has arrived since."),
            ),
        ),
        heading("Picked for you", 2),
        products("recommended", 4, button="Have a look"),
        only(heading("Still in your cart", 2), left),
        only(products("cart", 2, fallback="hide", button="Back to the cart"), left),
        line(),
        _present(shop),
        button("See everything new", shop.url),
        module(shop.footer),
    )


def _present(shop: Shop) -> dict[str, Any]:
    """For those who would not buy by themselves, as far as that is known."""
    code = "Your code is **{{ offer.code }}**, until {{ offer.ends_on | date: 'long' }}."
    present = offer(OFFER, "{{ offer.name }}, for you", code, button="Use it now")
    if "purchase" not in shop.predictors:
        return present
    unsure = rule(in_bands(shop.predictors["purchase"], "low", "medium"))
    return only(present, unsure, text("**Delivery is free this week**, for whatever you order."))
