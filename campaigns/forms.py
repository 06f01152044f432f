from typing import Any

from django import forms

from campaigns.draft import plan_of
from campaigns.models import Campaign
from cdp.privacy.models import Topic
from segments.models import Segment


class Edit(forms.Form):
    """A campaign: to whom, about what, from whom. What it says is written in the editor."""

    name = forms.CharField(label="Name of the campaign", max_length=120)
    included = forms.ModelMultipleChoiceField(
        label="To everybody in", queryset=Segment.objects.filter(archived_at=None).order_by("name")
    )
    topic = forms.ModelChoiceField(
        label="Topic",
        queryset=Topic.objects.order_by("name"),
        required=False,
        empty_label="None: a service message",
        help_text="Who did not consent to it gets nothing. A service message goes to all who are not suppressed.",
    )
    sender = forms.CharField(label="From", max_length=200, initial="Shop <hello@example.com>")

    def __init__(self, *args: Any, campaign: Campaign | None = None, **kwargs: Any) -> None:
        if campaign:
            kwargs["initial"] = vars(plan_of(campaign))
        super().__init__(*args, **kwargs)
        self.campaign = campaign

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Campaign.objects.filter(name=name).exclude(pk=self.campaign.pk if self.campaign else 0).exists():
            raise forms.ValidationError("Another campaign has this name.")
        return name
