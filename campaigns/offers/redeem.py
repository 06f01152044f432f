"""Redemptions follow from orders: whoever ordered, or was merged or parted, is read anew within seconds.

What is kept of a person's orders is what their events say now, so it does not matter in which order they came, nor how
often they are read. A code counts whoever uses it: of whom it was given to tells whether it was passed on.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Upper

from campaigns.models import Offer, OfferCode
from campaigns.offers.codes import key_of
from campaigns.offers.orders import NAMES, Order, orders_of
from campaigns.offers.tell import tell
from cdp.common.copying import Cursor, numbers, texts
from cdp.profiles.touched import EVERYBODY, REGROUPED, claim

READER = "offers"
FACTS = frozenset({*(f"event:{name}" for name in NAMES), *REGROUPED})
CLAIM = 1_000
LOCK = 7_305_061
TOLD_FOR = timedelta(days=2)
"""Of an older order, such as one of an import, no event is made."""
CENT = Decimal("0.01")
_READ_AGAIN = """
insert into profiles_touched (reader, profile_id, names, at)
select %s, profile_id, '[]', %s from events_order where ordered_at >= %s group by profile_id
"""
_FORGET = """
delete from campaigns_offerredemption r
 where r.profile_id = any(%s::bigint[])
   and not exists (select 1 from unnest(%s::bigint[], %s::text[], %s::text[]) k (profile_id, order_id, code)
                    where k.profile_id = r.profile_id and k.order_id = r.order_id and k.code = r.code)
"""
_KEEP = """
insert into campaigns_offerredemption as r
       (profile_id, order_id, code, offer_id, given_id, at, value, discount, is_taken_back)
select * from unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[],
                     %s::numeric[], %s::numeric[], %s::boolean[])
on conflict (profile_id, order_id, code) do update
   set offer_id = excluded.offer_id, given_id = excluded.given_id, at = excluded.at, value = excluded.value,
       discount = excluded.discount, is_taken_back = excluded.is_taken_back
 where (r.offer_id, r.given_id, r.at, r.value, r.discount, r.is_taken_back) is distinct from
       (excluded.offer_id, excluded.given_id, excluded.at, excluded.value, excluded.discount, excluded.is_taken_back)
returning profile_id, order_id, code, xmax = 0
"""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A row to be."""

    profile_id: int
    order_id: str
    code: str
    offer_id: int
    given_id: int | None
    at: datetime
    value: Decimal
    discount: Decimal | None
    is_taken_back: bool


def read_orders(*, now: datetime) -> int | None:
    """One claim of people who ordered. Returns its size; None if another worker is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        claimed = claim(cursor, READER, limit=CLAIM)
        refresh(cursor, {profile_id for profile_id, _, _ in claimed} - {EVERYBODY}, now=now)
        return len(claimed)


def refresh(cursor: Cursor, profile_ids: Collection[int], *, now: datetime) -> None:
    """What these people's orders say of offers, anew."""
    offers = {offer.pk: offer for offer in Offer.objects.exclude(codes=Offer.Codes.NONE)} if profile_ids else {}
    if not offers:
        return
    orders = orders_of(cursor, profile_ids, reporting=settings.REPORTING_CURRENCY)
    found = _redeemed(orders, offers)
    cursor.execute(_FORGET, [numbers(profile_ids), *_keys(found)])
    new = _keep(cursor, found)
    tell([one for one in new if not one.is_taken_back and one.at > now - TOLD_FOR], offers, now=now)


def read_again(offer: Offer, *, now: datetime) -> None:
    """People who ordered since the offer began: a code of it came to be known only now."""
    with connection.cursor() as cursor:
        cursor.execute(_READ_AGAIN, [READER, now, offer.counts_from])


def _redeemed(orders: Sequence[Order], offers: Mapping[int, Offer]) -> list[Redeemed]:
    named = {code for order in orders for code in order.codes}
    own = _own(named)
    shared = {key_of(offer.shared_code): offer.pk for offer in offers.values() if offer.codes == Offer.Codes.SHARED}
    mails = _mails({order.profile_id for order in orders}, {shared[code] for code in named & shared.keys()})
    found: list[Redeemed] = []
    for order in orders:
        matched: dict[str, tuple[int, int | None]] = {}
        for code in order.codes:
            if code in own:
                matched[code] = own[code]
            elif code in shared:
                matched[code] = shared[code], _before(mails.get((order.profile_id, shared[code]), ()), order.at)
        found += _rows(order, {code: one for code, one in matched.items() if order.at >= offers[one[0]].counts_from})
    return found


def _rows(order: Order, matched: Mapping[str, tuple[int, int | None]]) -> Iterator[Redeemed]:
    parts = _parts(order.discount, len(matched))
    for part, (code, (offer_id, given_id)) in zip(parts, matched.items(), strict=True):
        key = (order.profile_id, order.order_id, code)
        yield Redeemed(*key, offer_id, given_id, order.at, order.value, part, order.is_taken_back)


def _own(codes: Collection[str]) -> dict[str, tuple[int, int | None]]:
    """Code → offer and the row of whom it was given to."""
    rows = OfferCode.objects.alias(key=Upper("code")).filter(is_own=True, key__in=codes) if codes else ()
    return {key_of(row.code): (row.offer_id, row.pk) for row in rows}


def _mails(profile_ids: Collection[int], offer_ids: Collection[int]) -> dict[tuple[int, int], list[OfferCode]]:
    """What these people were given of offers with one code for everybody, the latest first."""
    found: dict[tuple[int, int], list[OfferCode]] = defaultdict(list)
    if offer_ids:
        rows = OfferCode.objects.filter(profile_id__in=profile_ids, offer_id__in=offer_ids, is_own=False)
        for row in rows.order_by("-given_at", "-pk"):
            found[row.profile_id or 0, row.offer_id].append(row)
    return found


def _before(given: Iterable[OfferCode], at: datetime) -> int | None:
    return next((row.pk for row in given if row.given_at and row.given_at <= at), None)


def _parts(discount: Decimal | None, n: int) -> list[Decimal | None]:
    """Equal parts that add up: the order does not say which code took off how much."""
    if discount is None or n == 0:
        return [None] * n
    each = (discount / n).quantize(CENT, ROUND_HALF_UP)
    return [discount - each * (n - 1), *[each] * (n - 1)]


def _keep(cursor: Cursor, found: Sequence[Redeemed]) -> list[Redeemed]:
    """Returns those that were not known."""
    if not found:
        return []
    columns = [
        [getattr(one, name) for one in found]
        for name in ("offer_id", "given_id", "at", "value", "discount", "is_taken_back")
    ]
    cursor.execute(_KEEP, [*_keys(found), *columns])
    new = {(profile_id, order_id, code) for profile_id, order_id, code, is_new in cursor.fetchall() if is_new}
    return [one for one in found if (one.profile_id, one.order_id, one.code) in new]


def _keys(found: Sequence[Redeemed]) -> tuple[str, str, str]:
    return (
        numbers(one.profile_id for one in found),
        texts([one.order_id for one in found]),
        texts([one.code for one in found]),
    )
