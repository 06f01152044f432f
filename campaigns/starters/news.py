"""Starters for everybody: what is new, picks for each person, a plain letter."""

from campaigns.starters.parts import (
    Json,
    Words,
    any_of,
    button,
    cases,
    columns,
    did,
    footer,
    heading,
    in_bands,
    line,
    mail,
    module,
    only,
    products,
    rule,
    text,
)
from campaigns.starters.shop import Shop


def foot(shop: Shop, why: str) -> Json:
    return module(shop.footer) if shop.footer else footer(why)


def newsletter(shop: Shop) -> Json:
    hello = f"Hello {shop.named('there')},"
    return mail(
        _regulars(shop, "This month’s news", "New this month, and you see it first"),
        "What arrived, what to do with it, and what others liked.",
        heading("What is new this month"),
        text(
            f"{hello}\n\nWrite here, in two or three sentences, the one thing people should remember from this mail."
            " Everything below can be moved, changed or left out."
        ),
        _thanks(shop),
        button("See everything new", shop.url),
        line(),
        heading("Just arrived", 2),
        products("new", 4, button="Have a look"),
        line(),
        columns(
            [
                heading("A story", 3),
                text("How something is made, who makes it, or what a customer does with it. Five lines are enough."),
            ],
            [
                heading("Good to know", 3),
                text("A tip, an answer to a question that many ask, or when you are open over the holidays."),
            ],
        ),
        foot(shop, "You get this because you asked for our newsletter."),
    )


def _regulars(shop: Shop, otherwise: str, theirs: str) -> Words:
    if not shop.knows("bought"):
        return otherwise
    return cases(otherwise, (rule(did(shop.called["bought"], days=365, times=3)), theirs))


def _thanks(shop: Shop) -> Json | None:
    if not shop.knows("bought"):
        return None
    return only(
        text("**Thank you for your orders of this year.** It is because of people like you that we can go on."),
        rule(did(shop.called["bought"], days=365, times=2)),
        text("**New here?** Delivery is quick, and what you do not like you simply send back."),
    )


def picks(shop: Shop) -> Json:
    return mail(
        f"{shop.named('For you')}, we picked these for you" if shop.first_name else "We picked these for you",
        "Chosen by what you looked at and what goes with what you have.",
        heading("Picked for you"),
        text("These may suit you. Nothing here is something you bought already."),
        products("recommended", 6, button="Have a look", shows_reason=True),
        *_looked_at(shop),
        _undecided(shop),
        button("See more", shop.url),
        foot(shop, "You get this because you asked for recommendations by e-mail."),
    )


def _looked_at(shop: Shop) -> list[Json]:
    if not shop.knows("viewed"):
        return []
    lately = rule(did(shop.called["viewed"], days=14))
    return [
        line(),
        only(heading("You looked at these lately", 2), lately, heading("What others like most", 2)),
        only(products("viewed", 2, fallback="popular"), lately, products("popular", 2, fallback="new")),
    ]


def _undecided(shop: Shop) -> Json | None:
    """Those who are likely to buy anyhow need no help to decide."""
    if "purchase" not in shop.predictors:
        return None
    return only(
        text("**Not sure?** Answer this mail and ask us. A person reads it, and answers the same day."),
        rule(in_bands(shop.predictors["purchase"], "low", "medium")),
    )


def letter(shop: Shop) -> Json:
    return mail(
        "A few words from us",
        "",
        text(
            f"Dear {shop.named('friend')},\n\nWrite as you would to one person. Leave a blank line between paragraphs."
            " A mail without pictures is read as a letter, and often answered as one.\n\nA [link](https://www.example.com/)"
            " stands in the text like this.\n\nWith kind regards,\n\nYour name"
        ),
        _near(shop),
        foot(shop, "You get this because you are a customer of ours."),
        look={"background": "#ffffff", "font": "georgia"},
    )


def _near(shop: Shop) -> Json | None:
    """A postscript for those who have not been here for long."""
    if not shop.knows("bought"):
        return None
    here = any_of([did(shop.called["bought"], days=90)])
    return only(
        text("P. S. Your last order is not long ago. I hope that you like it; if not, tell me."),
        here,
        text("P. S. We have not heard from you for some time. I would be glad to."),
    )
