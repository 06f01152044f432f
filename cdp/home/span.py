"""The days that the home page tells of; they stay in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms

CHOICES = (7, 30, 90)
USUAL = 30
LONGEST = 731


@dataclass(frozen=True)
class Span:
    """Both days are meant; they begin at midnight in `zone`."""

    first: date
    last: date
    zone: ZoneInfo
    days: int | None = None
    """So many days up to today, where that is what was chosen."""

    @property
    def since(self) -> datetime:
        return _midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The moment after the last day."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def all(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def query(self) -> str:
        """As it stands in the address."""
        if self.days:
            return urlencode({"days": self.days})
        return urlencode({"first": self.first.isoformat(), "last": self.last.isoformat()})

    @property
    def words(self) -> str:
        if self.days:
            return f"in the last {self.days} days"
        return f"on {self.first:%-d %b %Y}" if self.first == self.last else f"{_day(self.first)} to {_day(self.last)}"


class SpanForm(forms.Form):
    """`days`, or `first` and `last`; the last thirty days unless said otherwise."""

    days = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(n, str(n)) for n in CHOICES],
        error_messages={"invalid_choice": "Choose 7, 30 or 90 days, or two days of your own."},
    )
    first = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Mapping[str, Any], *, now: datetime, zone: ZoneInfo) -> None:
        super().__init__(data)
        self.today, self.zone = now.astimezone(zone).date(), zone

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if self.errors or not (first or last):
            return found
        if first is None or last is None:
            raise forms.ValidationError("Choose both days: the first and the last.")
        if first > last:
            raise forms.ValidationError(f"The first day, {_day(first)}, lies after the last one, {_day(last)}.")
        if first > self.today:
            raise forms.ValidationError("These days are still to come. Choose a first day up to today.")
        if (last - first).days >= LONGEST:
            raise forms.ValidationError("Choose two years at most.")
        if first.year <= 1970 or last.year >= 2200:
            raise forms.ValidationError("Choose days of our time.")
        return found

    @property
    def span(self) -> Span:
        """What was asked for; of what makes no sense, the usual days."""
        asked = self.cleaned_data if self.is_valid() else {}
        if asked.get("first"):
            return Span(asked["first"], min(asked["last"], self.today), self.zone)
        days = asked.get("days") or USUAL
        return Span(self.today - timedelta(days=days - 1), self.today, self.zone, days)

    @property
    def problems(self) -> list[str]:
        return [str(error) for errors in self.errors.values() for error in errors]


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time.min, zone)


def _day(on: date) -> str:
    return f"{on:%-d %b %Y}"
