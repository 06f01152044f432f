"""One version of the rules: what it changes, tried on one's own data, applied; and all versions there were."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.estimate import table_size
from cdp.common.keyset import BadCursor, page_of
from cdp.common.models import Job
from identity import drafts, rule_jobs
from identity.drafts import NoSuchVersion, NotADraft, NothingChanged, Outdated
from identity.models import RuleSet
from identity.reform import compare
from identity.rule_words import differences
from identity.rules import DEFAULTS, parse
from identity.sampled import drawn
from identity.tasks import ring_rules
from identity.views.rules import saved
from identity.who import Names, doer

SAMPLE = 20_000
SETS = 3
SIZE = 20


@needs("view_data")
def version(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(RuleSet, pk=pk)
    now = drafts.in_force()
    trial = rule_jobs.latest(rule_jobs.TRY, pk)
    result = trial.result if trial is not None and trial.state == Job.State.DONE else None
    context = {
        "version": found,
        "who": Names([found.by]).of(found.by),
        "changes": differences(now, drafts.rules_of(pk)),
        "in_force": now.version,
        "is_draft": found.applied_at is None,
        "is_open": found.applied_at is None and pk > now.version,
        "trial": trial,
        "is_trying": trial is not None and trial.state in rule_jobs.OPEN,
        "result": result,
        "apply": _applying(result["concerned"]) if result else None,
        "sets": drawn(trial.result.get("samples", [])) if trial is not None else [],
        "settle": rule_jobs.latest(rule_jobs.SETTLE, pk),
        "may_edit": request.user.may("edit_identity_rules"),
    }
    return render(request, "identity/rules_version.html", context)


def _applying(n: int) -> dict[str, str]:
    """The button, and what it does to how many."""
    if not n:
        text = "Nobody who is known today changes. What arrives from now on follows these rules."
        return {"button": "Apply", "text": text}
    people, change = (
        ("1 person", "person of today changes") if n == 1 else (f"{n:,} people", "of today's people change")
    )
    text = (
        f"{n:,} {change}: joined with others, parted, or given other records, with their events, segments and messages."
        " You can go back to the former rules later; who was merged then comes back as before."
    )
    return {"button": f"Apply to {people}", "text": text}


@needs("edit_identity_rules")
def estimate(request: SignedIn, pk: int) -> HttpResponse:
    """Tried on some people at once, and what that means for all."""
    get_object_or_404(RuleSet, pk=pk)
    found = compare(drafts.rules_of(pk), most=SAMPLE)
    result, size = rule_jobs.told(found), table_size("profiles_record")
    is_all = found.records >= size.n
    about = None if is_all or not found.records else _scaled(result, size.n / found.records)
    sets = drawn(result["samples"][:SETS])
    context = {"result": result, "total": size.n, "is_all": is_all, "about": about, "sets": sets}
    return render(request, "identity/_estimate.html", context)


def _scaled(result: dict[str, Any], times: float) -> dict[str, int]:
    """Two digits are all that a sample tells."""
    return {name: _rounded(result[name] * times) for name in ("joined", "broken", "changed", "concerned")}


def _rounded(n: float) -> int:
    whole = round(n)
    return round(whole, 2 - len(str(whole))) if whole > 99 else whole


@needs("edit_identity_rules")
@require_POST
def try_it(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(RuleSet, pk=pk)
    _run(rule_jobs.start_try(found, by=request.user, now=utc_now()))
    return redirect("identity:rules_version", pk=pk)


@needs("view_data")
def progress(request: SignedIn, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk, kind__in=rule_jobs.KINDS)
    answer = render(request, "identity/_rules_job.html", {"job": job, "may_edit": _may_stop(request, job)})
    if job.state not in rule_jobs.OPEN:
        answer["HX-Refresh"] = "true"  # the page then shows the result
    return answer


def _may_stop(request: SignedIn, job: Job) -> bool:
    return job.kind == rule_jobs.TRY and request.user.may("edit_identity_rules")


@needs("edit_identity_rules")
@require_POST
def stop(request: SignedIn, pk: int) -> HttpResponse:
    """Only a trial can be stopped: rules that are applied in part would be worse than either."""
    rule_jobs.stop(get_object_or_404(Job, pk=pk, kind=rule_jobs.TRY), now=utc_now())
    return progress(request, pk)


@needs("edit_identity_rules")
@require_POST
def apply(request: SignedIn, pk: int) -> HttpResponse:
    trial = rule_jobs.latest(rule_jobs.TRY, pk)
    if trial is None or trial.state != Job.State.DONE:
        messages.warning(request, "Try these rules on all data first: then you see whom they change.")
        return redirect("identity:rules_version", pk=pk)
    now = utc_now()
    try:
        with transaction.atomic():
            applied = drafts.apply(pk, now=now)
            job = rule_jobs.start_settle(applied, by=request.user, now=now)
            audit.record(request.user, verb="applied identity rules", target=str(applied), now=now)
            _run(job)
    except NoSuchVersion as error:
        raise Http404 from error
    except (NotADraft, Outdated) as error:
        messages.warning(request, str(error.__doc__))
        return redirect("identity:rules_version", pk=pk)
    return redirect("identity:rules")


@needs("edit_identity_rules")
@require_POST
def settle_again(request: SignedIn, pk: int) -> HttpResponse:
    """After one that failed: what it did already is not done twice."""
    found = get_object_or_404(RuleSet, pk=pk, settled_at=None)
    if drafts.in_force().version == pk:
        _run(rule_jobs.start_settle(found, by=request.user, now=utc_now()))
    return redirect("identity:rules")


@needs("edit_identity_rules")
@require_POST
def discard(request: SignedIn, pk: int) -> HttpResponse:
    try:
        drafts.discard(pk)
    except NotADraft as error:
        messages.warning(request, str(error.__doc__))
    else:
        audit.record(request.user, verb="threw away identity rules", target=f"rules {pk}", now=utc_now())
        messages.success(request, f"The draft, version {pk}, is thrown away.")
    return redirect("identity:rules")


@needs("edit_identity_rules")
@require_POST
def go_back(request: SignedIn, pk: int) -> HttpResponse:
    """The rules of an earlier version as a new draft, to be tried first; 0 are those the product comes with."""
    try:
        draft = drafts.go_back(pk, by=doer(request.user), now=utc_now())
    except NoSuchVersion as error:
        raise Http404 from error
    except NothingChanged as error:
        messages.warning(request, str(error.__doc__))
        return redirect("identity:rules_history")
    return saved(request, draft)


@needs("view_data")
def history(request: SignedIn) -> HttpResponse:
    try:
        page = page_of(RuleSet.objects.all(), order=("-id",), query=request.GET, size=SIZE)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    names = Names([row.by for row in page.rows])
    lines = [(row, names.of(row.by), changes) for row, changes in _with_changes(page.rows)]
    context = {"page": page, "lines": lines, "in_force": drafts.in_force().version}
    return render(request, "identity/rules_history.html", context)


def _with_changes(rows: list[RuleSet]) -> list[tuple[RuleSet, list[str]]]:
    """Each with what it changed, compared with the rules that counted before it."""
    applied = list(RuleSet.objects.exclude(applied_at=None).order_by("pk").values_list("pk", flat=True))
    before = {row.pk: max((one for one in applied if one < row.pk), default=0) for row in rows}
    bases = {pk: parse(row.rules) for pk, row in RuleSet.objects.in_bulk(set(before.values())).items()}
    return [(row, differences(bases.get(before[row.pk], DEFAULTS), parse(row.rules))) for row in rows]


def _run(job: Job) -> None:
    transaction.on_commit(lambda: ring_rules(job))
