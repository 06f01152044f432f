"""The features that are learned from: what each says, and how it is told as a reason."""

from scoring.columns import Column, Unit

VIEW, CART, CHECKOUT, ORDER = "Product Viewed", "Product Added", "Checkout Started", "Order Completed"
SENT, OPENED, CLICKED = ("Email Delivered", "Email Sent"), "Email Opened", "Email Link Clicked"
DAYS, COUNT, MONEY, SHARE, NUMBER = Unit.DAYS, Unit.COUNT, Unit.MONEY, Unit.SHARE, Unit.NUMBER
NEVER_ORDERED, ONE_ORDER = "has never ordered", "has ordered on one day only"
NOTHING_LATELY = "has not visited in 90 days"


def _of(name: str, unit: Unit, says: str, words: tuple[str, ...], *, none: str = "") -> Column:
    """`words`: more, less and missing; `none`: where it is 0."""
    more, less, *missing = words
    return Column(name, says, unit, more, less, missing=missing[0] if missing else "", none=none)


ORDERS = (
    _of(
        "orders",
        COUNT,
        "orders so far",
        ("ordered {n} times", "ordered only {n} times"),
        none="has never ordered",
    ),
    _of(
        "order_days",
        COUNT,
        "days with an order",
        ("ordered on {n} different days", "ordered on only {n} different days"),
        none="has never ordered",
    ),
    _of(
        "recency_days",
        DAYS,
        "days since the last order",
        ("last ordered {n} ago", "ordered only {n} ago", NEVER_ORDERED),
    ),
    _of(
        "customer_days",
        DAYS,
        "days since the first order",
        ("first ordered {n} ago", "first ordered only {n} ago", NEVER_ORDERED),
    ),
    _of(
        "order_span_days",
        DAYS,
        "days between the first and the last order",
        ("kept ordering for {n}", "ordered within {n} only", NEVER_ORDERED),
    ),
    _of(
        "revenue",
        MONEY,
        "spent so far, net of refunds",
        ("spent {n} in all", "spent only {n} in all"),
        none="has spent nothing",
    ),
    _of(
        "mean_order",
        MONEY,
        "usual worth of an order",
        ("spends {n} an order", "spends only {n} an order", NEVER_ORDERED),
    ),
    _of(
        "last_order",
        MONEY,
        "worth of the last order",
        ("last order was worth {n}", "last order was worth only {n}", NEVER_ORDERED),
    ),
    _of(
        "largest_order",
        MONEY,
        "worth of the largest order",
        ("largest order was worth {n}", "largest order was worth only {n}", NEVER_ORDERED),
    ),
    _of(
        "mean_gap_days",
        DAYS,
        "usual days between orders",
        ("usually waits {n} between orders", "usually orders every {n}", ONE_ORDER),
    ),
    _of(
        "last_gap_days",
        DAYS,
        "days between the last two orders",
        ("waited {n} before the last order", "waited only {n} before the last order", ONE_ORDER),
    ),
    _of(
        "gap_spread_days",
        DAYS,
        "how much the days between orders vary (standard deviation)",
        ("orders irregularly (± {n})", "orders regularly (± {n})", "has too few orders to have a rhythm"),
    ),
    _of(
        "overdue",
        NUMBER,
        "days since the last order, as a multiple of the usual gap",
        ("silent for {n} times the usual gap", "silent for only {n} times the usual gap", ONE_ORDER),
    ),
    _of(
        "orders_30d",
        COUNT,
        "orders in the last 30 days",
        ("ordered {n} times in 30 days", "ordered {n} times in 30 days"),
        none="has not ordered in 30 days",
    ),
    _of(
        "orders_90d",
        COUNT,
        "orders in the last 90 days",
        ("ordered {n} times in 90 days", "ordered {n} times in 90 days"),
        none="has not ordered in 90 days",
    ),
    _of(
        "orders_180d",
        COUNT,
        "orders in the last 180 days",
        ("ordered {n} times in 180 days", "ordered {n} times in 180 days"),
        none="has not ordered in 180 days",
    ),
    _of(
        "orders_365d",
        COUNT,
        "orders in the last 365 days",
        ("ordered {n} times in a year", "ordered {n} times in a year"),
        none="has not ordered in a year",
    ),
    _of(
        "orders_trend",
        NUMBER,
        "orders in the last 90 days, less those of the 90 days before",
        ("orders more often than before ({n} in 90 days)", "orders less often than before ({n} in 90 days)"),
        none="orders as often as before",
    ),
    _of(
        "revenue_90d",
        MONEY,
        "spent in the last 90 days",
        ("spent {n} in 90 days", "spent only {n} in 90 days"),
        none="has spent nothing in 90 days",
    ),
    _of(
        "revenue_365d",
        MONEY,
        "spent in the last 365 days",
        ("spent {n} in a year", "spent only {n} in a year"),
        none="has spent nothing in a year",
    ),
    _of(
        "items_per_order",
        NUMBER,
        "pieces in an order",
        ("buys {n} pieces an order", "buys only {n} pieces an order", NEVER_ORDERED),
    ),
    _of(
        "lines_per_order",
        NUMBER,
        "different products in an order",
        ("buys {n} products an order", "buys only {n} products an order", NEVER_ORDERED),
    ),
    _of(
        "discount_share",
        SHARE,
        "share of orders with a coupon or discount",
        ("orders with a discount {n} of the time", "orders with a discount only {n} of the time", NEVER_ORDERED),
        none="never orders with a discount",
    ),
    _of(
        "refund_share",
        SHARE,
        "share of what was spent that was given back",
        ("was given back {n} of what they spent", "was given back only {n} of what they spent", NEVER_ORDERED),
        none="was never given money back",
    ),
    _of(
        "categories_bought",
        COUNT,
        "categories bought from",
        ("bought from {n} categories", "bought from only {n} categories"),
        none="has bought from no category",
    ),
)
ACTIVITY = (
    _of(
        "tenure_days",
        DAYS,
        "days since the first event of any kind",
        ("has been known for {n}", "has been known for only {n}", "has done nothing yet"),
    ),
    _of(
        "quiet_days",
        DAYS,
        "days since they last did something",
        ("has done nothing for {n}", "was active {n} ago", "has done nothing yet"),
    ),
    _of(
        "events_30d",
        COUNT,
        "events in the last 30 days",
        ("did {n} things in 30 days", "did only {n} things in 30 days"),
        none="has done nothing in 30 days",
    ),
    _of(
        "events_90d",
        COUNT,
        "events in the last 90 days",
        ("did {n} things in 90 days", "did only {n} things in 90 days"),
        none="has done nothing in 90 days",
    ),
    _of(
        "activity_trend",
        NUMBER,
        "events in the last 30 days, less a third of those in the last 90",
        ("is more active than usual ({n} events)", "is less active than usual ({n} events)"),
    ),
)


