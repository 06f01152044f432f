"""What the watch has to say of a predictor now, and whether it should learn anew because of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from cdp.common.models import Job
from scoring.columns import Column
from scoring.features import Wanted, columns
from scoring.jobs import OPEN, new_job
from scoring.models import Predictor, ScoringRun
from scoring.watching.psi import drifted
from scoring.watching.realised import NOT_AS_SAID
from scoring.watching.spread import SCORE

DRIFTED = "People have changed since it learned"
MISSED = "What came true is not what it said"
OURS = (DRIFTED, MISSED)
"""What the watch says begins so; what others say of the predictor is left alone."""
NAMED = 2


def watch(*, now: datetime) -> list[Job]:
    """Notes what is wrong with each predictor, or that all is well again. Returns the trainings that are wanted now,
    which the caller starts."""
    jobs = []
    for predictor in Predictor.objects.filter(archived_at=None, active__isnull=False).select_related(
        "active", "last_job"
    ):
        problem = problem_of(predictor)
        _note(predictor, problem)
        if problem and is_due_anew(predictor, now=now):
            why = "its scores drifted" if problem.startswith(DRIFTED) else "its forecasts missed"
            jobs.append(new_job(predictor, title=f"Training “{predictor.name}”: {why}", by=None, now=now))
    return jobs


def problem_of(predictor: Predictor) -> str:
    """In a sentence or two; empty where the watch has nothing to say."""
    return " ".join(one for one in (_missed(predictor), _drift(predictor)) if one)


def is_due_anew(predictor: Predictor, *, now: datetime) -> bool:
    """Whether it learns anew by itself: not while it does, and not again within half of its usual time between
    trainings. One that failed counts: failing again would not help."""
    job = predictor.last_job
    if not predictor.is_automatic or (job is not None and job.state in OPEN):
        return False
    rest = timedelta(days=predictor.trains_every_days) / 2
    times = (predictor.trained_at, job.created_at if job else None)
    return all(at is None or now - at >= rest for at in times)


def _note(predictor: Predictor, problem: str) -> None:
    if not problem and not predictor.problem.startswith(OURS):
        return
    if problem == predictor.problem:
        return
    if problem and predictor.problem and not predictor.problem.startswith(OURS):
        return
    Predictor.objects.filter(pk=predictor.pk, problem=predictor.problem).update(problem=problem)
    predictor.problem = problem


def _missed(predictor: Predictor) -> str:
    """By the latest run whose window closed, until a version that learned since then is in use."""
    run = ScoringRun.objects.filter(predictor=predictor).exclude(realised=None).order_by("-at", "-id").first()
    if run is None or not run.realised or not run.realised["is_off"]:
        return ""
    if predictor.active is None or run.realised_at is None or predictor.active.trained_at >= run.realised_at:
        return ""
    said = str(run.realised["verdict"]).removeprefix(NOT_AS_SAID)
    return f"{MISSED}: of the scores of {run.at:%-d %B %Y}, {said[:1].lower()}{said[1:]}"


def _drift(predictor: Predictor) -> str:
    """By the latest run of the version in use."""
    is_now = Q(predictor=predictor, model_id=predictor.active_id)
    run = ScoringRun.objects.filter(is_now).order_by("-at", "-id").first()
    if run is None or not run.is_drifted:
        return ""
    names, says = drifted(run.drift), words_of(predictor)
    features = [f"“{says.get(name, name)}”" for name in names if name != SCORE]
    parts = [*(["its scores"] if SCORE in names else []), *features[:NAMED]]
    more = len(features) - NAMED
    listed = _and([*parts, *([f"{more} more"] if more > 0 else [])])
    return f"{DRIFTED}: {listed} moved by more than the season and luck explain."


def words_of(predictor: Predictor) -> dict[str, str]:
    """Feature → what it says."""
    events = (predictor.event_name,) if predictor.event_name else ()
    found: Sequence[Column] = columns(Wanted(events=events, traits=tuple(predictor.traits)))
    return {SCORE: "the scores", **{one.name: one.says for one in found}}


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
