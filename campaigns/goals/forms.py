"""What one says of a goal, in a form."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from campaigns.goals.keep import Draft
from campaigns.models import Goal
from cdp.analytics.models import ComputedTrait
from cdp.rules.tree import VERSION
from scoring.forms import OptionalRule
from scoring.models import Predictor
from segments.models import Segment

Metric = Goal.Metric
EVERYBODY, SEGMENT, RULE = "everybody", "segment", "rule"
WHOM = ((EVERYBODY, "Everybody"), (SEGMENT, "People in a segment"), (RULE, "People of a rule"))
DAY = timedelta(days=1)
COUNTED = ("metric", "event", "times", "segment", "averaged", "whom", "among", "population", "starts_on")
"""What a count needs: the preview says nothing while one of these is wrong."""
LONGEST_DAYS = 1830


def _day(label: str, help_text: str) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class SetUp(forms.Form):
    metric = forms.ChoiceField(
        label="What is counted", choices=Metric.choices, initial=Metric.REVENUE, widget=forms.RadioSelect
    )
    event = forms.CharField(
        label="Event",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "goal-events", "autocomplete": "off"}),
    )
    times = forms.IntegerField(label="At least … times each", min_value=1, max_value=10_000, initial=1, required=False)
    segment = forms.ModelChoiceField(
        label="Share of people in", queryset=Segment.objects.none(), required=False, empty_label="Choose a segment …"
    )
    averaged = forms.ChoiceField(label="Average of", required=False)
    whom = forms.ChoiceField(label="Of whom", choices=WHOM, initial=EVERYBODY, widget=forms.RadioSelect)
    among = forms.ModelChoiceField(
        label="Segment", queryset=Segment.objects.none(), required=False, empty_label="Choose a segment …"
    )
    population = OptionalRule(label="People of this rule", required=False)
    direction = forms.ChoiceField(label="It is to be", choices=Goal.Direction.choices, initial=Goal.Direction.AT_LEAST)
    target = forms.FloatField(label="Target")
    starts_on = _day("Counted from", "What is done from the beginning of this day on.")
    ends_on = _day("Until", "To the end of this day.")
    name = forms.CharField(label="Name", max_length=120, help_text="Such as “Revenue of spring”.")

    def __init__(self, *args: Any, goal: Goal | None = None, zone: ZoneInfo, today: date, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(goal, zone, today)
        super().__init__(*args, **kwargs)
        self.zone = zone
        segments = Segment.objects.filter(archived_at=None).order_by("name")
        for field in (self.fields["segment"], self.fields["among"]):
            field.queryset = segments  # type: ignore[attr-defined]
        self.fields["averaged"].choices = [("", "Choose …"), *_averages()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        needed = {Metric.DID: "event", Metric.SHARE: "segment", Metric.AVERAGE: "averaged"}.get(given.get("metric", ""))
        if needed and not given.get(needed) and needed not in self.errors:
            self.add_error(needed, "Choose one.")
        where = {SEGMENT: "among", RULE: "population"}.get(given.get("whom", ""))
        if where and not given.get(where) and where not in self.errors:
            self.add_error(where, "Say which people, or choose everybody.")
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and not 0 <= (last - first).days <= LONGEST_DAYS:
            self.add_error("ends_on", "The last day is after the first, and at most five years later.")
        return given

    def rule_problem(self) -> dict[str, str] | None:
        """Where in the rule the mistake is, for the builder."""
        for error in self.errors.as_data().get("population", []):
            return {"place": (error.params or {}).get("place", "root"), "message": str(error.message)}
        return None

    def draft(self) -> Draft:
        """Of a valid form."""
        given = self.cleaned_data
        return Draft(
            name=given["name"].strip(),
            metric=given["metric"],
            params=_params(given),
            population=_population(given),
            direction=given["direction"],
            target=given["target"],
            starts_at=_midnight(given["starts_on"], self.zone),
            ends_at=_midnight(given["ends_on"] + DAY, self.zone),
        )

    def counted(self) -> Goal | None:
        """What can be counted already, while the rest is being typed; None while it cannot."""
        self.is_valid()
        if any(name in self.errors for name in COUNTED):
            return None
        given = self.cleaned_data
        first = given["starts_on"]
        last = given.get("ends_on") or first + DAY * LONGEST_DAYS
        return Goal(
            metric=given["metric"],
            params=_params(given),
            population=_population(given),
            direction=given.get("direction") or Goal.Direction.AT_LEAST,
            target=given.get("target") or 0.0,
            starts_at=_midnight(first, self.zone),
            ends_at=_midnight(max(last, first) + DAY, self.zone),
        )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)


def _params(given: dict[str, Any]) -> dict[str, Any]:
    match given["metric"]:
        case Metric.DID:
            return {"event": given["event"], "times": given.get("times") or 1}
        case Metric.SHARE:
            return {"segment": given["segment"].pk}
        case Metric.AVERAGE:
            kind, _, key = given["averaged"].partition(":")
            return {"trait": key} if kind == "trait" else {"predictor": int(key)}
    return {}


def _population(given: dict[str, Any]) -> Any:
    if given["whom"] == SEGMENT:
        return {"version": VERSION, "root": {"kind": "segment", "id": given["among"].pk, "op": "in"}}
    return given["population"] if given["whom"] == RULE else None


def _averages() -> list[tuple[str, str]]:
    """Numbers that stand as they are: of a number that decays the mean of what is stored means nothing."""
    traits = ComputedTrait.objects.filter(
        type=ComputedTrait.Type.NUMBER, half_life_days=None, is_on=True, is_removed=False
    ).order_by("label")
    predictors = Predictor.objects.filter(archived_at=None).order_by("name")
    return [
        *((f"trait:{key}", label) for key, label in traits.values_list("key", "label")),
        *((f"score:{pk}", f"Score: {name}") for pk, name in predictors.values_list("pk", "name")),
    ]


def _initial(goal: Goal | None, zone: ZoneInfo, today: date) -> dict[str, Any]:
    if goal is None:
        return {"starts_on": today, "ends_on": today + 30 * DAY}
    params = goal.params
    found: dict[str, Any] = {name: getattr(goal, name) for name in ("name", "metric", "direction", "target")}
    found |= {"event": params.get("event", ""), "times": params.get("times", 1), "segment": params.get("segment")}
    if goal.metric == Metric.AVERAGE:
        found["averaged"] = f"trait:{params['trait']}" if "trait" in params else f"score:{params['predictor']}"
    root = (goal.population or {}).get("root", {})
    if root.get("kind") == "segment" and root.get("op") == "in":
        found |= {"whom": SEGMENT, "among": root["id"]}
    elif goal.population is not None:
        found |= {"whom": RULE, "population": goal.population}
    found["starts_on"] = goal.starts_at.astimezone(zone).date()
    found["ends_on"] = goal.ends_at.astimezone(zone).date() - DAY
    return found
