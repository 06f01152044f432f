"""Makes and changes segments. Each leaves the segment stale; the caller rings for its full refresh."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from cdp.accounts.models import User
from cdp.rules.parse import parse
from segments.models import Segment
from segments.order import parsed, refuse_circle, uses

RULES_LOCK = 7_305_010
"""Two changes at once could together close a circle that neither closes alone."""


class StillUsed(Exception):
    """Other segments are built on this one. Change them first."""


def create(name: str, *, rule: Any, by: User | None, now: datetime, description: str = "") -> Segment:
    """Raises RuleError if the rule cannot be used."""
    parse(rule)
    return Segment.objects.create(
        name=name, description=description, rule=rule, created_by=by, created_at=now, changed_at=now
    )


def change(segment: Segment, *, name: str, rule: Any, now: datetime, description: str = "") -> None:
    """Raises RuleError if the rule cannot be used, or would make the segment depend on itself."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [RULES_LOCK])
        locked = Segment.objects.select_for_update().get(pk=segment.pk)
        refuse_circle(locked.pk, parse(rule))
        locked.is_stale = locked.is_stale or locked.rule != rule
        locked.name, locked.description, locked.rule, locked.changed_at = name, description, rule, now
        locked.save(update_fields=["name", "description", "rule", "changed_at", "is_stale"])


def archive(segment: Segment, *, now: datetime) -> None:
    """It keeps its members as they are; rules can no longer name it."""
    if using := used_by(segment):
        raise StillUsed(", ".join(one.name for one in using))
    Segment.objects.filter(pk=segment.pk).update(archived_at=now)


def used_by(segment: Segment) -> list[Segment]:
    others = {one.pk: one for one in Segment.objects.filter(archived_at=None).exclude(pk=segment.pk)}
    return [others[other] for other, node in parsed(others.values()).items() if segment.pk in uses(node)]
