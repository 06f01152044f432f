"""Gives offers to deliveries, thousands at once: each delivery its code, no code twice, no budget overdrawn.

The rule is asked before anything is locked. Then the offers are locked in the order of their ids until the end of the
transaction: budgets are counted and codes taken by one worker at a time, which takes milliseconds for a thousand. Who
asks again for a delivery that has the offer gets the same code, whatever became of the offer since. Call it outside of
long transactions.

Asked for under the key `best`, a delivery gets the offer that suits the person best (see `best`), or the next one if
that cannot be had.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F

from campaigns.models import Offer
from campaigns.offers import best, handing
from campaigns.offers.asked import Answer, Answers, Asked, Given, Refused, Terms
from campaigns.offers.gates import NO_CODE, NONE_SUITS, UNKNOWN, Gate, gates, who_may
from campaigns.offers.handing import Hand
from cdp.common.copying import texts

__all__ = ["Answers", "Asked", "Given", "Refused", "give", "rehearse"]

Wanted = dict[tuple[UUID, int], Asked]
"""By delivery and offer: each once."""
Found = dict[tuple[UUID, int], Answer]
_HELD = "select offer_id, delivery, code, ends_at from campaigns_offercode where delivery = any(%s::uuid[])"
_PICKED = """
select c.delivery, o.key from campaigns_offercode c join campaigns_offer o on o.id = c.offer_id
 where c.delivery = any(%s::uuid[]) and c.is_best
"""
_PICK = """
update campaigns_offercode c set is_best = true from unnest(%s::uuid[], %s::text[]) w (delivery, key), campaigns_offer o
 where o.key = w.key and c.offer_id = o.id and c.delivery = w.delivery
