"""Predictions → Recommendations: how good they are, their settings, and trying them; and the panel on the profile."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ask
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.models import Job
from cdp.events.models import Item
from cdp.profiles.find import NoSuchPerson, by_any, by_known, by_uuid, identifiers_of
from cdp.profiles.models import Profile
from cdp.profiles.naming import best_name
from scoring.item_models import ItemNeighbours, Recommending
from scoring.recommend.forms import SettingsForm
from scoring.recommend.quality_words import chart, in_words, said_chart
from scoring.recommend.run import KIND, new_job, next_run, settings_row
from scoring.recommend.shown import Filters, Show, items_for, items_like
from scoring.recommend.tasks import holds_back, make_recommendations
from segments.schedule import Schedule

SIDE = 4
TRIED = 8
OPEN = (Job.State.WAITING, Job.State.RUNNING)


@needs("view_predictions")
def recommendations(request: SignedIn) -> HttpResponse:
    row = settings_row()
    return _page(request, row, SettingsForm(initial=SettingsForm.initial_of(row)))


def _page(request: SignedIn, row: Recommending, form: SettingsForm, *, status: int = 200) -> HttpResponse:
    quality = row.quality if row.quality.get("personal") else None
    may_edit = request.user.may("edit_predictions")
    for field in form.fields.values():
        field.disabled = not may_edit
    page = {
        "row": row,
        "form": form,
        "may_edit": may_edit,
        "words": in_words(row.quality) if row.ran_at else [],
        "quality": quality,
        "chart": chart(quality) if quality else None,
        "said_chart": said_chart(quality) if quality else None,
        "times": Schedule("cron", row.schedule, deployment_zone()).english(),
        "job": row.last_job if row.last_job and (row.last_job.state != Job.State.DONE) else None,
        "strangers": row.quality.get("strangers", 0),
        "has_items": Item.objects.exists(),
    }
    return render(request, "scoring/recommend/page.html", page, status=status)


@needs("edit_predictions")
@require_POST
def save(request: SignedIn) -> HttpResponse:
    row, now, form = settings_row(), utc_now(), SettingsForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    given = form.cleaned_data
    with transaction.atomic():
        row = Recommending.objects.select_for_update().get(pk=row.pk)
        before = SettingsForm.initial_of(row)
        row.floor, row.schedule = given["floor_pct"] / 100, given["schedule"]
        row.leaves_out_bought_days = given["leaves_out_bought_days"]
        if row.ran_at:
            row.due_at = next_run(row.schedule, now=now, zone=deployment_zone())
        row.save(update_fields=["floor", "schedule", "leaves_out_bought_days", "due_at"])
        details = {"before": before, "after": given}
        audit.record(request.user, verb="changed recommendations", target="Settings", details=details, now=now)
    messages.success(request, "Saved. How long bought items stay away counts from the next run on.")
    return redirect("scoring:recommendations")


@needs("edit_predictions")
@require_POST
def run_now(request: SignedIn) -> HttpResponse:
    row, now = settings_row(), utc_now()
    if not (row.last_job and row.last_job.state in OPEN and holds_back(row.last_job, now=now)):
        job = new_job(title="Recommendations", by=request.user, now=now)
        audit.record(request.user, verb="ran recommendations", target=job.title, now=now)
        ask(make_recommendations, job.pk)
    return redirect("scoring:recommendations")


@needs("view_predictions")
def progress(request: SignedIn, job_id: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=job_id, kind=KIND)
    return render(request, "scoring/recommend/_running.html", {"job": job})


@needs("edit_predictions")
@require_POST
def stop(request: SignedIn, job_id: int) -> HttpResponse:
    Job.objects.filter(pk=job_id, kind=KIND, state__in=OPEN).update(is_cancel_requested=True)
    job = get_object_or_404(Job, pk=job_id, kind=KIND)
    audit.record(request.user, verb="stopped recommendations", target=job.title, now=utc_now())
    return render(request, "scoring/recommend/_running.html", {"job": job})


@needs("view_predictions")
def try_item(request: SignedIn) -> HttpResponse:
    """Fragment: what goes with the item that was named."""
    text = request.GET.get("q", "").strip().replace("\0", "")
    found = Item.objects.filter(pk=text).first() or Item.objects.filter(name__iexact=text).order_by("pk").first()
    page: dict[str, Any] = {"q": text, "item": found}
    if found is None:
        named = Q(name__icontains=text) | Q(pk__istartswith=text)
        page["suggested"] = Item.objects.filter(named).order_by("name", "pk")[:8] if text else []
    else:
        anything = Filters(in_stock=False, has_fallback=False)
        page["lists"] = [
            (title, items_like(found.pk, kind=kind, limit=SIDE, filters=anything))
            for title, kind in (
                ("Looked at by the same people", ItemNeighbours.Kind.SIMILAR),
                ("Bought together", ItemNeighbours.Kind.TOGETHER),
                ("Bought next, of another category", ItemNeighbours.Kind.AFTER),
            )
        ]
    return render(request, "scoring/recommend/_item.html", page)


@needs("view_people")
def try_person(request: SignedIn) -> HttpResponse:
    """Fragment: the list of the person who was named."""
    text = request.GET.get("q", "").strip()
    profile = _person(text) if text else None
    page: dict[str, Any] = {"q": text, "profile": profile}
    if profile is not None:
        identifiers = identifiers_of([profile.pk]).get(profile.pk, [])
        page |= {"name": best_name(profile, identifiers), **_of(profile, limit=TRIED)}
    return render(request, "scoring/recommend/_person.html", page)


@needs("view_predictions")
def of_person(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The panel on the profile."""
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    return render(request, "scoring/recommend/_of_person.html", _of(profile, limit=SIDE))


def _of(profile: Profile, *, limit: int) -> dict[str, Any]:
    now = utc_now()
    kinds = ((Show.RECOMMENDED, Filters()), (Show.VIEWED, Filters(has_fallback=False, in_stock=False)))
    recommended, viewed = (
        items_for([profile.pk], kind=kind, limit=limit, now=now, filters=filters)[profile.pk] for kind, filters in kinds
    )
    return {"recommended": recommended, "viewed": viewed}


def _person(text: str) -> Profile | None:
    for find in (by_any, by_known):
        try:
            return find(text)
        except NoSuchPerson:
            continue
    return None
