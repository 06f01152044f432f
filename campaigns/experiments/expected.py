"""What a test can find, told before it is started: from the size of the audience and what earlier campaigns brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from campaigns.experiments.statistics.compare import ALPHA
from campaigns.experiments.statistics.power import POWER, Design, people_needed, power_once, smallest_lift
from campaigns.models import Campaign

LATELY = timedelta(days=180)
CAMPAIGNS, OF_EACH = 5, 20_000
"""How many campaigns are looked at, and how many of the people of each."""
WITHOUT = {Campaign.Decision.CLICKS: 0.03, Campaign.Decision.CONVERSIONS: 0.01}
"""What is taken where nothing was sent yet."""
FEWEST = 1_000
"""People whose behaviour must be known for it to be taken."""
RATES = (0.01, 0.02, 0.05, 0.1, 0.2)
HOPELESS = 1.0
"""A lift so large is hardly ever seen."""
_SEEN = """
select count(*), count(clicked_at), count(converted_at) from (
  select clicked_at, converted_at from campaigns_delivery where campaign_id = %s and state = 'accepted' limit %s) sample
"""


@dataclass(frozen=True)
class Rate:
    value: float
    seen: int
    """People it was seen of; 0: it is only taken to be so."""


@dataclass(frozen=True)
class Promise:
    people: int
    """In the test."""
    groups: tuple[int, ...]
    rate: Rate
    lift: float | None
    """The smallest that is found with `POWER`; None: none is."""
    once: float
    """How sure that lift would be found by a single look at the end."""
    others: tuple[tuple[float, float | None], ...]
    """The same for other rates."""
    needed: int | None
    """People to find a lift of a quarter, in all; None where it has as many."""

    @property
    def is_hopeless(self) -> bool:
        return self.lift is None or self.lift > HOPELESS


def promise(people: int, *, weights: Sequence[int], rate: Rate) -> Promise | None:
    """`people` are those in the test. None for fewer than two variants or without people."""
    whole = sum(weights)
    if len(weights) < 2 or not people or not whole:
        return None
    groups = tuple(round(people * one / whole) for one in weights)
    alpha = ALPHA / (len(weights) - 1)
    first, other = groups[0], min(groups[1:])
    lift = _smallest(rate.value, first, other, alpha)
    once = power_once(Design(rate.value, first, other, alpha), lift=lift) if lift else 0.0
    needed = people_needed(rate.value, lift=0.25, alpha=alpha) * len(weights)
    return Promise(
        people=people,
        groups=groups,
        rate=rate,
        lift=lift,
        once=once,
        others=tuple((one, _smallest(one, first, other, alpha)) for one in RATES),
        needed=needed if needed > people else None,
    )


def in_test(campaign: Campaign, *, audience: int) -> int:
    """Of the audience, who are not held out and do not wait for the winner."""
    return round(audience * (100 - campaign.holdout_percent) / 100 * campaign.test_percent / 100)


def rate_before(campaign: Campaign, *, now: datetime) -> Rate:
    """How many do what the test is decided on, from the campaigns sent lately."""
    lately = Campaign.objects.filter(started_at__gte=now - LATELY, started_at__lt=now).exclude(pk=campaign.pk)
    people = did = 0
    with connection.cursor() as cursor:
        for pk in lately.order_by("-started_at").values_list("pk", flat=True)[:CAMPAIGNS]:
            cursor.execute(_SEEN, [pk, OF_EACH])
            seen, clicked, converted = cursor.fetchone()
            people += seen
            did += clicked if campaign.decides_on == Campaign.Decision.CLICKS else converted
    if people < FEWEST or not 0 < did < people:
        return Rate(WITHOUT[Campaign.Decision(campaign.decides_on)], 0)
    return Rate(did / people, people)


def _smallest(rate: float, first: int, other: int, alpha: float) -> float | None:
    return smallest_lift(Design(rate, first, other, alpha), power=POWER)
