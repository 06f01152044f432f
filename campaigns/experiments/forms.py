from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from campaigns.experiments.edit import SUBJECT, Said, Settings, key_of
from campaigns.experiments.places import Place
from campaigns.models import Campaign, Variant

FIXED, WINNER = "fixed", "winner"
LONGEST_SUBJECT = 500
MOST_HOURS = 24 * 14


class VariantForm(forms.Form):
    """One way of the campaign. `places` are those in which variants differ, as the mail has them now."""

    name = forms.CharField(max_length=80)
    weight = forms.IntegerField(
        label="Part", min_value=1, max_value=100, help_text="Of the people, compared with the others' parts."
    )
    subject = forms.CharField(
        max_length=LONGEST_SUBJECT, required=False, strip=True, help_text="Empty: the mail's. May hold tokens."
    )
    sender = forms.CharField(label="From", max_length=200, required=False, help_text="Empty: the campaign's.")
    local_time = forms.TimeField(
        label="At this time of their own clock",
        required=False,
        help_text="Empty: as the campaign says.",
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )

    def __init__(self, data: Any = None, *, variant: Variant, places: Sequence[Place]) -> None:
        self.variant, self.places = variant, {}
        values = {key_of(one["place"]): one["value"] for one in variant.changes}
        initial = {
            "name": variant.name,
            "weight": variant.weight,
            "sender": variant.sender,
            "local_time": variant.local_time,
            "subject": values.get(key_of(SUBJECT), ""),
        }
        super().__init__(data, prefix=f"v{variant.number}", initial=initial)
        self.fields["sender"].widget.attrs["placeholder"] = variant.campaign.sender
        if variant.template_id:
            del self.fields["subject"]
            return
        self.fields["subject"].widget.attrs["placeholder"] = variant.campaign.template.subject
        for number, place in enumerate(places):
            name, key = f"place{number}", key_of(place.path)
            self.places[name] = place
            kind: type[forms.Field] = forms.FloatField if place.is_number else forms.CharField
            self.fields[name] = kind(label=place.label, initial=values.get(key, place.value))
            if place.is_number:
                self.fields[name].widget.attrs["step"] = "any"

    def said(self) -> Said:
        cleaned = self.cleaned_data
        return Said(
            name=cleaned["name"],
            weight=cleaned["weight"],
            subject=cleaned.get("subject", ""),
            sender=cleaned["sender"],
            local_time=cleaned["local_time"],
            values={key_of(one.path): _typed(cleaned[name], one.value) for name, one in self.places.items()},
        )


class SettingsForm(forms.Form):
    """Who takes part, and whether the others wait for a winner."""

    how = forms.ChoiceField(
        label="Who gets the variants",
        choices=[
            (FIXED, "Everybody: compare them and learn for the next time"),
            (WINNER, "Some people first: the others get the winner"),
        ],
        widget=forms.RadioSelect,
    )
    test_percent = forms.IntegerField(
        label="Per cent of the people in the test", min_value=1, max_value=99, required=False
    )
    decide_after_h = forms.IntegerField(
        label="Hours until it is decided",
        min_value=1,
        max_value=MOST_HOURS,
        required=False,
        help_text="Where some people get it first: after the last of them was to get it.",
    )
    decides_on = forms.ChoiceField(
        label="Decided on",
        choices=Campaign.Decision.choices,
        widget=forms.RadioSelect,
        help_text="Opens cannot decide: mail programs open mails by themselves, which tells nothing of people.",
    )

    def __init__(self, data: Any = None, *, campaign: Campaign) -> None:
        is_all = campaign.test_percent >= 100
        initial = {
            "how": FIXED if is_all else WINNER,
            "test_percent": 20 if is_all else campaign.test_percent,
            "decide_after_h": campaign.decide_after_h,
            "decides_on": campaign.decides_on,
        }
        super().__init__(data, prefix="test", initial=initial)
        if campaign.kind != Campaign.Kind.ONCE:
            # Nobody waits there: people come one by one, or another time comes by itself.
            self.fields["how"].choices = [(FIXED, self.fields["how"].choices[0][1])]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("test_percent", "decide_after_h") if cleaned.get("how") == WINNER else ():
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, "Say how many.")
        return cleaned

    def said(self) -> Settings:
        cleaned = self.cleaned_data
        waits = cleaned["how"] == WINNER
        return Settings(
            test_percent=cleaned["test_percent"] if waits else 100,
            decide_after_h=cleaned["decide_after_h"] or 24,
            decides_on=cleaned["decides_on"],
        )


def forms_of(variants: Sequence[Variant], places: Sequence[Place], data: Mapping[str, Any] | None) -> list[VariantForm]:
    return [VariantForm(data, variant=one, places=places) for one in variants]


def _typed(value: Any, like: int | float | str) -> int | float | str:
    if isinstance(like, str):
        return str(value)
    return int(value) if float(value).is_integer() else float(value)
