"""What predictors and scores say, in the words of those who use them. No database here."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.to_english import to_english
from scoring.models import Band, Predictor, Score

Kind = Predictor.Kind
LEAVING = (Kind.LAPSE.value, Kind.CHURN.value)
AMOUNTS = (Kind.VALUE.value, Kind.NEXT_ORDER.value)
"""Their scores are no probabilities."""


@dataclass(frozen=True)
class KindWords:
    """How one kind of predictor is offered and told."""

    title: str
    icon: str
    text: str
    """What it answers, for who chooses between kinds."""
    likely: str
    """Completes “likely to …” and “… within 30 days”."""
    did: str
    """Completes “people who …”: those of whom it came true."""
    asked: str
    """Who is asked where no rule says it."""


KINDS: Mapping[str, KindWords] = MappingProxyType(
    {
        Kind.PURCHASE: KindWords(
            "Buys",
            "shopping-cart",
            "Who orders something in the days ahead.",
            "to buy",
            "bought",
            "everybody who did something",
        ),
        Kind.LAPSE: KindWords(
            "Leaves, by their own habit",
            "user-off",
            "Who stays away longer than is usual for this very person.",
            "to leave",
            "stayed away longer than usual",
            "people who ordered and are not silent yet",
        ),
        Kind.CHURN: KindWords(
            "Leaves, by fixed days",
            "logout",
            "Which customers order nothing for so many days.",
            "to order nothing",
            "ordered nothing",
            "people who ordered lately",
        ),
        Kind.VALUE: KindWords(
            "Spends",
            "coin",
            "How much each person spends in the days ahead, refunds taken off.",
            "to spend",
            "spent something",
            "everybody who did something",
        ),
        Kind.NEXT_ORDER: KindWords(
            "Next order",
            "calendar",
            "When each person orders next, with the time it falls into.",
            "to order next",
            "ordered",
            "people who ordered",
        ),
        Kind.OPEN: KindWords(
            "Opens mails",
            "mail",
            "Who opens what we send.",
            "to open a mail",
            "opened a mail",
            "people who got a mail",
        ),
        Kind.CLICK: KindWords(
            "Clicks in mails",
            "link",
            "Who follows a link in what we send.",
            "to click in a mail",
            "clicked in a mail",
            "people who got a mail",
        ),
        Kind.EVENT: KindWords(
            "Does something else",
            "bolt",
            "Who does an event of your choice.",
            "to do it",
            "did it",
            "everybody who did something",
        ),
        Kind.RULE: KindWords(
            "Comes to fulfil a rule",
            "target",
            "Whom a rule of your own comes to hold for.",
            "to fulfil the rule",
            "came to fulfil the rule",
            "everybody who did something",
        ),
    }
)
BANDS = MappingProxyType({Band.HIGH: "highest", Band.MEDIUM: "in the middle", Band.LOW: "lowest"})


def days(n: int) -> str:
    return "1 day" if n == 1 else f"{n} days"


def said_rule(rule: object) -> str:
    """A rule as the end of a sentence; one that cannot be read any more says so."""
    try:
        english = to_english(parse(rule))
    except RuleError as error:
        return f"people of a rule that cannot be read ({error.message})"
    return english[0].lower() + english[1:]


def likely(predictor: Predictor) -> str:
    """Completes “likely …”: “to buy within 30 days”."""
    window = f"within {days(predictor.days)}"
    if predictor.kind == Kind.CHURN:
        return f"to order nothing for {days(predictor.days)}"
    if predictor.kind == Kind.LAPSE:
        return "to leave: to stay away longer than is usual for them"
    if predictor.kind == Kind.EVENT:
        return f"to do “{predictor.event_name}” {window}"
    if predictor.kind == Kind.RULE:
        return f"to be, {window}, among {said_rule(predictor.target)}"
    return f"{KINDS[predictor.kind].likely} {window}"


def says(predictor: Predictor) -> str:
    """What it answers, as a sentence without its stop."""
    if predictor.kind == Kind.VALUE:
        return f"How much they spend within {days(predictor.days)}"
    if predictor.kind == Kind.NEXT_ORDER:
        return "When they order next"
    return f"How likely they are {likely(predictor)}"


def for_whom(predictor: Predictor) -> str:
    return KINDS[predictor.kind].asked if predictor.population is None else said_rule(predictor.population)


def sentence(predictor: Predictor) -> str:
    """All of it: what, within which time, for whom."""
    return f"{says(predictor)}, for {for_whom(predictor)}."


def did(predictor: Predictor) -> str:
    """Completes “people who …”."""
    if predictor.kind == Kind.EVENT:
        return f"did “{predictor.event_name}”"
    return KINDS[predictor.kind].did


def money(amount: float, currency: str) -> str:
    digits = 0 if abs(amount) >= 1000 else 2
    return f"{amount:,.{digits}f} {currency}"


def score_says(predictor: Predictor, score: Score, *, currency: str) -> str:
    """“likely to buy within 30 days: 0.82, higher than 94 % of people”."""
    rank = f"{min(score.percentile, 99.9):.0f} % of people" if score.percentile < 99.5 else "nearly everybody"
    if predictor.kind == Kind.VALUE:
        spends = f"expected to spend {money(score.value, currency)} within {days(predictor.days)}"
        return f"{spends}, more than {rank}"
    if predictor.kind == Kind.NEXT_ORDER:
        if score.expected_at is None:
            return "probably orders nothing within a year"
        return f"expected to order in {days(max(round(score.value), 0))}, sooner than {rank}"
    return f"likely {likely(predictor)}: {score.value:.2f}, higher than {rank}"


CANDIDATES = MappingProxyType(
    {
        "recency": "who did it last",
        "logistic": "logistic regression",
        "forest": "random forest",
        "boosting": "gradient boosting",
        "bgnbd": "buying rhythm (BG/NBD)",
        "gamma_gamma": "buying rhythm and order values (BG/NBD, Gamma-Gamma)",
        "two_parts": "whether they buy, and for how much",
        "blend": "several together",
        "renewal": "own and everybody's days between orders",
        "simple": "simple model",
    }
)


def candidate_words(name: str) -> str:
    """Of several together, each."""
    return " and ".join(CANDIDATES.get(one, one.replace("_", " ")) for one in name.split(" + "))
