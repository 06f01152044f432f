"""The page of one predictor: whether it can be trusted, what it says of people now, and what to do with that."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import escape
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.readouts import kept, kept_soon
from scoring import charts, set_up
from scoring.as_rule import at_least, expected_within, new_segment
from scoring.combine import combinations
from scoring.health import health_of, problem_of
from scoring.jobs import OPEN, scoring_job
from scoring.listed import band_parts, latest_versions, spark, with_version
from scoring.models import Predictor, ScoringRun, TrainedModel
from scoring.shown_quality import column_words, plain, quality_of, tried_of
from scoring.times import times_of
from scoring.today import bands_of, expected_by_week, expected_soon, today
from scoring.today_drawn import drawn
from scoring.uses import StillUsed, predictor_uses
from scoring.words import AMOUNTS, KINDS, did, for_whom, likely, says, sentence

RUNS = 8
WEEKS = 13
SOON_DAYS = (7, 14, 30)


def of_page(request: SignedIn, pk: int) -> tuple[Predictor, dict[str, Any]]:
    """What the head of each page of a predictor shows."""
    predictor = get_object_or_404(with_version(Predictor.objects.select_related("created_by")), pk=pk)
    latest, now = latest_versions([pk]).get(pk), utc_now()
    return predictor, {
        "predictor": predictor,
        "kind": KINDS[predictor.kind],
        "sentence": sentence(predictor),
        "health": health_of(predictor, latest),
        "problem": problem_of(predictor, now=now),
        "latest": latest,
        "scoring_job": scoring_job(predictor),
        "job": predictor.last_job,
        "is_amount": predictor.kind in AMOUNTS,
        "is_training": predictor.last_job is not None and predictor.last_job.state in OPEN,
    }


@needs("view_predictions")
def predictor(request: SignedIn, pk: int) -> HttpResponse:
    found, context = of_page(request, pk)
    shown = _shown_version(found, context["latest"])
    runs = list(ScoringRun.objects.filter(predictor=found).order_by("-at", "-id").defer("quantiles", "spread")[:RUNS])
    bands = kept(lambda: bands_of(found), "bands", pk, found.scored_at, now=utc_now()).value
    context |= {
        "times": times_of(found.schedule),
        "runs": runs,
        "spark": spark([run.mean for run in reversed(runs) if run.mean is not None]),
        "bands": band_parts(bands),
        "people": sum(bands.values()),
        "combinations": combinations(found) if found.scored_at else [],
        "whom": for_whom(found),
        "uses": [use for use in predictor_uses(found) if request.user.may(use.permission)],
        "version": shown,
        **(_quality(found, shown) if shown else {}),
    }
    return render(request, "scoring/predictor.html", context)


@needs("view_predictions")
def what_it_says(request: SignedIn, pk: int) -> HttpResponse:
    """For who points at its name."""
    return HttpResponse(escape(sentence(get_object_or_404(Predictor, pk=pk))))


def _shown_version(predictor: Predictor, latest: TrainedModel | None) -> TrainedModel | None:
    """The one in use; where none is, the latest that was tried. All of it but what only scoring reads."""
    wanted = predictor.active_id or (latest.pk if latest else None)
    return TrainedModel.objects.defer("artefact", "reference").filter(pk=wanted or 0).first()


def _quality(predictor: Predictor, version: TrainedModel) -> dict[str, Any]:
    quality, done, currency = quality_of(version), did(predictor), settings.REPORTING_CURRENCY
    words = column_words(predictor)
    return {
        "quality": quality,
        "plain": plain(predictor, quality, currency=currency),
        "charts": charts.of_quality(quality, kind=predictor.kind, did=done, currency=currency),
        "importance": charts.weighty(quality.importance, words=words),
        "lifts": charts.lifts(quality.gains),
        "tried": tried_of(version),
        "did": done,
        "currency": currency,
    }


@needs("view_predictions")
def now_part(request: SignedIn, pk: int) -> HttpResponse:
    """The scores people have now, and the threshold one slides. Loads by itself: it counts everybody."""
    found = get_object_or_404(with_version(Predictor.objects.all()), pk=pk)
    if found.kind == Predictor.Kind.NEXT_ORDER:
        return _next_orders(request, found)
    told = kept_soon(lambda: today(found), "scores", pk, found.scored_at, now=utc_now())
    if told is None:
        return render(request, "_counting.html")
    now = told.value
    version = _shown_version(found, None)
    quality = quality_of(version) if version else None
    picture = drawn(found, now, quality)
    context = {
        "predictor": found,
        "today": now,
        "as_of": told,
        "picture": picture,
        "says": says(found),
        "likely": likely(found),
        "did": did(found),
        "currency": settings.REPORTING_CURRENCY,
        "is_amount": found.kind in AMOUNTS,
        "first": picture.first,
        "segment_url": new_segment(at_least(found.pk, picture.first.threshold)) if picture.first else "",
        "curve": {
            "predictor": found.pk,
            "steps": [[step.threshold, step.people, round(step.expected, 2)] for step in now.steps],
            "past": [asdict(point) for point in quality.curve] if quality else [],
            "happened": quality.happened if quality else 0,
            "measured": quality.people if quality else 0,
            "newSegment": new_segment(at_least(found.pk, 0)).split("?")[0],
            "unit": settings.REPORTING_CURRENCY if found.kind == Predictor.Kind.VALUE else "",
            "low": picture.low,
            "high": picture.high,
        },
    }
    return render(request, "scoring/_now.html", context)


def _next_orders(request: SignedIn, predictor: Predictor) -> HttpResponse:
    now = utc_now()
    soon = [
        {"days": days, "people": n, "url": new_segment(expected_within(predictor.pk, days))}
        for days, n in zip(SOON_DAYS, expected_soon(predictor, now=now, days=SOON_DAYS), strict=True)
    ]
    chart = _weeks_chart(expected_by_week(predictor, now=now, weeks=WEEKS))
    return render(request, "scoring/_expected.html", {"predictor": predictor, "chart": chart, "soon": soon})


def _weeks_chart(weeks: list[int]) -> charts.Chart:
    return {
        "title": "Orders expected in the weeks ahead",
        "type": "bar",
        "x": ["this week", "next week", *(f"in {week} weeks" for week in range(2, len(weeks)))],
        "xLabel": "Week",
        "yLabel": "People",
        "series": [{"name": "People", "data": weeks}],
    }


@needs("edit_predictions")
@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    found, now = get_object_or_404(Predictor, pk=pk, archived_at=None), utc_now()
    try:
        set_up.archive(found, now=now)
    except StillUsed as error:
        messages.error(request, f"Not archived. {error}")
        return redirect("scoring:predictor", pk=pk)
    audit.record(request.user, verb="archived predictor", target=found.name, now=now)
    messages.success(request, f"“{found.name}” is archived. It can be restored from the filter “Archived”.")
    return redirect("scoring:predictors")


@needs("edit_predictions")
@require_POST
def restore(request: SignedIn, pk: int) -> HttpResponse:
    found, now = get_object_or_404(Predictor, pk=pk), utc_now()
    set_up.restore(found, now=now, zone=deployment_zone())
    audit.record(request.user, verb="restored predictor", target=found.name, now=now)
    messages.success(request, f"“{found.name}” is back. Everybody is scored at its next time.")
    return redirect("scoring:predictor", pk=pk)
