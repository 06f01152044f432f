"""Content as a made-up person sees it: the pictures of templates, versions and starters. Nobody's data is in them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.html import format_html

from campaigns.content.modules import modules_for
from campaigns.content.press import About, made_ready
from campaigns.content.vocabulary import Vocabulary
from campaigns.preview import readable, rendered_for
from cdp.common.clock import deployment_zone

KEPT = timedelta(hours=1)
NOTHING = "There is nothing to show yet."


def card_of(content: Any, *, now: datetime, is_module: bool = False, modules: Mapping[int, Any] | None = None) -> str:
    """The HTML; kept for an hour, under what the content and its modules say."""
    named = modules or modules_for(content)
    key = f"mail-card:{_digest([content, is_module, sorted(named.items())])}"
    html = cache.get(key)
    if html is None:
        html = _made(content, is_module=is_module, modules=named, now=now)
        cache.set(key, html, KEPT.total_seconds())
    return str(html)


def _made(content: Any, *, is_module: bool, modules: Mapping[int, Any], now: datetime) -> str:
    about = About(base_url=settings.PUBLIC_URL, zone=deployment_zone(), is_tracked=False)
    compiled = readable(content, modules=modules, is_module=is_module)
    if compiled is None:
        return _instead(NOTHING)
    press = made_ready(compiled, about=about, vocabulary=Vocabulary.lately(), now=now)
    # She is asked nothing, so the first of the branches are seen: there is more to see in them.
    made = rendered_for(press, None, now=now, forced={split.key: 0 for split in compiled.splits})
    return _instead(made) if isinstance(made, str) else made.html


def _instead(words: str) -> str:
    return format_html(
        '<!doctype html><meta charset="utf-8"><body style="font:16px sans-serif;color:#444;padding:24px">{}', words
    )


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
