"""What is expected of one person, on the profile page: the panel of scores, and the tab of them over time."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.audit import record
from cdp.common.bell import ring
from cdp.common.clock import utc_now
from cdp.profiles.find import NoSuchPerson, by_uuid
from cdp.profiles.models import Profile
from scoring import person
from scoring.models import Predictor
from scoring.predict import score_people
from segments.tasks import refresh

SHOWN_CHANGES = 60


def _person(uuid: UUID) -> Profile:
    try:
        return by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error


@needs("view_predictions")
def of_person(request: SignedIn, uuid: UUID) -> HttpResponse:
    return _panel(request, _person(uuid))


def _panel(request: SignedIn, profile: Profile, *, is_told: bool = False, **more: Any) -> HttpResponse:
    said = person.of_person(profile.pk, currency=settings.REPORTING_CURRENCY)
    context = {
        "profile": profile,
        "said": person.with_reasons(said, profile.pk) if is_told else said,
        "is_told": is_told,
        "hour": person.best_hour(profile.pk),
        "has_predictors": Predictor.objects.filter(archived_at=None).exclude(active=None).exists(),
        **more,
    }
    return render(request, "scoring/_of_person.html", context)


@needs("view_predictions")
def reasons(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The same with why: it follows by a request of its own, for it reads the features of each score's moment."""
    return _panel(request, _person(uuid), is_told=True)


@needs("edit_predictions")
@require_POST
def rescore(request: SignedIn, uuid: UUID) -> HttpResponse:
    """By what is known this moment; segments that ask for the scores follow."""
    profile, now = _person(uuid), utc_now()
    lots = score_people([profile.pk], now=now)
    if lots:
        ring(refresh)
        record(request.user, verb="scored a person anew", target=str(profile.uuid), now=now)
    return _panel(request, profile, is_told=True, is_rescored=bool(lots), is_waiting=not lots)


@needs("view_predictions")
def history(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The tab: how each score went, and when the band changed."""
    profile = _person(uuid)
    changes = person.history_of(profile.pk)
    predictors = Predictor.objects.in_bulk(changes)
    shown = [
        (predictors[pk], person.line_of(rows), rows[: -SHOWN_CHANGES - 1 : -1])
        for pk, rows in changes.items()
        if pk in predictors
    ]
    shown.sort(key=lambda one: one[0].name)
    return render(request, "scoring/_history_of_person.html", {"profile": profile, "shown": shown})
