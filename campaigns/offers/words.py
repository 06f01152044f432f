"""What an offer is, in sentences."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from campaigns.models import Offer
from campaigns.offers.asked import last_day
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.to_english import to_english

Kind, Codes = Offer.Kind, Offer.Codes
HOW = {
    Codes.NONE: "no code needed",
    Codes.SHARED: "one code for everybody",
    Codes.GENERATED: "a code of its own in each mail, made here",
    Codes.UPLOADED: "a code of its own in each mail, from a list",
}


def what(offer: Offer) -> str:
    """`10 % off`, `5.00 EUR off`, `Free delivery`."""
    if offer.kind == Kind.PERCENT and offer.value is not None:
        return f"{number(offer.value)} % off"
    if offer.kind == Kind.AMOUNT and offer.value is not None:
        return f"{number(offer.value)} {offer.currency} off"
    worth = f" worth {number(offer.value)} {offer.currency}" if offer.value is not None else ""
    return f"{offer.get_kind_display()}{worth}"


def sentence(offer: Offer, *, zone: ZoneInfo) -> str:
    return ", ".join(part for part in (what(offer), _until(offer, zone), HOW[Codes(offer.codes)]) if part) + "."


def for_whom(offer: Offer) -> str:
    if offer.rule is None:
        return "Everybody"
    try:
        return to_english(parse(offer.rule))
    except RuleError as error:
        return f"Nobody: the rule cannot be read any more. {error.message}"


def state(offer: Offer, *, now: datetime) -> tuple[str, str]:
    """A word, and the tone of its badge."""
    if offer.archived_at is not None:
        return "Archived", "secondary"
    if offer.ends_at is not None and offer.ends_at <= now:
        return "Over", "secondary"
    if offer.starts_at is not None and offer.starts_at > now:
        return "To come", "blue"
    return "Active", "green"


def number(value: Decimal) -> str:
    """10 for 10.00, 9.50 for 9.50."""
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


def _until(offer: Offer, zone: ZoneInfo) -> str:
    parts = []
    if offer.starts_at is not None:
        parts.append(f"from {offer.starts_at.astimezone(zone):%-d %B %Y}")
    if offer.ends_at is not None:
        parts.append(f"until {last_day(offer.ends_at, zone):%-d %B %Y}")
    if offer.days_valid is not None:
        parts.append(f"{offer.days_valid} days from being given")
    return " ".join(parts)
