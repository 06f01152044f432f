"""Writes who was given which code. Whoever calls holds the offer's lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from campaigns.models import Offer, OfferCode
from campaigns.offers import codes
from campaigns.offers.asked import Asked
from cdp.common.copying import Cursor, numbers, texts

Codes = Offer.Codes
ROUNDS = 20
"""So often codes are made anew in place of those that were made before. Even with a million codes of the least length
one in a hundred thousand is, so that a second round is rare."""
_TAKE = """
with free as (
    select id, row_number() over (order by id) as n
      from (select id from campaigns_offercode f where offer_id = %s and delivery is null
               and not exists (select 1 from campaigns_offerredemption r where r.given_id = f.id)
             order by id limit %s for update of f skip locked) g),
wanted as (
    select * from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::text[]) with ordinality
        as w (delivery, profile_id, record_id, rfm, n))
update campaigns_offercode c
   set delivery = w.delivery, profile_id = w.profile_id, record_id = w.record_id, rfm = w.rfm, given_at = %s,
       ends_at = %s
  from free join wanted w using (n)
 where c.id = free.id
returning c.delivery, c.code
"""
_ADD = """
insert into campaigns_offercode
       (offer_id, code, is_own, delivery, profile_id, record_id, rfm, is_best, given_at, ends_at)
select %s, w.code, %s, w.delivery, w.profile_id, w.record_id, w.rfm, false, %s, %s
  from unnest(%s::text[], %s::uuid[], %s::bigint[], %s::bigint[], %s::text[])
       w (code, delivery, profile_id, record_id, rfm)
on conflict do nothing
returning delivery, code
"""


class CodesUsedUp(Exception):
    """No new code could be made. Give the offer longer codes."""


@dataclass(frozen=True)
class Hand:
    cursor: Cursor
    now: datetime
    groups: Mapping[int, str]
    """Profile id → recency and frequency band, of those who have them."""

    def out(self, offer: Offer, asked: Sequence[Asked]) -> dict[UUID, str]:
        """Delivery → its code; of a list perhaps fewer than were asked for."""
        if offer.codes == Codes.UPLOADED:
            times = (self.now, ends_at(offer, self.now))
            self.cursor.execute(_TAKE, [offer.pk, len(asked), *self._columns(asked), *times])
            return dict(self.cursor.fetchall())
        if offer.codes == Codes.GENERATED:
            return self._make(offer, asked)
        same = offer.shared_code if offer.codes == Codes.SHARED else ""
        return self._add(offer, asked, [same] * len(asked))

    def _make(self, offer: Offer, asked: Sequence[Asked]) -> dict[UUID, str]:
        made: dict[UUID, str] = {}
        for _ in range(ROUNDS):
            left = [one for one in asked if one.ref not in made]
            if not left:
                return made
            new = codes.fresh(len(left), prefix=offer.code_prefix, length=offer.code_length)
            made |= self._add(offer, left, new)
        raise CodesUsedUp

    def _add(self, offer: Offer, asked: Sequence[Asked], new: Sequence[str]) -> dict[UUID, str]:
        is_own, times = offer.codes == Codes.GENERATED, (self.now, ends_at(offer, self.now))
        self.cursor.execute(_ADD, [offer.pk, is_own, *times, texts(new), *self._columns(asked)])
        return dict(self.cursor.fetchall())

    def _columns(self, asked: Sequence[Asked]) -> tuple[str, str, list[int | None], str]:
        return (
            texts([str(one.ref) for one in asked]),
            numbers(one.profile_id for one in asked),
            [one.record_id for one in asked],
            texts([self.groups.get(one.profile_id, "") for one in asked]),
        )


def n_free(offer: Offer, *, most: int) -> int:
    return OfferCode.objects.filter(pk__in=OfferCode.objects.free(offer)[:most]).count()


def example(offer: Offer) -> str:
    """In place of a code of one's own."""
    if offer.codes == Codes.GENERATED:
        return codes.example(prefix=offer.code_prefix, length=offer.code_length)
    if offer.codes == Codes.UPLOADED:
        return codes.example(prefix="", length=codes.LEAST_LENGTH)
    return offer.shared_code if offer.codes == Codes.SHARED else ""


def ends_at(offer: Offer, now: datetime) -> datetime | None:
    """A code of one's own may end sooner than the offer."""
    own = None if offer.days_valid is None else now + timedelta(days=offer.days_valid)
    return min((at for at in (own, offer.ends_at) if at is not None), default=None)
