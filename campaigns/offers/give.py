"""Gives offers to deliveries, thousands at once: each delivery its code, no code twice, no budget overdrawn.

The rule is asked before anything is locked. Then the offers are locked in the order of their ids until the end of the
transaction: budgets are counted and codes taken by one worker at a time, which takes milliseconds for a thousand. Who
asks again for a delivery that has the offer gets the same code, whatever became of the offer since. Call it outside of
long transactions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F

from campaigns.models import Offer, OfferCode
from campaigns.offers import codes
from campaigns.offers.asked import Answer, Answers, Asked, Given, Refused, Terms
from campaigns.offers.gates import NO_CODE, UNKNOWN, Gate, gates, who_may
from cdp.common.copying import Cursor, numbers, texts

__all__ = ["Answers", "Asked", "Given", "Refused", "give", "rehearse"]

Codes = Offer.Codes
Wanted = dict[tuple[UUID, int], Asked]
"""By delivery and offer: each once."""
Found = dict[tuple[UUID, int], Answer]
ROUNDS = 20
"""So often codes are made anew in place of those that were made before. Even with a million codes of the least length
one in a hundred thousand is, so that a second round is rare."""
_HELD = "select offer_id, delivery, code, ends_at from campaigns_offercode where delivery = any(%s::uuid[])"
_TAKE = """
with free as (
    select id, row_number() over (order by id) as n
      from (select id from campaigns_offercode f where offer_id = %s and delivery is null
               and not exists (select 1 from campaigns_offerredemption r where r.given_id = f.id)
             order by id limit %s for update of f skip locked) g),
wanted as (
    select * from unnest(%s::uuid[], %s::bigint[], %s::bigint[]) with ordinality
        as w (delivery, profile_id, record_id, n))
update campaigns_offercode c
   set delivery = w.delivery, profile_id = w.profile_id, record_id = w.record_id, given_at = %s, ends_at = %s
  from free join wanted w using (n)
 where c.id = free.id
returning c.delivery, c.code
"""
_ADD = """
insert into campaigns_offercode (offer_id, code, is_own, delivery, profile_id, record_id, given_at, ends_at)
select %s, w.code, %s, w.delivery, w.profile_id, w.record_id, %s, %s
  from unnest(%s::text[], %s::uuid[], %s::bigint[], %s::bigint[]) w (code, delivery, profile_id, record_id)
