"""A feed as it is asked: its row read, its address parsed, its schema compiled, its headers decrypted."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import jsonschema_rs

from campaigns.feeds.address import Address, BadAddress, read_address
from campaigns.models import Feed
from cdp.common.secrets import SecretLost, seal, unseal


class FeedUnusable(Exception):
    """The feed cannot be asked as it is set up. Its fallback still stands."""

    def __init__(self, message: str, feed: Feed) -> None:
        super().__init__(message)
        self.feed = feed


@dataclass(frozen=True)
class Definition:
    feed: Feed
    address: Address
    headers: Mapping[str, str]
    validator: jsonschema_rs.Draft202012Validator | None

    @property
    def stamp(self) -> str:
        """Changes with every save, so that an answer kept for what the feed was is not taken for what it is."""
        return f"{self.feed.pk}:{self.feed.changed_at.timestamp():.6f}"

    @property
    def timeout_s(self) -> float:
        return self.feed.timeout_ms / 1000


@dataclass(frozen=True)
class Violation:
    """Where an answer is not what the schema says."""

    place: str
    message: str


def load(keys: Iterable[str], *, secrets: Sequence[str]) -> dict[str, Definition | FeedUnusable]:
    """By key, of those that exist."""
    return {feed.key: _safely(feed, secrets) for feed in Feed.objects.filter(key__in=set(keys))}


def _safely(feed: Feed, secrets: Sequence[str]) -> Definition | FeedUnusable:
    if feed.archived_at is not None:
        return FeedUnusable("The feed was archived.", feed)
    try:
        return define(feed, secrets=secrets)
    except FeedUnusable as error:
        return error


def define(feed: Feed, *, secrets: Sequence[str]) -> Definition:
    try:
        address = read_address(feed.url)
        headers = unsealed(bytes(feed.headers), secrets=secrets)
        return Definition(feed, address, headers, compiled(feed.schema))
    except (BadAddress, jsonschema_rs.ValidationError) as error:
        raise FeedUnusable("The feed's address or schema cannot be used; open it and save it again.", feed) from error
    except SecretLost as error:
        message = "The feed's headers were encrypted with a key that is gone; enter them anew."
        raise FeedUnusable(message, feed) from error


def sealed(headers: Mapping[str, str], *, secrets: Sequence[str]) -> bytes:
    return seal(json.dumps(dict(headers)), keys=secrets) if headers else b""


def unsealed(headers: bytes, *, secrets: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = json.loads(unseal(headers, keys=secrets)) if headers else {}
    return found


def compiled(schema: Mapping[str, Any] | None) -> jsonschema_rs.Draft202012Validator | None:
    """Messages name places and what was expected, never the value found: it may be about a person."""
    if schema is None:
        return None
    return jsonschema_rs.Draft202012Validator(dict(schema), retriever=_no_other_files, mask="the value")


def violations(validator: jsonschema_rs.Draft202012Validator, value: Any, *, most: int = 20) -> list[Violation]:
    found = []
    for error in validator.iter_errors(value):
        found.append(Violation(_written(error.instance_path), error.message))
        if len(found) == most:
            break
    return found


def _written(path: Collection[str | int]) -> str:
    """`items[0].price`; the answer itself where the path is empty."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the answer"


def _no_other_files(uri: str) -> NoReturn:
    raise ValueError(f"{uri} lies outside")
