"""Sent, opened, clicked and ordered by hour or day, for charts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns.models import Campaign

HOURS, DAYS = 72, 90
_MARKS = """
select date_trunc(%s, x.at at time zone %s), x.what, count(*)
  from campaigns_delivery d
 cross join lateral (values ('Sent', case when d.state = 'accepted' then d.settled_at end), ('Opened', d.opened_at),
                            ('Clicked', d.clicked_at), ('Unsubscribed', d.unsubscribed_at)) x (what, at)
 where d.campaign_id = %s and x.at >= %s and x.at < %s group by 1, 2
"""
_ORDERS = """
select date_trunc(%s, k.at at time zone %s), 'Revenue', sum(k.value) from campaigns_conversion k
 where k.campaign_id = %s and k.at >= %s and k.at < %s group by 1
"""


@dataclass(frozen=True)
class Span:
    """What a chart shows: from the hour or day of `since` on, `steps` of them."""

    unit: str
    since: datetime
    steps: int
    zone: ZoneInfo

    @property
    def moments(self) -> list[datetime]:
        """On the wall clock of the zone, as the database truncates to. An hour that a clock skips stays empty."""
        first = self.since.astimezone(self.zone).replace(minute=0, second=0, microsecond=0, tzinfo=None)
        if self.unit == "day":
            return [first.replace(hour=0) + timedelta(days=n) for n in range(self.steps)]
        return [first + timedelta(hours=n) for n in range(self.steps)]

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        moments, step = self.moments, timedelta(days=1) if self.unit == "day" else timedelta(hours=1)
        return moments[0].replace(tzinfo=self.zone), (moments[-1] + step).replace(tzinfo=self.zone)


def span_of(campaign: Campaign, *, unit: str, now: datetime, zone: ZoneInfo) -> Span:
    """Of a campaign that is sent once its first hours or days, of others the latest."""
    most, step = (DAYS, timedelta(days=1)) if unit == "day" else (HOURS, timedelta(hours=1))
    began = campaign.started_at or campaign.created_at
    if campaign.kind == Campaign.Kind.ONCE and campaign.send_at and campaign.send_at > began:
        began = campaign.send_at
    began = min(began, now)
    if campaign.kind != Campaign.Kind.ONCE:
        began = max(began, now - step * (most - 1))
    return Span(unit, began, min(most, int((now - began) / step) + 2), zone)


def charts_of(campaign: Campaign, span: Span, *, currency: str) -> list[dict[str, Any]]:
    """As static/js/chart.js draws them; none before anything happened."""
    found: dict[str, dict[datetime, Any]] = defaultdict(dict)
    for sql in (_MARKS, _ORDERS):
        with connection.cursor() as cursor:
            cursor.execute(sql, [span.unit, span.zone.key, campaign.pk, *span.bounds])
            for at, what, n in cursor.fetchall():
                found[what][at] = n
    if not found:
        return []
    moments = span.moments
    names = [f"{at:%-d %b}" if span.unit == "day" else f"{at:%-d %b, %H:%M}" for at in moments]
    what = "Day" if span.unit == "day" else "Hour"
    axis = {"x": names, "xLabel": f"{what}, {span.zone.key}"}
    done = [_series(name, found[name], moments) for name in ("Opened", "Clicked", "Unsubscribed")]
    charts: list[dict[str, Any]] = [
        {"id": "sent", "title": f"Mails sent by {what.lower()}", "yLabel": "Mails", "type": "bar"}
        | {"series": [_series("Sent", found["Sent"], moments)]},
        {
            "id": "done",
            "title": f"What people did, by {what.lower()}",
            "yLabel": "Mails",
            "type": "line",
            "series": done,
        },
        {"id": "revenue", "title": f"Revenue by {what.lower()}", "yLabel": currency, "type": "bar"}
        | {"series": [_series("Revenue", found["Revenue"], moments)]},
    ]
    return [chart | axis for chart in charts]


def _series(name: str, values: Mapping[datetime, Any], moments: Sequence[datetime]) -> dict[str, Any]:
    return {"name": name, "data": [float(values.get(at, 0)) for at in moments]}
