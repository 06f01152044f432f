"""The events that the product makes itself, with their properties."""

from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.confirming import CONFIRMED
from campaigns.views.choices import CHANGED
from cdp.events import ourselves
from cdp.events.message import EVENT_NAMES
from cdp.events.orders import KINDS
from cdp.events.ourselves import (
    BOUNCED,
    BY_MACHINE,
    CLICKED,
    DELIVERED,
    NOT_CLICKED,
    NOT_OPENED,
    NOTICES,
    OFFER_REDEEMED,
    OPENED,
    SCORE_BAND_CHANGED,
)
from cdp.help.references.text import code, made_by, table

SPAM, LEFT = "Email Marked as Spam", "Unsubscribed"
OF_MAILS = {
    "campaign_id": "the campaign's number",
    "campaign_name": "its name at that time",
    "delivery": "the reference of the message, the same in all events about it",
    "variant": "the variant that was sent; only of campaigns with variants",
}
_LINK = {"link_url": "where the link leads", "block": "the part of the mail that it stands in"}
_BY_PERSON = {"is_machine": "no"}
_WHY = {"is_machine": "yes", "why": "how it is known, in words"}


@dataclass(frozen=True)
class Made:
    """`modules` are where it is made."""

    name: str
    when: str
    modules: tuple[str, ...]
    properties: dict[str, str]
    is_of_mail: bool = True


MADE: tuple[Made, ...] = (
    Made(
        DELIVERED,
        "A mail was accepted by the sending account, the mail server or the mailbox.",
        ("campaigns.send", "campaigns.tracking.told"),
        {},
    ),
    Made(
        BOUNCED,
        "It could not be delivered. A hard bounce suppresses the address; soft ones do once there were several.",
        ("campaigns.tracking.told",),
        {"bounce_type": "`hard` or `soft`", "reason": "what the other side said"},
    ),
    Made(SPAM, "The receiver called it spam. The address is suppressed.", ("campaigns.tracking.told",), {}),
    Made(
        OPENED,
        "A person opened it, as far as that can be known. Who follows a link has opened it too.",
        ("campaigns.tracking.settle",),
        {**_BY_PERSON, "known_by": "`click` where only a click tells it"},
    ),
    Made(CLICKED, "A person followed a link in it.", ("campaigns.tracking.settle",), {**_BY_PERSON, **_LINK}),
    Made(BY_MACHINE[OPENED], "A mail program or scanner loaded its picture.", ("campaigns.tracking.settle",), _WHY),
    Made(BY_MACHINE[CLICKED], "A scanner followed a link in it.", ("campaigns.tracking.settle",), {**_WHY, **_LINK}),
    Made(
        NOT_OPENED,
        "What was told as an open turned out to be a machine's.",
        ("campaigns.tracking.settle",),
        {**_WHY},
    ),
    Made(
        NOT_CLICKED,
        "What was told as a click turned out to be a machine's.",
        ("campaigns.tracking.settle",),
        {**_WHY, **_LINK},
    ),
    Made(
        LEFT,
        "They unsubscribed: of the campaign's topic, or of everything where it had none.",
        ("campaigns.track", "campaigns.views.choices"),
        {"topics": "`all` where they asked for nothing at all"},
    ),
    Made(
        CHANGED,
        "They changed their choices on the page that each mail leads to.",
        ("campaigns.views.choices",),
        {"granted": "keys of topics they said yes to", "denied": "keys of topics they said no to"},
    ),
    Made(
        CONFIRMED,
        "An address was confirmed by double opt-in.",
        ("campaigns.confirming",),
        {"topics": "keys of the topics"},
        is_of_mail=False,
    ),
    Made(
        OFFER_REDEEMED,
        "An order used the code of an offer.",
        ("campaigns.offers.tell",),
        {
            "offer": "the offer's key",
            "offer_name": "its name",
            "code": "the code",
            "order_id": "the order",
            "discount": "what was taken off, where the order says so",
        },
        is_of_mail=False,
    ),
    Made(
        SCORE_BAND_CHANGED,
        "A predictor's band of a person changed. The first score is none.",
        ("scoring.announce",),
        {
            "predictor": "its name",
            "predictor_id": "its number",
            "from": "the band before",
            "to": "the band now",
            "score": "the value",
            "percentile": "higher than so many per cent of people",
        },
        is_of_mail=False,
    ),
)


def page() -> str:
    return "\n\n".join([*_parts(), made_by("the places where they are made")]) + "\n"


def properties_of(made: Made) -> dict[str, str]:
    return {**OF_MAILS, **made.properties} if made.is_of_mail else made.properties


def _parts() -> Iterator[str]:
    yield "# Events that the product makes"
    yield (
        f"They go through the same inbox as everything else, from the source “{ourselves.NAME}”, and stand in the"
        " timeline. Segments, triggers, computed traits and predictions can use each of them like any other event."
    )
    yield "## All of them"
    yield table(
        ("event", "when", "counts as seen"),
        [(f"[{one.name}](#{one.name.lower().replace(' ', '-')})", one.when, _seen(one)) for one in MADE],
    )
    yield (
        "An event that does not count as seen is about people who did nothing: it does not move the time at which"
        " they were last seen, is no visit and no activity."
    )
    for one in MADE:
        yield f"### {one.name}"
        yield one.when
        yield table(("property", "is"), [(code(name), words) for name, words in properties_of(one).items()])
    yield "## Events that calls become"
    yield table(("call", "event"), [(code(call), name) for call, name in EVENT_NAMES.items()])
    yield "## Events with a meaning of their own"
    yield (
        f"Orders are told by {code(*KINDS)}, from your shop or an import ([what an order is worth]"
        "(imports.md#what-an-order-is-worth)). All other names are yours; those of Segment's e-commerce"
        " specification are known to starters, templates and predictions."
    )


def _seen(one: Made) -> str:
    return "no" if one.name in NOTICES else "yes"
