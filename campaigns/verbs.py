"""What people do with a campaign: ask, approve, start, pause, resume, cancel, take back, copy.

Each is safe against a second click: it locks the campaign and looks what state it is in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from campaigns import audience, draft
from campaigns.approval import TOO, VARIED, fingerprint_of
from campaigns.content.modules import modules_for
from campaigns.models import Campaign, Delivery, PlanLot, Template, Variant
from campaigns.policy import policy
from campaigns.slots import slot_after
from campaigns.sweep import sweep
from cdp.accounts import audit
from cdp.accounts.models import User

State, Kind = Campaign.State, Campaign.Kind
LONGEST = 120


class NotNow(Exception):
    """The campaign is not in a state for that any more: somebody else did something with it. Look at it again."""


class OwnWork(Exception):
    """Somebody else than who asked has to approve it."""


class ChangedSinceAsked(Exception):
    """The campaign, its mail or a module was changed after approval was asked for. It has to be asked for anew."""


def start(campaign: Campaign, *, by: User | None, now: datetime, zone: ZoneInfo) -> int | None:
    """Returns how many are planned already; None: approval was asked for, nothing else happened. Raises what
    audience.start raises."""
    if policy().needs_approval:
        ask(campaign, by=by, now=now)
        return None
    n = audience.start(campaign, by=by, now=now, zone=zone)
    audit.record(by, verb="started campaign", target=campaign.name, details={"people": n}, now=now)
    return n


def ask(campaign: Campaign, *, by: User | None, now: datetime) -> None:
    """For approval. What is asked for is noted: another mail, or other people, is another question."""
    template = Template.objects.get(pk=campaign.template_id)
    audience.refuse_mistakes(campaign, template, modules_for(template.content))
    with _locked(campaign, State.DRAFT) as locked:
        locked.state, locked.asked_by, locked.asked_at = State.WAITING, by, now
        locked.asked_for, locked.approved_by, locked.approved_at = fingerprint_of(locked), None, None
        locked.save()
    audit.record(by, verb="asked for approval of campaign", target=campaign.name, now=now)


def approve(campaign: Campaign, *, by: User, now: datetime, zone: ZoneInfo) -> int:
    """Starts it. Returns how many are planned already."""
    with _locked(campaign, State.WAITING) as locked:
        if locked.asked_by_id == by.pk:
            raise OwnWork
        if locked.asked_for != fingerprint_of(locked):
            raise ChangedSinceAsked
        locked.approved_by, locked.approved_at = by, now
        locked.save(update_fields=["approved_by", "approved_at"])
        n = audience.start(locked, by=by, now=now, zone=zone)
        audit.record(by, verb="approved campaign", target=campaign.name, details={"people": n}, now=now)
    return n


def take_back(campaign: Campaign, *, by: User | None, now: datetime) -> None:
    """To a draft, to be changed: one that waits for approval, or for its time."""
    with _locked(campaign, State.WAITING, State.SCHEDULED) as locked:
        locked.state, locked.next_at, locked.version = State.DRAFT, None, None
        locked.asked_by, locked.asked_at, locked.asked_for = None, None, ""
        locked.approved_by, locked.approved_at = None, None
        locked.save()
    audit.record(by, verb="took back campaign", target=campaign.name, now=now)


def pause(campaign: Campaign, *, by: User | None, now: datetime, why: str = "") -> None:
    """Nobody is planned or sent to until it goes on, besides those whose message is being handed over."""
    with _locked(campaign, State.SCHEDULED, State.SENDING) as locked:
        locked.state = State.PAUSED
        locked.save(update_fields=["state"])
    audit.record(by, verb="paused campaign", target=campaign.name, details={"why": why} if why else None, now=now)


def resume(campaign: Campaign, *, by: User | None, now: datetime, zone: ZoneInfo) -> None:
    """Whoever waits gets it, as late as it is. Times of a recurring one that passed meanwhile are left out."""
    with _locked(campaign, State.PAUSED) as locked:
        is_ahead = locked.kind == Kind.ONCE and locked.next_at is not None
        if locked.kind == Kind.RECURRING:
            locked.next_at = slot_after(locked, now, zone)
        locked.state = State.SCHEDULED if is_ahead else State.SENDING
        locked.save(update_fields=["state", "next_at"])
    audit.record(by, verb="resumed campaign", target=campaign.name, now=now)


def cancel(campaign: Campaign, *, by: User | None, now: datetime) -> int:
    """Whoever waits gets nothing, and nobody will. Returns how many rows were skipped at once; the others follow."""
    with _locked(campaign, State.WAITING, State.SCHEDULED, State.SENDING, State.PAUSED) as locked:
        locked.state, locked.next_at = State.CANCELLED, None
        locked.save(update_fields=["state", "next_at"])
        PlanLot.objects.filter(campaign=locked).delete()
    audit.record(by, verb="cancelled campaign", target=campaign.name, now=now)
    return sweep(campaign.pk, now=now)


def copy(campaign: Campaign, *, by: User | None, now: datetime) -> Campaign:
    """A draft with the same settings, variants and trigger, and a mail of its own that says the same."""
    with transaction.atomic():
        plan = replace(draft.plan_of(campaign), name=_free_name(campaign.name), send_at=None)
        made = draft.create(plan, content=campaign.template.content, by=by, now=now)
        for name in TOO:
            setattr(made, name, getattr(campaign, name))
        made.save(update_fields=TOO)
        for one in Variant.objects.filter(campaign=campaign).order_by("number"):
            same = {name: getattr(one, name) for name in VARIED}
            Variant.objects.create(campaign=made, template=one.template, **same)
        audit.record(by, verb="copied campaign", target=campaign.name, details={"to": made.name}, now=now)
        return made


def waiting(campaign: Campaign) -> int:
    """People who are planned, or are about to be, and have not got it."""
    of_ledger = Delivery.objects.filter(campaign_id=campaign.pk, state__in=(Delivery.State.PLANNED,)).count()
    return of_ledger + sum(len(ids) for ids in PlanLot.objects.filter(campaign=campaign).values_list("ids", flat=True))


@contextmanager
def _locked(campaign: Campaign, *states: str) -> Iterator[Campaign]:
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if locked.state not in states:
            raise NotNow
        yield locked


def _free_name(name: str) -> str:
    for n in range(1, 1_000):
        again = f" (copy{f' {n}' if n > 1 else ''})"
        found = name[: LONGEST - len(again)] + again
        if not Campaign.objects.filter(name=found).exists():
            return found
    raise NotNow
