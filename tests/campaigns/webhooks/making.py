"""Endpoints at a server of the test's own, news to tell them, and deliveries as a receiver sees them."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from campaigns.models import Endpoint, WebhookMessage
from campaigns.webhooks.deliver import With, deliver
from campaigns.webhooks.kinds import Wants
from campaigns.webhooks.read import read_news
from campaigns.webhooks.save import Doer, Plan, create
from cdp.common.outbound import Client
from cdp.profiles.models import Profile
from segments.models import Cause, MembershipChange, Segment
from tests.cdp.common.outbound.answering import Answering, Answers, answer, world
from tests.factories import NOW, numbers

URL = "http://good.test/hooks"


def an_endpoint(*kinds: str, url: str = URL, now: datetime = NOW, **chosen: Any) -> tuple[Endpoint, str]:
    wants = Wants(frozenset(kinds or ["membership"]), **{name: frozenset(some) for name, some in chosen.items()})
    return create(Plan(f"Endpoint {next(numbers)}", url, wants), by=Doer(None), now=now)


def a_segment(name: str = "") -> Segment:
    return Segment.objects.create(
        name=name or f"Segment {next(numbers)}", rule={"kind": "all", "of": []}, created_at=NOW, changed_at=NOW
    )


def a_person() -> Profile:
    return Profile.objects.create(first_seen_at=NOW, last_seen_at=NOW, created_at=NOW)


def entered(segment: Segment, person: Profile, *, kind: str = "entered") -> MembershipChange:
    return MembershipChange.objects.create(
        segment_id=segment.pk, profile_id=person.pk, kind=kind, cause=Cause.EVENT, at=NOW
    )


def read_all(*, now: datetime = NOW) -> None:
    """Only for tests that commit: what a test's own transaction wrote is not below all that is under way."""
    while read_news(now=now):
        pass


@dataclass
class Posting:
    client: Client
    server: Answering

    def __call__(self, *, now: datetime = NOW) -> int:
        return deliver(With(self.client, settings.ENCRYPTION_KEYS, lambda: now, random.Random(1)), within_s=20)

    @property
    def posted(self) -> list["Request"]:
        return [Request.of(text) for text in self.server.requests]


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: str

    @classmethod
    def of(cls, text: str) -> "Request":
        head, _, body = text.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return cls(first.split()[1], headers, body.encode("latin-1").decode())


@contextmanager
def posting(answers: Answers = lambda _: answer()) -> Iterator[Posting]:
    with world(answers) as (client, server, _):
        yield Posting(client, server)


def a_message(endpoint: Endpoint, *, at: datetime = NOW, **fields: Any) -> WebhookMessage:
    given = {"kind": "webhook.test", "body": '{"type": "webhook.test"}', "created_at": at, "next_at": at}
    return WebhookMessage.objects.create(endpoint=endpoint, **{**given, **fields})


def states(messages: Sequence[WebhookMessage]) -> list[str]:
    for one in messages:
        one.refresh_from_db()
    return [one.state for one in messages]
