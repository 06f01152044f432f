"""How far back computed traits look at events."""

from collections.abc import Iterator

from django.urls import reverse

from cdp.analytics.load import load
from cdp.events.lookback import Asked, LooksBack
from cdp.rules.lookback import far


def traits(asked: Asked) -> Iterator[LooksBack]:
    name, now, zone = asked
    for kept in load():
        if kept.definition.follows(f"event:{name}"):
            url = reverse("analytics:trait", args=[kept.trait.pk])
            yield LooksBack("Computed trait", kept.trait.label, url, far(kept.definition, now, zone))
