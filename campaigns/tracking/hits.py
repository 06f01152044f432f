"""Hits are written at once, in one statement, and judged later: who clicks does not wait."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.conf import settings
from django.db import connection

from campaigns.tracking_models import Hit

MOST = 500
"""Of one delivery: whoever asks for its pixel all day fills no table."""
APPLE = ip_network("17.0.0.0/8")
"""Apple's own network, from which Mail Privacy Protection fetches pictures, where it does not go through a partner's."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Who asked, as far as it said. The address itself is kept nowhere."""

    at: datetime
    agent: str = ""
    ip: str = ""
    signs: tuple[str, ...] = ()


def keep(
    ref: UUID, *, kind: Hit.Kind, seen: Seen, target: str = "", block: str = "", hit_id: UUID | None = None
) -> bool:
    """False where nothing is kept: of a test, of somebody who was erased, of one that is known already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into campaigns_hit (profile_id, id, campaign_id, ref, record_id, kind, target, block, at, agent,"
            " place, signs, verdict, why, is_waiting, told)"
            " select d.profile_id, %(id)s, d.campaign_id, d.ref, d.record_id, %(kind)s, %(target)s, %(block)s, %(at)s,"
            " %(agent)s, %(place)s, %(signs)s, '', '', true, '' from campaigns_delivery d where d.ref = %(ref)s"
            " and (select count(*) from (select 1 from campaigns_hit h where h.ref = %(ref)s limit %(most)s) n) < %(most)s"
            " on conflict do nothing",
            {
                "id": hit_id or uuid4(),
                "kind": kind,
                "target": target,
                "block": block[:80],
                "at": seen.at,
                "agent": " ".join(seen.agent.replace("\0", "").split())[:300],
                "place": place_of(seen.ip, at=seen.at),
                "signs": " ".join(sorted({*seen.signs, *(["apple"] if is_apple(seen.ip) else [])})),
                "ref": ref,
                "most": MOST,
            },
        )
        return bool(cursor.rowcount)


def same_id(ref: UUID, *, kind: Hit.Kind, seen: Seen, target: str = "") -> UUID:
    """What a provider says twice is one hit."""
    return uuid5(NAMESPACE_URL, "\n".join((ref.hex, kind, target, seen.at.isoformat(), seen.agent, seen.ip)))


def place_of(ip: str, *, at: datetime) -> str:
    """Of an IPv6 address its network: a device changes the rest by itself."""
    try:
        found = ip_address(ip)
    except ValueError:
        return ""
    network = ip_network((found, 64 if found.version == 6 else 32), strict=False)
    text = f"campaigns.hit:{at:%Y-%m-%d}:{network}"
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), "sha256").hex()[:16]


def is_apple(ip: str) -> bool:
    try:
        return ip_address(ip) in APPLE
    except ValueError:
        return False
