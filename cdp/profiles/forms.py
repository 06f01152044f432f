"""The filters of the list of people."""

from datetime import date, timedelta
from typing import Any

from django import forms

from cdp.profiles.find import Seen

WITHIN = {"1": "Today", "7": "In the last 7 days", "30": "In the last 30 days", "90": "In the last 90 days"}
SILENT = {"-90": "Not for 90 days", "-365": "Not for a year"}
ORDERS = {
    "": ("-last_seen_on", "-id"),
    "seen": ("last_seen_on", "id"),
    "-added": ("-id",),
    "added": ("id",),
    "-known": ("-first_seen_at", "-id"),
    "known": ("first_seen_at", "id"),
}
"""What an index serves, and nothing else: sorting a million people by a trait would keep everyone waiting."""


SPANS = (("known_from", "known_to"), ("seen_from", "seen_to"))


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


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
    seen_from = _day("Last seen from")
    seen_to = _day("Last seen until")
    known_from = _day("First seen from")
    known_to = _day("First seen until")
    sort = forms.ChoiceField(required=False, choices=[(key, key) for key in ORDERS], widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        """The days of the last sight are shown where an address asks for them: mostly “in the last days” is meant."""
        super().__init__(data)
        if not any((data or {}).get(name) for name in SPANS[1]):
            for name in SPANS[1]:
                self.fields[name].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        for first, last in SPANS:
            if found.get(first) and found.get(last) and found[first] > found[last]:
                self.add_error(last, "This is before the first day.")
        return found

    def span(self, today: date) -> Seen:
        wanted = self.cleaned_data.get("seen") or ""
        if not wanted:
            return Seen(self.cleaned_data.get("seen_from"), self.cleaned_data.get("seen_to"))
        days = int(wanted)
        if days > 0:
            return Seen(since=today - timedelta(days=days - 1))
        return Seen(until=today + timedelta(days=days))
