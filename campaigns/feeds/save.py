"""Setting feeds up: every change is in the audit log, with the names of headers and never their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from campaigns.feeds.definition import sealed, unsealed
from campaigns.models import Feed
from cdp.accounts.audit import record
from cdp.accounts.models import User


@dataclass(frozen=True)
class Plan:
    """What somebody wants a feed to be. Addresses, headers and schemas were checked (campaigns/feed_form.py)."""

    name: str
    url: str
    headers: Mapping[str, str]
    timeout_ms: int
    cache_s: int
    most_bytes: int
    schema: dict[str, Any] | None
    fallback: Any


@transaction.atomic
def create(plan: Plan, *, key: str, by: User | None, now: datetime) -> Feed:
    feed = Feed(key=key, created_by=by, created_at=now)
    _write(feed, plan, now)
    record(by, verb="created feed", target=feed.name, details=_told(feed, plan), now=now)
    return feed


@transaction.atomic
def change(feed: Feed, *, plan: Plan, by: User, now: datetime) -> None:
    """The key stays: mails name it. What was answered until now is not taken for what the feed answers from now on."""
    _write(feed, plan, now)
    record(by, verb="changed feed", target=feed.name, details=_told(feed, plan), now=now)


@transaction.atomic
def archive(feed: Feed, *, by: User, now: datetime) -> None:
    if Feed.objects.filter(pk=feed.pk, archived_at=None).update(archived_at=now):
        record(by, verb="archived feed", target=feed.name, now=now)


@transaction.atomic
def restore(feed: Feed, *, by: User, now: datetime) -> None:
    if Feed.objects.filter(pk=feed.pk, archived_at__isnull=False).update(archived_at=None):
        record(by, verb="restored feed", target=feed.name, now=now)


@transaction.atomic
def seal_anew(*, secrets: Sequence[str]) -> int:
    """Encrypts the headers of every feed with the first key. Raises SecretLost, and then nothing was changed."""
    feeds = [feed for feed in Feed.objects.select_for_update().order_by("pk") if feed.headers]
    for feed in feeds:
        feed.headers = sealed(unsealed(bytes(feed.headers), secrets=secrets), secrets=secrets)
        feed.save(update_fields=["headers"])
    return len(feeds)


def _write(feed: Feed, plan: Plan, now: datetime) -> None:
    feed.name, feed.url, feed.changed_at = plan.name, plan.url, now
    feed.timeout_ms, feed.cache_s, feed.most_bytes = plan.timeout_ms, plan.cache_s, plan.most_bytes
    feed.schema, feed.fallback = plan.schema, plan.fallback
    feed.headers = sealed(plan.headers, secrets=settings.ENCRYPTION_KEYS)
    feed.save()


def _told(feed: Feed, plan: Plan) -> dict[str, Any]:
    return {"key": feed.key, "address": plan.url, "headers": sorted(plan.headers)}
