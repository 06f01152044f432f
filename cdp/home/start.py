"""The first steps with the product, by what is really done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db.models import Model, QuerySet
from django.urls import reverse

from campaigns.models import Campaign, Delivery, Sender
from cdp.accounts.models import Source, User
from cdp.common.navigation import Visitor
from cdp.profiles.models import Profile
from identity.models import Candidate, Decision
from scoring.models import TrainedModel
from segments.models import Segment


@dataclass(frozen=True)
class Done:
    """`at` None: there was nothing to do, and `note` says why."""

    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class Task:
    """One thing to do. `permission` is what doing it takes."""

    key: str
    title: str
    text: str
    action: str
    url_name: str
    permission: str
    find: Callable[[], Done | None]
    anchor: str = ""


@dataclass(frozen=True)
class Step:
    task: Task
    done: Done | None
    url: str
    """Empty for who may not do it."""


@dataclass(frozen=True)
class Steps:
    steps: list[Step]

    @property
    def n_done(self) -> int:
        return sum(one.done is not None for one in self.steps)

    @property
    def is_complete(self) -> bool:
        return self.n_done == len(self.steps)

    @property
    def next(self) -> Step | None:
        """The first thing to do that this person may do."""
        return next((one for one in self.steps if one.done is None and one.url), None)

    @property
    def has_events(self) -> bool:
        return any(one.done and one.task.key == "event" for one in self.steps)


def _first(rows: "QuerySet[Model]", field: str) -> Done | None:
    at = rows.order_by(field).values_list(field, flat=True).first()
    return Done(at) if at else None


def _source() -> Done | None:
    return _first(Source.objects.exclude(kind=Source.Kind.INTERNAL), "created_at")


def _event() -> Done | None:
    """The first message that was taken in made the first person."""
    return _first(Profile.objects.filter(pk__in=Profile.objects.order_by("pk").values("pk")[:1]), "created_at")


def _duplicates() -> Done | None:
    decided = _first(Decision.objects.all(), "at")
    if decided or not Profile.objects.exists():
        return decided
    if Candidate.objects.filter(state=Candidate.State.OPEN).exists():
        return None
    return Done(note="None found yet: new ones will show up there, and on Home.")


def _segment() -> Done | None:
    return _first(Segment.objects.all(), "created_at")


def _prediction() -> Done | None:
    return _first(TrainedModel.objects.all(), "trained_at")


def _sender() -> Done | None:
    return _first(Sender.objects.all(), "created_at")


def _campaign() -> Done | None:
    """The first campaign of which a mail went out."""
    started = Campaign.objects.exclude(started_at=None)
    accepted = Delivery.objects.filter(state=Delivery.State.ACCEPTED)
    for pk, at in started.order_by("started_at").values_list("pk", "started_at")[:20]:
        if accepted.filter(campaign_id=pk).exists():
            return Done(at)
    return None


TASKS = (
    Task(
        "source",
        "Connect a source",
        "A source is your website, app, server or shop system; it sends with a key of its own.",
        "Make a source",
        "getting_started",
        "manage_sources",
        _source,
        "#send",
    ),
    Task(
        "event",
        "Receive the first event",
        "Put the snippet on your site or send one event from your server: this line ticks itself off.",
        "See the code",
        "getting_started",
        "",
        _event,
        "#send",
    ),
    Task(
        "duplicates",
        "Review duplicates",
        "Pairs that look like one person wait for your word; what you decide teaches the matching.",
        "Review duplicates",
        "identity:review",
        "review_duplicates",
        _duplicates,
    ),
    Task(
        "segment",
        "Build the first segment",
        "Say in a sentence who belongs together, or begin with a usual one; it stays right by itself.",
        "New segment",
        "segments:new",
        "edit_segments",
        _segment,
    ),
    Task(
        "prediction",
        "Train the first prediction",
        "One click: it learns from what people did, and says whether it can be trusted.",
        "Choose a prediction",
        "scoring:predictors",
        "edit_predictions",
        _prediction,
    ),
    Task(
        "sender",
        "Say who writes",
        "The domain and the address that your mails come from; campaigns and consent mails need one.",
        "Set up a sender",
        "campaigns:senders",
        "manage_sending",
        _sender,
    ),
    Task(
        "campaign",
        "Send the first campaign",
        "Write a mail, choose a segment and send; the local mailbox takes it until an account is set up.",
        "New campaign",
        "campaigns:new",
        "edit_campaigns",
        _campaign,
    ),
)


def steps_for(visitor: Visitor) -> Steps:
    return Steps([Step(one, one.find(), _url(one, visitor)) for one in TASKS])


def _url(task: Task, visitor: Visitor) -> str:
    if task.permission and not visitor.may(task.permission):
        return ""
    return reverse(task.url_name) + task.anchor


def for_home(user: User) -> Steps | None:
    """None once all is done."""
    found = steps_for(user)
    return None if found.is_complete else found


def is_wanted(visitor: Visitor) -> bool:
    """Whether the navigation leads there: until all is done, or this person put it away."""
    if cast(User, visitor).start_hidden_at:
        return False
    return any(one.find() is None for one in TASKS)
