"""All campaigns side by side: of the mails sent between two days, and what became of those."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns.models import Campaign
from campaigns.results.counts import COLUMNS, Counts
from campaigns.results.rates import Rate

COMPLAINTS_WANTED, COMPLAINTS_MOST = 0.001, 0.003
"""Gmail and Yahoo want fewer than 0.1 % of mails called spam, and turn senders away from 0.3 % on."""
LONGEST_DAYS = 731
_LEDGER = f"""
select d.campaign_id, (d.settled_at at time zone %s)::date, {COLUMNS}
  from campaigns_delivery d where d.state = 'accepted' and d.settled_at >= %s and d.settled_at < %s group by 1, 2
"""
_ORDERS = """
select d.campaign_id, (d.settled_at at time zone %s)::date, count(*), sum(k.value)
  from campaigns_conversion k join campaigns_delivery d on d.ref = k.delivery
 where k.touched_at >= %s and d.state = 'accepted' and d.settled_at >= %s and d.settled_at < %s group by 1, 2
"""


@dataclass(frozen=True)
class Days:
    first: date
    last: date
    """Both are meant."""
    zone: ZoneInfo

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        return midnight(self.first, self.zone), midnight(self.last + timedelta(days=1), self.zone)

    @property
    def all(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class Line:
    campaign: Campaign
    counts: Counts

    @property
    def complaints(self) -> str:
        return standing(self.counts.complaint_rate)


@dataclass(frozen=True)
class Group:
    """Campaigns of one topic, or through one account."""

    name: str
    counts: Counts

    @property
    def complaints(self) -> str:
        return standing(self.counts.complaint_rate)


@dataclass(frozen=True)
class OverAll:
    lines: list[Line]
    total: Counts
    by_day: dict[date, Counts]
    topics: list[Group]
    accounts: list[Group]


SORTS: dict[str, Callable[[Line], Any]] = {
    "revenue": lambda one: one.counts.revenue,
    "sent": lambda one: one.counts.sent,
    "clicked": lambda one: one.counts.click_rate.share or 0,
    "ordered": lambda one: one.counts.order_rate.share or 0,
    "unsubscribed": lambda one: one.counts.unsubscribe_rate.share or 0,
    "complained": lambda one: one.counts.complaint_rate.share or 0,
    "per_recipient": lambda one: one.counts.per_recipient or Decimal(0),
}


def standing(rate: Rate) -> str:
    """How mailbox providers take it: fine, watch or bad; empty of nothing."""
    if rate.share is None:
        return ""
    if rate.share >= COMPLAINTS_MOST:
        return "bad"
    return "watch" if rate.share >= COMPLAINTS_WANTED else "fine"


def over_all(days: Days, *, sort: str) -> OverAll:
    since, until = days.bounds
    found: defaultdict[tuple[int, date], Counts] = defaultdict(Counts)
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, [days.zone.key, since, until])
        for campaign_id, day, *row in cursor.fetchall():
            found[campaign_id, day].add("accepted", "", *row)
        cursor.execute(_ORDERS, [days.zone.key, since, since, until])
        for campaign_id, day, *row in cursor.fetchall():
            found[campaign_id, day].earn(*row)
    campaigns = Campaign.objects.select_related("topic", "account").in_bulk({key for key, _ in found})
    counts = _summed((key[0], one) for key, one in found.items())
    lines = [Line(campaigns[pk], one) for pk, one in counts.items() if pk in campaigns]
    lines.sort(key=lambda one: (SORTS[sort](one), one.campaign.pk), reverse=True)
    return OverAll(
        lines=lines,
        total=_summed(("", one.counts) for one in lines).get("", Counts()),
        by_day=_summed((key[1], one) for key, one in found.items()),
        topics=_groups(lines, lambda one: one.topic.name if one.topic else "Service messages, no topic"),
        accounts=_groups(lines, lambda one: one.account.name if one.account else "Local mailbox"),
    )


def charts_of(found: OverAll, days: Days, *, currency: str) -> list[dict[str, Any]]:
    """As static/js/chart.js draws them; none where nothing was sent."""
    if not found.by_day:
        return []
    axis = {"type": "bar", "x": [f"{day:%-d %b}" for day in days.all], "xLabel": f"Day of sending, {days.zone.key}"}
    counts = [found.by_day.get(day, Counts()) for day in days.all]

    def series(name: str, of: Callable[[Counts], Any]) -> dict[str, Any]:
        return {"name": name, "data": [float(of(one)) for one in counts]}

    return [
        {"id": "sent", "title": "Mails sent, and clicked since, by day of sending", "yLabel": "Mails"}
        | {"series": [series("Sent", lambda one: one.sent), series("Clicked", lambda one: one.clicked)]}
        | axis,
        {"id": "revenue", "title": "Revenue those mails led to, by day of sending", "yLabel": currency}
        | {"series": [series("Revenue", lambda one: one.revenue)]}
        | axis,
    ]


def _groups(lines: Sequence[Line], name: Callable[[Campaign], str]) -> list[Group]:
    found = _summed((name(one.campaign), one.counts) for one in lines)
    return sorted((Group(key, one) for key, one in found.items()), key=lambda one: -one.counts.sent)


def _summed(parts: Iterable[tuple[Any, Counts]]) -> dict[Any, Counts]:
    found: defaultdict[Any, Counts] = defaultdict(Counts)
    for key, counts in parts:
        found[key].merge(counts)
    return dict(found)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
