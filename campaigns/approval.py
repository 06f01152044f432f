"""What somebody approves: all that decides who gets what, in a fingerprint."""

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from campaigns import draft
from campaigns.content.modules import modules_for
from campaigns.models import Campaign, Template, Variant

TOO = (
    *("trigger", "delay_s", "condition", "exit", "reentry_days"),
    *("test_percent", "decide_after_h", "decides_on"),
)
VARIED = ("number", "name", "weight", "changes", "sender", "local_time")


def fingerprint_of(campaign: Campaign) -> str:
    """Equal as long as the same would be sent in the same way. Who is in a segment changes by itself: no change."""
    said: dict[str, Any] = {name: _plain(getattr(campaign, name)) for name in (*draft.SETTINGS, *TOO)}
    for name in draft.TO_MANY:
        said[name] = sorted(one.pk for one in getattr(campaign, name).all())
    said["mail"] = _content(Template.objects.get(pk=campaign.template_id))
    said["variants"] = [
        [*(getattr(one, name) for name in VARIED), _content(one.template) if one.template else None]
        for one in Variant.objects.filter(campaign=campaign).select_related("template").order_by("number")
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def _content(template: Template) -> list[Any]:
    return [template.content, sorted(modules_for(template.content).items())]


def _plain(value: Any) -> Any:
    return getattr(value, "pk", value)
