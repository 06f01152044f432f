"""Static segments: made from files, pasted text, snapshots and rules; changed person by person."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.files.base import File
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ask, ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.models import Job
from cdp.connectors.tables import BadTable
from cdp.rules.fields import RuleError
from cdp.rules.sql import Sql
from segments import asked, list_upload, listing, save, snapshot, tasks
from segments.forms import MorePeople, NewList, Rename, Snapshot, read_rule
from segments.list_match import Verdict
from segments.list_upload import Wanted
from segments.models import Segment
from segments.versions import Draft


@needs("edit_segments")
def new_list(request: SignedIn) -> HttpResponse:
    form = NewList(request.POST or None, request.FILES or None, initial={"pasted": request.GET.get("people", "")})
    if request.method == "POST" and form.is_valid():
        job = _begin(request, form.cleaned_data, name=form.cleaned_data["name"])
        return redirect("segments:upload", job_id=job.pk)
    return render(request, "segments/list_new.html", {"form": form}, status=422 if form.errors else 200)


@needs("edit_segments")
def add_people(request: SignedIn, pk: int) -> HttpResponse:
    """The same way as a new list: looked up first, then added."""
    segment = get_object_or_404(Segment, pk=pk, kind=Segment.Kind.STATIC, archived_at=None)
    form = MorePeople(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        job = _begin(request, form.cleaned_data, segment=pk)
        return redirect("segments:upload", job_id=job.pk)
    context = {"form": form, "segment": segment}
    return render(request, "segments/list_new.html", context, status=422 if form.errors else 200)


@needs("edit_segments")
def rename(request: SignedIn, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk, kind=Segment.Kind.STATIC, archived_at=None)
    form, now = Rename(request.POST or None, segment=segment), utc_now()
    if request.method == "POST" and form.is_valid():
        draft = Draft(form.cleaned_data["name"], segment.rule, form.cleaned_data["description"])
        changed = save.change(segment, draft, by=request.user, now=now)
        details = {"version": changed.version}
        audit.record(request.user, verb="changed segment", target=changed.name, details=details, now=now)
        return redirect("segments:segment", pk=pk)
    context = {"form": form, "segment": segment}
    return render(request, "segments/rename.html", context, status=422 if form.errors else 200)


def _begin(request: SignedIn, given: dict[str, Any], *, name: str = "", segment: int | None = None) -> Job:
    file: File[bytes] = given["file"] or list_upload.pasted(given["pasted"])
    wanted = Wanted(given["kind"], name, given["column"] if given["file"] else "", segment)
    job = list_upload.begin(file, wanted, by=request.user, now=utc_now())
    if list_upload.is_small(job):
        with suppress(BadTable):  # the page of the upload says what is wrong
            list_upload.look_up(job.pk, clock=utc_now)
    else:
        ask(tasks.work, job.pk)
    return job


@needs("edit_segments")
def upload(request: SignedIn, job_id: int) -> HttpResponse:
    """How far the look-up is; then whom the lines mean, before anything is made of them."""
    job = _upload(job_id)
    if "made" in job.result and request.method == "GET" and not list_upload.problem_lines(job):
        return redirect("segments:segment", pk=job.result["made"])
    target = Segment.objects.filter(pk=job.params["segment"]).first() if job.params["segment"] else None
    context = {"job": job, "target": target, "result": job.result, "is_open": job.state in asked.OPEN}
    return render(request, "segments/upload.html", context)


@needs("edit_segments")
def upload_progress(request: SignedIn, job_id: int) -> HttpResponse:
    job = _upload(job_id)
    answer = render(request, "segments/_upload_job.html", {"job": job})
    if job.state not in asked.OPEN:
        answer["HX-Refresh"] = "true"
    return answer


@needs("edit_segments")
@require_POST
def make_list(request: SignedIn, job_id: int) -> HttpResponse:
    job, now = _upload(job_id), utc_now()
    try:
        if job.result.get(Verdict.FOUND, 0) > list_upload.AT_ONCE_PEOPLE:
            return _left_to_worker(request, job)
        segment, n = list_upload.make(job, by=request.user, now=now)
    except (list_upload.NotReady, list_upload.NobodyFound, save.NameTaken) as error:
        messages.error(request, f"Not made: {error.__doc__}")
        return redirect("segments:upload", job_id=job_id)
    audit.record(request.user, verb=_verb(job), target=segment.name, details={"people": n}, now=now)
    ring(tasks.refresh_stale)
    ring(tasks.refresh)
    messages.success(request, f"{n:,} {'person was' if n == 1 else 'people were'} put on “{segment.name}”.")
    return redirect("segments:segment", pk=segment.pk)


def _left_to_worker(request: SignedIn, job: Job) -> HttpResponse:
    list_upload.ask_make(job, by=request.user)
    target = Segment.objects.get(pk=job.params["segment"]).name if job.params["segment"] else job.params["name"]
    audit.record(request.user, verb=_verb(job), target=target, details={"lines": job.result["found"]}, now=utc_now())
    ask(tasks.work, job.pk)
    return redirect("segments:upload", job_id=job.pk)


def _verb(job: Job) -> str:
    return "added people to segment" if job.params["segment"] else "created segment"


@needs("edit_segments")
@require_POST
def discard_upload(request: SignedIn, job_id: int) -> HttpResponse:
    job = _upload(job_id)
    made = job.result.get("made") or job.params["segment"]
    list_upload.discard(job)
    messages.success(request, "The upload is deleted.")
    return redirect("segments:segment", pk=made) if made else redirect("segments:segments")


@needs("edit_segments")
def problem_lines(request: SignedIn, job_id: int) -> HttpResponseBase:
    """The lines that name nobody, each with what is wrong."""
    path = list_upload.problem_lines(_upload(job_id))
    if path is None:
        raise Http404
    name = f"not-found-{job_id}.csv"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


@needs("edit_segments")
def take_snapshot(request: SignedIn, pk: int) -> HttpResponse:
    """Those who are in a segment now, as a list that stays as it is."""
    segment = get_object_or_404(Segment, pk=pk)
    form = Snapshot(request.POST or None, initial={"name": f"{segment.name}, {utc_now():%d %B %Y}"[:120]})
    if request.method == "POST" and form.is_valid():
        made = _static(request, snapshot.of_segment(pk), form.cleaned_data["name"], origin=segment.name)
        return redirect("segments:segment", pk=made.pk)
    context = {"form": form, "segment": segment}
    return render(request, "segments/snapshot.html", context, status=422 if form.errors else 200)


@needs("edit_segments")
@require_POST
def snapshot_of_rule(request: SignedIn) -> HttpResponse:
    """Those whom a rule means now, without keeping the rule."""
    form = Snapshot(request.POST)
    try:
        records = snapshot.of_rule(read_rule(request.POST.get("rule", "")), now=utc_now(), zone=deployment_zone())
    except RuleError as error:
        form.add_error(None, f"The rule cannot be used: {error}.")
    if not form.is_valid():
        return render(request, "segments/snapshot.html", {"form": form}, status=422)
    made = _static(request, records, form.cleaned_data["name"], origin="a rule")
    return redirect("segments:segment", pk=made.pk)


def _static(request: SignedIn, records: Sql, name: str, *, origin: str) -> Segment:
    now = utc_now()
    made = snapshot.static_from(records, name=name, by=request.user, now=now)
    audit.record(request.user, verb="created segment", target=made.name, details={"snapshot_of": origin}, now=now)
    ring(tasks.refresh_stale)
    return made


@needs("edit_segments")
@require_POST
def remove_person(request: SignedIn, pk: int, profile_id: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk, kind=Segment.Kind.STATIC, archived_at=None)
    now = utc_now()
    if listing.take_off(segment, [profile_id], now=now):
        details = {"people": 1}
        audit.record(request.user, verb="took people off segment", target=segment.name, details=details, now=now)
        ring(tasks.refresh)
    messages.success(request, f"They are off the list of “{segment.name}”.")
    return redirect("segments:segment", pk=pk)


def _upload(job_id: int) -> Job:
    return get_object_or_404(Job, pk=job_id, kind=list_upload.KIND)
