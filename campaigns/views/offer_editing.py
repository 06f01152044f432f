"""Setting an offer up and changing it, its list of codes, and what of it may be taken out of the house."""

from contextlib import suppress

from django.conf import settings
from django.contrib import messages
from django.core.files.base import File
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns import tasks
from campaigns.models import Offer
from campaigns.offers import codes, export, set_up, upload
from campaigns.offers.forms import MoreCodes, SetUp
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ask
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.csv_out import csv_lines
from cdp.common.models import Job
from cdp.connectors.tables import BadTable
from segments.vocabulary import vocabulary


@needs("edit_campaigns")
def new(request: SignedIn) -> HttpResponse:
    form, now = _form(request), utc_now()
    if request.method == "POST" and form.is_valid():
        try:
            made = set_up.create(form.draft(), key=form.cleaned_data["key"], by=request.user, now=now)
        except set_up.KeyTaken as error:
            form.add_error("key", str(error.__doc__))
        else:
            audit.record(request.user, verb="created offer", target=made.name, now=now)
            is_listed = made.codes == Offer.Codes.UPLOADED
            return redirect("campaigns:offer_codes" if is_listed else "campaigns:offer", pk=made.pk)
    return _page(request, form)


@needs("edit_campaigns")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    offer, now = get_object_or_404(Offer, pk=pk, archived_at=None), utc_now()
    form = _form(request, offer)
    if request.method == "POST" and form.is_valid():
        try:
            changes = set_up.change(offer, form.draft(), now=now)
        except (set_up.CodesFixed, set_up.Archived) as error:
            form.add_error(None, str(error.__doc__))
        else:
            if changes:
                details = {name: [str(one) for one in both] for name, both in changes.items() if name != "shared_code"}
                audit.record(request.user, verb="changed offer", target=offer.name, details=details, now=now)
            messages.success(request, "Saved." if changes else "Nothing was changed.")
            return redirect("campaigns:offer", pk=pk)
    return _page(request, form)


def _form(request: SignedIn, offer: Offer | None = None) -> SetUp:
    return SetUp(request.POST or None, offer=offer, zone=deployment_zone(), currency=settings.REPORTING_CURRENCY)


def _page(request: SignedIn, form: SetUp) -> HttpResponse:
    context = {
        "form": form,
        "offer": form.offer,
        "words": vocabulary(),
        "letters": codes.LOOKS,
        "is_fixed": form.fields["codes"].disabled,
    }
    return render(request, "campaigns/offers/set_up.html", context, status=422 if form.errors else 200)


@needs("edit_campaigns")
@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    offer, now = get_object_or_404(Offer, pk=pk, archived_at=None), utc_now()
    set_up.archive(offer, now=now)
    audit.record(request.user, verb="archived offer", target=offer.name, now=now)
    messages.success(request, f"“{offer.name}” is archived. It can be restored from the filter “Archived”.")
    return redirect("campaigns:offers")


@needs("edit_campaigns")
@require_POST
def restore(request: SignedIn, pk: int) -> HttpResponse:
    offer, now = get_object_or_404(Offer, pk=pk), utc_now()
    set_up.restore(offer, now=now)
    audit.record(request.user, verb="restored offer", target=offer.name, now=now)
    messages.success(request, f"“{offer.name}” is back.")
    return redirect("campaigns:offer", pk=pk)


@needs("edit_campaigns")
def more_codes(request: SignedIn, pk: int) -> HttpResponse:
    offer = get_object_or_404(Offer, pk=pk, codes=Offer.Codes.UPLOADED, archived_at=None)
    form = MoreCodes(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given, now = form.cleaned_data, utc_now()
        file: File[bytes] = given["file"] or upload.pasted(given["pasted"])
        job = upload.begin(offer, file, by=request.user, now=now)
        audit.record(request.user, verb="added codes to offer", target=offer.name, now=now)
        if upload.is_small(job):
            with suppress(BadTable):  # the page of the list says what is wrong
                upload.read(job.pk, clock=utc_now)
        else:
            ask(tasks.read_codes, job.pk)
        return redirect("campaigns:offer_upload", pk=pk, job_id=job.pk)
    context = {"form": form, "offer": offer}
    return render(request, "campaigns/offers/codes.html", context, status=422 if form.errors else 200)


@needs("edit_campaigns")
def read_list(request: SignedIn, pk: int, job_id: int) -> HttpResponse:
    """How far it is, then what became of each line; answers its own polling."""
    offer, job = get_object_or_404(Offer, pk=pk), _upload(pk, job_id)
    is_open = job.state in upload.OPEN
    if request.htmx:  # type: ignore[attr-defined]
        answer = render(request, "campaigns/offers/_upload_job.html", {"job": job, "offer": offer})
        if not is_open:
            answer["HX-Refresh"] = "true"
        return answer
    has_problems = upload.problem_lines(job) is not None
    context = {"offer": offer, "job": job, "result": job.result, "is_open": is_open, "has_problems": has_problems}
    return render(request, "campaigns/offers/upload.html", context)


@needs("edit_campaigns")
def problem_lines(request: SignedIn, pk: int, job_id: int) -> HttpResponseBase:
    """The lines that were not taken, each with what is wrong."""
    path = upload.problem_lines(_upload(pk, job_id))
    if path is None:
        raise Http404
    name = f"codes-not-taken-{job_id}.csv"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _upload(pk: int, job_id: int) -> Job:
    return get_object_or_404(Job, pk=job_id, kind=upload.KIND, params__offer=pk)


@needs("export_people")
def export_csv(request: SignedIn, pk: int) -> HttpResponseBase:
    """Every code that was given, with whom it was given to and what became of it."""
    offer = get_object_or_404(Offer, pk=pk)
    audit.record(request.user, verb="exported codes of offer", target=offer.name, now=utc_now())
    answer = StreamingHttpResponse(csv_lines(export.rows_of(offer)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="offer-{offer.key}.csv"'
    return answer
