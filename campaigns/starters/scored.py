"""Starters whose words follow a score of buying, and one that shows what was looked at."""

from campaigns.starters.moments import CODE
from campaigns.starters.news import foot
from campaigns.starters.parts import (
    Json,
    above,
    at_least,
    below,
    button,
    did,
    heading,
    mail,
    offer,
    only,
    products,
    rule,
    text,
)
from campaigns.starters.shop import Shop

LIKELY, MAYBE, AT_RISK = 0.8, 0.4, 0.3
"""Scores of buying: above the first somebody buys anyway, from the second on perhaps; below the third they are lost."""
MOST_VIEWED = 4


def by_likelihood(shop: Shop) -> Json:
    return mail(
        f"Something for you, {shop.named('friend')}",
        "Chosen by what suits you.",
        heading("For you"),
        _three_ways(shop),
        products("recommended", 3, per_row=3, button="Have a look"),
        button("To the shop", shop.url),
        foot(shop, "You get this because you are a customer of ours."),
    )


def _three_ways(shop: Shop) -> Json:
    """Without a predictor of buying, the middle one for everybody."""
    maybe = text("**These go with what you have.** Take your time, and ask us whatever you want to know.")
    if "purchase" not in shop.predictors:
        return maybe
    score = shop.predictors["purchase"]
    likely = text("**New, and yours first.** You know what you like: here is what came in since you were here.")
    unlikely = text("**It has been quiet between us.** What would bring you back? Answer this mail in one sentence.")
    return only(likely, rule(above(score, LIKELY)), only(maybe, rule(at_least(score, MAYBE)), unlikely))


def incentive(shop: Shop) -> Json:
    return mail(
        f"{shop.named('Hello')}, what is new",
        "What has changed since you were here.",
        heading("What is new"),
        text(f"Hello {shop.named('there')},\n\nA few things have arrived that may suit you."),
        _where_needed(shop),
        products("recommended", 4, button="Have a look"),
        button("See what is new", shop.url),
        foot(shop, "You get this because you bought from us before."),
    )


def _where_needed(shop: Shop) -> Json | None:
    """Who buys anyway needs no discount."""
    if not shop.offer or "purchase" not in shop.predictors:
        return None
    present = offer(shop.offer, "{{ offer.name }}, to come back", CODE)
    return only(present, rule(below(shop.predictors["purchase"], AT_RISK)))


def looked_at(shop: Shop) -> Json:
    viewed = products("viewed", MOST_VIEWED, fallback="hide", button="Look again")
    return mail(
        f"Still looking, {shop.named('friend')}?",
        "What you looked at, in one place.",
        heading("You looked at these"),
        text("What you looked at last, without what you have bought since."),
        only(viewed, rule(did(shop.called["viewed"], days=30))) if shop.knows("viewed") else viewed,
        button("To the shop", shop.url),
        foot(shop, "You get this because you looked at products in our shop."),
    )
