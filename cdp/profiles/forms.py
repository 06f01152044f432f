"""The filters of the list of people."""

from datetime import date, timedelta

from django import forms

from cdp.profiles.find import Seen

WITHIN = {"1": "Today", "7": "In the last 7 days", "30": "In the last 30 days", "90": "In the last 90 days"}
SILENT = {"-90": "Not for 90 days", "-365": "Not for a year"}
ORDERS = {
    "": ("-last_seen_on", "-id"),
    "seen": ("last_seen_on", "id"),
    "-added": ("-id",),
    "added": ("id",),
}
"""What an index serves, and nothing else: sorting a million people by a trait would keep everyone waiting."""


class PeopleFilter(forms.Form):
    q = forms.CharField(
        label="Find",
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "E-mail, phone, id, name, city …", "autocomplete": "off"}
        ),
    )
    seen = forms.ChoiceField(
        label="Last seen",
        required=False,
        choices=[("", "At any time"), *WITHIN.items(), *SILENT.items()],
    )
    sort = forms.ChoiceField(required=False, choices=[(key, key) for key in ORDERS], widget=forms.HiddenInput)

    def span(self, today: date) -> Seen:
        wanted = self.cleaned_data.get("seen") or ""
        if not wanted:
            return Seen()
        days = int(wanted)
        if days > 0:
            return Seen(since=today - timedelta(days=days - 1))
        return Seen(until=today + timedelta(days=days))
