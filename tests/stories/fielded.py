"""What the stories of the field share: a clock that stands until the story moves it, a shop that tells facts, the
workers' turns, and what people see: members over the API, mails in the mailbox. And the examples as docs write them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, MailboxMessage
from campaigns.tasks import plan_due, send, trigger
from cdp.accounts.roles import Role
from cdp.common.models import NewsCursor
from cdp.events.shapes import fold
from cdp.pipeline import drain_inbox
from cdp.profiles.models import Identifier, Profile
from scoring.models import Predictor, Score
from segments.models import MembershipChange
from segments.tasks import refresh, refresh_due, refresh_stale
from tests.factories import a_token, a_user
from tests.taking_in import NOW, identify, rows, take_in, track

DOC = (Path(__file__).resolve().parents[2] / "docs" / "examples.md").read_text()
BOUGHT, VIEWED, ADDED = "Order Completed", "Product Viewed", "Product Added"
SCOPES = ("segments:read", "segments:write", "campaigns:read", "campaigns:write", "profiles:write", "items:write")
Json = dict[str, Any]


def section(number: int) -> str:
    """Of the docs, without its heading."""
    found = re.search(rf"^## {number}\. .*?\n(.*?)(?=^## |\Z)", DOC, re.MULTILINE | re.DOTALL)
    assert found, number
    return found[1]


def documented(number: int) -> list[tuple[Json, str]]:
    """The rules of an example and what is quoted of each."""
    pairs = re.findall(r"```json\n((?:(?!```).)*)```\n> ([^\n]*)", section(number), re.DOTALL)
    return [(json.loads(rule), words) for rule, words in pairs]


def rule_of(number: int, real: Mapping[str, Any] | None = None, *, at: int = 0) -> Json:
    """A rule of the docs; `real` puts what there is in place of the numbers that are printed."""
    rule = documented(number)[at][0]
    leaf = rule["root"]["of"][0] if "of" in rule["root"] else rule["root"]
    leaf.update(real or {})
    return rule


@dataclass
class Field:
    mara: Client
    api: Client
    now: datetime = NOW
    orders: int = 0
    said: list[Json] = field(default_factory=list)

    def people(self, *names: str, **traits: Any) -> None:
        self.tell(*(identify(one, at=self.now, traits={"email": f"{one}@x.org", **traits}) for one in names))

    def tell(self, *messages: Json) -> None:
        take_in(messages, now=self.now)

    def ordered(self, who: str, *, total: float = 50, products: Sequence[str] = (), **ago: float) -> Json:
        self.orders += 1
        lines = [{"product_id": one, "quantity": 1, "price": total} for one in products]
        about = {"order_id": f"o{self.orders}", "total": total, "currency": "EUR", "products": lines}
        return track(who, BOUGHT, at=self.ago(**ago), properties=about)

    def viewed(self, who: str, item: str = "mug", **ago: float) -> Json:
        return track(who, VIEWED, at=self.ago(**ago), properties={"product_id": item})

    def ago(self, **span: float) -> datetime:
        return self.now - timedelta(**span)

    def later(self, **span: float) -> None:
        """Time passes, and the workers have their turns."""
        self.now += timedelta(**span)
        self.work()

    def work(self) -> None:
        """A test is one transaction, which readers of news wait for: its rows are told to be of an earlier one."""
        for task in (drain_inbox, refresh_stale, refresh_due, refresh, trigger, plan_due, send, drain_inbox):
            if task is trigger:
                MembershipChange.objects.update(xact_id=1)
                NewsCursor.objects.update(xact_id=0, row_id=0)
            task()
            # The limit that a claim sets on its transaction ends with the claim: a test is one transaction.
            rows("select set_config('idle_in_transaction_session_timeout', '0', true)")

    def names_are_counted(self) -> None:
        """Once a story: what pickers and starters know of the data."""
        fold(now=self.now)

    def segment(self, name: str, rule: Json, **more: Any) -> int:
        body = {"name": name, "rule": rule, **more}
        answer = self.api.post("/api/segments", body, content_type="application/json")
        assert answer.status_code == 201, answer.content
        self.work()
        return int(answer.json()["id"])

    def members(self, segment: int) -> list[str]:
        """As the API says."""
        found = self.api.get(f"/api/segments/{segment}/members").json()["results"]
        members = Profile.objects.filter(uuid__in=[one["id"] for one in found])
        names = Identifier.objects.filter(profile_id__in=members.values_list("pk"), namespace="user_id")
        return sorted(set(names.values_list("value", flat=True)))

    def scored(self, predictor: Predictor, **values: float) -> None:
        for who, value in values.items():
            profile = Identifier.objects.get(namespace="user_id", value=who).profile_id
            Score.objects.create(
                profile_id=profile,
                predictor_id=predictor.pk,
                value=value,
                percentile=50,
                band="medium",
                model_id=1,
                scored_at=self.now,
            )

    def campaign(self, name: str, segment: int, *, starter: str) -> Campaign:
        """Made in the browser from a starter, sent over the API."""
        form = {"name": name, "included": [segment], "sender": "Shop <shop@example.com>", "starter": starter}
        answer = self.mara.post(reverse("campaigns:new"), form)
        assert answer.status_code == 302, answer.content.decode()
        made = Campaign.objects.get(name=name)
        self.start(made)
        return made

    def ready_made(self, key: str) -> Campaign:
        assert self.mara.post(reverse("campaigns:ready_made", args=[key])).status_code == 302
        return Campaign.objects.latest("pk")

    def start(self, campaign: Campaign) -> None:
        answer = self.api.post(f"/api/campaigns/{campaign.pk}/start")
        assert answer.status_code == 200, answer.content
        self.work()

    def mails(self) -> dict[str, list[str]]:
        """Name → the mails that this person has, as the mailbox shows them."""
        found: dict[str, list[str]] = {}
        for one in MailboxMessage.objects.order_by("pk"):
            html = self.mara.get(reverse("campaigns:mail_html", args=[one.ref])).content.decode()
            found.setdefault(one.recipient.partition("@")[0], []).append(unescape(html))
        return found


def opened(monkeypatch: pytest.MonkeyPatch) -> Field:
    """The product, with the story's own clock."""
    user = a_user(role=Role.MARKETER)
    mara = Client()
    mara.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    made = Field(mara, Client(headers={"Authorization": f"Bearer {a_token(*SCOPES)[1]}"}))

    class Standing(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return made.now

    monkeypatch.setattr("cdp.common.clock.datetime", Standing)
    return made