def _shop(what: str, key: str) -> tuple[Column, ...]:
    """How often something was done in a shop, lately."""
    counts = tuple(
        _of(
            f"{key}_{days}d",
            COUNT,
            f"{what} in the last {days} days",
            (f"{what} {{n}} times in {days} days", f"{what} only {{n}} times in {days} days"),
            none=f"has not {what} in {days} days",
        )
        for days in (7, 30, 90)
    )
    last = _of(
        f"{key}_recency_days",
        DAYS,
        f"days since they last {what}",
        (f"last {what} {{n}} ago", f"{what} only {{n}} ago", f"has never {what}"),
    )
    return (*counts, last)


SHOP = (
    *_shop("viewed a product", "views"),
    *_shop("put something into the cart", "carts"),
    *_shop("started a checkout", "checkouts"),
    _of(
        "categories_viewed_90d",
        COUNT,
        "categories viewed in the last 90 days",
        ("looked at {n} categories in 90 days", "looked at only {n} categories in 90 days"),
        none="has looked at no category in 90 days",
    ),
)
VISITS = (
    _of(
        "visits_30d",
        COUNT,
        "visits in the last 30 days",
        ("visited {n} times in 30 days", "visited only {n} times in 30 days"),
        none="has not visited in 30 days",
    ),
    _of(
        "visits_90d",
        COUNT,
        "visits in the last 90 days",
        ("visited {n} times in 90 days", "visited only {n} times in 90 days"),
        none="has not visited in 90 days",
    ),
    _of(
        "visits_without_order_90d",
        COUNT,
        "visits without an order in the last 90 days",
        ("left {n} times in 90 days without ordering", "left only {n} times in 90 days without ordering"),
        none="has made no visit without an order in 90 days",
    ),
    _of(
        "browsing_minutes_90d",
        NUMBER,
        "minutes spent browsing in the last 90 days",
        ("browsed for {n} minutes in 90 days", "browsed for only {n} minutes in 90 days"),
        none="has not browsed in 90 days",
    ),
    _of(
        "visit_minutes",
        NUMBER,
        "minutes of a visit, on average over 90 days",
        ("stays {n} minutes a visit", "stays only {n} minutes a visit", NOTHING_LATELY),
    ),
    _of(
        "evening_share",
        SHARE,
        "share of visits that begin between 18:00 and midnight, over 90 days",
        ("comes in the evening {n} of the time", "comes in the evening only {n} of the time", NOTHING_LATELY),
        none="never comes in the evening",
    ),
    _of(
        "night_share",
        SHARE,
        "share of visits that begin between midnight and 6:00, over 90 days",
        ("comes at night {n} of the time", "comes at night only {n} of the time", NOTHING_LATELY),
        none="never comes at night",
    ),
    _of(
        "weekend_share",
        SHARE,
        "share of visits on Saturdays and Sundays, over 90 days",
        ("comes at the weekend {n} of the time", "comes at the weekend only {n} of the time", NOTHING_LATELY),
        none="never comes at the weekend",
    ),
)


