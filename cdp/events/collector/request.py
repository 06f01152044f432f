"""One HTTP request as the collector sees it, and what of it is kept beside the body."""

from dataclasses import dataclass

import msgspec

from cdp.events.collector.answers import Receive, Scope

_LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Request:
    scope: Scope
    receive: Receive
    headers: dict[bytes, bytes]
    is_behind_proxy: bool

    @classmethod
    def of(cls, scope: Scope, receive: Receive, *, is_behind_proxy: bool) -> "Request":
        return cls(scope, receive, dict(scope["headers"]), is_behind_proxy)

    @property
    def query(self) -> bytes:
        query: bytes = self.scope["query_string"]
        return query

    @property
    def scheme(self) -> str:
        if self.is_behind_proxy and self.headers.get(b"x-forwarded-proto", b"") in {b"http", b"https"}:
            return self.headers[b"x-forwarded-proto"].decode()
        return str(self.scope.get("scheme", "http"))

    def meta(self) -> bytes:
        """JSON for `InboxBatch.meta`; only what was told."""
        meta: dict[str, object] = {}
        if ip := self._ip():
            meta["ip"] = ip
        if (agent := self.headers.get(b"user-agent")) is not None:
            meta["user_agent"] = _note(agent)
        if self.headers.get(b"sec-gpc", b"").strip() == b"1":
            meta["gpc"] = True
        if (sent_at := self.headers.get(b"sentat")) is not None:
            meta["sent_at"] = _note(sent_at)
        return msgspec.json.encode(meta)

    def _ip(self) -> str:
        """Behind a proxy, the last address it added: those before it are the sender's own words."""
        if self.is_behind_proxy and (forwarded := self.headers.get(b"x-forwarded-for")) is not None:
            return _note(forwarded.rpartition(b",")[2].strip())
        client = self.scope.get("client")
        return str(client[0]) if client else ""


def _note(header: bytes) -> str:
    return header[:_LONGEST_NOTE].decode("utf-8", "replace").replace("\0", "")
