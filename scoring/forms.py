"""What one says of a predictor, in a form; and the filters of their list."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from scoring.models import Predictor
from scoring.past_rules import check
from scoring.set_up import Draft
from scoring.times import PACES, WEEKDAYS, BadCron, Pace, Times, times_of
from scoring.words import KINDS
from segments.forms import read_rule

Kind = Predictor.Kind
LONGEST_DAYS = 730
NOT_LEARNED = {"email", "phone", "name", "firstName", "lastName", "first_name", "last_name", "username"}
"""Traits that tell who somebody is, and nothing about what they will do."""


class OptionalRule(forms.CharField):
    """A rule as JSON text, or none; its error names the place."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text or _is_empty(text):
            return None
        try:
            rule = read_rule(text)
            parse(rule)
        except RuleError as error:
            raise forms.ValidationError(f"{error.message}.", code="rule", params={"place": error.place}) from error
        return rule


def _is_empty(text: str) -> bool:
    """The builder before anything was put into it."""
    try:
        root = json.loads(text).get("root", {})
        return bool(root == {} or root.get("of") == [])
    except (ValueError, AttributeError, RecursionError):
        return False


class SetUp(forms.Form):
    """Of a new predictor, or of one that is changed: then its kind stays."""

    kind = forms.ChoiceField(
        label="What is predicted", choices=[(key, one.title) for key, one in KINDS.items()], initial=Kind.PURCHASE
    )
    event_name = forms.CharField(
        label="Which event",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "events", "autocomplete": "off"}),
        help_text="As it stands in the data.",
    )
    target = OptionalRule(label="The rule that comes to hold", required=False)
    days = forms.IntegerField(label="Within how many days", min_value=1, max_value=LONGEST_DAYS, initial=30)
    audience = forms.ChoiceField(
        label="For whom",
        choices=[("usual", "Everybody it makes sense for"), ("rule", "People of a rule or segment")],
        initial="usual",
        widget=forms.RadioSelect,
    )
    population = OptionalRule(label="People of this rule", required=False)
    name = forms.CharField(label="Name", max_length=120, help_text="Such as “Buys in 30 days”.")
    traits = forms.MultipleChoiceField(
        label="Traits it may learn from", required=False, widget=forms.CheckboxSelectMultiple
    )
    low_below = forms.FloatField(label="Low is the lowest … % of people", min_value=1, max_value=98, initial=50)
    high_from = forms.FloatField(label="High begins at … %", min_value=2, max_value=99, initial=80)
    pace = forms.ChoiceField(label="Score everybody", choices=PACES, initial=Pace.DAY)
    hour = forms.TypedChoiceField(
        label="At", choices=[(hour, f"{hour}:10") for hour in range(24)], coerce=int, required=False, initial=3
    )
    weekday = forms.TypedChoiceField(
        label="On", choices=list(enumerate(WEEKDAYS)), coerce=int, required=False, initial=1
    )
    cron = forms.CharField(
        label="Times",
        required=False,
        max_length=100,
        help_text="Minute, hour, day of the month, month, day of the week: 30 6 * * 1 is every Monday at 6:30.",
    )
    trains_every_days = forms.IntegerField(
        label="Learn anew every … days", min_value=1, max_value=365, initial=7, help_text="From what happened since."
    )
    is_automatic = forms.BooleanField(
        label="A better version takes over by itself; and it learns anew when people begin to behave differently",
        required=False,
        initial=True,
    )

    def __init__(
        self,
        *args: Any,
        now: datetime,
        predictor: Predictor | None = None,
        traits: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        if predictor:
            kwargs["initial"] = _said(predictor)
        super().__init__(*args, **kwargs)
        self.predictor, self.now = predictor, now
        kept = [(name, f"{name} (nobody has it now)") for name in (predictor.traits if predictor else [])]
        known = {name for name, _ in traits}
        self.fields["traits"].choices = [*traits, *(one for one in kept if one[0] not in known)]  # type: ignore[attr-defined]
        if predictor:
            self.fields["kind"].disabled = True

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        others = Predictor.objects.exclude(pk=self.predictor.pk) if self.predictor else Predictor.objects.all()
        if others.filter(name=name).exists():
            raise forms.ValidationError("Another predictor has this name.")
        return name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self._check_kind(given)
        self._check_past(given)
        if given.get("audience") == "rule" and given.get("population") is None and "population" not in self.errors:
            self.add_error("population", "Say which people are meant: add a condition.")
        low, high = given.get("low_below"), given.get("high_from")
        if low is not None and high is not None and low >= high:
            self.add_error("high_from", "“High” must begin above where “low” ends.")
        try:
            given["schedule"] = self._times(given).schedule()
        except BadCron as error:
            self.add_error("cron", str(error))
        return given

    def _check_kind(self, given: dict[str, Any]) -> None:
        if given.get("kind") == Kind.EVENT and not given.get("event_name"):
            self.add_error("event_name", "Choose the event that is predicted.")
        if given.get("kind") == Kind.RULE and given.get("target") is None and "target" not in self.errors:
            self.add_error("target", "Say what comes to hold: add a condition.")

    def _check_past(self, given: dict[str, Any]) -> None:
        """It learns from the past, which does not know everything a rule can ask."""
        for name in ("target", "population"):
            try:
                if given.get(name) is not None:
                    check(given[name], self.now)
            except RuleError as error:
                self.add_error(
                    name, forms.ValidationError(f"{error.message}.", code="rule", params={"place": error.place})
                )

    @staticmethod
    def _times(given: dict[str, Any]) -> Times:
        hour, weekday = given.get("hour"), given.get("weekday")
        return Times(
            Pace(given.get("pace") or Pace.DAY),
            3 if hour in (None, "") else int(hour),
            1 if weekday in (None, "") else int(weekday),
            given.get("cron", ""),
        )

    def draft(self) -> Draft:
        """Of a valid form. What another kind asks for is dropped."""
        given = self.cleaned_data
        kind = given["kind"]
        return Draft(
            name=given["name"],
            kind=kind,
            days=given["days"],
            event_name=given["event_name"] if kind == Kind.EVENT else "",
            target=given["target"] if kind == Kind.RULE else None,
            population=given["population"] if given["audience"] == "rule" else None,
            traits=given["traits"],
            low_below=given["low_below"],
            high_from=given["high_from"],
            schedule=given["schedule"],
            trains_every_days=given["trains_every_days"],
            is_automatic=given["is_automatic"],
        )

    def problem_of(self, field: str) -> dict[str, str] | None:
        """Where in a rule the mistake is, for the builder."""
        for error in self.errors.as_data().get(field, []):
            return {"place": (error.params or {}).get("place", "root"), "message": str(error.message)}
        return None


def _said(predictor: Predictor) -> dict[str, Any]:
    times = times_of(predictor.schedule)
    same = ("kind", "event_name", "target", "days", "population", "name", "traits", "low_below", "high_from")
    return {name: getattr(predictor, name) for name in (*same, "trains_every_days", "is_automatic")} | {
        "audience": "usual" if predictor.population is None else "rule",
        "pace": times.pace,
        "hour": times.hour,
        "weekday": times.weekday,
        "cron": times.cron,
    }


STATES = {
    "": "All kept",
    "used": "In use",
    "unused": "Not in use",
    "problem": "With a problem",
    "archived": "Archived",
}


class PredictorsFilter(forms.Form):
    q = forms.CharField(
        label="Find",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Part of the name", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label="Predicts", required=False, choices=[("", "Anything"), *((key, one.title) for key, one in KINDS.items())]
    )
    state = forms.ChoiceField(label="State", required=False, choices=list(STATES.items()))

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("q", "kind", "state"))

    def found(self) -> QuerySet[Predictor]:
        """What does not validate filters nothing."""
        self.is_valid()
        wanted, rows = self.cleaned_data, Predictor.objects.all()
        if q := wanted.get("q"):
            rows = rows.filter(Q(name__icontains=q) | Q(event_name__icontains=q))
        if kind := wanted.get("kind"):
            rows = rows.filter(kind=kind)
        state = wanted.get("state") or ""
        rows = rows.exclude(archived_at=None) if state == "archived" else rows.filter(archived_at=None)
        if state == "used":
            return rows.exclude(active=None)
        if state == "unused":
            return rows.filter(active=None)
        return rows.exclude(problem="") if state == "problem" else rows
