import json
from typing import Any

from django import forms

from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from segments.models import Segment


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


class Filters(forms.Form):
    q = forms.CharField(label="Name contains", required=False)


class Edit(forms.Form):
    name = forms.CharField(label="Name", max_length=120)
    description = forms.CharField(
        label="What it is for", required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )
    rule = RuleField()

    def __init__(self, *args: Any, segment: Segment | None = None, **kwargs: Any) -> None:
        if segment:
            kwargs["initial"] = {"name": segment.name, "description": segment.description, "rule": segment.rule}
        super().__init__(*args, **kwargs)
        self.segment = segment

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Segment.objects.filter(name=name).exclude(pk=self.segment.pk if self.segment else 0).exists():
            raise forms.ValidationError("Another segment has this name.")
        return name

    def rule_problem(self) -> dict[str, str] | None:
        """Where in the rule the mistake is, for the builder."""
        for error in self.errors.as_data().get("rule", []):
            return {"place": (error.params or {}).get("place", "root"), "message": str(error.message)}
        return None


def read_rule(text: str) -> Any:
    """Raises RuleError if the text is no JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise RuleError("rule", "is no JSON") from error
