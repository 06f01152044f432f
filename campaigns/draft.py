"""Makes and changes campaigns that are not sent yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction

from campaigns.library import versions
from campaigns.models import Account, Campaign, Template
from cdp.accounts.models import User
from cdp.privacy.models import Purpose, Topic
from segments.models import Segment

Kind, Timing = Campaign.Kind, Campaign.Timing
TO_MANY = ("included", "excluded")


@dataclass(frozen=True)
class Plan:
    """What a marketer decides about a campaign beside what its mail says; fields are those of Campaign."""

    name: str
    included: tuple[Segment, ...]
    topic: Topic | None
    sender: str
    excluded: tuple[Segment, ...] = ()
    rule: Mapping[str, Any] | None = None
    purpose: Purpose | None = None
    account: Account | None = None
    kind: str = Kind.ONCE
    timing: str = Timing.NOW
    send_at: datetime | None = None
    local_time: time | None = None
    window_from: int = 8
    window_until: int = 21
    fallback_hour: int = 10
    explore_percent: int = 10
    fixed_hour_percent: int = 0
    cron: str = ""
    ends_at: datetime | None = None
    holdout_percent: int = 0
    priority: int = 50
    is_capped: bool = True
    keeps_quiet: bool = True
    conversion_days: int | None = None
    cost: Decimal | None = None
    adds_utm: bool = True
    utm: Mapping[str, str] = field(default_factory=dict)


SETTINGS = tuple(one.name for one in fields(Plan) if one.name not in TO_MANY)


class NotADraft(Exception):
    """This campaign was started; it can no longer be changed."""


def create(plan: Plan, *, content: Any, by: User | None, now: datetime) -> Campaign:
    with transaction.atomic():
        template = Template.objects.create(
            name=plan.name, content=content, created_by=by, changed_by=by, created_at=now, changed_at=now
        )
        versions.note_save(template, by=by, now=now)
        campaign = Campaign(template=template, created_by=by, created_at=now)
        _write(campaign, plan)
        return campaign


def change(campaign: Campaign, *, plan: Plan) -> None:
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if locked.state != Campaign.State.DRAFT:
            raise NotADraft
        Template.objects.filter(pk=locked.template_id).update(name=plan.name)
        _write(locked, plan)


def plan_of(campaign: Campaign) -> Plan:
    """As it is, to be changed."""
    found: dict[str, Any] = {name: getattr(campaign, name) for name in SETTINGS}
    found |= {name: tuple(getattr(campaign, name).order_by("name")) for name in TO_MANY}
    return Plan(**found)


def _write(campaign: Campaign, plan: Plan) -> None:
    for name in SETTINGS:
        setattr(campaign, name, getattr(plan, name))
    campaign.save()
    campaign.included.set(plan.included)
    campaign.excluded.set(plan.excluded)
