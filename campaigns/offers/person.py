"""The offers of one person: what was given, and the orders that used a code."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Offer, OfferCode, OfferRedemption


@dataclass(frozen=True)
class OfPerson:
    offer: Offer
    code: str
    given_at: datetime | None
    """None: used without having been given it."""
    ends_at: datetime | None
    used_at: datetime | None
    order_id: str
    is_taken_back: bool
    is_by_other: bool
    """Somebody else used the code."""


def lines_of(profile_id: int, *, shows_codes: bool, most: int) -> list[OfPerson]:
    """The latest first."""
    given = list(OfferCode.objects.filter(profile_id=profile_id).select_related("offer").order_by("-given_at")[:most])
    of_given = OfferRedemption.objects.filter(given__in=given).order_by("is_taken_back", "-at")
    used = {one.given_id: one for one in reversed(of_given)}
    known = {row.pk for row in given}
    own = OfferRedemption.objects.filter(profile_id=profile_id).select_related("offer").order_by("-at")[:most]
    lines = [_line(row.offer, row, used.get(row.pk), shows_codes) for row in given]
    lines += [_line(one.offer, None, one, shows_codes) for one in own if one.given_id not in known]
    return sorted(lines, key=_when, reverse=True)[:most]


def _when(line: OfPerson) -> float:
    at = line.given_at or line.used_at
    return at.timestamp() if at else 0.0


def _line(offer: Offer, row: OfferCode | None, used: OfferRedemption | None, shows_codes: bool) -> OfPerson:
    code = row.code if row else used.code if used else ""
    return OfPerson(
        offer=offer,
        code=shown_code(code, shows=shows_codes),
        given_at=row.given_at if row else None,
        ends_at=row.ends_at if row else None,
        used_at=used.at if used else None,
        order_id=used.order_id if used else "",
        is_taken_back=bool(used and used.is_taken_back),
        is_by_other=bool(row and used and used.profile_id != row.profile_id),
    )


def shown_code(code: str, *, shows: bool) -> str:
    """Whoever only looks sees that there is one."""
    return code if shows or not code else f"{code[:2]}…"
