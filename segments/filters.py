"""The filters of lists about segments. They stay in the address."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from segments.models import Cause, MembershipChange, Segment

STATES = {
    "": "All kept",
    "right": "Up to date",
    "waiting": "Being refreshed",
    "failed": "Failed",
    "archived": "Archived",
}
ORDERS = {
    "": ("name", "id"),
    "-name": ("-name", "-id"),
    "-size": ("-size", "-id"),
    "size": ("size", "id"),
    "-changed": ("-changed_at", "-id"),
    "changed": ("changed_at", "id"),
    "-created": ("-created_at", "-id"),
    "created": ("created_at", "id"),
}
NO_FOLDER = "-"


class SegmentsFilter(forms.Form):
    q = forms.CharField(
        label="Find",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Part of the name", "autocomplete": "off"}),
    )
    folder = forms.ChoiceField(label="Folder", required=False)
    kind = forms.ChoiceField(label="Made", required=False, choices=[("", "In any way"), *Segment.Kind.choices])
    pace = forms.ChoiceField(label="Refreshed", required=False, choices=[("", "At any pace"), *Segment.Pace.choices])
    state = forms.ChoiceField(label="State", required=False, choices=list(STATES.items()))
    sort = forms.ChoiceField(required=False, choices=[(key, key) for key in ORDERS], widget=forms.HiddenInput)

    def __init__(self, *args: Any, folders: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "All folders"), *((name, name) for name in folders), (NO_FOLDER, "No folder")]
        self.fields["folder"] = forms.ChoiceField(label="Folder", required=False, choices=choices)
        if not folders:
            self.fields["folder"].widget = forms.HiddenInput()

    @property
    def sort_key(self) -> str:
        return str(self.cleaned_data.get("sort", ""))

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("q", "folder", "kind", "pace", "state"))

    def found(self) -> QuerySet[Segment]:
        """What does not validate filters nothing: the field says what is wrong with it."""
        self.is_valid()
        wanted, rows = self.cleaned_data, Segment.objects.all()
        if q := wanted.get("q"):
            rows = rows.filter(Q(name__icontains=q) | Q(description__icontains=q))
        if folder := wanted.get("folder"):
            rows = rows.filter(folder="" if folder == NO_FOLDER else folder)
        for name in ("kind", "pace"):
            if wanted.get(name):
                rows = rows.filter(**{name: wanted[name]})
        return _in_state(rows, wanted.get("state") or "")


def _in_state(rows: QuerySet[Segment], state: str) -> QuerySet[Segment]:
    if state == "archived":
        return rows.exclude(archived_at=None)
    rows = rows.filter(archived_at=None)
    if state == "failed":
        return rows.exclude(error="")
    if state == "waiting":
        return rows.filter(error="", is_stale=True)
    return rows.filter(error="", is_stale=False) if state == "right" else rows


def folders() -> list[str]:
    return list(Segment.objects.exclude(folder="").order_by("folder").values_list("folder", flat=True).distinct())


class ChangesFilter(forms.Form):
    kind = forms.ChoiceField(
        label="Who", required=False, choices=[("", "Entered or left"), *MembershipChange.Kind.choices]
    )
    cause = forms.ChoiceField(label="Because", required=False, choices=[("", "Of anything"), *Cause.choices])
    on = forms.DateField(label="Day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    since = forms.DateField(label="Since", required=False, widget=forms.HiddenInput)
    until = forms.DateField(label="Until", required=False, widget=forms.HiddenInput)

    def value(self, name: str) -> Any:
        return self.cleaned_data.get(name) if self.is_valid() else None

    @property
    def day(self) -> date | None:
        found: date | None = self.value("on")
        return found if found is None or found < date.max else None
