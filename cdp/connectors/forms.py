"""The forms of the import pages."""

from typing import Any
from zoneinfo import available_timezones

from django import forms

from cdp.accounts.models import Source
from cdp.connectors.cells import DateOrder
from cdp.connectors.presets import DETAILED, IGNORE, PRESETS, Preset, plain_header
from cdp.connectors.units import CODE
from cdp.events.money import ISO_4217
from cdp.privacy.models import Purpose, Topic

LARGEST_MB = 2_000
MOST_SHIFTED_DAYS = 36_500
ABOUT_CONSENT = ("consent", "consent_at", "granted_at", "denied_at")
DATES = [
    (DateOrder.YEAR_FIRST, "2026-01-31"),
    (DateOrder.DAY_FIRST, "31/01/2026 (day first)"),
    (DateOrder.MONTH_FIRST, "01/31/2026 (month first)"),
]


class Upload(forms.Form):
    file = forms.FileField(
        label="File",
        max_length=200,
        help_text=f"CSV, also packed with gzip, up to {LARGEST_MB:,} MB. The first row names the columns.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.tsv,.txt"}),
    )
    source = forms.ModelChoiceField(
        label="Source",
        queryset=Source.objects.none(),
        required=False,
        empty_label="A new source, named below",
        help_text="Whose view of people and orders this is. Files of one system belong to one source.",
    )
    new_source = forms.CharField(label="Name of the new source", max_length=120, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources = Source.objects.exclude(kind=Source.Kind.INTERNAL).order_by("name")
        self.fields["source"].queryset = sources  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_MB * 1_000_000:
            raise forms.ValidationError(f"The file is larger than {LARGEST_MB:,} MB. Split it, or use the command.")
        return file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("source") and not (given.get("new_source") or "").strip():
            self.add_error("new_source", "Choose a source above or name a new one here.")
        return given


class Options(forms.Form):
    currency = forms.CharField(
        label="Currency", max_length=3, required=False, help_text="Of amounts whose row names none, such as EUR."
    )
    date_order = forms.ChoiceField(label="Dates look like", choices=DATES, required=False)
    zone = forms.CharField(
        label="Time zone", max_length=64, required=False, help_text="Of times without an offset, such as Europe/Berlin."
    )

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).strip().upper()
        if code and code not in ISO_4217:
            raise forms.ValidationError("This is not a currency code of ISO 4217, such as EUR.")
        return code

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip() or "UTC"
        if zone not in available_timezones():
            raise forms.ValidationError("There is no such time zone. Use a name such as Europe/Berlin.")
        return zone


class TimedOptions(Options):
    """Of files that say what happened when."""

    newest_is_today = forms.BooleanField(
        label="Move all times so that the newest is of today",
        required=False,
        help_text="For old data to try things with: all times by the same number of days, which the import then says.",
    )
    shift_days = forms.IntegerField(
        label="Or move all times by … days",
        required=False,
        min_value=-MOST_SHIFTED_DAYS,
        max_value=MOST_SHIFTED_DAYS,
        help_text="As many as another file of the same data was moved by. Empty: times stay as they are.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("newest_is_today") and given.get("shift_days") is not None:
            self.add_error("shift_days", "Choose one: a number of days here, or that the newest is of today.")
        return given


class OrderOptions(TimedOptions):
    refund_prefix = forms.CharField(
        label="Numbers of refunds begin with",
        max_length=10,
        required=False,
        help_text="Orders that sum below zero are refunds in any case.",
    )
    charge_codes = forms.CharField(
        label="Codes that are no products",
        max_length=1_000,
        required=False,
        help_text="Postage, fees, discounts: they count in the total and are not listed as products. With commas.",
    )
    upper_codes = forms.BooleanField(label="Codes in small and capital letters are the same product", required=False)
    adds_items = forms.BooleanField(
        label="Add products that the catalogue does not have yet",
        required=False,
        initial=True,
        help_text="With the name and price of the first order in the file, so that they can be recommended.",
    )
    item_url = forms.CharField(
        label="Where the page of such a product is",
        max_length=500,
        required=False,
        help_text="With {code} for its code, such as https://shop.example/products/{code}. Empty: no link in mails.",
    )

    def clean_item_url(self) -> str:
        address = str(self.cleaned_data["item_url"]).strip()
        if address and not (address.startswith(("https://", "http://")) and CODE in address):
            raise forms.ValidationError("This is not a link that begins with https:// and has {code} in it.")
        return address

    def clean_charge_codes(self) -> list[str]:
        return [code.strip() for code in self.cleaned_data["charge_codes"].split(",") if code.strip()]


def options_form(preset: str, data: Any = None, *, options: dict[str, Any]) -> Options:
    kind = {"orders": OrderOptions, "events": TimedOptions}.get(preset, Options)
    initial = options | {"charge_codes": ", ".join(options.get("charge_codes", ()))}
    return kind(data, initial=initial)


def column_choices(preset: Preset) -> list[tuple[str, str]]:
    """What a column may be, as `field` or `field:detail`; purposes and topics one by one."""
    choices = [(IGNORE, "Leave out")]
    for field in preset.fields:
        if field.key in ABOUT_CONSENT:
            choices += [(f"{field.key}:{key}", f"{field.label} {name}") for key, name in _subjects()]
        elif field.key in DETAILED:
            choices.append((field.key, f"{field.label}, under the column's name"))
        else:
            choices.append((field.key, field.label))
    return choices


def _subjects() -> list[tuple[str, str]]:
    purposes = [(one.key, one.name) for one in Purpose.objects.order_by("name")]
    topics = Topic.objects.select_related("purpose").order_by("name")
    return purposes + [(f"{one.purpose.key}/{one.key}", one.name) for one in topics]


def chosen_column(said: str, header: str, before: list[str]) -> list[str]:
    """`trait` keeps the name it was recognised under, else takes the column's."""
    name, _, detail = said.partition(":")
    if name in DETAILED and not detail:
        detail = before[1] if before[0] == name and before[1] else plain_header(header)
    return [name, detail if name in DETAILED else ""]


PRESET_CHOICES = [(preset.key, preset.label) for preset in PRESETS.values()]
