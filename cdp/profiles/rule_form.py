"""The form of a rule of survivorship, and that of a span of a source's words."""

import json
from typing import Any

from django import forms

from cdp.accounts.models import Source
from cdp.profiles.change_rule import BadRule, Change
from cdp.profiles.golden_models import STRATEGIES
from cdp.profiles.lots import Lot
from cdp.profiles.survivorship import EVERY, Rule, Strategy

LAST = 9_999


class RuleForm(forms.Form):
    trait = forms.CharField(
        label="Trait",
        max_length=190,
        help_text="Its name, such as city or phone.",
        widget=forms.TextInput(attrs={"list": "known-traits", "autocomplete": "off"}),
    )
    strategy = forms.ChoiceField(label="What counts", required=False)
    verified = forms.TypedMultipleChoiceField(
        label="Sources whose word is verified", required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
        help_text="A record that says “<trait>_verified” is true also speaks for its own word.",
    )  # fmt: skip
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sources: list[Source], trait: str = "", rule: Rule | None = None) -> None:
        super().__init__(*args)
        self.sources = sources
        otherwise = "as for all other traits" if trait != EVERY else "the most recent word"
        choices = [choice for choice in STRATEGIES if trait != EVERY or choice[0] not in ("recent", "union")]
        self.fields["strategy"].choices = [("", otherwise), *choices]  # type: ignore[attr-defined]
        self.fields["verified"].choices = [(one.pk, one.name) for one in sources]  # type: ignore[attr-defined]
        order = rule.sources if rule and rule.strategy is Strategy.RANK else ()
        for source in sources:
            self.fields[f"place_{source.pk}"] = forms.IntegerField(
                label=source.name, required=False, min_value=1, max_value=LAST
            )
            self.initial[f"place_{source.pk}"] = order.index(source.pk) + 1 if source.pk in order else None
        self.initial["trait"] = trait
        self.initial["strategy"] = rule.strategy.value if rule else ""
        self.initial["verified"] = list(rule.sources) if rule and rule.strategy is Strategy.VERIFIED else []
        if trait:
            self.fields["trait"].widget = forms.HiddenInput()

    @property
    def places(self) -> list[Any]:
        return [self[f"place_{source.pk}"] for source in self.sources]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            try:
                self.change().check()
            except BadRule as error:
                self.add_error("strategy", str(error))
        return given

    def change(self) -> Change:
        given = self.cleaned_data
        strategy = given["strategy"]
        return Change(given["trait"].strip(), Rule(Strategy(strategy), self._sources(strategy)) if strategy else None)

    def _sources(self, strategy: str) -> tuple[int, ...]:
        if strategy == Strategy.VERIFIED:
            return tuple(sorted(self.cleaned_data["verified"]))
        if strategy != Strategy.RANK:
            return ()
        placed = [(self.cleaned_data.get(f"place_{one.pk}") or LAST, one.trust_rank, one.pk) for one in self.sources]
        return tuple(pk for _, _, pk in sorted(placed))

    @property
    def as_previewed(self) -> str:
        """What was looked at: only that is applied."""
        change = self.change()
        return json.dumps([change.trait, change.rule and [change.rule.strategy, change.rule.sources]])


class SpanForm(forms.Form):
    source = forms.ModelChoiceField(Source.objects.order_by("name"), label="Source")
    since = forms.DateTimeField(
        label="Arrived from (UTC)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    until = forms.DateTimeField(
        label="Arrived before (UTC)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and given["since"] >= given["until"]:
            self.add_error("until", "The end comes after the beginning.")
        return given

    def lot(self) -> Lot:
        given = self.cleaned_data
        return Lot("", given["source"].pk, given["since"], given["until"])
