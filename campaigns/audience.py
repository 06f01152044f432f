"""Starts a campaign: from then on its content stands, and it is planned when its time comes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from campaigns import variants
from campaigns.accounts import ways_out
from campaigns.content.blocks import Problem
from campaigns.content.modules import modules_for
from campaigns.content.problems import problems_of
from campaigns.content.vocabulary import Vocabulary
from campaigns.library.versions import keep_sent
from campaigns.models import Campaign, Delivery, Template
from campaigns.occurrences import begin, plan_next
from campaigns.slots import first_at
from campaigns.triggers import standing
from cdp.accounts.models import User
from cdp.rules.tree import UTC

State = Campaign.State


class AlreadyStarted(Exception):
    """This campaign was started before. Make a copy to send it again."""


class NeverComes(Exception):
    """None of its times comes before it ends. Choose other times, or a later end."""


ChangedMeanwhile = variants.ChangedMeanwhile


class NotReady(Exception):
    """The mail holds mistakes. Put them right first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{one.place}: {one.message}" for one in problems))
        self.problems = problems


def start(campaign: Campaign, *, now: datetime, by: User | None = None, zone: ZoneInfo = UTC) -> int:
    """Schedules it, or begins at once. Returns how many people are planned already: of many, the first lot; the
    others follow (occurrences.py). Safe against a double click.

    What is sent is kept as a version, with its modules: who edits the mail or a module later changes nothing of it.
    """
    template = Template.objects.get(pk=campaign.template_id)
    modules = modules_for(template.content)
    refuse_mistakes(campaign, template, modules)
    ways = variants.made(campaign)
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if locked.state not in (State.DRAFT, State.WAITING):
            raise AlreadyStarted(locked.name)
        same = Template.objects.select_for_update(of=("self",)).get(pk=locked.template_id)
        if same.content != template.content:
            raise ChangedMeanwhile
        variants.keep(locked, checked=ways, by=by, now=now)
        locked.version = keep_sent(same, modules=modules, by=by, now=now)
        locked.message_cost = locked.account.message_cost if locked.account else None
        _schedule(locked, now=now, zone=zone)
        if locked.state == State.SCHEDULED and begin(locked.pk, now=now, zone=zone):
            return plan_next(locked.pk, now=now, zone=zone) or 0
        return 0


def _schedule(campaign: Campaign, *, now: datetime, zone: ZoneInfo) -> None:
    campaign.next_at = first_at(campaign, now=now, zone=zone)
    if campaign.kind == Campaign.Kind.RECURRING and campaign.next_at is None:
        raise NeverComes
    is_scheduled = campaign.kind == Campaign.Kind.ONCE
    campaign.state = State.SCHEDULED if is_scheduled else State.SENDING
    campaign.started_at = None if is_scheduled else now
    campaign.save(update_fields=["state", "next_at", "started_at", "version", "message_cost"])


def refuse_mistakes(campaign: Campaign, template: Template, modules: Mapping[int, Any]) -> None:
    if campaign.state in (State.DRAFT, State.WAITING):
        has_topic = campaign.topic_id is not None
        known = Vocabulary.now()
        found = problems_of(template.content, vocabulary=known, modules=modules, has_topic=has_topic)
        found += variants.problems(campaign, vocabulary=known)
        found += [Problem("account", why) for why in ways_out.mistakes(campaign)]
        if errors := [*(one for one in found if one.is_error), *standing.problems(campaign)]:
            raise NotReady(errors)


def plan_survivors(campaign: Campaign, deliveries: Sequence[Delivery], *, now: datetime) -> None:
    """Whom a merge took over gets nothing; the profile they became gets it, unless it has its own.
    A survivor that was skipped for want of an address has one now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into campaigns_delivery as own (profile_id, campaign_id, occurrence, ref, address, record_id,"
            " state, reason, error, variant, arm, context, branches, fence, planned_at, due_at,"
            " gets_winner) select distinct on (p.merged_into, d.occurrence) p.merged_into, d.campaign_id, d.occurrence,"
            " gen_random_uuid(), d.address, d.record_id, %(planned)s, '', '', d.variant, d.arm, d.context,"
            " '{}', 0, %(now)s, d.due_at, d.gets_winner"
            " from campaigns_delivery d join profiles_profile p on p.id = d.profile_id"
            " where d.campaign_id = %(campaign)s and d.profile_id = any(%(ids)s) and d.ref = any(%(refs)s::uuid[])"
            " and p.merged_into is not null"
            " on conflict (profile_id, campaign_id, occurrence) do update set address = excluded.address,"
            " record_id = excluded.record_id, state = excluded.state, reason = '', settled_at = null,"
            " variant = excluded.variant, arm = excluded.arm, due_at = excluded.due_at"
            " where own.state = %(skipped)s and own.reason = %(no_address)s",
            {
                "planned": Delivery.State.PLANNED,
                "skipped": Delivery.State.SKIPPED,
                "no_address": Delivery.Reason.NO_ADDRESS,
                "now": now,
                "campaign": campaign.pk,
                "ids": [one.profile_id for one in deliveries],
                "refs": [str(one.ref) for one in deliveries],
            },
        )