on conflict do nothing
returning delivery, code
"""


class CodesUsedUp(Exception):
    """No new code could be made. Give the offer longer codes."""


def give(asked: Sequence[Asked], *, now: datetime, zone: ZoneInfo) -> Answers:
    """An answer for each (ref, offer key) that was asked for."""
    offers = _offers(asked)
    wanted = _wanted(asked, offers)
    found = _held(wanted, offers, zone)
    open_ = _by_offer(wanted, found)
    if open_:
        may = who_may([offers[pk] for pk in open_], open_, now=now, zone=zone)
        with transaction.atomic(), connection.cursor() as cursor:
            locked = Offer.objects.select_for_update(no_key=True).filter(pk__in=list(open_)).order_by("pk")
            offers |= {offer.pk: offer for offer in locked}
            # Given meanwhile, by a worker that was quicker.
            found |= _held(wanted, offers, zone)
            open_ = _by_offer(wanted, found)
            stand = gates([offers[pk] for pk in open_], open_, may, now=now, zone=zone)
            for pk, those in sorted(open_.items()):
                found |= _give(cursor, offers[pk], stand[pk], those, now=now, zone=zone)
    return _said(asked, offers, found)


def rehearse(asked: Sequence[Asked], *, now: datetime, zone: ZoneInfo, taken: Counter[str] | None = None) -> Answers:
    """The same answers, and nothing is given: in place of a code of one's own stands an example.

    `taken` counts by offer key what the rehearsal handed out so far: one that asks in several calls passes the same.
    """
    taken = Counter() if taken is None else taken
    offers = _offers(asked)
    wanted = _wanted(asked, offers)
    found = _held(wanted, offers, zone)
    open_ = _by_offer(wanted, found)
    concerned = [offers[pk] for pk in open_]
    may = who_may(concerned, open_, now=now, zone=zone)
    stand = gates(concerned, open_, may, now=now, zone=zone)
    for offer in concerned:
        gate = stand[offer.pk]
        gate.room = None if gate.room is None else gate.room - taken[offer.key]
        if offer.codes == Codes.UPLOADED:
            gate.codes = _n_free(offer, most=taken[offer.key] + len(open_[offer.pk])) - taken[offer.key]
        for one in open_[offer.pk]:
            why = gate.why_not(one.profile_id)
            taken[offer.key] += not why
            example = Given(Terms.of(offer), _example(offer), _ends_at(offer, now), zone)
            found[one.ref, offer.pk] = Refused(why) if why else example
    return _said(asked, offers, found)


def _offers(asked: Iterable[Asked]) -> dict[int, Offer]:
    return {offer.pk: offer for offer in Offer.objects.filter(key__in={one.offer_key for one in asked}).order_by("pk")}


def _wanted(asked: Iterable[Asked], offers: Mapping[int, Offer]) -> Wanted:
    by_key = {offer.key: pk for pk, offer in offers.items()}
    return {(one.ref, by_key[one.offer_key]): one for one in asked if one.offer_key in by_key}


def _by_offer(wanted: Wanted, found: Found) -> dict[int, list[Asked]]:
    """Those who have no answer yet."""
    left = defaultdict(list)
    for (ref, offer_id), one in wanted.items():
        if (ref, offer_id) not in found:
            left[offer_id].append(one)
    return dict(left)


def _held(wanted: Wanted, offers: Mapping[int, Offer], zone: ZoneInfo) -> Found:
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [texts(sorted({str(ref) for ref, _ in wanted}))])
        rows = cursor.fetchall()
    return {
        (ref, offer_id): Given(Terms.of(offers[offer_id]), code, ends_at, zone)
        for offer_id, ref, code, ends_at in rows
        if (ref, offer_id) in wanted
    }


def _give(cursor: Cursor, offer: Offer, gate: Gate, asked: Sequence[Asked], *, now: datetime, zone: ZoneInfo) -> Found:
    refused = {one.ref: why for one in asked if (why := gate.why_not(one.profile_id))}
    through = [one for one in asked if one.ref not in refused]
    ends_at = _ends_at(offer, now)
    codes_of = _hand_out(cursor, offer, through, times=(now, ends_at)) if through else {}
    Offer.objects.filter(pk=offer.pk).update(n_given=F("n_given") + len(codes_of))
    terms = Terms.of(offer)
    return {
        (one.ref, offer.pk): Given(terms, codes_of[one.ref], ends_at, zone)
        if one.ref in codes_of
        else Refused(refused.get(one.ref, NO_CODE))
        for one in asked
    }


def _hand_out(
    cursor: Cursor, offer: Offer, asked: Sequence[Asked], *, times: tuple[datetime, datetime | None]
) -> dict[UUID, str]:
    """Delivery → its code; of a list perhaps fewer than were asked for."""
    if offer.codes == Codes.UPLOADED:
        cursor.execute(_TAKE, [offer.pk, len(asked), *_columns(asked), *times])
        return dict(cursor.fetchall())
    if offer.codes == Codes.GENERATED:
        return _make(cursor, offer, asked, times=times)
    same = offer.shared_code if offer.codes == Codes.SHARED else ""
    cursor.execute(_ADD, [offer.pk, False, *times, texts([same] * len(asked)), *_columns(asked)])
    return dict(cursor.fetchall())


def _make(
    cursor: Cursor, offer: Offer, asked: Sequence[Asked], *, times: tuple[datetime, datetime | None]
) -> dict[UUID, str]:
    made: dict[UUID, str] = {}
    for _ in range(ROUNDS):
        left = [one for one in asked if one.ref not in made]
        if not left:
            return made
        new = codes.fresh(len(left), prefix=offer.code_prefix, length=offer.code_length)
        cursor.execute(_ADD, [offer.pk, True, *times, texts(new), *_columns(left)])
        made |= dict(cursor.fetchall())
    raise CodesUsedUp


def _columns(asked: Sequence[Asked]) -> tuple[str, str, list[int | None]]:
    refs = texts([str(one.ref) for one in asked])
    return refs, numbers(one.profile_id for one in asked), [one.record_id for one in asked]


def _n_free(offer: Offer, *, most: int) -> int:
    return OfferCode.objects.filter(pk__in=OfferCode.objects.free(offer)[:most]).count()


def _example(offer: Offer) -> str:
    if offer.codes == Codes.GENERATED:
        return codes.example(prefix=offer.code_prefix, length=offer.code_length)
    if offer.codes == Codes.UPLOADED:
        return codes.example(prefix="", length=codes.LEAST_LENGTH)
    return offer.shared_code if offer.codes == Codes.SHARED else ""


def _ends_at(offer: Offer, now: datetime) -> datetime | None:
    """A code of one's own may end sooner than the offer."""
    own = None if offer.days_valid is None else now + timedelta(days=offer.days_valid)
    return min((at for at in (own, offer.ends_at) if at is not None), default=None)


def _said(asked: Iterable[Asked], offers: Mapping[int, Offer], found: Found) -> Answers:
    keys = {offer.key: pk for pk, offer in offers.items()}
    unknown = Refused(UNKNOWN)
    return {
        (one.ref, one.offer_key): found[one.ref, keys[one.offer_key]] if one.offer_key in keys else unknown
        for one in asked
    }
