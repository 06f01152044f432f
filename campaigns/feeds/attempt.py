"""Trying a feed as a chosen person: what is asked, what came back, and what a mail would make of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from campaigns.content.context import Context, contexts_of
from campaigns.content.needs import needs_of_tokens
from campaigns.content.vocabulary import Unknown, Vocabulary
from campaigns.feeds.address import Address, BadAddress
from campaigns.feeds.ask import Asked, ask
from campaigns.feeds.definition import FeedUnusable, define
from campaigns.feeds.fetch import note
from campaigns.models import Feed
from cdp.common.outbound import Client

LONGEST_SHOWN = 20_000


@dataclass(frozen=True)
class Tried:
    why: str = ""
    """Why there is no good answer; empty where there is one."""
    url: str = ""
    asked: Asked | None = None
    shown: str = ""
    """What came back, as pretty JSON where it is JSON."""
    is_cut: bool = False


def attempt(feed: Feed, context: Context, *, client: Client, now: datetime) -> Tried:
    """One request, past the cache and past the rest of an endpoint that was down."""
    try:
        definition = define(feed, secrets=settings.ENCRYPTION_KEYS)
        url = definition.address.url_for(context)
    except (FeedUnusable, BadAddress) as error:
        return Tried(str(error))
    asked = ask(definition, url, client=client, within_s=definition.timeout_s)
    note(feed, [asked], now=now)
    text = _pretty(asked.body)
    return Tried(asked.why, url, asked, text[:LONGEST_SHOWN], is_cut=len(text) > LONGEST_SHOWN)


def context_for(address: Address, profile_id: int, *, now: datetime, zone: ZoneInfo) -> Context:
    """What the address asks of the person, as a mail would have it."""
    needs = needs_of_tokens(address.tokens, Vocabulary.now())
    return contexts_of(needs, [profile_id], now=now, zone=zone)[profile_id]


def unknown_in(address: Address) -> list[str]:
    """Sentences about names in the address that nobody is known by."""
    if not address.tokens:
        return []
    vocabulary, found = Vocabulary.now(), []
    for token in address.tokens:
        resolved = vocabulary.resolve(token.path)
        if isinstance(resolved, Unknown):
            instead = f" Did you mean {resolved.suggestion}?" if resolved.suggestion else ""
            found.append(f"{token.name}: {resolved.message}.{instead}")
    return list(dict.fromkeys(found))


def _pretty(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace").replace("\x00", "\ufffd")
