"""The filters of the list of campaigns."""

from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from campaigns.models import Campaign
from segments.models import Segment

State = Campaign.State
UNDER_WAY = (State.WAITING, State.SCHEDULED, State.SENDING, State.PAUSED)


class CampaignsFilter(forms.Form):
    q = forms.CharField(
        label="Find",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Part of the name", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(
        label="State", required=False, choices=[("", "All"), ("open", "Under way"), *State.choices]
    )
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "All"), *Campaign.Kind.choices])
    segment = forms.ModelChoiceField(
        label="To", required=False, queryset=Segment.objects.order_by("name"), empty_label="Any segment"
    )

    def found(self) -> QuerySet[Campaign]:
        """What does not validate filters nothing."""
        self.is_valid()
        rows, given = Campaign.objects.all(), self.cleaned_data
        if q := given.get("q"):
            rows = rows.filter(name__icontains=q)
        if state := given.get("state"):
            rows = rows.filter(state__in=UNDER_WAY) if state == "open" else rows.filter(state=state)
        if kind := given.get("kind"):
            rows = rows.filter(kind=kind)
        if segment := given.get("segment"):
            included = Campaign.included.through.objects.filter(campaign_id=OuterRef("pk"), segment_id=segment.pk)
            rows = rows.filter(Exists(included))
        return rows
