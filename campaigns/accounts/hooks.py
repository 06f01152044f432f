"""What a provider tells us of messages: believed if it proves who it is, and only of messages that went over it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from django.conf import settings
from django.http import HttpRequest

from campaigns import track
from campaigns.channels.known import secrets_of
from campaigns.channels.providers import BY_KEY, Provider
from campaigns.models import Account, Campaign, Delivery
from campaigns.tracking import told

MOST_EVENTS = 5_000
"""In one request; providers send a thousand at most."""
HARD = frozenset({"bounced", "invalid"})
GONE = {"unsubscribed": "unsubscribed", "spam": "complained"}
"""Why a provider would not even try, and what that had been."""


class Unproven(Exception):
    """It does not prove that it comes from the provider. Nothing was done."""


class Unreadable(Exception):
    """It comes from the provider, but holds something else than it says."""


class Event(Protocol):
    """As anymail reads it."""

    event_type: str
    timestamp: datetime | None
    metadata: Mapping[str, Any]
    reject_reason: str | None
    mta_response: str | None
    description: str | None
    click_url: str | None
    user_agent: str | None
    esp_event: Mapping[str, Any]


def hear(account: Account, request: HttpRequest, *, now: datetime) -> int:
    """Returns of how many events something was noted."""
    provider = BY_KEY.get(account.kind)
    url = f"{settings.PUBLIC_URL}{request.path}"
    view = provider.hook_view(secrets_of(account), url=url) if provider else None
    if provider is None or view is None:
        raise Unproven
    try:
        view.run_validators(request)
    except (AnymailWebhookValidationFailure, ValueError, TypeError, AttributeError) as error:
        raise Unproven from error
    try:
        events: Sequence[Event] = view.parse_events(request)[:MOST_EVENTS]
    except (AnymailError, json.JSONDecodeError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable from error
    ours = _ours(account, [ref for event in events if (ref := _ref(event))])
    return sum(_note(ref, event, provider, now) for event in events if (ref := _ref(event)) in ours and ref)


def _ours(account: Account, refs: Sequence[UUID]) -> set[UUID]:
    campaigns = Campaign.objects.filter(account=account).values_list("pk", flat=True)
    return set(Delivery.objects.filter(ref__in=refs, campaign_id__in=list(campaigns)).values_list("ref", flat=True))


def _note(ref: UUID, event: Event, provider: Provider, now: datetime) -> bool:
    at = min(event.timestamp or now, now)
    kind = event.event_type
    why = str(event.mta_response or event.description or event.reject_reason or "")
    if kind == "rejected":
        kind = GONE.get(event.reject_reason or "", "bounced")
    match kind:
        case "delivered":
            told.delivered(ref, at=at)
        case "bounced":
            told.bounced(ref, is_hard=_is_hard(event, provider), why=why, at=at)
        case "complained":
            told.complained(ref, at=at)
        case "unsubscribed":
            track.unsubscribed(ref, now=now)
        case "opened":
            told.opened(ref, agent=event.user_agent or "", ip=_ip(event), at=at)
        case "clicked" if not _is_ours(event.click_url or ""):
            told.clicked(ref, target=event.click_url or "", agent=event.user_agent or "", ip=_ip(event), at=at)
        case _:
            return False
    return True


def _is_hard(event: Event, provider: Provider) -> bool:
    raw = _raw(event)
    said = {str(raw.get(key, "")) for key in ("event", "type", "Type", "bounce_class")}
    return event.reject_reason in {*HARD, None} and not said & provider.soft


def _is_ours(url: str) -> bool:
    """Whoever followed it came by us, and was counted then."""
    return urlsplit(url).netloc == urlsplit(settings.PUBLIC_URL).netloc


def _ref(event: Event) -> UUID | None:
    try:
        return UUID(str((event.metadata or {}).get("ref", "")))
    except (ValueError, AttributeError):
        return None


def _raw(event: Event) -> Mapping[str, Any]:
    """SparkPost and Mailgun wrap what they tell."""
    raw: Any = event.esp_event
    raw = raw.get("event-data") or next(iter((raw.get("msys") or {}).values()), None) or raw
    return raw if isinstance(raw, Mapping) else {}


def _ip(event: Event) -> str:
    raw = _raw(event)
    geo = raw.get("Geo")
    found = raw.get("ip") or raw.get("ip_address") or (geo.get("IP") if isinstance(geo, Mapping) else "")
    return str(found or "")[:45]
