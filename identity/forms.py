"""Filters of the review queue and the ledger."""

from datetime import date
from typing import Any

from django import forms

from cdp.accounts.models import Source, User
from identity.models import Decision, Merge
from identity.waiting_pairs import Sort, Wanted
from identity.who import SYSTEM, doer

SORTS = [(Sort.LIKELY, "Likely first"), (Sort.DOUBTFUL, "Doubtful first"), (Sort.NEW, "Newest first")]
LONGEST_FIELD = 200


def _search(label: str, placeholder: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "search", "placeholder": placeholder})
    return forms.CharField(label=label, required=False, max_length=150, widget=widget)


def _percent(label: str) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"step": "0.1", "min": "0", "max": "100", "inputmode": "decimal"})
    return forms.FloatField(label=label, required=False, min_value=0, max_value=100, widget=widget)


class QueueFilter(forms.Form):
    """Which pairs are shown; all of them where nothing is said."""

    sort = forms.ChoiceField(label="Order", required=False, choices=SORTS)
    least = _percent("At least (%)")
    most = _percent("At most (%)")
    same = forms.ChoiceField(label="Is the same", required=False)
    different = forms.ChoiceField(label="Differs", required=False)
    source = forms.TypedChoiceField(label="Source", required=False, coerce=int, empty_value=None)
    domain = _search("E-mail domain", "example.com")
    text = _search("Text", "name, address, …")

    def __init__(self, *args: Any, fields: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("same", "different"):
            # What was asked for stays a choice when the last pair with it has been decided.
            offered = dict.fromkeys([*fields, self.data.get(name, "")[:LONGEST_FIELD]])
            self._offer(name, [("", "Anything"), *((one, one.replace("_", " ")) for one in offered if one)])
        self._offer("source", [("", "Any"), *Source.objects.order_by("name").values_list("id", "name")])

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).replace("\0", "")

    def clean_domain(self) -> str:
        return str(self.cleaned_data["domain"]).replace("\0", "").strip()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        least, most = found.get("least"), found.get("most")
        if least is not None and most is not None and least > most:
            self.add_error("most", "Is less than the least; no pair could match.")
        return found

    def wanted(self) -> Wanted:
        """What is valid of it counts; the rest shows its error."""
        self.is_valid()
        found = self.cleaned_data
        shares = {name: found[name] / 100 for name in ("least", "most") if found.get(name) is not None}
        return Wanted(
            sort=Sort(found.get("sort") or Sort.LIKELY),
            same=found.get("same", ""),
            different=found.get("different", ""),
            source_id=found.get("source"),
            domain=found.get("domain", ""),
            text=found.get("text", ""),
            **shares,
        )


class VerdictForm(forms.Form):
    verdict = forms.TypedChoiceField(
        choices=[(one, one) for one in (Decision.Verdict.SAME, Decision.Verdict.DIFFERENT, Decision.Verdict.LATER)],
        coerce=Decision.Verdict,
    )


class ManyForm(forms.Form):
    verdict = forms.TypedChoiceField(
        choices=[(one, one) for one in (Decision.Verdict.SAME, Decision.Verdict.DIFFERENT)], coerce=Decision.Verdict
    )
    expected = forms.IntegerField(min_value=1)


class HistoryFilter(forms.Form):
    verb = forms.ChoiceField(label="What", required=False, choices=[("", "Anything"), *Merge.Verb.choices])
    how = forms.ChoiceField(label="How", required=False, choices=[("", "Any way"), *Merge.How.choices])
    by = forms.ChoiceField(label="By whom", required=False)
    since = forms.DateField(label="Since", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["by"]
        assert isinstance(field, forms.ChoiceField)
        team = User.objects.filter(groups__permissions__codename="review_duplicates").distinct().order_by("email")
        field.choices = [("", "Anybody"), (SYSTEM, "Tributary"), *((doer(user), str(user)) for user in team)]

    def clean_until(self) -> date | None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            raise forms.ValidationError("Lies before the first day.")
        return until


class Chosen(forms.Form):
    """Records that leave a person."""

    record = forms.TypedMultipleChoiceField(coerce=int, error_messages={"required": "Choose at least one record."})

    def __init__(self, *args: Any, records: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["record"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(pk, str(pk)) for pk in records]

    def clean_record(self) -> list[int]:
        chosen = list(self.cleaned_data["record"])
        if len(chosen) == len(self.fields["record"].choices):  # type: ignore[attr-defined]
            raise forms.ValidationError("At least one record must stay: choose those that are somebody else.")
        return chosen