"""


def give(asked: Sequence[Asked], *, now: datetime, zone: ZoneInfo) -> Answers:
    """An answer for each (ref, offer key) that was asked for."""
    named = [one for one in asked if one.offer_key != best.KEY]
    answers = _give_named(named, now=now, zone=zone)
    if len(named) < len(asked):
        with transaction.atomic(), connection.cursor() as cursor:
            offers = best.candidates(now=now)
            # Before any of them alone is: the next best may have a lower id.
            list(Offer.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in offers]).order_by("pk"))
            picked = _best(asked, offers, lambda those: _give_named(those, now=now, zone=zone), now=now)
            pairs = [(str(ref), one.terms.key) for ref, one in picked.items() if isinstance(one, Given)]
            cursor.execute(_PICK, [texts([ref for ref, _ in pairs]), texts([key for _, key in pairs])])
        answers |= {(ref, best.KEY): one for ref, one in picked.items()}
    return answers


def rehearse(asked: Sequence[Asked], *, now: datetime, zone: ZoneInfo, taken: Counter[str] | None = None) -> Answers:
    """The same answers, and nothing is given: in place of a code of one's own stands an example.

    `taken` counts by offer key what the rehearsal handed out so far: one that asks in several calls passes the same.
    """
    counted = Counter() if taken is None else taken
    named = [one for one in asked if one.offer_key != best.KEY]
    answers = _rehearse_named(named, counted, now=now, zone=zone)
    if len(named) < len(asked):
        offers = best.candidates(now=now)
        picked = _best(asked, offers, lambda those: _rehearse_named(those, counted, now=now, zone=zone), now=now)
        answers |= {(ref, best.KEY): one for ref, one in picked.items()}
    return answers


def _best(
    asked: Sequence[Asked], offers: Sequence[Offer], hand: Callable[[list[Asked]], Answers], *, now: datetime
) -> dict[UUID, Answer]:
    """Delivery → the answer of the first offer in its ranking that can be had; what was picked before stays."""
    wanted = {one.ref: one for one in asked if one.offer_key == best.KEY}
    left = _rankings(list(wanted.values()), offers, now=now)
    found: dict[UUID, Answer] = dict.fromkeys(wanted, Refused(NONE_SUITS))
    while turn := {ref: keys.pop(0) for ref, keys in left.items() if keys}:
        answers = hand([replace(wanted[ref], offer_key=key) for ref, key in turn.items()])
        had = {ref: answers[ref, key] for ref, key in turn.items() if isinstance(answers[ref, key], Given)}
        found |= had
        left = {ref: keys for ref, keys in left.items() if ref not in had}
    return found


def _rankings(asked: Sequence[Asked], offers: Sequence[Offer], *, now: datetime) -> dict[UUID, list[str]]:
    """Delivery → keys, the best first."""
    with connection.cursor() as cursor:
        cursor.execute(_PICKED, [texts([str(one.ref) for one in asked])])
        picked = {ref: [key] for ref, key in cursor.fetchall()}
    stand, groups = best.standings(offers, now=now), best.groups_of({one.profile_id for one in asked})
    for one in asked:
        if one.ref not in picked:
            group = groups.get(one.profile_id, best.NO_GROUP)
            picked[one.ref] = [offer.key for offer in best.ranked(offers, stand, group=group, ref=one.ref)]
    return picked


def _give_named(asked: Sequence[Asked], *, now: datetime, zone: ZoneInfo) -> Answers:
    offers = _offers(asked)
    wanted = _wanted(asked, offers)
    found = _held(wanted, offers, zone)
    open_ = _by_offer(wanted, found)
    if open_:
        may = who_may([offers[pk] for pk in open_], open_, now=now, zone=zone)
        groups = best.groups_of({one.profile_id for those in open_.values() for one in those})
        with transaction.atomic(), connection.cursor() as cursor:
            locked = Offer.objects.select_for_update(no_key=True).filter(pk__in=list(open_)).order_by("pk")
            offers |= {offer.pk: offer for offer in locked}
            # Given meanwhile, by a worker that was quicker.
            found |= _held(wanted, offers, zone)
            open_ = _by_offer(wanted, found)
            stand = gates([offers[pk] for pk in open_], open_, may, now=now, zone=zone)
            hand = Hand(cursor, now, groups)
            for pk, those in sorted(open_.items()):
                found |= _give(hand, offers[pk], stand[pk], those, zone=zone)
    return _said(asked, offers, found)


def _rehearse_named(asked: Sequence[Asked], taken: Counter[str], *, now: datetime, zone: ZoneInfo) -> Answers:
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
        if offer.codes == Offer.Codes.UPLOADED:
            free = handing.n_free(offer, most=taken[offer.key] + len(open_[offer.pk]))
            gate.codes = free - taken[offer.key]
        example = Given(Terms.of(offer), handing.example(offer), handing.ends_at(offer, now), zone)
        for one in open_[offer.pk]:
            why = gate.why_not(one.profile_id)
            taken[offer.key] += not why
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
    terms = {pk: Terms.of(offer) for pk, offer in offers.items()}
    return {
        (ref, offer_id): Given(terms[offer_id], code, ends_at, zone)
        for offer_id, ref, code, ends_at in rows
        if (ref, offer_id) in wanted
    }


def _give(hand: Hand, offer: Offer, gate: Gate, asked: Sequence[Asked], *, zone: ZoneInfo) -> Found:
    refused = {one.ref: why for one in asked if (why := gate.why_not(one.profile_id))}
    through = [one for one in asked if one.ref not in refused]
    codes_of = hand.out(offer, through) if through else {}
    Offer.objects.filter(pk=offer.pk).update(n_given=F("n_given") + len(codes_of))
    terms, ends_at = Terms.of(offer), handing.ends_at(offer, hand.now)
    return {
        (one.ref, offer.pk): Given(terms, codes_of[one.ref], ends_at, zone)
        if one.ref in codes_of
        else Refused(refused.get(one.ref, NO_CODE))
        for one in asked
    }


def _said(asked: Iterable[Asked], offers: Mapping[int, Offer], found: Found) -> Answers:
    keys = {offer.key: pk for pk, offer in offers.items()}
    unknown = Refused(UNKNOWN)
    return {
        (one.ref, one.offer_key): found[one.ref, keys[one.offer_key]] if one.offer_key in keys else unknown
        for one in asked
    }
