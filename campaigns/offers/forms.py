"""What one says of an offer, in a form; codes from a file or pasted; and the filters of the list."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from campaigns.models import Offer
from campaigns.offers.asked import last_day
from campaigns.offers.checked import key_problem, problems_of, tidy
from campaigns.offers.codes import LEAST_LENGTH, MOST_LENGTH
from campaigns.offers.set_up import Draft, is_fixed
from scoring.forms import OptionalRule

Kind, Codes = Offer.Kind, Offer.Codes
LARGEST_FILE = 100_000_000
FIELD_OF = {"starts_at": "starts_on", "ends_at": "ends_on"}
STATES = {"": "All kept", "active": "Active", "over": "Over", "archived": "Archived"}


def _day(label: str, *, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


class SetUp(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="People may see it: {{ offer.name }}.")
    key = forms.CharField(
        label="Key",
        max_length=60,
        required=False,
        help_text="Mails name it by this. Empty: made of the name. It stays.",
    )
    kind = forms.ChoiceField(label="What it gives", choices=Kind.choices, initial=Kind.PERCENT)
    value = forms.DecimalField(label="How much", max_digits=12, decimal_places=2, required=False)
    currency = forms.CharField(label="Currency", max_length=3, required=False, help_text="Such as EUR.")
    terms = forms.CharField(label="Terms", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    url = forms.URLField(label="Link", max_length=500, required=False, assume_scheme="https")
    audience = forms.ChoiceField(
        label="Who may have it",
        choices=[("all", "Everybody whom a mail offers it to"), ("rule", "Only people of a rule or segment")],
        initial="all",
        widget=forms.RadioSelect,
    )
    rule = OptionalRule(label="People of this rule", required=False)
    starts_on = _day("First day")
    ends_on = _day("Last day")
    days_valid = forms.IntegerField(
        label="Each code is good for … days",
        min_value=1,
        max_value=3650,
        required=False,
        help_text="From being given; no longer than the last day. For codes of one's own.",
    )
    codes = forms.ChoiceField(label="Codes", choices=Codes.choices, initial=Codes.GENERATED, widget=forms.RadioSelect)
    shared_code = forms.CharField(label="The code", max_length=60, required=False)
    code_prefix = forms.CharField(label="Codes begin with", max_length=20, required=False)
    code_length = forms.IntegerField(
        label="Letters and digits by chance", min_value=LEAST_LENGTH, max_value=MOST_LENGTH, required=False, initial=10
    )
    most_given = forms.IntegerField(label="Given at most … times", min_value=1, max_value=2**31 - 1, required=False)
    most_per_person = forms.IntegerField(
        label="To one person at most … times", min_value=1, max_value=1000, required=False, initial=1
    )
    most_spent = forms.DecimalField(
        label="Until orders took off … in all", max_digits=14, decimal_places=2, required=False
    )

    def __init__(self, *args: Any, offer: Offer | None = None, zone: ZoneInfo, currency: str, **kwargs: Any) -> None:
        kwargs["initial"] = _said(offer, zone) if offer else {"currency": currency}
        super().__init__(*args, **kwargs)
        self.offer, self.zone = offer, zone
        self.fields["most_spent"].help_text = f"In {currency}, as told by the orders. Then nobody is given it any more."
        if offer:
            del self.fields["key"]
        if offer and is_fixed(offer):
            for name in ("codes", "shared_code"):
                self.fields[name].disabled = True

    def clean_key(self) -> str:
        key = self.cleaned_data["key"] or slugify(self.data.get("name", ""))[:60].strip("-_")
        if problem := key_problem(key):
            raise forms.ValidationError(problem)
        return str(key)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("audience") == "rule" and given.get("rule") is None and "rule" not in self.errors:
            self.add_error("rule", "Say who may have it: add a condition.")
        if not self.errors:
            for name, problem in problems_of(self.draft(), but=self.offer).items():
                self.add_error(FIELD_OF.get(name, name), problem)
        return given

    def draft(self) -> Draft:
        given = self.cleaned_data
        same = ("name", "kind", "value", "currency", "terms", "url", "days_valid", "codes", "shared_code")
        more = ("code_prefix", "most_given", "most_per_person", "most_spent")
        return tidy(
            Draft(
                **{name: given[name] for name in (*same, *more)},
                rule=given["rule"] if given["audience"] == "rule" else None,
                code_length=given["code_length"] or Draft.code_length,
                starts_at=self._moment("starts_on"),
                ends_at=self._moment("ends_on"),
            )
        )

    def _moment(self, name: str) -> datetime | None:
        """The API knows times of the day: while the day stays, so do they."""
        day: date | None = self.cleaned_data[name]
        kept = getattr(self.offer, name.replace("_on", "_at")) if self.offer else None
        if day is None or (kept is not None and day == self.initial.get(name)):
            return kept if day is not None else None
        day += timedelta(days=name == "ends_on")
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)


def _said(offer: Offer, zone: ZoneInfo) -> dict[str, Any]:
    same = [name for name in Draft.__dataclass_fields__ if name not in ("starts_at", "ends_at")]
    return {name: getattr(offer, name) for name in same} | {
        "audience": "all" if offer.rule is None else "rule",
        "starts_on": offer.starts_at and offer.starts_at.astimezone(zone).date(),
        "ends_on": offer.ends_at and last_day(offer.ends_at, zone),
    }


class MoreCodes(forms.Form):
    pasted = forms.CharField(
        label="Codes",
        required=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text="One a line, or with commas between them.",
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        help_text="CSV or text, also gzip, up to a million codes. Of several columns the one called “code” or “coupon”"
        " is read, else the first.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file = given.get("file")
        if bool(given.get("pasted", "").strip()) == bool(file):
            self.add_error("pasted", "Paste the codes, or choose a file: one of the two.")
        if file and file.size > LARGEST_FILE:
            self.add_error("file", "The file is larger than 100 MB. Split it.")
        return given


class OffersFilter(forms.Form):
    q = forms.CharField(
        label="Find",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Part of the name", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(label="State", required=False, choices=list(STATES.items()))

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("q", "state"))

    def found(self, *, now: datetime) -> QuerySet[Offer]:
        """What does not validate filters nothing."""
        self.is_valid()
        rows, state = Offer.objects.all(), self.cleaned_data.get("state") or ""
        if q := self.cleaned_data.get("q"):
            rows = rows.filter(Q(name__icontains=q) | Q(key__icontains=q))
        if state == "archived":
            return rows.exclude(archived_at=None)
        rows = rows.filter(archived_at=None)
        if state == "over":
            return rows.filter(ends_at__lte=now)
        return rows.exclude(ends_at__lte=now) if state == "active" else rows
