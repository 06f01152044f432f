"""Names for groups, from what sets each apart most from everybody. A name fits where its features differ in its sense,
and clearly; each is given to the group that it fits best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.cluster.habits import ACTIVE, PACE, VIEWS, WITHOUT_ORDER
from scoring.cluster.profile import Figure
from scoring.cluster.themes import THEME_OF

CLEAR = 0.5
"""Standard deviations from everybody: below that nothing is called by it."""
TOLD = 3
USUAL = "Typical customers"


@dataclass(frozen=True)
class Name:
    """`senses`: feature → +1 where more of it speaks for the name, −1 where less does, larger ones count more.
    `needs`: feature → the least that its difference times the sense must be."""

    words: str
    senses: Mapping[str, float]
    needs: Mapping[str, float]
    weight: float = 1.0
    """Less for words that say little, which yield to those that say more."""

    def fit(self, apart: Mapping[str, float]) -> float | None:
        """Standard deviations in its sense; None where something it needs is missing."""
        known = {name: sense for name, sense in self.senses.items() if name in apart}
        for name, least in self.needs.items():
            if name not in apart or apart[name] * (1 if self.senses[name] > 0 else -1) < least:
                return None
        weight = sum(abs(sense) for sense in known.values())
        return sum(apart[name] * sense for name, sense in known.items()) / weight


NAMES = (
    Name("Bargain seekers", {"discount_share": 1}, {"discount_share": 0.7}),
    Name(
        "Window shoppers",
        {WITHOUT_ORDER: 1, VIEWS: 1, "orders_365d": -1},
        {WITHOUT_ORDER: 0.3, "orders_365d": 0.3, VIEWS: 0.2},
    ),
    Name("Frequent buyers", {PACE: 1, "orders_365d": 1}, {PACE: 0.5, "orders_365d": 0.5}),
    Name("Occasional buyers", {ACTIVE: -1, VIEWS: -0.5}, {ACTIVE: 0.3}, weight=0.5),
    Name("Passers-by", {ACTIVE: -1, "orders_365d": -1.5}, {ACTIVE: 0.3, "orders_365d": 0.7}),
    Name("Big spenders", {"mean_order": 1, "largest_order": 1}, {"mean_order": 0.6}),
    Name("Small baskets", {"mean_order": -1, "items_per_order": -0.5}, {"mean_order": 0.6}),
    Name("Bulk buyers", {"items_per_order": 1}, {"items_per_order": 0.8}),
    Name("Newcomers", {"tenure_days": -1}, {"tenure_days": 0.8}),
    Name("Old friends", {"tenure_days": 1, "order_span_days": 1}, {"tenure_days": 0.5, "order_span_days": 0.5}),
    Name("Lapsed customers", {"quiet_days": 1, "recency_days": 1}, {"quiet_days": 0.7}),
    Name("Frequent senders-back", {"refund_share": 1}, {"refund_share": 0.8}),
    Name("Mail readers", {"open_share_90d": 1, "opened_90d": 1, "clicked_90d": 0.5}, {"open_share_90d": 0.6}),
    Name("Mail ignorers", {"open_share_90d": -1, "opened_90d": -1}, {"open_share_90d": 0.6}),
    Name("Night owls", {"night_share": 1}, {"night_share": 0.7}),
    Name("Evening shoppers", {"evening_share": 1}, {"evening_share": 0.7}),
    Name("Daytime shoppers", {"evening_share": -1, "night_share": -0.5}, {"evening_share": 0.7}),
    Name("Weekend shoppers", {"weekend_share": 1}, {"weekend_share": 0.7}),
    Name("Weekday shoppers", {"weekend_share": -1}, {"weekend_share": 0.7}),
    Name("Cart leavers", {"carts_90d": 1, "checkouts_90d": 0.5, "orders_90d": -1}, {"carts_90d": 0.5}),
    Name("Eager browsers", {ACTIVE: 1, VIEWS: 1, "views_90d": 1}, {ACTIVE: 0.5, "views_90d": 0.5}),
    Name(
        "Full-price buyers",
        {"discount_share": -1, "orders_365d": 0.5},
        {"discount_share": 0.5, "orders_365d": 0.2},
        weight=0.5,
    ),
    Name("On the rise", {"orders_trend": 1, "activity_trend": 1}, {"orders_trend": 0.5}),
    Name("Explorers", {"categories_bought": 1, "categories_viewed_90d": 1}, {"categories_bought": 0.8}),
)


@dataclass(frozen=True)
class Proposal:
    name: str
    fit: float


def proposals(apart: Mapping[str, float], figures: Sequence[Figure]) -> tuple[Proposal, ...]:
    """The fittest first. `apart`: feature → standard deviations from everybody.

    There is always one: a group that nothing sets apart is typical, any other is called by its strongest figure."""
    fits = [(name, name.fit(apart)) for name in NAMES]
    found = [Proposal(name.words, name.weight * fit) for name, fit in fits if fit is not None and fit >= CLEAR]
    strongest = [one for one in figures if abs(one.apart) >= CLEAR]
    found += [Proposal(f"{'More' if one.apart > 0 else 'Fewer'}: {one.says}"[:120], 0.0) for one in strongest]
    return (*sorted(found, key=lambda one: -one.fit), Proposal(USUAL, -1.0))


def distinct(proposed: Sequence[Sequence[Proposal]], taken: Mapping[int, str]) -> list[str]:
    """One name for each group. Those in `taken` keep theirs; the best fits of all choose first; of two groups that
    would be called the same, one gets a number."""
    names, used = dict(taken), set(taken.values())
    ranked = [(-one.fit, rank, group, one.name) for group, row in enumerate(proposed) for rank, one in enumerate(row)]
    for _, _, group, name in sorted(ranked):
        if group not in names and name not in used:
            names[group] = name
            used.add(name)
    for group in range(len(proposed)):
        names.setdefault(group, _numbered(USUAL, used))
        used.add(names[group])
    return [names[group] for group in range(len(proposed))]


def sentence(figures: Sequence[Figure]) -> str:
    """What sets a group apart, in words made from the same figures: of each theme the strongest."""
    strong: dict[str, Figure] = {}
    for one in figures:
        if abs(one.apart) >= CLEAR:
            strong.setdefault(THEME_OF.get(one.name, one.name), one)
    if not strong:
        return "Like everybody in all that is known of them."
    told = [f"{one.clause} (everybody: {one.usual})" for one in list(strong.values())[:TOLD]]
    joined = " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))
    return f"The usual one of them {joined}."


def _numbered(name: str, used: set[str]) -> str:
    return next(found for n in range(2, len(used) + 3) if (found := f"{name} {n}") not in used)
