"""Which offer suits a person best: the one that is worth most by how often people like them used it.

A person's group is their RFM bands of recency and frequency when they were given it. Of each offer and group counts how
many were given it and how many used it. A group's rate is drawn to the offer's, and the offer's to that of all, as if
`PULL` more had been seen there (a Beta prior), so that three lucky uses decide nothing. Most people get the offer with
the highest rate times the worth of an order with it; of a share the rates are drawn from what they may well be, so that
a new offer gets its chance (Thompson sampling: Russo et al., A Tutorial on Thompson Sampling, 2018).
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from campaigns.models import Offer
from cdp.common.copying import numbers

KEY = "best"
PULL = 30.0
FIRST_RATE = 0.05
"""Before anything was seen."""
WORTH_PULL = 10.0
EXPLORED = 0.1
SETTLED, REMEMBERED = timedelta(days=3), timedelta(days=180)
"""Who was given an offer just now had no time to use it."""
NO_GROUP = "none"
"""People who never ordered, or whose bands are not known yet."""
_GROUPS = """
select v.profile_id, v.text from analytics_computedvalue v
  join analytics_computedtrait t on t.id = v.trait_id and t.key = 'rfm' and not t.is_removed
 where v.profile_id = any(%s::bigint[]) and v.text is not null
"""
_COUNTS = """
select c.offer_id, c.rfm, count(*), count(*) filter (where exists (
       select 1 from campaigns_offerredemption r where r.given_id = c.id and not r.is_taken_back))
  from campaigns_offercode c
 where c.offer_id = any(%s::bigint[]) and c.given_at between %s and %s
 group by 1, 2
"""
_WORTH = """
select offer_id, count(*), sum(value) from campaigns_offerredemption
 where offer_id = any(%s::bigint[]) and not is_taken_back and at >= %s group by 1
"""


@dataclass(frozen=True)
class Seen:
    given: int = 0
    used: int = 0

    def __add__(self, other: "Seen") -> "Seen":
        return Seen(self.given + other.given, self.used + other.used)

    def rate(self, prior: float) -> float:
        return (self.used + PULL * prior) / (self.given + PULL)


@dataclass
class Standing:
    """Of one offer."""

    worth: float
    """Of an order with it, in the reporting currency."""
    prior: float
    """The rate of all offers."""
    groups: dict[str, Seen] = field(default_factory=dict)

    @property
    def whole(self) -> Seen:
        return sum(self.groups.values(), Seen())

    def rate(self, group: str) -> float:
        return self.groups.get(group, Seen()).rate(self.whole.rate(self.prior))

    def drawn(self, group: str, generator: random.Random) -> float:
        """A rate that may well be the true one."""
        seen, prior = self.groups.get(group, Seen()), self.whole.rate(self.prior)
        return generator.betavariate(seen.used + PULL * prior, seen.given - seen.used + PULL * (1 - prior))


def candidates(*, now: datetime) -> list[Offer]:
    """Offers that may be picked as somebody's best, by id."""
    active = Offer.objects.filter(is_for_best=True, archived_at=None).exclude(ends_at__lte=now)
    return list(active.exclude(starts_at__gt=now).order_by("pk"))


def groups_of(profile_ids: Collection[int]) -> dict[int, str]:
    """Of those who have one."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, [numbers(profile_ids)])
        return {profile_id: cell.rpartition("-")[0][:10] for profile_id, cell in cursor.fetchall()}


def standings(offers: Sequence[Offer], *, now: datetime) -> dict[int, Standing]:
    ids = numbers(offer.pk for offer in offers)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [ids, now - REMEMBERED, now - SETTLED])
        counts = cursor.fetchall()
        cursor.execute(_WORTH, [ids, now - REMEMBERED])
        worths = {offer_id: (n, float(total)) for offer_id, n, total in cursor.fetchall()}
    everything = sum((Seen(given, used) for _, _, given, used in counts), Seen())
    n_all, sum_all = sum(n for n, _ in worths.values()), sum(total for _, total in worths.values())
    usual = sum_all / n_all if n_all and sum_all > 0 else 1.0
    found = {}
    for offer in offers:
        n, total = worths.get(offer.pk, (0, 0.0))
        found[offer.pk] = Standing((total + WORTH_PULL * usual) / (n + WORTH_PULL), everything.rate(FIRST_RATE))
    for offer_id, group, given, used in counts:
        found[offer_id].groups[group or NO_GROUP] = Seen(given, used)
    return found


def ranked(offers: Sequence[Offer], stand: Mapping[int, Standing], *, group: str, ref: UUID) -> list[Offer]:
    """The best first. The same delivery is always ranked by the same draw."""
    generator = random.Random(ref.int)  # noqa: S311
    explores = generator.random() < EXPLORED
    value = {}
    for offer in offers:
        one = stand[offer.pk]
        value[offer.pk] = one.worth * (one.drawn(group, generator) if explores else one.rate(group))
    return sorted(offers, key=lambda offer: (-value[offer.pk], offer.pk))