def _messages() -> tuple[Column, ...]:
    return tuple(
        _of(
            f"{key}_{days}d",
            COUNT,
            f"messages {key} in the last {days} days",
            (f"{words} {{n}} messages in {days} days", f"{words} only {{n}} messages in {days} days"),
            none=f"{words} no message in {days} days",
        )
        for key, words in (("delivered", "got"), ("opened", "opened"), ("clicked", "clicked in"))
        for days in (30, 90)
    )


MESSAGES = (
    *_messages(),
    _of(
        "open_share_90d",
        SHARE,
        "share of messages opened, of those of the last 90 days",
        ("opens {n} of the messages", "opens only {n} of the messages", "got no message in 90 days"),
        none="opens none of the messages",
    ),
    _of(
        "open_recency_days",
        DAYS,
        "days since they last opened a message",
        ("has not opened a message for {n}", "opened a message {n} ago", "has never opened a message"),
    ),
    _of(
        "click_recency_days",
        DAYS,
        "days since they last clicked in a message",
        ("has not clicked in a message for {n}", "clicked in a message {n} ago", "has never clicked in a message"),
    ),
)
NUMBERS = (*ORDERS, *ACTIVITY, *SHOP, *VISITS, *MESSAGES)
SOURCE = Column("source", "source of the first event", Unit.CATEGORY, "came by {n}", "came by {n}")
CHANNEL = Column(
    "first_channel", "what first brought them", Unit.CATEGORY, "first came through {n}", "first came through {n}"
)


def of_event(name: str) -> tuple[Column, ...]:
    """Of an event that is asked for by its name: how often, how often lately, how long ago."""
    return (
        Column(
            f"event.{name}.n",
            f"“{name}” so far",
            COUNT,
            f"did “{name}” {{n}} times",
            f"did “{name}” only {{n}} times",
        ),
        Column(
            f"event.{name}.30d",
            f"“{name}” in the last 30 days",
            COUNT,
            f"did “{name}” {{n}} times in 30 days",
            f"did “{name}” only {{n}} times in 30 days",
        ),
        Column(
            f"event.{name}.recency_days",
            f"days since the last “{name}”",
            DAYS,
            f"last did “{name}” {{n}} ago",
            f"did “{name}” only {{n}} ago",
            f"has never done “{name}”",
        ),
    )


def of_trait(name: str) -> tuple[Column, Column]:
    """A trait as a number (a date: days since then; yes and no: 1 and 0), and as a word."""
    unknown = f"“{name}” is not known"
    number = Column(f"trait.{name}", f"“{name}”", NUMBER, f"“{name}” is {{n}}", f"“{name}” is only {{n}}", unknown)
    word = Column(f"trait.{name}.word", f"“{name}”", Unit.CATEGORY, f"“{name}” is {{n}}", f"“{name}” is {{n}}", unknown)
    return number, word
