"""What one decides about a campaign beside what its mail says."""

from datetime import UTC, datetime, time
from decimal import Decimal
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from campaigns import draft
from campaigns.draft import Plan, plan_of
from campaigns.models import Account, Campaign
from campaigns.target import Target
from cdp.privacy.models import Purpose, Topic
from scoring.estimators.send_hour import hours_in
from scoring.forms import OptionalRule
from segments.models import Segment
from segments.schedule import BadCron, read_cron

Kind, Timing = Campaign.Kind, Campaign.Timing
UTM = ("source", "medium", "campaign", "content")
MOST_HELD = 50
LIKE_SETTINGS = tuple(name for name in draft.SETTINGS if name not in ("send_at", "ends_at", "utm"))
TIMINGS = {
    Timing.NOW: "As soon as it is started",
    Timing.AT: "At one moment",
    Timing.LOCAL: "At one hour of each person's own clock",
    Timing.BEST_HOUR: "At each person's best hour",
}


def _whole(label: str, default: int, *, most: int, least: int = 0, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=least, max_value=most, initial=default, help_text=help_text
    )


def _moment(label: str, help_text: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "datetime-local", "step": "60"})
    return forms.CharField(label=label, required=False, widget=widget, help_text=help_text)


class Segments(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.size:,})"


