"""What the pages of results are asked for: days, an order, costs, which branches."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from campaigns.models import Campaign
from campaigns.results.over_all import LONGEST_DAYS, SORTS

USUAL = timedelta(days=29)
SORT_WORDS = {
    "revenue": "Revenue",
    "sent": "Mails sent",
    "clicked": "Share that clicked",
    "ordered": "Share that ordered",
    "unsubscribed": "Share that unsubscribed",
    "complained": "Share that called it spam",
    "per_recipient": "Revenue per recipient",
}


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class Period(forms.Form):
    """Mails that were sent on these days; the last thirty, unless said otherwise."""

    first = _day("Sent from")
    last = _day("Until")
    sort = forms.ChoiceField(label="Sorted by", choices=[(key, SORT_WORDS[key]) for key in SORTS])

    def __init__(self, data: Mapping[str, Any], *, today: date) -> None:
        usual = {"first": (today - USUAL).isoformat(), "last": today.isoformat(), "sort": "revenue"}
        super().__init__(usual | {key: data[key] for key in usual if data.get(key)})

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last:
            if first > last:
                self.add_error("last", "This is before the first day.")
            elif (last - first).days >= LONGEST_DAYS:
                self.add_error("first", "Choose two years at most.")
            elif not 1970 < first.year < 2200 or last.year > 2200:
                self.add_error("first", "Choose days of our time.")
        return found


class Costs(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no parameters at run time
    """What a campaign cost, and for how long orders are led back to it: may be said at any time."""

    class Meta:
        model = Campaign
        fields = ("cost", "message_cost", "conversion_days")
        labels = {
            "cost": "Cost of making it",
            "message_cost": "Cost of each message",
            "conversion_days": "Orders count for … days after a click",
        }

    def __init__(self, data: Any = None, *, instance: Campaign, currency: str, usual_days: int) -> None:
        super().__init__(data, instance=instance)
        fields: dict[str, Any] = self.fields
        for name in self.Meta.fields:
            fields[name].required = False
        for name in ("cost", "message_cost"):
            fields[name].min_value = 0
            fields[name].widget.attrs["min"] = 0
        fields["cost"].help_text = f"{currency}. Texts, pictures, an agency."
        fields["message_cost"].help_text = f"{currency}, as the provider bills it. Empty: left out."
        fields["conversion_days"].help_text = f"Empty: {usual_days}, as for all campaigns. 0: no order counts."
        fields["conversion_days"].widget.attrs["max"] = 365

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        for name in ("cost", "message_cost"):
            if found.get(name) is not None and found[name] < 0:
                self.add_error(name, "Say nothing below 0.")
        if (found.get("conversion_days") or 0) > 365:
            self.add_error("conversion_days", "365 days at most.")
        return found


def branches_of(query: QueryDict) -> dict[str, int]:
    """`branch=k3f9:1`, once for each place that is chosen; what makes no sense is left out."""
    found = {}
    for text in query.getlist("branch")[:50]:
        key, _, number = text.rpartition(":")
        if key and number.isascii() and number.isdigit() and len(number) < 4:
            found[key] = int(number)
    return found
