"""The form an endpoint is set up with."""

from typing import Any

from django import forms

from campaigns.models import Campaign, Endpoint
from campaigns.webhooks.checked import problems_of
from campaigns.webhooks.kinds import DELIVERIES, KINDS, Wants
from campaigns.webhooks.save import Plan
from cdp.common.outbound import Policy
from scoring.models import Predictor
from segments.models import Segment

ALL = "None chosen: all of them, also those that are made later."


def _many(label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, help_text=ALL, widget=forms.SelectMultiple(attrs={"size": 6})
    )


class EndpointForm(forms.Form):
    name = forms.CharField(max_length=120, help_text="What your colleagues know it by: CRM, Warehouse, Shop.")
    url = forms.CharField(
        label="Address",
        max_length=2_000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
        help_text="Takes POST with JSON and answers 2xx within 15 seconds: https://crm.example.com/hooks/tributary",
    )
    kinds = forms.MultipleChoiceField(label="Tell it of", choices=KINDS.items(), widget=forms.CheckboxSelectMultiple)
    segments = _many("Only these segments")
    predictors = _many("Only these predictions")
    campaigns = _many("Only these campaigns")
    deliveries = forms.MultipleChoiceField(
        label="Only when a message was",
        required=False,
        choices=DELIVERIES.items(),
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all of it.",
    )

    def __init__(self, *args: Any, policy: Policy, endpoint: Endpoint | None = None, **kwargs: Any) -> None:
        self.policy, self.endpoint = policy, endpoint
        kwargs["initial"] = _initial(endpoint)
        super().__init__(*args, **kwargs)
        chosen = Wants.of(endpoint.wants) if endpoint else Wants()
        self._offer("segments", Segment.objects.filter(archived_at=None), chosen.segments, Segment.objects)
        self._offer("predictors", Predictor.objects.filter(archived_at=None), chosen.predictors, Predictor.objects)
        self._offer("campaigns", Campaign.objects.all(), chosen.campaigns, Campaign.objects)

    def _offer(self, name: str, rows: Any, chosen: frozenset[int], everything: Any) -> None:
        """Those in use, and those chosen before they were archived."""
        kept = (rows | everything.filter(pk__in=chosen)).order_by("name")
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(kept.values_list("pk", "name"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for field, problem in problems_of(self.plan(), policy=self.policy, but=self.endpoint).items():
                self.add_error(field, problem)
        return cleaned

    def plan(self) -> Plan:
        cleaned = self.cleaned_data
        wants = Wants(
            kinds=frozenset(cleaned["kinds"]),
            segments=frozenset(map(int, cleaned["segments"])),
            predictors=frozenset(map(int, cleaned["predictors"])),
            campaigns=frozenset(map(int, cleaned["campaigns"])),
            deliveries=frozenset(cleaned["deliveries"]),
        )
        return Plan(name=cleaned["name"], url=cleaned["url"].strip(), wants=wants)


def _initial(endpoint: Endpoint | None) -> dict[str, Any]:
    if endpoint is None:
        return {}
    return {"name": endpoint.name, "url": endpoint.url, **Wants.of(endpoint.wants).document}
