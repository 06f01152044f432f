"""One person and one campaign: what became of it, and because of what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from campaigns import target
from campaigns.addressed import known_of
from campaigns.models import Campaign, ControlDraw, Delivery, PlanLot, Variant
from campaigns.permitted import refusals
from campaigns.policy import policy
from cdp.profiles.models import Profile
from cdp.profiles.naming import people
from cdp.rules.explain import Explanation, explain
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import cuts_for

State, Reason, Arm = Delivery.State, Delivery.Reason, Delivery.Arm
OPEN = (State.PLANNED, State.CLAIMED, State.HANDING)
NOT_BEGUN = (Campaign.State.DRAFT, Campaign.State.WAITING, Campaign.State.SCHEDULED)


@dataclass(frozen=True)
class Step:
    """One thing that was decided or happened."""

    text: str
    is_good: bool | None = None
    """Whether it speaks for getting the message; None: neither."""
    at: datetime | None = None
    url: str = ""
    link: str = ""
    """What the address leads to, in words."""


@dataclass(frozen=True)
class Told:
    """Of one occurrence, or of the campaign where there is none."""

    title: str
    verdict: str
    got_it: bool
    steps: tuple[Step, ...]
    delivery: Delivery | None = None

    @property
    def waits(self) -> bool:
        return self.delivery is not None and self.delivery.state in OPEN


def deliveries_of(campaign: Campaign, profile: Profile, *, most: int = 20) -> list[Delivery]:
    """Newest first, with those of profiles that became part of this one."""
    ids = [profile.pk, *Profile.objects.filter(merged_into=profile.pk).values_list("pk", flat=True)]
    rows = Delivery.objects.filter(campaign_id=campaign.pk, profile_id__in=ids)
    return list(rows.order_by("-planned_at", "-due_at", "occurrence")[:most])


def told_of(campaign: Campaign, delivery: Delivery, *, now: datetime) -> Told:
    steps = (*_planned(campaign, delivery), *_outcome(campaign, delivery, now), *_after(delivery))
    return Told(_title(campaign, delivery), _verdict(delivery), delivery.state == State.ACCEPTED, steps, delivery)


def told_without(campaign: Campaign, profile: Profile, *, now: datetime, zone: ZoneInfo) -> Told:
    """Where nothing was ever planned for that person."""
    steps = tuple(_would_be(campaign, profile, now, zone))
    return Told("", _why_no_row(campaign, profile), False, steps)


def audience_of(
    campaign: Campaign, profile: Profile, *, now: datetime, zone: ZoneInfo
) -> tuple[Explanation | None, str]:
    """Whether the person is in its audience now, condition by condition; or what is wrong with its rule."""
    try:
        node = target.rule_of(campaign)
        cuts = cuts_for(node, now=now, zone=zone)
        return explain(node, profile.pk, now=now, zone=zone, cuts=cuts), ""
    except RuleError as error:
        return None, error.message


def _title(campaign: Campaign, delivery: Delivery) -> str:
    if campaign.kind == Campaign.Kind.RECURRING:
        return "The time of "
    return "Triggered " if campaign.kind == Campaign.Kind.TRIGGERED else "Planned "


def _verdict(delivery: Delivery) -> str:
    if delivery.state == State.ACCEPTED:
        return "Got it"
    if delivery.state in OPEN:
        return "Waits for it"
    return {State.FAILED: "Did not get it", State.UNKNOWN: "Not known"}.get(State(delivery.state), "Did not get it")


def _planned(campaign: Campaign, delivery: Delivery) -> Iterator[Step]:
    yield Step("Was in the audience and was planned", True, delivery.planned_at)
    if delivery.context.get("event"):
        yield Step(f"Triggered by “{delivery.context['event']}”", True)
    if delivery.variant:
        one = Variant.objects.filter(campaign=campaign, number=delivery.variant).first()
        yield Step(f"Drew variant {delivery.variant}{f', “{one.name}”' if one else ''}")
    if delivery.arm:
        yield Step(f"The hour is {Arm(delivery.arm).label}")
    if delivery.due_at and delivery.state not in (State.SKIPPED, State.PLANNED):
        yield Step("Not before", None, delivery.due_at)


def _outcome(campaign: Campaign, delivery: Delivery, now: datetime) -> Iterator[Step]:
    state = State(delivery.state)
    if state == State.SKIPPED:
        yield _skipped(campaign, delivery)
    elif state == State.ACCEPTED:
        url = reverse("campaigns:mail", args=[delivery.ref]) if campaign.account_id is None else ""
        yield Step(f"Handed over for {delivery.address}", True, delivery.settled_at, url, "as it looked")
    elif state in (State.FAILED, State.UNKNOWN):
        yield Step(f"{state.label}: {delivery.error or 'nothing more is known'}", False, delivery.settled_at)
    elif state in (State.CLAIMED, State.HANDING):
        yield Step("Is being prepared and handed over this moment")
    else:
        yield from _waiting(campaign, delivery, now)


def _waiting(campaign: Campaign, delivery: Delivery, now: datetime) -> Iterator[Step]:
    if campaign.state == Campaign.State.PAUSED:
        yield Step("The campaign is paused", False)
    if delivery.due_at is None:
        yield Step("Waits for the winner of the test")
    elif delivery.due_at <= now:
        yield Step("Its hour has come: it goes out with the next messages, unless quiet hours or a cap make it wait")
    else:
        yield Step("Waits for its hour", None, delivery.due_at)
    if delivery.error:
        yield Step(delivery.error)
    if reason := refusals(campaign, [delivery]).get(delivery.address):
        yield Step(f"As it is now, it would be left out: {Reason(reason).label}", False)


def _skipped(campaign: Campaign, delivery: Delivery) -> Step:
    words = Reason(delivery.reason).label if delivery.reason else "no reason was kept"
    said = f"Left out: {words}{f' ({delivery.error})' if delivery.error else ''}"
    if delivery.rival_id and (rival := Campaign.objects.filter(pk=delivery.rival_id).first()):
        url = reverse("campaigns:campaign", args=[rival.pk])
        return Step(said, False, delivery.settled_at, url, rival.name)
    if delivery.reason == Reason.SAME_ADDRESS and (other := _owner(delivery)):
        person = people([other]).get(other)
        if person:
            url = reverse("campaigns:why", args=[campaign.pk, person.uuid])
            return Step(said, False, delivery.settled_at, url, person.name)
    return Step(said, False, delivery.settled_at)


def _owner(delivery: Delivery) -> int | None:
    same = Delivery.objects.filter(
        campaign_id=delivery.campaign_id, address=delivery.address, occurrence=delivery.occurrence
    )
    others = same.exclude(reason=Reason.SAME_ADDRESS).exclude(profile_id=delivery.profile_id)
    return others.values_list("profile_id", flat=True).first()


def _after(delivery: Delivery) -> Iterator[Step]:
    moments: Sequence[tuple[str, bool | None, datetime | None]] = (
        ("Taken by their mailbox provider", True, delivery.delivered_at),
        ("Opened it", True, delivery.opened_at),
        ("Opened by a machine, such as a mail program that loads pictures by itself", None, delivery.machine_opened_at),
        ("Clicked", True, delivery.clicked_at),
        ("Clicked by a machine, such as a scanner of links", None, delivery.machine_clicked_at),
        ("Ordered after it", True, delivery.converted_at),
        ("Unsubscribed", False, delivery.unsubscribed_at),
        ("It bounced", False, delivery.bounced_at),
        ("Complained that it is spam", False, delivery.complained_at),
    )
    happened = [(at, text, is_good) for text, is_good, at in moments if at]
    yield from (Step(text, is_good, at) for at, text, is_good in sorted(happened, key=lambda one: one[0]))


def _why_no_row(campaign: Campaign, profile: Profile) -> str:
    if campaign.state in NOT_BEGUN:
        return "Not planned yet"
    if PlanLot.objects.filter(campaign=campaign, ids__contains=[profile.pk]).exists():
        return "Is being planned"
    return "Was never planned for it"


def _would_be(campaign: Campaign, profile: Profile, now: datetime, zone: ZoneInfo) -> Iterator[Step]:
    """As things are now."""
    if campaign.next_at:
        yield Step("It is planned next", None, campaign.next_at)
    try:
        is_in = bool(target.among(campaign, [profile.pk], now=now, zone=zone))
    except RuleError as error:
        yield Step(f"Its audience cannot be read any more: {error.message}", False)
        return
    if not is_in:
        yield Step("Is not in the audience: the conditions below say why", False)
        return
    if campaign.state not in NOT_BEGUN and campaign.kind == Campaign.Kind.ONCE and campaign.started_at:
        yield Step("Is in the audience now, but was not when it was planned", False, campaign.started_at)
    else:
        yield Step("Is in the audience now", True)
    yield from _could_be_written(campaign, profile, zone)


def _could_be_written(campaign: Campaign, profile: Profile, zone: ZoneInfo) -> Iterator[Step]:
    known = next(iter(known_of([profile.pk], zone=zone)), None)
    if known is None or not known.address:
        yield Step("Has no e-mail address", False)
        return
    yield Step(f"Would get it at {known.address}, on the clock of {known.zone.key}", True)
    if reason := refusals(campaign, [known]).get(known.address):
        yield Step(f"Would be left out: {Reason(reason).label}", False)
    share = policy().control_percent
    if share and ControlDraw.objects.filter(pk=profile.pk, draw__lt=share).exists():
        yield Step(f"Would be left out: {Reason.CONTROL.label}", False)
