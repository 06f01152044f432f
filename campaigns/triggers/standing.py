"""Asked at the moment of sending: does a triggered message still make sense for this person?"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.dateparse import parse_datetime

from campaigns.models import Campaign, Delivery
from campaigns.target import rule_of
from campaigns.triggers.definition import Exit, Kind, Trigger, parse_condition, parse_exit, parse_trigger
from cdp.common.copying import numbers, texts, times
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.sets import matching_each
from cdp.rules.tree import Node

log = logging.getLogger(__name__)
Reason = Delivery.Reason
_SINCE = """
select w.ref from unnest(%s::uuid[], %s::bigint[], %s::timestamptz[]) w (ref, profile_id, at)
 where exists (select from events_event e where e.profile_id = w.profile_id and e.name = any(%s::text[])
                  and e.occurred_at > w.at and e.occurred_at <= %s)
"""


@dataclass(frozen=True)
class Standing:
    """What a campaign asks at that moment."""

    trigger: Trigger
    needed: tuple[Node, ...]
    """All must hold: the audience and the condition."""
    exit: Exit

    @classmethod
    def of(cls, campaign: Campaign) -> "Standing":
        """Raises RuleError."""
        condition = parse_condition(campaign.condition)
        audience = rule_of(campaign)
        needed = tuple(node for node in (audience, condition) if node is not None)
        return cls(parse_trigger(campaign.trigger, of=campaign.pk), needed, parse_exit(campaign.exit))

    @property
    def rules(self) -> list[Node]:
        return [*([self.exit.rule] if self.exit.rule else []), *self.needed]


def refusals(
    campaign: Campaign, deliveries: Sequence[Delivery], *, now: datetime, zone: ZoneInfo
) -> dict[UUID, Delivery.Reason]:
    """By ref, why it is not sent: what it asks for happened already, or the condition does not hold (any more).

    Where a rule cannot be read, because what it names is gone, nobody is written to: what was meant is not known.
    """
    if campaign.kind != Campaign.Kind.TRIGGERED or not deliveries:
        return {}
    try:
        standing = Standing.of(campaign)
    except RuleError as error:
        log.warning("What campaign %s asks before it writes cannot be read: %s", campaign.pk, error)
        return {one.ref: Reason.CONDITION for one in deliveries}
    ids = sorted({one.profile_id for one in deliveries})
    cuts = {key: cut for rule in standing.rules for key, cut in cuts_for(rule, now=now, zone=zone).items()}
    holding = matching_each(standing.rules, ids, now=now, zone=zone, cuts=cuts)
    exited = holding.pop(0) if standing.exit.rule else set()
    since, missed = _since(standing.exit, deliveries, now=now), _missed(standing.trigger, deliveries)
    found: dict[UUID, Delivery.Reason] = {}
    for one in deliveries:
        if one.profile_id in exited or one.ref in since:
            found[one.ref] = Reason.EXITED
        elif one.ref in missed or any(one.profile_id not in some for some in holding):
            found[one.ref] = Reason.CONDITION
    return found


def _since(wanted: Exit, deliveries: Sequence[Delivery], *, now: datetime) -> set[UUID]:
    """Whose person did one of the events after what triggered it."""
    begun = [(one, at) for one in deliveries if (at := triggered_at(one.context))]
    if not wanted.since_trigger or not begun:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            _SINCE,
            [
                [str(one.ref) for one, _ in begun],
                numbers(one.profile_id for one, _ in begun),
                times(at for _, at in begun),
                texts(wanted.since_trigger),
                now,
            ],
        )
        return {ref for (ref,) in cursor.fetchall()}


def triggered_at(context: Mapping[str, object]) -> datetime | None:
    return parse_datetime(str(context.get("at") or ""))


def _missed(trigger: Trigger, deliveries: Sequence[Delivery]) -> set[UUID]:
    """Of a follow-up: who did with the first message something else than what is followed up."""
    if trigger.kind is not Kind.MESSAGE:
        return set()
    firsts = {one.ref: UUID(str(one.context["delivery"])) for one in deliveries if one.context.get("delivery")}
    rows = Delivery.objects.filter(ref__in=list(firsts.values()), campaign_id=trigger.campaign_id)
    did = {first.ref: _did(first, trigger.did) for first in rows}
    return {one.ref for one in deliveries if not did.get(firsts.get(one.ref, one.ref), False)}


def _did(first: Delivery, did: str) -> bool:
    if did == "nothing":
        return not (first.opened_at or first.clicked_at or first.converted_at)
    if did == "opened":
        return bool(first.opened_at or first.clicked_at)  # whoever clicked has opened it, also without pictures
    return bool(first.clicked_at if did == "clicked" else first.converted_at)