class Edit(forms.Form):
    """To whom, about what, from whom, and when."""

    name = forms.CharField(label="Name of the campaign", max_length=120)
    kind = forms.ChoiceField(
        label="It is sent", choices=Kind.choices, required=False, initial=Kind.ONCE, widget=forms.RadioSelect
    )
    included = Segments(
        label="To everybody in",
        queryset=Segment.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Of several: whoever is in at least one.",
    )
    excluded = Segments(
        label="But nobody in", queryset=Segment.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    rule = OptionalRule(label="Only those of them", required=False)
    topic = forms.ModelChoiceField(
        label="Topic",
        queryset=Topic.objects.order_by("name"),
        required=False,
        empty_label="None: a service message",
        help_text="Who did not consent to it gets nothing. A service message goes to all who are not suppressed.",
    )
    purpose = forms.ModelChoiceField(
        label="Use of data",
        queryset=Purpose.objects.order_by("name"),
        required=False,
        empty_label="None",
        help_text="Of a message without topic: who did not grant this use is left out.",
    )
    sender = forms.CharField(label="From", max_length=200, initial="Shop <hello@example.com>")
    account = forms.ModelChoiceField(
        label="Sent through",
        queryset=Account.objects.filter(archived_at=None).order_by("name"),
        required=False,
        empty_label="The local mailbox",
    )

    timing = forms.ChoiceField(
        label="When", choices=list(TIMINGS.items()), required=False, initial=Timing.NOW, widget=forms.RadioSelect
    )
    send_at = _moment("Moment")
    send_on = forms.DateField(
        label="Day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Empty: from the start on. Whose hour has passed that day gets it the next day.",
    )
    local_time = forms.TimeField(
        label="On their clock at",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="Where somebody's time zone is not known, the shop's counts.",
    )
    window_from = _whole("Not before … o'clock", 8, most=23)
    window_until = _whole("Until … o'clock", 21, most=24, least=1)
    fallback_hour = _whole("Where nothing is known, at … o'clock", 10, most=23)
    explore_percent = _whole(
        "Try another hour with … % of people", 10, most=50, help_text="So that better hours are found."
    )
    fixed_hour_percent = _whole(
        "Send to … % at the hour for the unknown",
        0,
        most=50,
        help_text="Drawn by chance, to compare: what is the best hour worth?",
    )
    cron = forms.CharField(
        label="Again and again at",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "30 6 * * 1", "autocomplete": "off", "spellcheck": "false"}),
        help_text="Five fields: minute, hour, day of the month, month, day of the week. “30 6 * * 1” is every Monday"
        " at 6:30. Each time goes to whoever is in the audience then.",
    )
    ends_at = _moment("Ends", "Nobody is planned after that. Empty: until it is cancelled.")

    holdout_percent = _whole(
        "Hold back … % of people",
        0,
        most=MOST_HELD,
        help_text="Drawn by chance. They get nothing, so that it is seen what the campaign does.",
    )
    priority = _whole(
        "Priority", 50, most=100, help_text="0 to 100. The higher gets the last message that a cap allows."
    )
    is_capped = forms.BooleanField(label="Frequency caps hold for it", required=False, initial=True)
    keeps_quiet = forms.BooleanField(
        label="Waits while it is night at the person's place", required=False, initial=True
    )

    cost = forms.DecimalField(
        label="Cost of making it", required=False, min_value=Decimal(0), max_digits=14, decimal_places=2
    )
    conversion_days = forms.IntegerField(
        label="An order counts for it within … days of a click",
        required=False,
        min_value=1,
        max_value=365,
        help_text="Empty: as the policy says.",
    )
    adds_utm = forms.BooleanField(label="Links name the campaign (UTM)", required=False, initial=True)
    utm_source = forms.CharField(label="utm_source", required=False, max_length=100)
    utm_medium = forms.CharField(label="utm_medium", required=False, max_length=100)
    utm_campaign = forms.CharField(label="utm_campaign", required=False, max_length=100)
    utm_content = forms.CharField(label="utm_content", required=False, max_length=100)

    def __init__(
        self, *args: Any, campaign: Campaign | None = None, zone: ZoneInfo, now: datetime, **kwargs: Any
    ) -> None:
        plan = plan_of(campaign) if campaign else None
        if plan:
            kwargs["initial"] = _said(plan, zone)
        super().__init__(*args, **kwargs)
        self.campaign, self.zone, self.now = campaign, zone, now
        named = [one.pk for one in (*plan.included, *plan.excluded)] if plan else []
        segments = Segment.objects.filter(archived_at=None) | Segment.objects.filter(pk__in=named)
        for name in draft.TO_MANY:
            field = self.fields[name]
            assert isinstance(field, Segments)
            field.queryset = segments.order_by("name")

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Campaign.objects.filter(name=name).exclude(pk=self.campaign.pk if self.campaign else 0).exists():
            raise forms.ValidationError("Another campaign has this name.")
        return name

    def clean_sender(self) -> str:
        sender = str(self.cleaned_data["sender"])
        _, address = parseaddr(sender)
        local, _, domain = address.rpartition("@")
        if not local or "." not in domain or not sender.isprintable():
            raise forms.ValidationError("Write a name and an address: Shop <hello@example.com>.")
        return sender

    def clean_send_at(self) -> datetime | None:
        return self._read_moment("send_at")

    def clean_ends_at(self) -> datetime | None:
        return self._read_moment("ends_at")

    def clean_cron(self) -> str:
        cron = str(self.cleaned_data["cron"])
        try:
            return read_cron(cron) if cron else ""
        except BadCron as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, field in self.fields.items():
            if given.get(name) is None and isinstance(field, forms.IntegerField) and name not in self.errors:
                given[name] = field.initial
        given["kind"] = given.get("kind") or Kind.ONCE
        given["timing"] = given.get("timing") or Timing.NOW
        if not self.data.get("sent_whole"):  # a short form, such as a script sends: what it leaves out is as usual
            for name in ("is_capped", "keeps_quiet", "adds_utm"):
                given[name] = given[name] or name not in self.data
        self._check_audience(given)
        self._check_times(given)
        return given

    def plan(self) -> Plan:
        given = self.cleaned_data
        same = {name: given[name] for name in LIKE_SETTINGS}
        if given["timing"] in (Timing.LOCAL, Timing.BEST_HOUR):
            on = given["send_on"]
            moment = datetime.combine(on, time(), self.zone).astimezone(UTC) if on else None
        else:
            moment = given["send_at"] if given["timing"] == Timing.AT else None
        is_once = given["kind"] == Kind.ONCE
        return Plan(
            **same,
            included=tuple(given["included"]),
            excluded=tuple(given["excluded"]),
            send_at=moment if is_once else None,
            ends_at=None if is_once else given["ends_at"],
            utm={name: given[f"utm_{name}"] for name in UTM if given[f"utm_{name}"]},
        )

    def target(self) -> Target | None:
        """Whom it is for as far as that is said, whatever else is not; None where it cannot be read."""
        try:
            inside, outside, rule = (self.fields[name].clean(self[name].data) for name in (*draft.TO_MANY, "rule"))
        except forms.ValidationError:
            return None
        return Target(tuple(inside), tuple(outside), rule)

    def _check_audience(self, given: dict[str, Any]) -> None:
        inside, outside = (set(given.get(name) or ()) for name in draft.TO_MANY)
        for segment in sorted(inside & outside, key=lambda one: one.name):
            self.add_error("excluded", f"“{segment.name}” is both chosen and left out.")
        is_open = not inside and given.get("rule") is None and given["kind"] != Kind.TRIGGERED
        if is_open and not {"included", "rule"} & set(self.errors):
            self.add_error("included", "Choose at least one segment, or say below for whom a rule must hold.")

    def _check_times(self, given: dict[str, Any]) -> None:
        kind, timing = given["kind"], given["timing"]
        if timing == Timing.AT and kind != Kind.ONCE:
            self.add_error("timing", "One moment is for a campaign that is sent once.")
        elif timing == Timing.AT and not given.get("send_at") and "send_at" not in self.errors:
            self.add_error("send_at", "Say when.")
        elif timing == Timing.AT and given.get("send_at") and given["send_at"] <= self.now:
            self.add_error("send_at", "This moment has passed.")
        if timing == Timing.LOCAL and not given.get("local_time") and "local_time" not in self.errors:
            self.add_error("local_time", "Say at which hour.")
        if timing == Timing.BEST_HOUR:
            self._check_window(given)
        self._check_end(given, kind)

    def _check_window(self, given: dict[str, Any]) -> None:
        window = given.get("window_from"), given.get("window_until")
        if None in window:
            return
        try:
            allowed = hours_in((int(window[0]), int(window[1])))  # type: ignore[arg-type]
        except ValueError:
            self.add_error("window_until", "Another hour than it begins with.")
            return
        fallback = given.get("fallback_hour")
        if fallback is not None and not allowed[fallback]:
            self.add_error("fallback_hour", "An hour between the two above.")
        if (given.get("explore_percent") or 0) + (given.get("fixed_hour_percent") or 0) > 90:
            self.add_error("fixed_hour_percent", "Leave some people for their best hour.")

    def _check_end(self, given: dict[str, Any], kind: str) -> None:
        today = self.now.astimezone(self.zone).date()
        if given.get("send_on") and given["send_on"] < today and given["timing"] in (Timing.LOCAL, Timing.BEST_HOUR):
            self.add_error("send_on", "This day has passed.")
        if kind == Kind.RECURRING and not given.get("cron") and "cron" not in self.errors:
            self.add_error("cron", "Say at which times.")
        if kind != Kind.ONCE and given.get("ends_at") and given["ends_at"] <= self.now:
            self.add_error("ends_at", "This moment has passed.")

    def _read_moment(self, name: str) -> datetime | None:
        text = self.cleaned_data[name]
        if not text:
            return None
        try:
            said = datetime.fromisoformat(text)
        except ValueError as error:
            raise forms.ValidationError("Write it as 2026-12-24T09:00.") from error
        return (said if said.tzinfo else said.replace(tzinfo=self.zone)).astimezone(UTC)


def _said(plan: Plan, zone: ZoneInfo) -> dict[str, Any]:
    found: dict[str, Any] = dict(vars(plan))
    is_by_day = plan.timing in (Timing.LOCAL, Timing.BEST_HOUR)
    found["send_on"] = plan.send_at.astimezone(zone).date() if plan.send_at and is_by_day else None
    found["send_at"] = _local(plan.send_at, zone) if not is_by_day else ""
    found["ends_at"] = _local(plan.ends_at, zone)
    return found | {f"utm_{name}": plan.utm.get(name, "") for name in UTM}


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment else ""
