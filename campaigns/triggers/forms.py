"""What starts a campaign and what must hold when it writes, in a form."""

import json
from typing import Any

from django import forms

from campaigns.models import Campaign
from campaigns.triggers.definition import DID, MOST_EVENTS, Kind, parse_exit, parse_trigger
from campaigns.triggers.set_up import Flow
from cdp.rules.fields import RuleError
from scoring.forms import OptionalRule
from segments.models import Segment

KINDS = (
    (Kind.EVENT.value, "When somebody does something"),
    (Kind.ENTERS.value, "When somebody comes into a segment"),
    (Kind.LEAVES.value, "When somebody leaves a segment"),
    (Kind.MESSAGE.value, "After another mail: a follow-up"),
)
UNITS = {"minute": 60, "hour": 3_600, "day": 86_400}
LONGEST_S = 366 * 86_400
NEVER, EACH, AFTER = "never", "each", "after"
DID_WORDS = {
    "clicked": "clicked in it",
    "opened": "opened it",
    "converted": "ordered because of it",
    "nothing": "did nothing: neither opened nor clicked nor ordered",
}
FIELD_OF = {"trigger.event": "event", "trigger.segment": "segment", "trigger.campaign": "campaign"}
assert DID_WORDS.keys() == DID.keys()


class Json(forms.CharField):
    """What a script writes into a hidden field."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value or [])

    def clean(self, value: Any) -> Any:
        try:
            return json.loads(super().clean(value) or "[]")
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError("Load the page anew: what it sent cannot be read.") from error


class SetUp(forms.Form):
    kind = forms.ChoiceField(label="What starts it", choices=KINDS, initial=Kind.EVENT, widget=forms.RadioSelect)
    event = forms.CharField(
        label="Event", max_length=200, required=False, widget=forms.TextInput(attrs={"list": "events"})
    )
    where = Json(required=False)
    segment = forms.ModelChoiceField(
        label="Segment",
        queryset=Segment.objects.filter(archived_at=None).order_by("name"),
        required=False,
        empty_label="Choose a segment …",
    )
    campaign = forms.ModelChoiceField(
        label="The mail of",
        queryset=Campaign.objects.order_by("-pk"),
        required=False,
        empty_label="Choose a campaign …",
    )
    did = forms.ChoiceField(
        label="It goes to those who", choices=[*DID_WORDS.items()], initial="nothing", required=False
    )
    delay = forms.IntegerField(label="Waits", min_value=0, initial=0, max_value=100_000)
    unit = forms.ChoiceField(label="Unit", choices=[(one, f"{one}s") for one in UNITS], initial="hour")
    condition = OptionalRule(label="Only people of this rule", required=False)
    exit_events = Json(required=False)
    exit_rule = OptionalRule(label="People of this rule", required=False)
    reentry = forms.ChoiceField(
        label="Again for the same person",
        choices=[
            (NEVER, "Never: each person gets it once"),
            (EACH, "Each time it happens, also while they still wait for an earlier one"),
            (AFTER, "Only after some days"),
        ],
        initial=NEVER,
        widget=forms.RadioSelect,
    )
    days = forms.IntegerField(label="Days", min_value=1, max_value=3_650, required=False, initial=7)

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, initial=_said(campaign), **kwargs)
        self.of = campaign
        self.fields["campaign"].queryset = Campaign.objects.exclude(pk=campaign.pk).order_by("-pk")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        if given["delay"] * UNITS[given["unit"]] > LONGEST_S:
            self.add_error("delay", "A year is the longest.")
        if given["reentry"] == AFTER and not given["days"]:
            self.add_error("days", "Say after how many days.")
        self._try(parse_trigger, self.trigger(), FIELD_OF)
        self._try(parse_exit, self.exit(), {"exit.since_trigger": "exit_events"})
        return given

    def _try(self, parse: Any, document: Any, fields: dict[str, str]) -> None:
        try:
            parse(document, **({"of": self.of.pk} if parse is parse_trigger else {}))
        except RuleError as error:
            field = next((name for place, name in fields.items() if error.place.startswith(place)), None)
            text = error.message if field else str(error)
            self.add_error(field, f"{text[:1].upper()}{text[1:]}.")

    def trigger(self) -> dict[str, Any]:
        given = self.cleaned_data
        kind = given["kind"]
        if kind == Kind.EVENT:
            return {"kind": kind, "event": given["event"], **({"where": given["where"]} if given["where"] else {})}
        if kind == Kind.MESSAGE:
            campaign = given["campaign"]
            return {"kind": kind, "campaign": campaign.pk if campaign else None, "did": given["did"] or "nothing"}
        return {"kind": kind, "segment": given["segment"].pk if given["segment"] else None}

    def exit(self) -> dict[str, Any]:
        given = self.cleaned_data
        events = {"since_trigger": given["exit_events"]} if given["exit_events"] else {}
        return events | ({"rule": given["exit_rule"]} if given["exit_rule"] else {})

    def flow(self) -> Flow:
        given = self.cleaned_data
        return Flow(
            trigger=self.trigger(),
            delay_s=given["delay"] * UNITS[given["unit"]],
            condition=given["condition"],
            exit=self.exit() or None,
            reentry_days={NEVER: None, EACH: 0}.get(given["reentry"], given["days"]),
        )


def _said(campaign: Campaign) -> dict[str, Any]:
    trigger, out = campaign.trigger or {}, campaign.exit or {}
    unit = next((name for name, size in reversed(UNITS.items()) if campaign.delay_s % size == 0), "minute")
    days = campaign.reentry_days
    return {
        "kind": trigger.get("kind", Kind.EVENT),
        "event": trigger.get("event", ""),
        "where": trigger.get("where", []),
        "segment": trigger.get("segment"),
        "campaign": trigger.get("campaign"),
        "did": trigger.get("did", "nothing"),
        "delay": campaign.delay_s // UNITS[unit],
        "unit": unit if campaign.delay_s else "hour",
        "condition": campaign.condition,
        "exit_events": out.get("since_trigger", [])[:MOST_EVENTS],
        "exit_rule": out.get("rule"),
        "reentry": NEVER if days is None else EACH if days == 0 else AFTER,
        "days": days or 7,
    }
