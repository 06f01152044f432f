"""The builder: makes and changes a segment."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from segments import save, tasks
from segments.forms import Edit, read_rule
from segments.gallery import Names, gallery, names
from segments.models import Segment
from segments.suggestions import Asked, trait_values, values
from segments.vocabulary import vocabulary


@needs("edit_segments")
def new(request: SignedIn) -> HttpResponse:
    form = Edit(request.POST or None, initial=_begun(request))
    if request.method == "POST" and form.is_valid():
        draft = form.draft(deployment_zone())
        segment = save.create(
            draft.name,
            rule=draft.rule,
            by=request.user,
            now=utc_now(),
            description=draft.description,
            schedule=draft.schedule,
        )
        save.move(segment, folder=form.cleaned_data["folder"])
        return _saved(request, segment, "created segment")
    return _builder(request, form)


@needs("edit_segments")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk, archived_at=None)
    if segment.kind == Segment.Kind.STATIC:
        return redirect("segments:rename", pk=pk)
    form = Edit(request.POST or None, segment=segment)
    if request.method == "POST" and form.is_valid():
        try:
            segment = save.change(
                segment,
                form.draft(deployment_zone()),
                by=request.user,
                now=utc_now(),
                opened=form.cleaned_data["version"],
            )
        except RuleError as error:
            form.add_error("rule", error.message)
        except save.Changed as error:
            form.show_newer(error)
        else:
            save.move(segment, folder=form.cleaned_data["folder"])
            return _saved(request, segment, "changed segment")
    return _builder(request, form)


def _begun(request: SignedIn) -> dict[str, Any]:
    """Other pages begin a segment by a rule in the address. One that cannot be used is said, and the page is empty."""
    if not (said := request.GET.get("rule")):
        return {}
    try:
        rule = read_rule(said)
        parse(rule)
    except RuleError as error:
        messages.error(request, f"The rule in the address cannot be used: {error}.")
        return {}
    return {"rule": rule}


def _builder(request: SignedIn, form: Edit) -> HttpResponse:
    segment = form.segment
    words = vocabulary(without_segment=segment.pk if segment else 0)
    called = names([one["name"] for one in words["events"]], [one["name"] for one in words["traits"]])
    ready = gallery(_with_examples(called))
    context = {
        "form": form,
        "segment": segment,
        "words": words,
        "gallery": ready,
        "ready": {one.key: one.rule for one in ready},
        "is_fresh": segment is None and not form.is_bound and not form.initial,
    }
    return render(request, "segments/edit.html", context, status=422 if form.errors else 200)


def _with_examples(called: Names) -> Names:
    """A product and a place to begin with: those that most people look at and live in."""
    looked_at = values(Asked(name=called["viewed"], column="item")) if "viewed" in called.known else []
    places = trait_values(Asked(name=called.region))
    return replace(
        called,
        item=next((str(one.value) for one in looked_at), ""),
        place=next((one.value for one in places if isinstance(one.value, str)), ""),
    )


def _saved(request: SignedIn, segment: Segment, verb: str) -> HttpResponse:
    details = {"version": segment.version}
    audit.record(request.user, verb=verb, target=segment.name, details=details, now=utc_now())
    ring(tasks.refresh_stale)
    return redirect("segments:segment", pk=segment.pk)
