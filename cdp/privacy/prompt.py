"""The question to visitors of the shop's pages: the script that asks it, with the shop's own words in it."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from cdp.privacy.models import ConsentPrompt, Purpose

THE_ONE = 1
ABOUT_VISITS = ("analytics", "advertising")
"""Keys of purposes that every installation begins with."""


def prompt() -> ConsentPrompt:
    """As it is until somebody words it otherwise, if nobody did."""
    return ConsentPrompt.objects.filter(pk=THE_ONE).first() or ConsentPrompt(pk=THE_ONE)


def asked_of(one: ConsentPrompt) -> list[Purpose]:
    """The purposes that it asks about: the chosen ones; while none is, those that visits are about, or else all."""
    every = Purpose.objects.order_by("name")
    return list(one.purposes.order_by("name")) or list(every.filter(key__in=ABOUT_VISITS)) or list(every)


def said(one: ConsentPrompt) -> dict[str, Any]:
    """What the script needs to know."""
    words = {
        name: getattr(one, name) for name in ("title", "text", "accept", "refuse", "choose", "more_url", "position")
    }
    purposes = [
        {
            "key": purpose.key,
            "name": purpose.name,
            "text": purpose.data_used or purpose.description,
            "is_denied_by_gpc": purpose.is_denied_by_gpc,
        }
        for purpose in asked_of(one)
    ]
    # Whoever was asked about other purposes is asked anew.
    return {**words, "revision": ",".join(str(purpose["key"]) for purpose in purposes), "purposes": purposes}


def script(one: ConsentPrompt) -> str:
    """Nothing of it is left on the page but `window.tributaryConsent`."""
    told = json.dumps(said(one)).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"(() => {{\n{_source()}\ntributaryConsent({told});\n}})();\n"


def keep(one: ConsentPrompt, purposes: list[Purpose]) -> None:
    with transaction.atomic():
        one.pk = THE_ONE
        one.save()
        one.purposes.set(purposes)


@lru_cache(maxsize=1)
def _source() -> str:
    return (Path(settings.BASE_DIR) / "static/js/consent-prompt.js").read_text()
