"""What became of an offer: codes left, given, used, what it took off and brought in; and what needs a look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Q

from campaigns.models import Offer, OfferCode, OfferRedemption
from campaigns.offers.asked import last_day
from campaigns.offers.uses import OfferUse

SOON = timedelta(days=3)
NEARLY = Decimal("0.9")
DAYS = 90
_ORDERS = """
select count(*) as orders, coalesce(sum(value), 0) as revenue
  from (select distinct on (profile_id, order_id) value from campaigns_offerredemption
         where offer_id = %s and not is_taken_back order by profile_id, order_id) o
"""
_USED = """
select count(*), coalesce(sum(discount), 0), count(*) filter (where discount is null),
       count(distinct given_id) filter (where given_id is not null),
       count(*) filter (where c.profile_id <> r.profile_id)
  from campaigns_offerredemption r left join campaigns_offercode c on c.id = r.given_id and c.is_own
 where r.offer_id = %s and not r.is_taken_back
"""
_GIVEN = """
select (given_at at time zone %s)::date, count(*) from campaigns_offercode
 where offer_id = %s and given_at >= %s group by 1
"""
_REDEEMED = """
select (at at time zone %s)::date, count(*) from campaigns_offerredemption
 where offer_id = %s and at >= %s and not is_taken_back group by 1
"""
_REVENUE = """
select (at at time zone %s)::date, sum(value)
  from (select distinct on (profile_id, order_id) at, value from campaigns_offerredemption
         where offer_id = %s and at >= %s and not is_taken_back order by profile_id, order_id) o
 group by 1
"""


@dataclass(frozen=True)
class Figures:
    given: int
    left: int | None
    """Codes of the list not given yet; None: the offer has no list."""
    used: int
    """Redemptions that were not taken back."""
    used_of_given: int
    """Of those given, how many were used at least once."""
    passed_on: int
    orders: int
    revenue: Decimal
    spent: Decimal
    unsaid: int
    """Redemptions of orders that do not say what was taken off."""
    taken_back: int


def figures_of(offer: Offer) -> Figures:
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, [offer.pk])
        orders, revenue = cursor.fetchone()
        cursor.execute(_USED, [offer.pk])
        used, spent, unsaid, used_of_given, passed_on = cursor.fetchone()
    is_listed = offer.codes == Offer.Codes.UPLOADED
    return Figures(
        given=offer.n_given,
        left=OfferCode.objects.free(offer).count() if is_listed else None,
        used=used,
        used_of_given=used_of_given,
        passed_on=passed_on,
        orders=orders,
        revenue=revenue,
        spent=spent,
        unsaid=unsaid,
        taken_back=OfferRedemption.objects.filter(offer=offer, is_taken_back=True).count(),
    )


def counts_of(offers: Sequence[Offer]) -> dict[int, tuple[int | None, int]]:
    """Offer id → codes left, redemptions; for a list of offers, in two statements."""
    ids = [offer.pk for offer in offers]
    listed = [offer.pk for offer in offers if offer.codes == Offer.Codes.UPLOADED]
    free = OfferCode.objects.filter(offer_id__in=listed, delivery=None).values_list("offer_id").annotate(n=Count("pk"))
    left = dict.fromkeys(listed, 0) | dict(free)
    used = Offer.objects.filter(pk__in=ids).annotate(n=Count("redemptions", Q(redemptions__is_taken_back=False)))
    return {pk: (left.get(pk), n) for pk, n in used.values_list("pk", "n")}


def warnings_of(offer: Offer, found: Figures, uses: Sequence[OfferUse], *, now: datetime, zone: ZoneInfo) -> list[str]:
    """What a marketer should see to. Nothing of an offer that is archived."""
    if offer.archived_at is not None:
        return []
    told = (_codes(found, uses), _room(offer, uses), _money(offer, found), _end(offer, uses, now, zone))
    return [text for text in told if text]


def _going_out(uses: Sequence[OfferUse]) -> tuple[int, str]:
    """How many people the campaigns go to that are not sent yet, and what these are called."""
    campaigns = [use for use in uses if use.audience is not None]
    names = f"“{campaigns[0].name}” goes" if len(campaigns) == 1 else f"{len(campaigns)} campaigns go"
    return sum(use.audience or 0 for use in campaigns), names


def _codes(found: Figures, uses: Sequence[OfferUse]) -> str:
    if found.left is None:
        return ""
    people, names = _going_out(uses)
    if found.left == 0:
        return "No code is left: nobody can be given the offer. Add codes."
    if found.left < people:
        return f"{found.left:,} codes are left, and {names} to {people:,} people. Add codes."
    if not people and found.given and found.left < found.given / 10:
        return f"{found.left:,} codes are left of {found.left + found.given:,}. Add codes."
    return ""


def _room(offer: Offer, uses: Sequence[OfferUse]) -> str:
    if offer.most_given is None:
        return ""
    room = offer.most_given - offer.n_given
    people, names = _going_out(uses)
    if room <= 0:
        return f"It was given as often as it may be ({offer.most_given:,} times)."
    return f"It may be given {room:,} times more, and {names} to {people:,} people." if room < people else ""


def _money(offer: Offer, found: Figures) -> str:
    if offer.most_spent is None or found.spent < offer.most_spent * NEARLY:
        return ""
    if found.spent >= offer.most_spent:
        return "Orders with it took off as much as they may: nobody is given it any more."
    return f"Orders with it took off {found.spent / offer.most_spent:.0%} of what they may."


def _end(offer: Offer, uses: Sequence[OfferUse], now: datetime, zone: ZoneInfo) -> str:
    if offer.ends_at is None:
        return ""
    day = f"{last_day(offer.ends_at, zone):%-d %B %Y}"
    people, names = _going_out(uses)
    then = f", and {names} out with it" if people else ""
    if offer.ends_at <= now:
        return f"It ended on {day}{then}." if people else ""
    return f"It ends on {day}{then}." if offer.ends_at - now <= SOON else ""


def charts_of(offer: Offer, *, now: datetime, zone: ZoneInfo, currency: str) -> list[dict[str, Any]]:
    """As static/js/chart.js draws them; none before anything happened."""
    first = max((offer.starts_at or offer.created_at), now - timedelta(days=DAYS - 1)).astimezone(zone).date()
    first = min(first, now.astimezone(zone).date())
    days = [first + timedelta(days=n) for n in range((now.astimezone(zone).date() - first).days + 1)]
    since = datetime(first.year, first.month, first.day, tzinfo=zone)
    given = _by_day(_GIVEN, offer, since, zone)
    used = _by_day(_REDEEMED, offer, since, zone)
    revenue = _by_day(_REVENUE, offer, since, zone)
    if not given and not used:
        return []
    names = [f"{day:%-d %b}" for day in days]
    both = [_series("Given", given, days), _series("Used", used, days)]
    brought = [_series("Revenue", revenue, days)]
    return [
        {"id": "given", "title": "Given and used, by day", "yLabel": "Times", "series": both} | _days(names),
        {"id": "revenue", "title": "Revenue of orders with it, by day", "yLabel": currency, "series": brought}
        | _days(names),
    ]


def _days(names: list[str]) -> dict[str, Any]:
    return {"type": "bar", "x": names, "xLabel": "Day"}


def _by_day(sql: str, offer: Offer, since: datetime, zone: ZoneInfo) -> dict[date, Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [zone.key, offer.pk, since])
        return dict(cursor.fetchall())


def _series(name: str, values: dict[date, Any], days: Sequence[date]) -> dict[str, Any]:
    return {"name": name, "data": [float(values.get(day, 0)) for day in days]}
