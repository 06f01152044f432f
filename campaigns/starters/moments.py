"""Starters for one moment in the life of a customer: the first days, a cart left behind, silence, a birthday."""

from campaigns.starters.news import foot
from campaigns.starters.parts import (
    Json,
    Words,
    button,
    cases,
    comes_round,
    did,
    heading,
    in_bands,
    line,
    mail,
    never,
    offer,
    only,
    products,
    rule,
    silent,
    text,
)
from campaigns.starters.shop import Shop

CODE = (
    "{% if offer.code %}Your code is **{{ offer.code }}**"
    "{% if offer.ends_on %}, until {{ offer.ends_on | date: 'long' }}{% endif %}.{% endif %}"
)
"""Offers may have none."""


def welcome(shop: Shop) -> Json:
    present = _offer(shop, "A welcome present: {{ offer.name }}", CODE)
    return mail(
        f"Welcome, {shop.named('friend')}",
        "What you can expect of us, and how to begin.",
        heading(f"Welcome, {shop.named('friend')}"),
        text(
            "It is good to have you here. From us you get what is new, what suits you and what costs less for a while;"
            " seldom, and never without a way to stop it."
        ),
        _only_new(shop, present),
        heading("What others begin with", 2),
        products("popular", 4, fallback="new", button="Have a look"),
        text("Questions? Answer this mail. A person reads it."),
        button("Look around", shop.url),
        foot(shop, "You get this because you have just signed up."),
    )


def _only_new(shop: Shop, present: Json | None) -> Json | None:
    if present is None or not shop.knows("bought"):
        return present
    thanks = text("**Thank you for your first order.** We tell you as soon as it is on its way.")
    return only(present, rule(never(shop.called["bought"])), thanks)


def cart(shop: Shop) -> Json:
    return mail(
        _left_behind(shop),
        "What you put in is still there.",
        heading("Still thinking about it?"),
        text(f"Hello {shop.named('there')},\n\nWe kept your cart as you left it. Nothing is ordered yet."),
        products("cart", 3, fallback="hide", per_row=1, button="Back to the cart"),
        _push(shop),
        line(),
        heading("Goes well with it", 2),
        products("together", 2, fallback="popular"),
        foot(shop, "You get this because you left something in your cart."),
    )


def _left_behind(shop: Shop) -> Words:
    otherwise = "You left something behind"
    if not shop.knows("added"):
        return otherwise
    return cases(
        otherwise,
        (
            rule(did(shop.called["added"], days=7)),
            "{{ cart.items.first.name | default: 'Something' | truncate: 40 }} is still in your cart",
        ),
    )


def _push(shop: Shop) -> Json | None:
    """An offer is for those who would not come back by themselves."""
    help_ = text("**Something unclear?** Size, delivery, payment: answer this mail and ask.")
    present = _offer(shop, "{{ offer.name }}", f"To help you decide. {CODE}", without=help_["text"])
    if present is None or "purchase" not in shop.predictors:
        return present or help_
    return only(present, rule(in_bands(shop.predictors["purchase"], "low", "medium")), help_)


def win_back(shop: Shop) -> Json:
    return mail(
        cases("It has been a while", *_leaving(shop, f"{shop.named('Hello')}, we would like you back")),
        "What has changed since you were here.",
        heading("It has been a while"),
        text(f"Hello {shop.named('there')},\n\n{_last_order(shop)}A lot has arrived that you have not seen yet."),
        _only_leaving(shop),
        heading("New since your last visit", 2),
        products("recommended", 4, button="Have a look"),
        button("See what is new", shop.url),
        text("Too many mails from us? Below you can say so with one click, and we stop."),
        foot(shop, "You get this because you bought from us before."),
    )


def _last_order(shop: Shop) -> str:
    if not shop.knows("bought"):
        return ""
    return "{% if last_purchase.date %}Your last order was on {{ last_purchase.date | date: 'long' }}. {% endif %}"


def _leaving(shop: Shop, words: str) -> list[tuple[Json, str]]:
    condition = _at_risk(shop)
    return [(condition, words)] if condition else []


def _only_leaving(shop: Shop) -> Json | None:
    condition, present = _at_risk(shop), _offer(shop, "{{ offer.name }}, to come back", CODE)
    ask = text("**What can we do better?** Answer this mail in one sentence. We read every answer.")
    return only(present, condition, ask) if present and condition else present or ask


def _at_risk(shop: Shop) -> Json | None:
    """By the score of leaving, else by a silence twice as long as usual."""
    for kind in ("lapse", "churn"):
        if kind in shop.predictors:
            return rule(in_bands(shop.predictors[kind], "high"))
    return rule(silent(shop.called["bought"], times=2)) if shop.knows("bought") else None


def birthday(shop: Shop) -> Json:
    return mail(
        f"Happy birthday, {shop.named('friend')}!",
        "A small present for the day.",
        heading(_wish(shop), align="center"),
        text("May the year ahead be a good one. We are glad that you are with us.", align="center"),
        _offer(shop, "Our present: {{ offer.name }}", CODE)
        or text("Tell us when you order that it is your birthday, and we put something in.", align="center"),
        heading("Treat yourself", 2),
        products("recommended", 4, button="Have a look"),
        foot(shop, "You get this because you told us your birthday."),
    )


def _wish(shop: Shop) -> Words:
    day = f"Happy birthday, {shop.named('friend')}!"
    if not shop.called.has_birthday:
        return day
    soon = (rule(comes_round(shop.called.birthday, op="within_next", days=14)), "Your birthday is near")
    return cases("A late happy birthday", (rule(comes_round(shop.called.birthday, op="today")), day), soon)


def _offer(shop: Shop, title: str, words: str, *, without: str = "") -> Json | None:
    return offer(shop.offer, title, words, without=without) if shop.offer else None
