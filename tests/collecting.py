"""The collector on a port of its own before the test database, and what a sender sees of it."""

import base64
import http.client
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cdp.accounts.models import Source
from cdp.accounts.source_keys import create_source
from cdp.asgi import options
from cdp.common.clock import utc_now
from cdp.events.collector.app import Collector, CollectorOptions
from cdp.events.models import InboxBatch


def a_key(name: str = "web", **limits: int) -> str:
    source, key = create_source(None, name=name, kind=Source.Kind.WEB, trust_rank=50, now=utc_now())
    if limits:
        Source.objects.filter(pk=source.pk).update(**limits)
    return key.text


def collector(folder: Path, **changed: Any) -> Collector:
    return Collector(collector_options(folder, **changed))


def collector_options(folder: Path, **changed: Any) -> CollectorOptions:
    return replace(options(), **{"after_commit": lambda: None, "buckets": folder / "limits", **changed})


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Sender:
    """Sends to one address with one key; keeps its connection."""

    url: str
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(str(urlsplit(self.url).hostname), urlsplit(self.url).port, 30)

    def post(self, path: str, body: Any, **headers: str) -> Reply:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", path, raw, **headers)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        own = {"Authorization": basic(self.key)} if self.key else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, {**own, **self.headers, **named})
        answer = self._connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def an_event(**more: Any) -> dict[str, Any]:
    return {"type": "track", "userId": "ada", "event": "Order Completed", "messageId": "m1", **more}


def inbox_bodies() -> list[Any]:
    return [json.loads(bytes(row.body)) for row in InboxBatch.objects.order_by("id")]
