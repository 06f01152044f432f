from typing import Any

from django import forms

from campaigns.content.blocks import ContentError
from campaigns.content.compile import compile_mail
from campaigns.content.read import read
from campaigns.models import Campaign
from cdp.privacy.models import Topic
from segments.models import Segment


class Edit(forms.Form):
    """A campaign and its mail."""

    name = forms.CharField(label="Name of the campaign", max_length=120)
    segment = forms.ModelChoiceField(
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
    subject = forms.CharField(
        label="Subject", max_length=300, help_text="May hold what is known of the person: {{ firstName }}"
    )
    content = forms.JSONField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, campaign: Campaign | None = None, **kwargs: Any) -> None:
        if campaign:
            kwargs["initial"] = _initial(campaign)
        super().__init__(*args, **kwargs)
        self.campaign = campaign

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Campaign.objects.filter(name=name).exclude(pk=self.campaign.pk if self.campaign else 0).exists():
            raise forms.ValidationError("Another campaign has this name.")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "content" in cleaned:
            try:
                compile_mail(read({**cleaned["content"], "subject": cleaned.get("subject", "")}))
            except ContentError as error:
                field = "subject" if error.place == "subject" else "content"
                self.add_error(
                    field, forms.ValidationError(error.message, code="content", params={"place": error.place})
                )
        return cleaned

    def content_problem(self) -> dict[str, str] | None:
        """Where in the blocks the mistake is, for the editor."""
        for error in self.errors.as_data().get("content", []):
            return {"place": (error.params or {}).get("place", "content"), "message": str(error.message)}
        return None


def _initial(campaign: Campaign) -> dict[str, Any]:
    return {
        "name": campaign.name,
        "segment": campaign.segment_id,
        "topic": campaign.topic_id,
        "sender": campaign.sender,
        "subject": campaign.template.subject,
        "content": campaign.template.content,
    }
