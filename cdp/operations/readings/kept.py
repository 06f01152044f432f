"""What processes wrote down about themselves, and what lies beside the database."""

import json
import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.cache import cache
from django.db.models import Sum
from redis.exceptions import RedisError

from cdp.operations.heartbeats import ALIVE
from cdp.operations.models import ErrorCount, Heartbeat, Tally


@dataclass(frozen=True)
class Backup:
    """As the command `backup` wrote it down."""

    at: datetime
    path: str
    bytes: int
    seconds: float


def alive(*, now: datetime) -> list[Heartbeat]:
    return list(Heartbeat.objects.filter(seen_at__gt=now - ALIVE).order_by("kind", "queue", "name"))


def silent(*, now: datetime) -> list[Heartbeat]:
    """Those that lived within the last hour and say nothing now: they died, or were stopped."""
    rows = Heartbeat.objects.filter(seen_at__lte=now - ALIVE, seen_at__gt=now - timedelta(hours=1))
    return list(rows.order_by("-seen_at"))


def tallies() -> dict[str, dict[tuple[str, ...], float]]:
    """Metric → values of its labels → how often."""
    found: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
    for metric, labels, value in Tally.objects.values_list("metric", "labels", "value"):
        found[metric][tuple(labels)] = value
    return found


def errors(*, since: datetime) -> list[dict[str, object]]:
    rows = ErrorCount.objects.filter(hour__gte=since).values("level", "logger", "kind").annotate(times=Sum("n"))
    return [dict(row) for row in rows.order_by("level", "-times", "logger")[:50]]


def cache_answers() -> bool:
    try:
        cache.get("operations:look")
    except (RedisError, OSError):
        return False
    return True


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def last_backup(var: Path) -> Backup | None:
    """None if none was made here, or what was written down cannot be read."""
    try:
        raw = json.loads((var / "backups" / "last.json").read_text())
        at = datetime.fromisoformat(raw["at"])
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return Backup(at, str(raw["path"]), int(raw["bytes"]), float(raw["seconds"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
