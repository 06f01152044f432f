"""What holds for all campaigns, in forms."""

from datetime import time
from typing import Any

from django import forms

from campaigns.models import FrequencyCap, SendingPolicy
from cdp.privacy.models import Topic

MOST_CONTROL = 20
MOST_CAPS = 20
PERIODS = {1: "hours", 24: "days", 168: "weeks"}


def _clock(label: str, help_text: str = "") -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget, help_text=help_text)


class PolicyForm(forms.Form):
    company = forms.CharField(label="Company", required=False, max_length=120)
    postal_address = forms.CharField(
        label="Postal address",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Stands in the footer of every mail; the law of many countries wants it.",
    )
    quiet_from = _clock("No messages from")
    quiet_until = _clock("until", "On each person's own clock; the shop's where theirs is not known. Both empty: none.")
    needs_approval = forms.BooleanField(
        label="A campaign starts only once somebody else approved it",
        required=False,
        help_text="Somebody whose role may approve campaigns, and who did not ask for it.",
    )
    control_percent = forms.IntegerField(
        label="Keep … % of everybody out of all campaigns",
        min_value=0,
        max_value=MOST_CONTROL,
        required=False,
        help_text="The control group: drawn once by chance for each person, and kept. It shows what all campaigns"
        " together do. A larger share takes more people in, who had messages until then; a smaller one lets some out.",
    )
    unknown = forms.ChoiceField(
        label="Where a crash leaves open whether a message went out", choices=SendingPolicy.Unknown.choices
    )
    click_days = forms.IntegerField(
        label="An order counts for a message within … days of a click", min_value=1, max_value=365
    )
    open_days = forms.IntegerField(
        label="… or, without a click, within … days of an open",
        min_value=0,
        max_value=365,
        required=False,
        help_text="0: opens count for nothing, because machines open mails too.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        start, end = given.get("quiet_from"), given.get("quiet_until")
        if (start is None) != (end is None) and not {"quiet_from", "quiet_until"} & set(self.errors):
            self.add_error("quiet_until" if end is None else "quiet_from", "Say both, or none.")
        elif isinstance(start, time) and start == end:
            self.add_error("quiet_until", "Another time than they begin with.")
        for name in ("control_percent", "open_days"):
            given[name] = given.get(name) or 0
        return given


class CapForm(forms.Form):
    """At most so many messages in so long."""

    most = forms.IntegerField(label="At most", min_value=1, max_value=1000)
    n = forms.IntegerField(label="in", min_value=1, max_value=366)
    period = forms.TypedChoiceField(label="Period", choices=list(PERIODS.items()), coerce=int, initial=24)
    topic = forms.ModelChoiceField(
        label="Of", queryset=Topic.objects.order_by("name"), required=False, empty_label="all messages"
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            hours = given["n"] * given["period"]
            if FrequencyCap.objects.filter(hours=hours, topic=given["topic"]).exists():
                self.add_error("n", "There is a cap for so long already. Remove that one first.")
            elif FrequencyCap.objects.count() >= MOST_CAPS:
                self.add_error(None, f"At most {MOST_CAPS} caps.")
        return given


def in_words(cap: FrequencyCap) -> str:
    """“3 messages in 7 days”."""
    size = next((one for one in (168, 24) if cap.hours % one == 0), 1)
    n, period = cap.hours // size, PERIODS[size]
    messages = "message" if cap.most == 1 else "messages"
    about = f" about {cap.topic.name}" if cap.topic else ""
    return f"{cap.most:,} {messages}{about} in {n:,} {period if n != 1 else period[:-1]}"
