"""What mails can say of the events that start campaigns, for the editor's picker of tokens."""

from campaigns.content.meanings import written
from campaigns.content.words import Word
from campaigns.models import Campaign
from cdp.events.models import EventProperty

GROUP = "What triggered it"
MOST_EVENTS, MOST = 20, 300
PLAIN = {"string": '""', "boolean": '""', "integer": "0", "number": "0"}
"""Types that can be shown → what stands instead where the property is missing."""


def words() -> list[Word]:
    """Properties of the events of the newest triggered campaigns."""
    named = Campaign.objects.filter(kind=Campaign.Kind.TRIGGERED, trigger__kind="event").order_by("-pk")
    events = list(dict.fromkeys(named.values_list("trigger__event", flat=True)[:MOST_EVENTS]))
    known = EventProperty.objects.filter(name__in=events, type__in=PLAIN).order_by("name", "property", "type")
    found: dict[tuple[str, str], Word] = {}
    for event, name, kind in known.values_list("name", "property", "type").distinct()[:MOST]:
        insert = f"{{{{ {written(('event', name))} | default: {PLAIN[kind]} }}}}"
        found.setdefault((event, name), Word(GROUP, f"{event}: {name.replace('_', ' ')}", insert))
    return list(found.values())
