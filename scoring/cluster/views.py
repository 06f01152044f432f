"""Clusters in the browser: the list, setting one up, one clustering with its clusters, and the people of one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ask
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import BadCursor, page_of
from cdp.common.models import Job
from cdp.profiles.find import NoSuchPerson, by_uuid
from cdp.profiles.naming import people
from scoring.cluster import schedule, tasks
from scoring.cluster.forms import MOST, Cut, Rename, SetUp
from scoring.cluster.page import context_of, lines_of
from scoring.cluster.themes import PRESETS, grouped
from scoring.models import Cluster, Clustering, ClusterMember
from segments.vocabulary import vocabulary

KEPT = ("name", "population", "features", "method", "wanted", "schedule")


@needs("view_predictions")
def clusterings(request: SignedIn) -> HttpResponse:
    is_archive = request.GET.get("state") == "archived"
    rows = Clustering.objects.filter(archived_at__isnull=not is_archive).select_related("last_job")
    page = page_of(rows, order=("name", "id"), query=request.GET)
    has_archived = Clustering.objects.exclude(archived_at=None).exists()
    context = {"page": page, "lines": lines_of(page.rows), "is_archive": is_archive, "has_archived": has_archived}
    return render(request, "scoring/clusterings.html", context)


@needs("edit_predictions")
def new(request: SignedIn) -> HttpResponse:
    form = SetUp(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = utc_now()
        given = {name: form.cleaned_data[name] for name in KEPT}
        parameters = {"least_days": form.cleaned_data["least_days"]}
        made = Clustering.objects.create(created_by=request.user, created_at=now, parameters=parameters, **given)
        audit.record(request.user, verb="created clustering", target=made.name, now=now)
        return _started(request, made)
    return _set_up(request, form)


@needs("edit_predictions")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Clustering, pk=pk, archived_at=None)
    form = SetUp(request.POST or None, clustering=found)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            locked = Clustering.objects.select_for_update().get(pk=pk)
            for name in KEPT:
                setattr(locked, name, form.cleaned_data[name])
            locked.parameters = {**locked.parameters, "least_days": form.cleaned_data["least_days"]}
            locked.save(update_fields=[*KEPT, "parameters"])
        audit.record(request.user, verb="changed clustering", target=locked.name, now=utc_now())
        return _started(request, locked)
    return _set_up(request, form)


def _set_up(request: SignedIn, form: SetUp) -> HttpResponse:
    chosen = set(form.chosen())
    context = {
        "form": form,
        "clustering": form.clustering,
        "themes": [(label, [(one, one.name in chosen) for one in columns]) for label, columns in grouped()],
        "presets": PRESETS,
        "words": vocabulary(),
    }
    return render(request, "scoring/clustering_edit.html", context, status=422 if form.errors else 200)


def _started(request: SignedIn, clustering: Clustering) -> HttpResponse:
    now = utc_now()
    schedule.set_next(clustering, now=now, zone=deployment_zone())
    ask(tasks.run, schedule.ask(clustering, by=request.user, now=now).pk)
    return redirect("scoring:clustering", pk=clustering.pk)


@needs("view_predictions")
def clustering(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Clustering.objects.select_related("last_job", "created_by"), pk=pk)
    return render(request, "scoring/clustering.html", context_of(found, zone=deployment_zone()))


@needs("edit_predictions")
@require_POST
def run_now(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Clustering, pk=pk, archived_at=None)
    ask(tasks.run, schedule.ask(found, by=request.user, now=utc_now()).pk)
    return redirect("scoring:clustering", pk=pk)


@needs("edit_predictions")
@require_POST
def cut(request: SignedIn, pk: int) -> HttpResponse:
    """The tree, cut into so many clusters: by a run, which places everybody anew."""
    found = get_object_or_404(Clustering, pk=pk, archived_at=None, method=Clustering.Method.HIERARCHICAL)
    form = Cut(request.POST)
    if not form.is_valid():
        messages.error(request, f"A tree is cut into 2 to {MOST} clusters.")
        return redirect("scoring:clustering", pk=pk)
    Clustering.objects.filter(pk=pk).update(wanted=form.cleaned_data["wanted"])
    audit.record(request.user, verb="cut clustering", target=found.name, details=form.cleaned_data, now=utc_now())
    return _started(request, found)


@needs("view_predictions")
def progress(request: SignedIn, pk: int, job_id: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=job_id, kind=schedule.KIND, params__clustering_id=pk)
    answer = render(request, "scoring/_clustering_job.html", {"job": job, "pk": pk})
    if job.state not in schedule.OPEN:
        answer["HX-Refresh"] = "true"  # the page then shows the result
    return answer


@needs("edit_predictions")
@require_POST
def rename(request: SignedIn, pk: int, cluster_id: int) -> HttpResponse:
    """A name given by hand stays over all runs; an empty one lets the product propose again."""
    found = get_object_or_404(Cluster, pk=cluster_id, clustering_id=pk, clustering__archived_at=None)
    form = Rename(request.POST)
    if not form.is_valid():
        messages.error(request, "A cluster needs a name of at most 120 characters.")
        return redirect("scoring:clustering", pk=pk)
    name = form.cleaned_data["name"].strip()
    if Cluster.objects.filter(clustering_id=pk, is_gone=False, name=name).exclude(pk=cluster_id).exists():
        messages.error(request, f"Another cluster is called “{name}”.")
        return redirect("scoring:clustering", pk=pk)
    before = found.name
    Cluster.objects.filter(pk=cluster_id).update(name=name, is_named_by_hand=True)
    audit.record(request.user, verb="renamed cluster", target=name, details={"was": before}, now=utc_now())
    return redirect("scoring:clustering", pk=pk)


@needs("edit_predictions")
@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Clustering, pk=pk, archived_at=None)
    now = utc_now()
    if used := schedule.segments_using(pk):
        messages.error(request, f"Not archived: it is used by {', '.join(used)}. Change that first.")
        return redirect("scoring:clustering", pk=pk)
    Clustering.objects.filter(pk=pk).update(archived_at=now, due_at=None)
    audit.record(request.user, verb="archived clustering", target=found.name, now=now)
    messages.success(request, f"“{found.name}” is archived. It no longer runs, and can be restored.")
    return redirect("scoring:clusterings")


@needs("edit_predictions")
@require_POST
def restore(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Clustering, pk=pk, archived_at__isnull=False)
    now = utc_now()
    Clustering.objects.filter(pk=pk).update(archived_at=None)
    audit.record(request.user, verb="restored clustering", target=found.name, now=now)
    return _started(request, found)


@needs("view_people")
def members(request: SignedIn, pk: int, cluster_id: int) -> HttpResponse:
    """Everybody in a cluster, by number."""
    found = get_object_or_404(Cluster.objects.select_related("clustering"), pk=cluster_id, clustering_id=pk)
    rows = ClusterMember.objects.filter(cluster_id=cluster_id)
    try:
        page = page_of(rows, order=("-profile_id",), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    named = people(row.profile_id for row in page.rows)
    context: dict[str, Any] = {
        "cluster": found,
        "page": page,
        "members": [(row, named.get(row.profile_id)) for row in page.rows],
    }
    return render(request, "scoring/cluster_people.html", context)


@needs("view_predictions")
def of_person(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The panel on the profile: in which clusters, since when."""
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    rows = list(ClusterMember.objects.filter(profile_id=profile.pk).order_by("clustering_id"))
    clusters = Cluster.objects.filter(clustering__archived_at=None).select_related("clustering")
    found = clusters.in_bulk([row.cluster_id for row in rows])
    known = [(found[row.cluster_id], row.since) for row in rows if row.cluster_id in found]
    return render(request, "scoring/_clusters_of_person.html", {"known": known})
