"""The collector: authenticate, check size and shape, commit together with others, answer."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from cdp.common import tally
from cdp.events.collector import limits
from cdp.events.collector.answers import Answer, Receive, Refused, Scope, Send, answer_with, taken
from cdp.events.collector.auth import keys_outside_body
from cdp.events.collector.body import READ_TIMEOUT_S, read_body
from cdp.events.collector.browser import (
    bundle_answer,
    origin_host,
    settings_answer,
    snippet_answer,
    source_config_answer,
)
from cdp.events.collector.commit import Committer, Connect, InboxRow, InboxUnreachable, RowRejected
from cdp.events.collector.cors import ORIGIN, preflight
from cdp.events.collector.keeper import EveryLook, Keeper, LiveKey, nothing_else
from cdp.events.collector.pixel import GIF, BadPixel, pixel_event
from cdp.events.collector.request import Request
from cdp.events.collector.routes import Asking, Taking, asking_of, taking_of
from cdp.events.shape import BadBody, Checked, check_batch, check_single

logger = logging.getLogger(__name__)

_NO_KEY = Refused(
    401,
    "key",
    "No live write key was given: send it as the user of Basic authentication, as Bearer token or as writeKey.",
)
_DOWN = Refused(503, "down", "The database does not answer; nothing was taken. Send again in 1 s.", retry_after_s=1)
_NOT_FOUND = Refused(404, "path", "Nothing is served at this path; events go to /v1/batch or /v1/track.")
_METHOD = Refused(405, "method", "Send events with POST.")
_ROW = Refused(400, "characters", "The database cannot keep this body.")


@dataclass(frozen=True)
class CollectorOptions:
    connect: Connect
    now: Callable[[], datetime]
    after_commit: Callable[[], None]
    vendor: Path
    """Folder of the released browser library."""
    inbox_limit_bytes: int
    source_events_per_s: int
    """Default limit of a source; 0 is none."""
    buckets: Path
    """File in which the web processes of this machine share the sources' limits."""
    is_behind_proxy: bool = False
    read_timeout_s: float = READ_TIMEOUT_S
    every_look: EveryLook = nothing_else
    """What else the keeper does each second, over its own connection."""


