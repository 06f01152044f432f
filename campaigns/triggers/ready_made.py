"""Triggered campaigns that most shops want, made whole in one go, in the names that the data has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from campaigns import draft
from campaigns.models import Campaign
from campaigns.starters.all import STARTERS
from campaigns.starters.parts import above, expected, rule, silent
from campaigns.starters.shop import Shop, read_shop
from campaigns.triggers.set_up import Flow, set_up
from cdp.accounts.models import User
from cdp.common.clock import deployment_zone
from cdp.privacy.models import Topic
from segments import save
from segments.models import Segment
from segments.schedule import Schedule

Json = dict[str, Any]
SENDER = "Shop <hello@example.com>"
LIKELY = 0.75
"""Whose score of buying is above it gets the present of the welcome."""
NEWCOMERS = "New people"
FOUR_HOURS_S = 4 * 3_600
WEEK = 7
DAYS_AHEAD, AGAIN_DAYS = 7, 14
"""So long before the expected order its mail goes out. Not less: the longer somebody is silent, the further the
expected date moves ahead, and few ever come nearer to it than some days."""
ABOUT_DUE, ALMOST = "About to order again", 0.9


class NoSuchOne(Exception):
    """There is no such ready-made campaign."""


@dataclass(frozen=True)
class Ready:
    title: str
    says: str
    icon: str
    starter: str
    flow: Callable[[Shop, datetime], Flow]
    content: Callable[[Shop, Json], Json]
    keeps_quiet: bool
    has_topic: bool
    """Only to those who consented to it; else it is a service message, which answers what the person just did."""


def create(key: str, *, by: User | None, now: datetime) -> Campaign:
    """As a draft. Raises NoSuchOne."""
    if key not in READY:
        raise NoSuchOne
    ready, shop = READY[key], read_shop(now=now)
    content = ready.content(shop, STARTERS[ready.starter].make(shop))
    with transaction.atomic():
        plan = draft.Plan(
            name=_free(ready.title),
            included=(),
            topic=Topic.objects.filter(key="newsletter").first() if ready.has_topic else None,
            sender=_sender(),
            kind=Campaign.Kind.TRIGGERED,
            keeps_quiet=ready.keeps_quiet,
        )
        campaign = draft.create(plan, content=content, by=by, now=now)
        set_up(campaign, ready.flow(shop, now))
    campaign.refresh_from_db()
    return campaign


def _welcome(shop: Shop, now: datetime) -> Flow:
    """By the event of signing up; where none is known, by being new."""
    if shop.knows("signed_up"):
        return Flow({"kind": "event", "event": shop.called["signed_up"]})
    return Flow({"kind": "enters", "segment": _newcomers(now).pk})


def _newcomers(now: datetime) -> Segment:
    found = Segment.objects.filter(name=NEWCOMERS, archived_at=None).first()
    new = {"kind": "seen", "which": "first", "op": "within_last", "amount": 1, "unit": "day"}
    return found or save.create(NEWCOMERS, rule=rule(new), by=None, now=now, description="First seen in the last day.")


def _cart(shop: Shop, now: datetime) -> Flow:
    return Flow(
        {"kind": "event", "event": shop.called["added"]},
        delay_s=FOUR_HOURS_S,
        exit={"since_trigger": [shop.called["bought"]]},
        reentry_days=WEEK,
    )


def _next_order(shop: Shop, now: datetime) -> Flow:
    """By the expected date; without a predictor of it, when nine tenths of one's own usual gap have passed."""
    again = {"since_trigger": [shop.called["bought"]]}
    return Flow({"kind": "enters", "segment": _about_due(shop, now).pk}, exit=again, reentry_days=AGAIN_DAYS)


def _about_due(shop: Shop, now: datetime) -> Segment:
    """Looked at each day, after the night's scores: what they change then starts the campaign."""
    if "next_order" in shop.predictors:
        wanted, says = (
            expected(shop.predictors["next_order"], DAYS_AHEAD),
            f"Expected to order within {DAYS_AHEAD} days.",
        )
    else:
        wanted, says = silent(shop.called["bought"], times=ALMOST), "Almost as long silent as between their orders."
    found = Segment.objects.filter(name__startswith=ABOUT_DUE, rule=rule(wanted), archived_at=None).first()
    daily = Schedule(Segment.Pace.DAILY, zone=deployment_zone())
    return found or save.create(
        _free(ABOUT_DUE, Segment), rule=rule(wanted), by=None, now=now, description=says, schedule=daily
    )


def _presents_for_the_likely(shop: Shop, content: Json) -> Json:
    """The offer only for those whose score is high; without a predictor there is nothing to tell them by."""
    if "purchase" not in shop.predictors:
        return {**content, "blocks": [one for one in content["blocks"] if one["kind"] != "offer"]}
    likely = rule(above(shop.predictors["purchase"], LIKELY))
    blocks = [_only(one, likely) if one["kind"] == "offer" else one for one in content["blocks"]]
    return {**content, "blocks": blocks}


def _only(block: Json, when: Json) -> Json:
    return {**{key: value for key, value in block.items() if key != "else"}, "when": when}


def _as_it_is(shop: Shop, content: Json) -> Json:
    return content


def _free(title: str, among: type[Campaign] | type[Segment] = Campaign) -> str:
    """A name that no other has."""
    taken = set(among.objects.filter(name__startswith=title).values_list("name", flat=True))
    return next(name for n in range(1, len(taken) + 2) if (name := title if n == 1 else f"{title} {n}") not in taken)


def _sender() -> str:
    latest = Campaign.objects.order_by("-pk").values_list("sender", flat=True).first()
    return latest or SENDER


READY: Mapping[str, Ready] = MappingProxyType(
    {
        "welcome": Ready(
            "Welcome",
            "Within seconds of a sign-up. Whoever is likely to buy (a score above 0.75) finds a present in it.",
            "mail-opened",
            "welcome",
            _welcome,
            _presents_for_the_likely,
            keeps_quiet=False,
            has_topic=False,
        ),
        "cart": Ready(
            "Abandoned cart",
            "Four hours after something was put into the cart, unless an order came since; with the cart in it.",
            "shopping-cart",
            "cart",
            _cart,
            _as_it_is,
            keeps_quiet=True,
            has_topic=True,
        ),
        "next-order": Ready(
            "Before the next order",
            "In the week before people are expected to order again, with what suits them; not if they did meanwhile.",
            "calendar",
            "picks",
            _next_order,
            _as_it_is,
            keeps_quiet=True,
            has_topic=True,
        ),
    }
)
