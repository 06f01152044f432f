"""Who a campaign goes to: one ledger row per person, written before anything is sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from campaigns.content.blocks import Problem
from campaigns.content.modules import modules_for
from campaigns.content.problems import problems_of
from campaigns.content.vocabulary import Vocabulary
from campaigns.library.versions import keep_sent
from campaigns.models import Campaign, Delivery, Template
from cdp.accounts.models import User

ONCE = "once"
"""The occurrence of a campaign that is sent a single time."""


class AlreadyStarted(Exception):
    """This campaign was started before. Make a copy to send it again."""


class ChangedMeanwhile(Exception):
    """Somebody changed the mail at this moment. Look at it again."""


class NotReady(Exception):
    """The mail holds mistakes. Put them right first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{one.place}: {one.message}" for one in problems))
        self.problems = problems


def start(campaign: Campaign, *, now: datetime, by: User | None = None) -> int:
    """Plans a delivery for every member of the segment. Returns how many rows; safe against a double click.

    What is sent is kept as a version, with its modules: who edits the mail or a module later changes nothing of it.
    """
    template = Template.objects.get(pk=campaign.template_id)
    modules = modules_for(template.content)
    _refuse_mistakes(campaign, template, modules)
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if locked.state != Campaign.State.DRAFT:
            raise AlreadyStarted(locked.name)
        same = Template.objects.select_for_update(of=("self",)).get(pk=locked.template_id)
        if same.content != template.content:
            raise ChangedMeanwhile
        locked.version = keep_sent(same, modules=modules, by=by, now=now)
        locked.state, locked.started_at = Campaign.State.SENDING, now
        locked.save(update_fields=["state", "started_at", "version"])
        return _plan(locked, now=now)


def _refuse_mistakes(campaign: Campaign, template: Template, modules: Mapping[int, Any]) -> None:
    if campaign.state == Campaign.State.DRAFT:
        has_topic = campaign.topic_id is not None
        found = problems_of(template.content, vocabulary=Vocabulary.now(), modules=modules, has_topic=has_topic)
        if errors := [one for one in found if one.is_error]:
            raise NotReady(errors)


def _plan(campaign: Campaign, *, now: datetime) -> int:
    """People without an address, or with one that another of the audience has, are kept as skipped."""
    state, reason = Delivery.State, Delivery.Reason
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into campaigns_delivery (profile_id, campaign_id, occurrence, ref, address, record_id,"
            " state, reason, error, variant, arm, context, branches, fence, planned_at, due_at, settled_at)"
            " select id, %(campaign)s, %(occurrence)s, gen_random_uuid(), coalesce(address, ''), (select i.record_id"
            "  from profiles_identifier i where i.namespace = 'email' and i.value = address "
            "  and i.profile_id = numbered.id and i.dropped_for = ''"
            "  order by i.first_seen_at, i.record_id limit 1),"
            " case when address is null or nth > 1 then %(skipped)s else %(planned)s end,"
            " case when address is null then %(no_address)s when nth > 1 then %(same)s else '' end,"
            " '', 0, '', '{}', '{}', 0, %(now)s, %(now)s, case when address is null or nth > 1 then %(now)s end"
            " from (select id, address, row_number() over (partition by address order by id) nth"
            "  from (select p.id, case when p.traits ->> 'email' like '%%_@_%%' then lower(trim(p.traits ->> 'email'))"
            "   end address from profiles_profile p where p.merged_into is null and p.id in"
            "   (select profile_id from segments_membership where segment_id = %(segment)s)) members) numbered"
            " on conflict do nothing",
            {
                "campaign": campaign.pk,
                "occurrence": ONCE,
                "skipped": state.SKIPPED,
                "planned": state.PLANNED,
                "no_address": reason.NO_ADDRESS,
                "same": reason.SAME_ADDRESS,
                "segment": campaign.segment_id,
                "now": now,
            },
        )
        return int(cursor.rowcount)


def plan_survivors(campaign: Campaign, deliveries: Sequence[Delivery], *, now: datetime) -> None:
    """Whom a merge took over gets nothing; the profile they became gets it, unless it has its own.
    A survivor that was skipped for want of an address has one now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into campaigns_delivery as own (profile_id, campaign_id, occurrence, ref, address, record_id,"
            " state, reason, error, variant, arm, context, branches, fence, planned_at, due_at)"
            " select distinct on (p.merged_into, d.occurrence) p.merged_into, d.campaign_id, d.occurrence,"
            " gen_random_uuid(), d.address, d.record_id, %(planned)s, '', '', d.variant, d.arm, d.context,"
            " '{}', 0, %(now)s, d.due_at"
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