class Collector:
    """An ASGI application. It starts with the server, or with the first request where lifespan is off."""

    def __init__(self, options: CollectorOptions) -> None:
        self._options = options
        self._committer = Committer(options.connect, after_commit=options.after_commit)
        self._keeper = Keeper(
            options.connect,
            now=options.now,
            inbox_limit_bytes=options.inbox_limit_bytes,
            every_look=options.every_look,
        )
        buckets = limits.SharedBuckets(options.buckets, clock_s=time.monotonic)
        self._limits = limits.SourceLimits(buckets, default_events_per_s=options.source_events_per_s)
        self._is_started = False

    def _start(self) -> None:
        if not self._is_started:
            self._is_started = True
            loop = asyncio.get_running_loop()
            self._committer.start(loop)
            self._keeper.start(loop)

    async def _stop(self) -> None:
        """Commits what waits."""
        if self._is_started:
            await asyncio.to_thread(self._committer.stop)
            await asyncio.to_thread(self._keeper.stop)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        self._start()
        request = Request.of(scope, receive, is_behind_proxy=self._options.is_behind_proxy)
        try:
            answer = await self._answer(request)
        except Refused as refused:
            answer = refused.answer()
        except InboxUnreachable:
            answer = _DOWN.answer()
        except RowRejected:
            answer = _ROW.answer()
        tally.add("collector_requests", str(answer.status))
        await answer_with(send, answer, cors=ORIGIN, is_head=scope["method"] == "HEAD")

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, request: Request) -> Answer:
        path, method = request.scope["path"], request.scope["method"]
        if method == "OPTIONS":
            return preflight(request.headers.get(b"access-control-request-headers"))
        if (taking := taking_of(path)) is not None:
            if method != "POST":
                raise _METHOD
            return await self._take(request, taking)
        if (asking := asking_of(path)) is not None:
            return await self._tell(request, asking)
        raise _NOT_FOUND

    async def _take(self, request: Request, taking: Taking) -> Answer:
        key = await self._key_outside_body(request)
        if key is not None:
            await self._check_limits(key)
        body = await read_body(request.receive, request.headers, timeout_s=self._options.read_timeout_s)
        checked = _checked(body, taking.call)
        if key is None:
            key = await self._keeper.find(checked.write_key) if checked.write_key else None
            if key is None:
                raise _NO_KEY
            await self._check_limits(key)
        if checked.n_events:
            await self._commit(request, key, taking, checked)
        _count(checked)
        return taken(checked)

    async def _commit(self, request: Request, key: LiveKey, taking: Taking, checked: Checked) -> None:
        if self._committer.waiting_bytes > limits.WAITING_BYTES:
            raise limits.too_many_waiting()
        self._limits.spend(key, checked.n_events)
        row = InboxRow(
            source_id=key.source_id,
            lane=taking.lane,
            call=taking.call,
            body=checked.body,
            refused=_refused_json(checked),
            meta=request.meta(),
            received_at=self._options.now(),
        )
        await self._committer.commit(row)

    async def _key_outside_body(self, request: Request) -> LiveKey | None:
        for text in keys_outside_body(request.headers, request.query):
            if (key := await self._keeper.find(text)) is not None:
                return key
        return None

    async def _check_limits(self, key: LiveKey) -> None:
        if self._keeper.inbox_is_full:
            await self._limits.pause()
            raise limits.inbox_full()
        if self._committer.is_crowded_for(key.source_id):
            await self._limits.pause()
            raise limits.too_many_waiting()
        await self._limits.check(key)

    async def _tell(self, request: Request, asking: Asking) -> Answer:
        if asking.what == "pixel":
            return await self._take_pixel(request, asking.call)
        if asking.what == "bundle":
            bundle = bundle_answer(asking.call, self._options.vendor)
            if bundle is None:
                raise _NOT_FOUND
            return bundle
        return await self._tell_browser(request, asking)

    async def _tell_browser(self, request: Request, asking: Asking) -> Answer:
        texts = [asking.write_key] if asking.write_key else keys_outside_body(request.headers, request.query)
        for text in texts:
            key = await self._keeper.find(text)
            if key is None:
                continue
            if asking.what == "source_config":
                return source_config_answer(text, key)
            host = origin_host(request.headers.get(b"host"), request.scope.get("server"))
            if asking.what == "settings":
                return settings_answer(text, host=host, scheme=request.scheme)
            return snippet_answer(text, origin=f"{request.scheme}://{host}", vendor=self._options.vendor)
        if asking.write_key:
            raise Refused(404, "key", "No live write key has this text.")
        raise _NO_KEY

    async def _take_pixel(self, request: Request, call: str) -> Answer:
        """Always the image: a mail with a broken picture helps nobody."""
        try:
            checked = _checked(pixel_event(request.query), call)
            texts = [*keys_outside_body(request.headers, request.query), checked.write_key or ""]
            keys = [key for text in texts if text and (key := await self._keeper.find(text)) is not None]
            if keys:
                await self._check_limits(keys[0])
                await self._commit(request, keys[0], Taking(call), checked)
                _count(checked)
        except (BadPixel, Refused, InboxUnreachable, RowRejected) as error:
            logger.info("A pixel was not taken: %s", type(error).__name__)
        return GIF


def _count(checked: Checked) -> None:
    tally.add("collector_events", "accepted", n=checked.n_accepted)
    if checked.refusals:
        tally.add("collector_events", "refused", n=len(checked.refusals))


def _checked(body: bytes, call: str) -> Checked:
    try:
        return check_batch(body) if call == "batch" else check_single(body, call)
    except BadBody as error:
        raise Refused(400, error.code, str(error)) from error


def _refused_json(checked: Checked) -> bytes | None:
    if not checked.refusals:
        return None
    return msgspec.json.encode(
        {str(one.index): {"code": one.code, "reason": one.reason, "place": one.place} for one in checked.refusals}
    )
