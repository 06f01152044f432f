"""One address and port: tracking goes to the collector, everything else to Django's threads."""

import os
from pathlib import Path
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")

import psycopg2
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.db import connections

from cdp import celery
from cdp.common.clock import utc_now
from cdp.events.bell import ring
from cdp.events.collector.answers import Receive, Scope, Send
from cdp.events.collector.app import Collector, CollectorOptions
from cdp.events.collector.commit import Connection
from cdp.events.collector.routes import is_collectors
from cdp.operations.web_lives import WebLives
from cdp.wsgi import application as pages

PAGE_THREADS = 8

celery.app.set_default()


def connect() -> Connection:
    """A connection of the collector's own, to the database Django uses."""
    parameters = connections["default"].get_connection_params()
    parameters.pop("cursor_factory", None)
    connection: Connection = psycopg2.connect(**{"connect_timeout": 3, "application_name": "collector", **parameters})
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = '30s'")
    connection.commit()
    return connection


def options() -> CollectorOptions:
    return CollectorOptions(
        connect=connect,
        now=utc_now,
        after_commit=ring,
        vendor=Path(settings.BASE_DIR) / "static" / "vendor" / "analytics-next-1.84.3",
        inbox_limit_bytes=settings.INBOX_LIMIT_MB * 1024 * 1024,
        source_events_per_s=settings.SOURCE_EVENTS_PER_S,
        buckets=settings.PLACES.var / "source_limits",
        is_behind_proxy=settings.BEHIND_PROXY,
        every_look=WebLives(),
    )


class Application:
    """Lifespan is the collector's: Django's threads need none."""

    def __init__(self) -> None:
        self._collector = Collector(options())
        self._pages: Any = WSGIMiddleware(cast(Any, pages), workers=PAGE_THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["type"] == "lifespan" or is_collectors(scope["path"]):
            await self._collector(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


application = Application()
