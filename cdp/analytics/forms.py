import json
from typing import Any

from django import forms

from cdp.analytics.definition import parse_definition
from cdp.analytics.load import known_traits
from cdp.analytics.models import ComputedTrait
from cdp.analytics.save import KEY
from cdp.rules.fields import RuleError


class DefinitionField(forms.JSONField):
    """A definition as JSON; its error names the place."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Any:
        definition = super().clean(value)
        try:
            parse_definition(definition, known_traits())
        except RuleError as error:
            raise forms.ValidationError(error.message, code="rule", params={"place": error.place}) from error
        return definition


class Filters(forms.Form):
    q = forms.CharField(label="Name contains", required=False)


class Edit(forms.Form):
    label = forms.CharField(label="Name", max_length=120)
    key = forms.CharField(
        label="Key",
        max_length=60,
        help_text="How rules and the API call it: small letters, digits and _. It cannot be changed later.",
    )
    description = forms.CharField(
        label="What it is for", required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )
    definition = DefinitionField()

    def __init__(self, *args: Any, trait: ComputedTrait | None = None, **kwargs: Any) -> None:
        if trait:
            names = ("label", "key", "description", "definition")
            kwargs["initial"] = {name: getattr(trait, name) for name in names}
        super().__init__(*args, **kwargs)
        if trait:
            del self.fields["key"]

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"])
        if not KEY.fullmatch(key):
            raise forms.ValidationError("Only small letters, digits and _, beginning with a letter.")
        if ComputedTrait.objects.filter(key=key, is_removed=False).exists():
            raise forms.ValidationError("Another computed trait has this key.")
        return key

    def definition_problem(self) -> dict[str, str] | None:
        """Where in the definition the mistake is, for the builder."""
        for error in self.errors.as_data().get("definition", []):
            return {"place": (error.params or {}).get("place", "definition"), "message": str(error.message)}
        return None


def read_definition(text: str) -> Any:
    """Raises RuleError if the text is no JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise RuleError("definition", "is no JSON") from error
