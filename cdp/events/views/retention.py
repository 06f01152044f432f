"""Settings → How long we keep: days by kind of event, and of what else piles up."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ask
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.jobs import refreshed
from cdp.common.models import Job
from cdp.events import retention
from cdp.events.lookback import LooksBack, further_than
from cdp.events.models import EventVolume
from cdp.events.tasks import keep_retention
from cdp.privacy.models import Retention

What = Retention.What
OTHERS = "Events without a rule of their own"
COUNTED = 1_000_000
"""Events counted for the preview: beyond that it says “more than”."""


class KeepForm(forms.Form):
    what = forms.ChoiceField(label="What")
    days = forms.IntegerField(
        label="Keep for so many days", min_value=1, max_value=36_500, required=False, help_text="Empty: for ever."
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = _choices()  # type: ignore[attr-defined]

    def rule(self) -> tuple[str, str]:
        """What, and the event's name."""
        what, _, name = str(self.cleaned_data["what"]).partition(":")
        return what, name


def _choices() -> list[tuple[str, str]]:
    names = EventVolume.objects.order_by("name").values_list("name", flat=True).distinct()[:2_000]
    others = [(f"{what}:", label) for what, label in What.choices if what != What.EVENT]
    return [(f"{What.EVENT}:", OTHERS), *((f"{What.EVENT}:{name}", name) for name in names), *others]


@needs("erase_people")
def keeping(request: SignedIn) -> HttpResponse:
    return _page(request, KeepForm())


def _page(request: SignedIn, form: KeepForm, *, status: int = 200, **more: Any) -> HttpResponse:
    shown = {
        "form": form,
        "rules": [(one, _label(one.what, one.name)) for one in Retention.objects.order_by("what", "name")],
        "job": Job.objects.filter(kind=retention.KIND).order_by("-created_at").first(),
        **more,
    }
    return render(request, "events/retention.html", shown, status=status)


def _label(what: str, name: str) -> str:
    return name or (OTHERS if what == What.EVENT else What(what).label)


@needs("erase_people")
def progress(request: SignedIn) -> HttpResponse:
    job = get_object_or_404(Job.objects.filter(kind=retention.KIND).order_by("-created_at")[:1])
    return refreshed(render(request, "events/_retention_progress.html", {"job": job}), job)


@needs("erase_people")
@require_POST
def keep(request: SignedIn) -> HttpResponse:
    """First says what would go and what looks back further; saved once that was seen."""
    form = KeepForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    (what, name), days, now = form.rule(), form.cleaned_data["days"], utc_now()
    if days and not form.cleaned_data["confirmed"]:
        warnings = _warnings(what, name, days, now)
        n = _goes(what, name, now - timedelta(days=days))
        return _page(
            request, form, asked=True, label=_label(what, name), days=days, n=n, most=COUNTED, warnings=warnings
        )
    with transaction.atomic():
        Retention.objects.update_or_create(what=what, name=name, defaults={"days": days, "changed_at": now})
        details = {"days": days, "what": what}
        audit.record(request.user, verb="changed how long we keep", target=_label(what, name), details=details, now=now)
    messages.success(request, "Kept for ever." if days is None else f"Kept for {days:,} days, from tonight on.")
    return redirect("events:retention")


def _warnings(what: str, name: str, days: int, now: datetime) -> list[tuple[str, LooksBack]]:
    """Event, and what looks further back at it."""
    if what != What.EVENT:
        return []
    own, _ = retention.rules()
    names = [name] if name else [one[0].partition(":")[2] for one in _choices() if one[0].startswith(f"{What.EVENT}:")]
    asked = [one for one in names if one and (name or one not in own)]
    zone, kept = deployment_zone(), timedelta(days=days)
    return [(one, found) for one in asked[:200] for found in further_than(kept, (one, now, zone))]


def _goes(what: str, name: str, before: datetime) -> int:
    """How many events would go the first night; 0 where the rule is not about the events of one name."""
    if what != What.EVENT or not name:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from (select from events_event where name = %s and occurred_at < %s limit %s) old",
            [name, before, COUNTED],
        )
        return int(cursor.fetchone()[0])


@needs("erase_people")
@require_POST
def stop_keeping(request: SignedIn, pk: int) -> HttpResponse:
    """The rule goes; what is left is kept as others are."""
    one = get_object_or_404(Retention, pk=pk)
    with transaction.atomic():
        one.delete()
        audit.record(request.user, verb="removed how long we keep", target=_label(one.what, one.name), now=utc_now())
    return redirect("events:retention")


@needs("erase_people")
@require_POST
def run_now(request: SignedIn) -> HttpResponse:
    ask(keep_retention)
    messages.success(request, "It begins in a moment.")
    return redirect("events:retention")
