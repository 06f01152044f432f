"""The schedules page: every periodic job, and what people set a time for."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.operations.schedules import verbs
from cdp.operations.schedules.own import schedules_of_people
from cdp.operations.schedules.periodic import NoSuchJob, Periodic, all_jobs, one
from cdp.operations.schedules.verbs import AlreadyAsked, BrokerAway, Vital

AREAS = {
    "pipeline": "Events and people",
    "events": "Events and people",
    "connectors": "Events and people",
    "identity": "Events and people",
    "profiles": "Events and people",
    "analytics": "Segments and traits",
    "segments": "Segments and traits",
    "scoring": "Predictions",
    "campaigns": "Campaigns",
}
OTHERS = "The system itself"
ORDER = [*dict.fromkeys(AREAS.values()), OTHERS]


@needs("view_system")
@never_cache
def schedules(request: SignedIn) -> HttpResponse:
    now, zone = utc_now(), deployment_zone()
    jobs = all_jobs(now=now, zone=zone)
    page: dict[str, Any] = {
        "now": now,
        "areas": _by_area(jobs),
        "n": len(jobs),
        "look": [job for job in jobs if job.needs_a_look],
        "may_change": request.user.may("manage_schedules"),
        "zone": zone.key,
    }
    if request.GET.get("part") == "jobs":
        return render(request, "operations/_jobs.html", page)
    return render(request, "operations/schedules.html", {**page, "own": schedules_of_people(request.user, zone=zone)})


@needs("manage_schedules")
@require_POST
def pause(request: SignedIn, key: str) -> HttpResponse:
    job = _job(key)
    try:
        verbs.pause(job, by=request.user, now=utc_now())
        messages.success(request, f"“{job.words.name}” is paused. {job.words.stops}")
    except Vital as error:
        messages.error(request, f"“{job.words.name}” cannot be paused: {error}")
    return redirect("operations:schedules")


@needs("manage_schedules")
@require_POST
def resume(request: SignedIn, key: str) -> HttpResponse:
    return _do(request, key, verbs.resume, "“{}” goes on.")


@needs("manage_schedules")
@require_POST
def run_now(request: SignedIn, key: str) -> HttpResponse:
    return _do(request, key, verbs.run_now, "“{}” was asked for and begins as soon as a worker is free.")


def _do(request: SignedIn, key: str, verb: Callable[..., None], said: str) -> HttpResponse:
    job = _job(key)
    try:
        verb(job, by=request.user, now=utc_now())
        messages.success(request, said.format(job.words.name))
    except (AlreadyAsked, BrokerAway) as error:
        messages.info(request, f"“{job.words.name}”: {error.__doc__}")
    return redirect("operations:schedules")


def _job(key: str) -> Periodic:
    try:
        return one(key, now=utc_now(), zone=deployment_zone())
    except NoSuchJob as error:
        raise Http404 from error


def _by_area(jobs: list[Periodic]) -> list[tuple[str, list[Periodic]]]:
    def area(job: Periodic) -> str:
        return AREAS.get(job.key.split(".", maxsplit=1)[0], OTHERS)

    ordered = sorted(jobs, key=lambda job: (ORDER.index(area(job)), job.words.name))
    return [(name, list(found)) for name, found in groupby(ordered, key=area)]
