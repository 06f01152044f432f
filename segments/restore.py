"""Brings an archived segment back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from cdp.rules.parse import parse
from segments import save
from segments.models import Segment
from segments.order import refuse_circle
from segments.schedule import schedule_of


def restore(segment: Segment, *, now: datetime, zone: ZoneInfo) -> None:
    """It waits for a full refresh: it did not follow anybody meanwhile. Raises RuleError if its rule cannot be used any
    more: restore what it names first. (Names stay taken while a segment is archived.)"""
    with transaction.atomic():
        save.lock_rules()
        locked = Segment.objects.select_for_update().get(pk=segment.pk)
        refuse_circle(locked.pk, parse(locked.rule))
        locked.archived_at, locked.is_stale = None, True
        locked.error, locked.failures, locked.retry_at = "", 0, None
        locked.due_at = schedule_of(locked, zone).next_after(now)
        locked.save(update_fields=["archived_at", "is_stale", "error", "failures", "retry_at", "due_at"])
