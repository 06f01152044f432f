"""The cuts that bands compare with: measured every night, and when one is first needed."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from cdp.analytics.load import Kept, load
from cdp.analytics.models import ComputedTrait
from cdp.rules.kept_cuts import publish, published


def publish_all(*, now: datetime, zone: ZoneInfo, only: int | None = None) -> list[int]:
    """Measures every cut anew, or those of one trait. Returns the traits whose cuts moved: they wait for their full
    recomputation."""
    moved = []
    for one in (one for one in load() if only in (None, one.trait.pk)):
        with transaction.atomic():
            found = [publish(cut, now=now, zone=zone) for cut in one.definition.cuts()]
            if any(cut.old is None or cut.old.value != cut.new.value for cut in found):
                ComputedTrait.objects.filter(pk=one.trait.pk).update(is_stale=True)
                moved.append(one.trait.pk)
    return moved


def publish_missing(kept: Iterable[Kept], *, now: datetime, zone: ZoneInfo) -> list[int]:
    """Those never measured, or measured when nobody had the number yet. Returns the traits that got theirs."""
    found = []
    for one in kept:
        known = published({cut.key: cut for cut in one.definition.cuts()})
        missing = [cut for cut in one.definition.cuts() if cut.key not in known or known[cut.key].value is None]
        with transaction.atomic():
            got = [publish(cut, now=now, zone=zone).new.value for cut in missing]
        if got and all(value is not None for value in got):
            found.append(one.trait.pk)
    return found
