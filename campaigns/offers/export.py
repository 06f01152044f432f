"""The codes that were given as rows for a spreadsheet."""

from collections.abc import Iterator, Sequence
from typing import Any

from campaigns.models import Offer, OfferCode, OfferRedemption
from cdp.profiles.models import Profile

BATCH = 2_000
"""Rows in memory at a time, each batch a statement of its own: a slow reader holds no transaction open."""
HEAD = ("code", "person", "given at", "good until", "order", "used at", "discount", "by")


def rows_of(offer: Offer) -> Iterator[Sequence[Any]]:
    yield HEAD
    after = 0
    given = OfferCode.objects.handed_out(offer).order_by("pk")
    while batch := list(given.filter(pk__gt=after)[:BATCH]):
        after = batch[-1].pk
        used: dict[int, list[OfferRedemption]] = {}
        for one in OfferRedemption.objects.filter(given__in=batch, is_taken_back=False).order_by("at", "pk"):
            used.setdefault(one.given_id or 0, []).append(one)
        ids = {row.profile_id or 0 for row in batch} | {one.profile_id for ones in used.values() for one in ones}
        uuids = dict(Profile.objects.filter(pk__in=ids).values_list("pk", "uuid"))
        for row in batch:
            known = (row.code, uuids.get(row.profile_id or 0, ""), _iso(row.given_at), _iso(row.ends_at))
            orders = [_order(one, uuids) for one in used.get(row.pk, ())] or [("",) * 4]
            yield from ((*known, *order) for order in orders)


def _order(one: OfferRedemption, uuids: dict[int, Any]) -> tuple[Any, ...]:
    return one.order_id, _iso(one.at), one.discount, uuids.get(one.profile_id, "")


def _iso(at: Any) -> str:
    return at.isoformat() if at else ""
