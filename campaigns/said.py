"""A campaign in words: when it goes out, and what each verb would do to how many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.models import Campaign
from segments.models import Segment
from segments.schedule import Schedule

State, Kind, Timing = Campaign.State, Campaign.Kind, Campaign.Timing


@dataclass(frozen=True)
class Act:
    """Something one can do with it now."""

    key: str
    """Of the route, and of the dialog."""
    label: str
    title: str
    text: str
    """Exactly what will happen, to how many."""
    permission: str
    style: str = "primary"
    button_class: str = "btn"
    verb: str = ""
    """Of starting: the label without numbers."""


@dataclass(frozen=True)
class Numbers:
    audience: int | None
    """None: too many to count for a page."""
    waiting: int = 0
    got: int = 0


def when(campaign: Campaign, *, zone: ZoneInfo) -> str:
    """As the end of a sentence."""
    if campaign.kind == Kind.RECURRING:
        times = Schedule(Segment.Pace.CRON, campaign.cron, zone).english() if campaign.cron else "times not yet said"
        end = f", until {_moment(campaign.ends_at, zone)}" if campaign.ends_at else ""
        return f"{times}{end}{_by_person(campaign)}"
    if campaign.kind == Kind.TRIGGERED:
        return f"when it is triggered{_by_person(campaign)}"
    if campaign.timing == Timing.AT and campaign.send_at:
        return f"on {_moment(campaign.send_at, zone)}"
    if campaign.timing in (Timing.LOCAL, Timing.BEST_HOUR):
        day = f"on {campaign.send_at.astimezone(zone):%-d %B %Y}" if campaign.send_at else "on the day it is started"
        return f"{day}{_by_person(campaign)}; whose hour has passed by then gets it the next day"
    return "as soon as it is started"


def acts(
    campaign: Campaign, numbers: Numbers, *, zone: ZoneInfo, user_id: int, followers: Sequence[str] = ()
) -> Iterator[Act]:
    """Besides starting, which depends on the check. `followers`: what goes by what its mails did."""
    state = campaign.state
    waiting = people(numbers.waiting)
    if state == State.WAITING and campaign.asked_by_id != user_id:
        text = begins(campaign, numbers, zone=zone)
        title = "Approve and start it?"
        yield Act("approve", "Approve and start", title, text, "approve_campaigns", button_class="btn btn-primary")
    if state in (State.WAITING, State.SCHEDULED):
        text = "It is a draft again and can be changed. Nobody gets anything until it is started anew."
        yield Act("take_back", "Back to draft", "Take it back?", text, "send_campaigns")
    if state in (State.SCHEDULED, State.SENDING):
        text = f"{waiting} who wait get nothing until it goes on; messages being handed over this second still go out."
        yield Act("pause", "Pause", "Pause it?", _upper(text), "send_campaigns")
    if state == State.PAUSED:
        text = f"{waiting} who wait get it, however late it is by then." + _left_out(campaign)
        yield Act("resume", "Resume", "Go on?", _upper(text), "send_campaigns", button_class="btn btn-primary")
    if state in (State.WAITING, State.SCHEDULED, State.SENDING, State.PAUSED):
        text = f"{waiting} who wait get nothing, and nobody will. {_upper(people(numbers.got))} have it already."
        text = f"{_upper(text)} This cannot be taken back, but it can be copied.{_followed(followers)}"
        yield Act("cancel", "Cancel for good", "Cancel it for good?", text, "send_campaigns", style="danger")


def start(campaign: Campaign, numbers: Numbers, *, needs_approval: bool, n: int | None, zone: ZoneInfo) -> Act:
    """Of a draft. `n`: who would get it, as far as that was checked."""
    text = begins(campaign, numbers, zone=zone)
    if not needs_approval:
        label = _start_label(campaign, n)
        verb = _start_label(campaign, None).removesuffix(" it")
        return Act("send", label, f"{label}?", text, "send_campaigns", button_class="btn btn-primary", verb=verb)
    text = f"Somebody else who may approve campaigns has to say yes. Then: {text}"
    label = "Ask for approval"
    return Act("send", label, f"{label}?", text, "send_campaigns", button_class="btn btn-primary", verb=label)


def begins(campaign: Campaign, numbers: Numbers, *, zone: ZoneInfo) -> str:
    """What starting it does."""
    spared = "except suppressed addresses and those without consent"
    if campaign.holdout_percent:
        spared = f"except {campaign.holdout_percent} % drawn by chance, suppressed addresses and those without consent"
    if campaign.kind == Kind.TRIGGERED:
        return f"From now on whoever triggers it gets it, {spared}. It can be paused."
    if campaign.kind == Kind.RECURRING:
        return (
            f"Each time ({when(campaign, zone=zone)}) everybody who is in the audience then gets it, {spared}."
            f" Today that would be {size_words(numbers)}. It can be paused."
        )
    if campaign.timing == Timing.NOW:
        return f"Everybody who is in the audience at this moment gets the mail, {spared}. It cannot be called back."
    return (
        f"Everybody who is in the audience when its time comes gets it {when(campaign, zone=zone)}, {spared}."
        f" Today that would be {size_words(numbers)}. Until then it can be taken back."
    )


def _start_label(campaign: Campaign, n: int | None) -> str:
    to = "" if n is None else f" {n:,} {'person' if n == 1 else 'people'}"
    if campaign.kind == Kind.ONCE:
        if campaign.timing == Timing.NOW:
            return f"Send to{to}" if to else "Send it"
        return f"Schedule for{to}" if to else "Schedule it"
    return "Turn it on"


def size_words(numbers: Numbers) -> str:
    return "many people" if numbers.audience is None else people(numbers.audience)


def people(n: int) -> str:
    return f"{n:,} {'person' if n == 1 else 'people'}" if n else "nobody"


def _left_out(campaign: Campaign) -> str:
    return " Times that passed meanwhile are left out." if campaign.kind == Kind.RECURRING else ""


def _followed(followers: Sequence[str]) -> str:
    return f" What goes by its mails hears nothing new of it: {', '.join(followers)}." if followers else ""


def _by_person(campaign: Campaign) -> str:
    if campaign.timing == Timing.LOCAL and campaign.local_time:
        return f", when each person's own clock shows {campaign.local_time:%H:%M}"
    if campaign.timing == Timing.BEST_HOUR:
        return f", at each person's best hour between {campaign.window_from}:00 and {campaign.window_until}:00"
    return ""


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%-d %B %Y at %H:%M} ({zone.key})"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
