"""Who got a campaign and what they did with it: the people behind each number."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet, Sum

from campaigns.models import Campaign, Conversion, Delivery, Hit, Variant
from campaigns.results.over_all import midnight
from cdp.profiles.models import Profile
from cdp.profiles.naming import Person
from cdp.profiles.naming import people as named
from segments.models import Membership, Segment

State = Delivery.State
BATCH = 2_000
"""Rows in memory at a time, each batch a statement of its own: a slow reader holds no transaction open."""
ORDER = ("profile_id", "occurrence")
WAITING = (State.PLANNED, State.CLAIMED, State.HANDING)
OUTCOMES: dict[str, tuple[str, Q]] = {
    "waiting": ("Waits", Q(state__in=WAITING)),
    "sent": ("Sent", Q(state=State.ACCEPTED)),
    "delivered": ("Delivered", Q(state=State.ACCEPTED, bounced_at=None)),
    "opened": ("Opened", Q(opened_at__isnull=False)),
    "machine_opened": ("Opened by a machine only", Q(opened_at=None, machine_opened_at__isnull=False)),
    "clicked": ("Clicked", Q(clicked_at__isnull=False)),
    "machine_clicked": ("Clicked by a machine only", Q(clicked_at=None, machine_clicked_at__isnull=False)),
    "not_clicked": ("Delivered, not clicked", Q(state=State.ACCEPTED, bounced_at=None, clicked_at=None)),
    "converted": ("Ordered", Q(converted_at__isnull=False)),
    "unsubscribed": ("Unsubscribed", Q(unsubscribed_at__isnull=False)),
    "complained": ("Called it spam", Q(complained_at__isnull=False)),
    "bounced": ("Came back", Q(bounced_at__isnull=False)),
    "failed": ("Failed", Q(state=State.FAILED)),
    "unknown": ("Not known", Q(state=State.UNKNOWN)),
    "skipped": ("Got nothing", Q(state=State.SKIPPED)),
}
MARKS = (
    ("complained_at", "called it spam", "red"),
    ("unsubscribed_at", "unsubscribed", "orange"),
    ("bounced_at", "came back", "red"),
    ("converted_at", "ordered", "green"),
    ("clicked_at", "clicked", "blue"),
    ("opened_at", "opened", "azure"),
)
HEAD = (
    "person",
    "address",
    "state",
    "reason",
    "variant",
    "occurrence",
    "sent at",
    "opened at",
    "clicked at",
    "ordered at",
    "revenue",
    "unsubscribed at",
    "came back at",
    "called it spam at",
)
EMPTY = [("", "All")]
OF_OUR_TIME = [MinValueValidator(date(1971, 1, 1)), MaxValueValidator(date(2200, 1, 1))]


class Recipients(forms.Form):
    """The filters of the list; what is hidden is set by links only."""

    outcome = forms.ChoiceField(required=False, label="What became of it")
    reason = forms.ChoiceField(required=False, label="Got nothing, because")
    variant = forms.ChoiceField(required=False, label="Variant")
    segment = forms.ModelChoiceField(Segment.objects.none(), required=False, label="In segment", empty_label="All")
    arm = forms.ChoiceField(required=False, choices=[*EMPTY, *Delivery.Arm.choices], widget=forms.HiddenInput)
    occurrence = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    split = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    branch = forms.IntegerField(required=False, min_value=0, max_value=100, widget=forms.HiddenInput)
    block = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    drawn = forms.BooleanField(required=False, widget=forms.HiddenInput)
    """Only those whose variant was drawn, not who got the winner afterwards."""
    first = forms.DateField(required=False, widget=forms.HiddenInput, validators=OF_OUR_TIME)
    last = forms.DateField(required=False, widget=forms.HiddenInput, validators=OF_OUR_TIME)

    def __init__(self, data: Any, *, campaign: Campaign, zone: ZoneInfo) -> None:
        super().__init__(data)
        self.campaign, self.zone = campaign, zone
        variants = [(str(one.number), one.name) for one in Variant.objects.filter(campaign=campaign).order_by("number")]
        fields: dict[str, Any] = self.fields
        fields["outcome"].choices = [*EMPTY, *((key, name) for key, (name, _) in OUTCOMES.items())]
        fields["reason"].choices = [("", "Any reason"), *Delivery.Reason.choices]
        fields["variant"].choices = [*EMPTY, *variants]
        fields["segment"].queryset = Segment.objects.filter(archived_at=None).order_by("name")
        if not variants:
            fields["variant"].widget = forms.HiddenInput()

    def found(self) -> QuerySet[Delivery]:
        """Nobody where a filter makes no sense: the form says what is wrong."""
        rows = Delivery.objects.filter(campaign_id=self.campaign.pk)
        if not self.is_valid():
            return rows.none()
        asked = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        if "outcome" in asked:
            rows = rows.filter(OUTCOMES[asked["outcome"]][1])
        for name in ("reason", "variant", "arm", "occurrence"):
            if name in asked:
                rows = rows.filter((name, asked[name]))
        if "split" in asked and "branch" in asked:
            rows = rows.filter(branches__contains={asked["split"]: asked["branch"]})
        if "segment" in asked:
            members = Membership.objects.filter(segment_id=asked["segment"].pk)
            rows = rows.filter(profile_id__in=members.values("profile_id"))
        if asked.get("drawn"):
            rows = rows.filter(gets_winner=False)
        rows = self._sent_on(rows, asked)
        if "block" in asked:
            hits = Hit.objects.filter(campaign_id=self.campaign.pk, block=asked["block"], kind="click", verdict="human")
            rows = rows.filter(ref__in=hits.values("ref"))
        return rows

    def _sent_on(self, rows: QuerySet[Delivery], asked: dict[str, Any]) -> QuerySet[Delivery]:
        """On these days of the deployment's clock, both meant."""
        if "first" in asked:
            rows = rows.filter(settled_at__gte=midnight(asked["first"], self.zone))
        if "last" in asked:
            rows = rows.filter(settled_at__lt=midnight(asked["last"] + timedelta(days=1), self.zone))
        return rows


