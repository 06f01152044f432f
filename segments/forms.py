import json
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import connection

from cdp.common.templatetags.look import namespace
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from identity.rule_sets import current
from identity.rules import ANY as EVERY_KIND
from segments.list_match import ANY, PROFILE
from segments.models import Segment
from segments.save import Changed
from segments.schedule import BadCron, Schedule, read_cron
from segments.versions import Draft

LARGEST_MB = 200


class RuleField(forms.JSONField):
    """A rule as JSON; its error names the place."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Any:
        rule = super().clean(value)
        try:
            parse(rule)
        except RuleError as error:
            raise forms.ValidationError(error.message, code="rule", params={"place": error.place}) from error
        return rule


KEPT = ("name", "description", "rule", "folder", "pace", "cron", "version")


class Edit(forms.Form):
    """`version` is the one that the editor sees: a save is refused where somebody saved a newer one meanwhile."""

    name = forms.CharField(label="Name", max_length=120)
    description = forms.CharField(
        label="What it is for", required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )
    rule = RuleField()
    folder = forms.CharField(label="Folder", max_length=80, required=False)
    pace = forms.ChoiceField(
        label="Follows what happened", choices=Segment.Pace.choices, required=False, initial=Segment.Pace.LIVE
    )
    cron = forms.CharField(
        label="Times",
        max_length=100,
        required=False,
        help_text="Minute, hour, day of the month, month, day of the week: 30 6 * * 1 is every Monday at 6:30.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, segment: Segment | None = None, **kwargs: Any) -> None:
        if segment:
            kwargs["initial"] = {name: getattr(segment, name) for name in KEPT}
        super().__init__(*args, **kwargs)
        self.segment = segment

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["pace"] = given.get("pace") or Segment.Pace.LIVE
        if given["pace"] != Segment.Pace.CRON:
            given["cron"] = ""
            return given
        try:
            given["cron"] = read_cron(given.get("cron", ""))
        except BadCron as error:
            self.add_error("cron", str(error))
        return given

    def draft(self, zone: ZoneInfo) -> Draft:
        """Of a valid form."""
        given = self.cleaned_data
        schedule = Schedule(given["pace"], given["cron"], zone)
        return Draft(given["name"], given["rule"], given["description"], schedule)

    def show_newer(self, error: Changed) -> None:
        """What was typed stays; saving it once more is then meant."""
        self.data = {**self.data.dict(), "version": str(error.version)}  # type: ignore[attr-defined]
        self.add_error(None, str(error))

    def clean_name(self) -> str:
        return free_name(str(self.cleaned_data["name"]), but=self.segment.pk if self.segment else 0)

    def rule_problem(self) -> dict[str, str] | None:
        """Where in the rule the mistake is, for the builder."""
        for error in self.errors.as_data().get("rule", []):
            return {"place": (error.params or {}).get("place", "root"), "message": str(error.message)}
        return None


class Rename(forms.Form):
    """Of a fixed list, which has no rule to change."""

    name = forms.CharField(label="Name", max_length=120)
    description = forms.CharField(
        label="What it is for", required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )

    def __init__(self, data: Any = None, *, segment: Segment) -> None:
        super().__init__(data, initial={"name": segment.name, "description": segment.description})
        self.segment = segment

    def clean_name(self) -> str:
        return free_name(str(self.cleaned_data["name"]), but=self.segment.pk)


class Folder(forms.Form):
    folder = forms.CharField(max_length=80, required=False)


class Snapshot(forms.Form):
    name = forms.CharField(label="Name", max_length=120)

    def clean_name(self) -> str:
        return free_name(str(self.cleaned_data["name"]))


class MorePeople(forms.Form):
    """One identifier per person, as a file or pasted."""

    kind = forms.ChoiceField(label="What the lines are")
    pasted = forms.CharField(
        label="Paste them here",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        max_length=2_000_000,
        help_text="One a line, or with commas between them.",
    )
    file = forms.FileField(
        label="Or choose a file",
        required=False,
        help_text=f"CSV or text, up to {LARGEST_MB} MB, also packed with gzip. It is deleted once it was looked up.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.gz"}),
    )
    column = forms.CharField(
        label="Column of the file",
        required=False,
        max_length=200,
        help_text="Its name in the first row. Without: the one that is called like the identifier, else the first.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds_of_identifiers()  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST_MB * 1_000_000:
            raise forms.ValidationError(f"The file is larger than {LARGEST_MB} MB. Split it.")
        return file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        pasted = str(given.get("pasted", "")).strip(" ,;\r\n\t")
        if not self.errors and bool(pasted) == bool(given.get("file")):
            raise forms.ValidationError("Paste the people or choose a file, one of the two.")
        return given


class NewList(MorePeople):
    name = forms.CharField(label="Name of the list", max_length=120)
    field_order = ("name", "kind", "pasted", "file", "column")

    def clean_name(self) -> str:
        return free_name(str(self.cleaned_data["name"]))


def kinds_of_identifiers() -> list[tuple[str, str]]:
    """What lines may be: the usual kinds, then those that the identity rules name."""
    with connection.cursor() as cursor:
        named = [name for name in current(cursor).namespaces if name != EVERY_KIND]
    usual = [(ANY, "Told by their look"), ("email", "E-mail addresses"), ("phone", "Phone numbers")]
    usual += [("user_id", "User ids"), (PROFILE, "Ids of profiles")]
    known = {name for name, _ in usual}
    return usual + [(name, namespace(name)) for name in sorted(named) if name not in known]


def free_name(name: str, *, but: int = 0) -> str:
    if Segment.objects.filter(name=name).exclude(pk=but).exists():
        raise forms.ValidationError("Another segment has this name.")
    return name


def read_rule(text: str) -> Any:
    """Raises RuleError if the text is no JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, character {error.colno}"
        raise RuleError("rule", f"is no JSON: {where}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise RuleError("rule", "is no JSON") from error
