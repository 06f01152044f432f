"""What a segment was: its versions, their differences and the way back; copies, folders, and back from the archive."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import BadCursor, page_of
from cdp.rules.fields import RuleError
from segments import save, tasks
from segments.duplicate import duplicate
from segments.forms import Folder
from segments.go_back import go_back
from segments.models import Segment, SegmentVersion
from segments.restore import restore
from segments.rule_difference import english
from segments.versions import between, what_changed

ROWS = 20


@needs("view_segments")
def versions(request: SignedIn, pk: int) -> HttpResponse:
    """Newest first, each with what it changed; with `old` and `new`, the difference of those two on top."""
    found = get_object_or_404(Segment, pk=pk)
    rows = found.versions.select_related("by")
    try:
        page = page_of(rows, order=("-number",), query=request.GET, size=ROWS)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    before = rows.filter(number__lt=page.rows[-1].number).order_by("-number").first() if page.rows else None
    told = what_changed([*page.rows, *([before] if before else [])])
    context = {
        "segment": found,
        "page": page,
        "lines": [(one, english(one.version.rule)) for one in told],
        "compared": _compared(request, found),
        "numbers": list(rows.order_by("-number").values_list("number", flat=True)[:200]),
    }
    return render(request, "segments/versions.html", context)


def _compared(request: SignedIn, segment: Segment) -> dict[str, object] | None:
    if "old" not in request.GET and "new" not in request.GET:
        return None
    old, new = (_version(segment, request.GET.get(name, "")) for name in ("old", "new"))
    changed = between(old, new)
    return {"old": old, "new": new, "changed": changed, "was": english(old.rule), "is": english(new.rule)}


def _version(segment: Segment, text: str) -> SegmentVersion:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    found = segment.versions.filter(number=number).first()
    if found is None:
        raise Http404(f"There is no version {text[:9]}.")
    return found


@needs("edit_segments")
@require_POST
def back(request: SignedIn, pk: int, number: int) -> HttpResponse:
    version = get_object_or_404(SegmentVersion, segment_id=pk, number=number, segment__archived_at=None)
    now = utc_now()
    try:
        segment = go_back(version, by=request.user, now=now, zone=deployment_zone())
    except RuleError as error:
        messages.error(request, f"Not gone back: the rule of version {number} cannot be used any more. {error}.")
        return redirect("segments:versions", pk=pk)
    details = {"to": number, "version": segment.version}
    audit.record(request.user, verb="went back to version of segment", target=segment.name, details=details, now=now)
    ring(tasks.refresh_stale)
    messages.success(request, f"“{segment.name}” is again what it was in version {number}.")
    return redirect("segments:segment", pk=pk)


@needs("edit_segments")
@require_POST
def copy(request: SignedIn, pk: int) -> HttpResponse:
    found, now = get_object_or_404(Segment, pk=pk), utc_now()
    try:
        made = duplicate(found, by=request.user, now=now, zone=deployment_zone())
    except RuleError as error:
        messages.error(request, f"Not copied: its rule cannot be used any more. {error}.")
        return redirect("segments:segment", pk=pk)
    audit.record(request.user, verb="created segment", target=made.name, details={"copy_of": found.name}, now=now)
    ring(tasks.refresh_stale)
    if made.kind == Segment.Kind.STATIC:
        return redirect("segments:segment", pk=made.pk)
    return redirect("segments:edit", pk=made.pk)


@needs("edit_segments")
@require_POST
def bring_back(request: SignedIn, pk: int) -> HttpResponse:
    found, now = get_object_or_404(Segment, pk=pk, archived_at__isnull=False), utc_now()
    try:
        restore(found, now=now, zone=deployment_zone())
    except RuleError as error:
        messages.error(request, f"Not restored: its rule cannot be used any more. {error}.")
        return redirect("segments:segment", pk=pk)
    audit.record(request.user, verb="restored segment", target=found.name, now=now)
    ring(tasks.refresh_stale)
    messages.success(request, f"“{found.name}” is back; it follows people again after its next refresh.")
    return redirect("segments:segment", pk=pk)


@needs("edit_segments")
@require_POST
def move(request: SignedIn, pk: int) -> HttpResponse:
    found, form = get_object_or_404(Segment, pk=pk), Folder(request.POST)
    if not form.is_valid():
        raise BadRequest("A folder has a name of at most 80 characters.")
    folder = form.cleaned_data["folder"]
    save.move(found, folder=folder)
    details = {"from": found.folder, "to": folder}
    audit.record(request.user, verb="moved segment", target=found.name, details=details, now=utc_now())
    return redirect("segments:segment", pk=pk)