def lines_of(rows: Sequence[Delivery]) -> list[dict[str, Any]]:
    """Each delivery with who it is, what they did in words, and what they ordered."""
    known: dict[int, Person] = named(row.profile_id for row in rows)
    earned = _earned(rows)
    return [
        {
            "row": row,
            "person": known.get(row.profile_id),
            "reason": _reason(row),
            "marks": [(words, tone) for name, words, tone in MARKS if getattr(row, name) is not None],
            "revenue": earned.get(row.ref),
        }
        for row in rows
    ]


def rows_of(found: QuerySet[Delivery], variants: dict[int, str]) -> Iterator[Sequence[Any]]:
    """For a spreadsheet."""
    yield HEAD
    after: tuple[int, str] | None = None
    while batch := list(_after(found, after)[:BATCH]):
        after = (batch[-1].profile_id, batch[-1].occurrence)
        uuids = dict(Profile.objects.filter(pk__in={row.profile_id for row in batch}).values_list("pk", "uuid"))
        earned = _earned(batch)
        for row in batch:
            yield (
                uuids.get(row.profile_id, ""),
                row.address,
                row.state,
                _reason(row),
                variants.get(row.variant, ""),
                row.occurrence,
                _iso(row.settled_at if row.state == State.ACCEPTED else None),
                *(_iso(at) for at in (row.opened_at, row.clicked_at, row.converted_at)),
                earned.get(row.ref, ""),
                *(_iso(at) for at in (row.unsubscribed_at, row.bounced_at, row.complained_at)),
            )


def _after(found: QuerySet[Delivery], after: tuple[int, str] | None) -> QuerySet[Delivery]:
    rows = found.order_by(*ORDER)
    if after is None:
        return rows
    return rows.filter(Q(profile_id__gt=after[0]) | Q(profile_id=after[0], occurrence__gt=after[1]))


def _earned(rows: Sequence[Delivery]) -> dict[Any, Any]:
    refs = [row.ref for row in rows if row.converted_at]
    found = Conversion.objects.filter(delivery__in=refs).values_list("delivery").annotate(n=Sum("value"))
    return dict(found)


def _reason(row: Delivery) -> str:
    return str(Delivery.Reason(row.reason).label) if row.reason in Delivery.Reason.values else row.reason


def _iso(at: Any) -> str:
    return at.isoformat() if at else ""
