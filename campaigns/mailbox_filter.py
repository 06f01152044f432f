from typing import Any

from django import forms
from django.db.models import QuerySet

from campaigns.models import Campaign, MailboxMessage

KINDS = {"": "Mails and tests", "mails": "Mails to people", "tests": "Tests"}
NEWEST = 200


class MailboxFilter(forms.Form):
    q = forms.CharField(
        label="Find",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Part of the address", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label="Show", required=False, choices=list(KINDS.items()))
    campaign = forms.ChoiceField(label="Campaign", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = Campaign.objects.order_by("-created_at").values_list("pk", "name")[:NEWEST]
        self.fields["campaign"] = forms.ChoiceField(
            label="Campaign", required=False, choices=[("", "All campaigns"), *newest]
        )

    def found(self) -> QuerySet[MailboxMessage]:
        """What does not validate filters nothing: the field says what is wrong with it."""
        self.is_valid()
        wanted, rows = self.cleaned_data, MailboxMessage.objects.all()
        if q := wanted.get("q"):
            rows = rows.filter(recipient__icontains=q)
        if kind := wanted.get("kind"):
            rows = rows.filter(is_test=kind == "tests")
        return rows.filter(campaign_id=wanted["campaign"]) if wanted.get("campaign") else rows
