"""Whether an offer can be given to a person now: its time, its rule and its budgets, and why not, in words."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum

from campaigns.models import Offer, OfferRedemption
from campaigns.offers.asked import Asked, last_day
from cdp.common.copying import numbers
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.sets import matching

UNKNOWN = "There is no such offer."
NOT_MEANT = "Not one of those who may have it."
HAS_IT = "Was given it as often as one may be."
ALL_GIVEN = "As many were given as may be."
ALL_SPENT = "Orders with it took off as much as they may."
NO_CODE = "No code is left."
NONE_SUITS = "None of the offers to pick from can be had."

_HELD = """
select offer_id, profile_id, count(*) from campaigns_offercode
 where profile_id = any(%s::bigint[]) and offer_id = any(%s::bigint[]) and delivery is not null group by 1, 2
"""


@dataclass
class Gate:
    """Counts whom it lets through, so that budgets hold within one call, too."""

    shut: str = ""
    """Why nobody gets it."""
    may: Collection[int] | None = None
    """Who may have it; None: everybody."""
    per_person: int | None = None
    held: Counter[int] = field(default_factory=Counter)
    room: int | None = None
    codes: int | None = None
    """How many are left, where that is known beforehand."""

    def why_not(self, profile_id: int) -> str:
        """Empty: let through, and counted."""
        if self.shut:
            return self.shut
        if self.may is not None and profile_id not in self.may:
            return NOT_MEANT
        if self.per_person is not None and self.held[profile_id] >= self.per_person:
            return HAS_IT
        if self.room is not None and self.room <= 0:
            return ALL_GIVEN
        if self.codes is not None and self.codes <= 0:
            return NO_CODE
        self.held[profile_id] += 1
        self.room = None if self.room is None else self.room - 1
        self.codes = None if self.codes is None else self.codes - 1
        return ""


def who_may(
    offers: Iterable[Offer], asked: Mapping[int, Sequence[Asked]], *, now: datetime, zone: ZoneInfo
) -> dict[int, set[int]]:
    """Offer id → those of the people asked for whom its rule holds. Offers without a rule are left out."""
    found = {}
    for offer in offers:
        if offer.rule is not None and not _shut(offer, now=now, zone=zone):
            node = parse(offer.rule)
            ids = sorted({one.profile_id for one in asked[offer.pk]})
            found[offer.pk] = matching(node, ids, now=now, zone=zone, cuts=cuts_for(node, now=now, zone=zone))
    return found


def gates(
    offers: Sequence[Offer],
    asked: Mapping[int, Sequence[Asked]],
    may: Mapping[int, Collection[int]],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> dict[int, Gate]:
    """By offer id. Who gives holds the locks of the offers: what is counted here stays so."""
    spent, held = _spent(offers), _held(offers, asked)
    found = {}
    for offer in offers:
        over = offer.most_spent is not None and spent.get(offer.pk, Decimal(0)) >= offer.most_spent
        found[offer.pk] = Gate(
            shut=_shut(offer, now=now, zone=zone) or (ALL_SPENT if over else ""),
            # A rule that came with a change since: nobody was asked by it yet.
            may=may.get(offer.pk, frozenset()) if offer.rule is not None else None,
            per_person=offer.most_per_person,
            held=held.get(offer.pk, Counter()),
            room=None if offer.most_given is None else offer.most_given - offer.n_given,
        )
    return found


def _shut(offer: Offer, *, now: datetime, zone: ZoneInfo) -> str:
    if offer.archived_at is not None:
        return "The offer is archived."
    if offer.starts_at is not None and now < offer.starts_at:
        return f"It begins on {offer.starts_at.astimezone(zone):%-d %B %Y}."
    if offer.ends_at is not None and now >= offer.ends_at:
        return f"It ended on {last_day(offer.ends_at, zone):%-d %B %Y}."
    return ""


def _spent(offers: Sequence[Offer]) -> dict[int, Decimal]:
    ids = [offer.pk for offer in offers if offer.most_spent is not None]
    if not ids:
        return {}
    rows = OfferRedemption.objects.filter(offer_id__in=ids, is_taken_back=False).values_list("offer_id")
    return {pk: total or Decimal(0) for pk, total in rows.annotate(total=Sum("discount"))}


def _held(offers: Sequence[Offer], asked: Mapping[int, Sequence[Asked]]) -> dict[int, Counter[int]]:
    ids = [offer.pk for offer in offers if offer.most_per_person is not None]
    people = {one.profile_id for offer_id in ids for one in asked[offer_id]}
    found: dict[int, Counter[int]] = {offer_id: Counter() for offer_id in ids}
    if people:
        with connection.cursor() as cursor:
            cursor.execute(_HELD, [numbers(sorted(people)), numbers(ids)])
            for offer_id, profile_id, n in cursor.fetchall():
                found[offer_id][profile_id] = n
    return found
