"""What a campaign cost and brought in, and sentences where that cannot be told."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection

from campaigns.models import Campaign
from campaigns.results.counts import Counts

CENT = Decimal("0.01")
_DISCOUNTS = """
select coalesce(sum(r.discount), 0), count(*) filter (where r.discount is null)
  from campaigns_offerredemption r
  join campaigns_offercode c on c.id = r.given_id
  join campaigns_delivery d on d.ref = c.delivery
 where d.campaign_id = %s and not r.is_taken_back
"""


@dataclass(frozen=True)
class Money:
    """In the reporting currency."""

    revenue: Decimal
    delivered: int
    making: Decimal | None
    """None: nobody said what it cost to make."""
    messages: Decimal | None
    """None: nobody said what a message costs."""
    discounts: Decimal
    """What orders took off with the offers that its mails gave. Revenue is what was paid, so it is off that already."""
    unsaid: int
    """Orders with such an offer that do not say what was taken off."""

    @property
    def cost(self) -> Decimal:
        return (self.making or Decimal(0)) + (self.messages or Decimal(0))

    @property
    def put_in(self) -> Decimal:
        """What was spent and what was given away."""
        return self.cost + self.discounts

    @property
    def profit(self) -> Decimal | None:
        """None where no cost is known: revenue alone is no profit."""
        return self.revenue - self.cost if self.is_cost_said else None

    @property
    def per_recipient(self) -> Decimal | None:
        return self.revenue / self.delivered if self.delivered else None

    @property
    def roi(self) -> Decimal | None:
        """Profit by all that was put in: a discount has lowered the profit by lowering the revenue, and was given to
        earn it all the same."""
        return None if self.profit is None or not self.put_in else self.profit / self.put_in

    @property
    def is_cost_said(self) -> bool:
        return self.making is not None or self.messages is not None

    @property
    def remarks(self) -> list[str]:
        """What is missing, in sentences."""
        told = []
        if not self.delivered:
            told.append("Nothing was delivered, so there is no revenue per recipient.")
        if not self.is_cost_said:
            told.append("Nobody has said what it cost, so there is neither profit nor return. Enter its cost.")
        elif not self.put_in:
            told.append("It cost nothing, so there is no return on cost.")
        elif self.messages is None:
            told.append("What a message costs is not known, so it is left out of the cost.")
        if self.unsaid:
            orders = "1 order does" if self.unsaid == 1 else f"{self.unsaid:,} orders do"
            told.append(f"{orders} not say what the offer took off: it is left out of the discounts.")
        return told


def money_of(campaign: Campaign, counts: Counts) -> Money:
    with connection.cursor() as cursor:
        cursor.execute(_DISCOUNTS, [campaign.pk])
        discounts, unsaid = cursor.fetchone()
    each = campaign.message_cost
    return Money(
        revenue=counts.revenue,
        delivered=counts.delivered,
        making=campaign.cost,
        messages=None if each is None else (each * counts.sent).quantize(CENT, ROUND_HALF_UP),
        discounts=discounts,
        unsaid=unsaid,
    )
