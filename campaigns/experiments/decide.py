"""The winner of a test: who gets it among those who waited, decided once.

The higher share wins. Where two are even, the one with the lower number: what is known by then is all there is, and
people wait. How sure it is, is kept and said beside it.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction
from django.db.models import Max, QuerySet

from campaigns.experiments.counts import Group, groups_of
from campaigns.experiments.statistics import chances
from campaigns.experiments.statistics.compare import ALPHA
from campaigns.experiments.statistics.samples import of_share
from campaigns.experiments.statistics.sequential import always_valid
from campaigns.models import Campaign, Decision, Delivery
from campaigns.occurrences import is_planned
from campaigns.planning import release
from cdp.accounts.models import User

OPEN = (Campaign.State.SENDING, Campaign.State.SCHEDULED)


class NothingToDecide(Exception):
    """This test was decided already, or nobody waits for a winner."""


def due(*, now: datetime) -> list[int]:
    """Campaigns whose test is to be decided now. A paused one is not: it goes on when it goes on."""
    testing = Campaign.objects.filter(state__in=OPEN, test_percent__lt=100, winner=None, variants__number=1)
    return [one.pk for one in testing.order_by("pk") if (at := decides_at(one)) and at <= now]


def decides_at(campaign: Campaign) -> datetime | None:
    """So many hours after the last in the test was to get it; None before all are planned."""
    tested = Delivery.objects.filter(campaign_id=campaign.pk, variant__gt=0, gets_winner=False)
    if not is_planned(campaign):
        return None
    last = tested.exclude(state=Delivery.State.SKIPPED).aggregate(last=Max("due_at"))["last"]
    return last + timedelta(hours=campaign.decide_after_h) if last else None


def decide(campaign: Campaign, *, now: datetime, by: User | None = None) -> Decision:
    """Writes the winner, once; `give` then gives it to those who wait. Raises NothingToDecide."""
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        groups = groups_of(locked)
        if locked.winner is not None or locked.test_percent >= 100 or len(groups) < 2 or locked.started_at is None:
            raise NothingToDecide(" ".join(str(NothingToDecide.__doc__).split()))
        best = max(groups, key=lambda one: (one.share(locked.decides_on), -one.number))
        locked.winner = best.number
        locked.save(update_fields=["winner"])
        return Decision.objects.create(
            campaign=locked,
            number=best.number,
            decides_on=locked.decides_on,
            counts={str(one.number): [one.people, one.did(locked.decides_on)] for one in groups},
            chance=_chance(locked, groups, best),
            is_certain=_is_certain(locked, groups, best),
            waiting=_waiting(locked).count(),
            by=by,
            at=now,
        )


def give(campaign: Campaign, *, now: datetime, zone: ZoneInfo) -> int:
    """Whoever waits gets the winner, each at their hour. Run again, it goes on with those who are left. Returns how
    many."""
    given = 0
    while campaign.winner is not None and (n := release(campaign, variant=campaign.winner, now=now, zone=zone)):
        given += n
    return given


def give_late(*, now: datetime, zone: ZoneInfo) -> int:
    """Of all tests that are decided: whom a worker left that died, or who became another's heir since."""
    decided = Campaign.objects.filter(state__in=OPEN, winner__isnull=False, test_percent__lt=100)
    return sum(give(one, now=now, zone=zone) for one in decided)


def _waiting(campaign: Campaign) -> QuerySet[Delivery]:
    return Delivery.objects.filter(campaign_id=campaign.pk, state=Delivery.State.PLANNED, due_at=None)


def _chance(campaign: Campaign, groups: list[Group], best: Group) -> float:
    rng = np.random.default_rng(campaign.pk)
    found = chances.of_shares([(one.people, one.did(campaign.decides_on)) for one in groups], rng=rng)
    return found[groups.index(best)].best


def _is_certain(campaign: Campaign, groups: list[Group], best: Group) -> bool:
    """Better than each of the others, all intervals together right 95 times in 100."""
    mine = of_share(best.people, best.did(campaign.decides_on))
    alpha = ALPHA / (len(groups) - 1)
    for one in groups:
        if one.number != best.number:
            found = always_valid(of_share(one.people, one.did(campaign.decides_on)), mine, alpha=alpha)
            if found is None or found.low <= 0:
                return False
    return True
