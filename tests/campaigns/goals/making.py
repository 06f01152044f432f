"""Goals, and people who order or do not, in the control group or not."""

from datetime import datetime, timedelta
from typing import Any

from campaigns.goals.keep import Draft, create
from campaigns.models import ControlDraw, Goal, SendingPolicy
from campaigns.policy import THE_ONE
from cdp.profiles.models import Identifier
from tests.taking_in import NOW, take_in, track

STARTS, ENDS = NOW - timedelta(days=10), NOW + timedelta(days=10)
BOUGHT = "Order Completed"


def a_goal(metric: str = "revenue", target: float = 1_000, **more: Any) -> Goal:
    given = {"name": "G", "starts_at": STARTS, "ends_at": ENDS, "params": {}, **more}
    return create(Draft(metric=metric, target=target, **given), by=None, now=NOW)


def order(who: str, total: float, *, at: datetime = NOW) -> dict[str, Any]:
    about = {"order_id": f"{who}-{at.isoformat()}", "total": total, "currency": "EUR"}
    return track(who, BOUGHT, at=at, properties=about)


def known(*names: str) -> None:
    take_in([track(one, "Page Viewed", at=NOW - timedelta(days=1)) for one in names])


def ids() -> dict[str, int]:
    return dict(Identifier.objects.filter(namespace="user_id").values_list("value", "profile_id"))


def control_of(percent: int, **draws: float) -> None:
    SendingPolicy.objects.update_or_create(pk=THE_ONE, defaults={"control_percent": percent})
    who = ids()
    ControlDraw.objects.bulk_create(
        ControlDraw(profile_id=who[name], draw=draw, at=STARTS) for name, draw in draws.items()
    )
