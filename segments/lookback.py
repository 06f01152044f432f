"""How far back segments look at events."""

from collections.abc import Iterator

from django.urls import reverse

from cdp.events.lookback import Asked, LooksBack
from cdp.rules.fields import RuleError
from cdp.rules.lookback import of_rule
from cdp.rules.parse import parse
from segments.models import Segment


def segments(asked: Asked) -> Iterator[LooksBack]:
    for one in Segment.objects.filter(archived_at=None).only("pk", "name", "rule"):
        try:
            found = of_rule(parse(one.rule), asked)
        except RuleError:
            continue
        if found is not None:
            yield LooksBack("Segment", one.name, reverse("segments:segment", args=[one.pk]), found)
