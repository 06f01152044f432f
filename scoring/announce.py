"""Who changed band, told as events about these people, through the same inbox as everything else."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from cdp.events import inbox
from cdp.events.correct import address_of
from cdp.events.models import InboxBatch
from cdp.events.ourselves import SCORE_BAND_CHANGED, internal_source
from cdp.profiles.find import identifiers_of
from cdp.profiles.models import Profile
from scoring.models import Predictor
from scoring.write import BandChange

AT_ONCE = 1_000


def announce(changes: Sequence[BandChange], *, lane: InboxBatch.Lane, now: datetime) -> None:
    """One event per change, in the transaction that made it; said again, it counts once. Rings for nobody."""
    names = dict(Predictor.objects.filter(pk__in={one.predictor_id for one in changes}).values_list("pk", "name"))
    for start in range(0, len(changes), AT_ONCE):
        if messages := list(_messages(changes[start : start + AT_ONCE], names, now)):
            inbox.put(internal_source().pk, messages, now=now, lane=lane)


def _messages(changes: Sequence[BandChange], names: dict[int, str], now: datetime) -> Iterator[dict[str, Any]]:
    """Of those who can be named: whose every identifier was dropped would become somebody else."""
    profile_ids = list({one.profile_id for one in changes})
    profiles = Profile.objects.in_bulk(profile_ids)
    identifiers = identifiers_of(profile_ids)
    for one in changes:
        joining = [edge for edge in identifiers.get(one.profile_id, ()) if not edge.dropped_for]
        if joining and one.profile_id in profiles:
            yield {
                "type": "track",
                "event": SCORE_BAND_CHANGED,
                "messageId": f"band-{one.predictor_id}-{one.profile_id}-{now.timestamp():.6f}",
                "timestamp": now.isoformat(),
                "properties": {
                    "predictor": names[one.predictor_id],
                    "predictor_id": one.predictor_id,
                    "from": one.was,
                    "to": one.band,
                    "score": round(one.value, 6),
                    "percentile": round(one.percentile, 2),
                },
                **address_of(profiles[one.profile_id], joining),
            }
