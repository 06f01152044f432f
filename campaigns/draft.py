"""Makes and changes campaigns that are not sent yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.library import versions
from campaigns.models import Campaign, Template
from cdp.accounts.models import User
from cdp.privacy.models import Topic
from segments.models import Segment


@dataclass(frozen=True)
class Plan:
    """What a marketer decides about a campaign beside what its mail says."""

    name: str
    segment: Segment
    topic: Topic | None
    sender: str


class NotADraft(Exception):
    """This campaign was started; it can no longer be changed."""


def create(plan: Plan, *, content: Any, by: User | None, now: datetime) -> Campaign:
    with transaction.atomic():
        template = Template.objects.create(
            name=plan.name, content=content, created_by=by, changed_by=by, created_at=now, changed_at=now
        )
        versions.note_save(template, by=by, now=now)
        return Campaign.objects.create(
            name=plan.name,
            template=template,
            segment=plan.segment,
            topic=plan.topic,
            sender=plan.sender,
            created_by=by,
            created_at=now,
        )


def change(campaign: Campaign, *, plan: Plan) -> None:
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if locked.state != Campaign.State.DRAFT:
            raise NotADraft
        Template.objects.filter(pk=locked.template_id).update(name=plan.name)
        locked.name, locked.segment, locked.topic, locked.sender = plan.name, plan.segment, plan.topic, plan.sender
        locked.save(update_fields=["name", "segment", "topic", "sender"])
