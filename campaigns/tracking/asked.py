"""Who asks for a pixel or a link, as far as the request says."""

from datetime import datetime

from django.http import HttpRequest

from campaigns.tracking.hits import Seen
from cdp.common.client_ip import client_ip

AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
"""Headers by which browsers and mail programs say that nobody looks yet."""


def seen(request: HttpRequest, *, now: datetime) -> Seen:
    agent = request.headers.get("User-Agent", "")
    signs = {
        "head": request.method == "HEAD",
        "prefetch": any(_is_ahead(request.headers.get(name, "")) for name in AHEAD),
        "no_agent": not agent.strip(),
    }
    return Seen(now, agent, client_ip(request), tuple(sign for sign, is_so in signs.items() if is_so))


def _is_ahead(value: str) -> bool:
    return any(word in value.lower() for word in ("prefetch", "preview", "prerender"))
