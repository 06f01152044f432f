"""Content as a made-up person sees it: the pictures of templates, versions and starters. Nobody's data is in them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.html import format_html

from campaigns.content.compose import About
from campaigns.content.modules import modules_for
from campaigns.preview import Wanted, press_of_what_can_be_read, rendered_for
from cdp.common.clock import deployment_zone

KEPT = timedelta(hours=1)


def card_of(content: Any, *, now: datetime, kind: str = "mail", modules: Mapping[int, Any] | None = None) -> str:
    """The HTML; kept for an hour, under what the content and its modules say."""
    modules = modules or modules_for(content)
    key = f"mail-card:{_digest([content, kind, sorted(modules.items())])}"
    html = cache.get(key)
    if html is None:
        html = _made(Wanted(content, kind=kind, modules=modules), now=now)
        cache.set(key, html, KEPT.total_seconds())
    return str(html)


def _made(wanted: Wanted, *, now: datetime) -> str:
    about = About(base_url=settings.PUBLIC_URL, zone=deployment_zone(), is_tracked=False)
    press = press_of_what_can_be_read(wanted, about=about, modules=wanted.modules or {}, now=now)
    made = rendered_for(press, wanted, now=now) if press else "There is nothing to show yet."
    if not isinstance(made, str):
        return made.html
    return format_html(
        '<!doctype html><meta charset="utf-8"><body style="font:16px sans-serif;color:#444;padding:24px">{}', made
    )


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
