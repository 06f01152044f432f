"""Data → Analysis exports: events and people under made-up names."""

from typing import Any

from django import forms
from django.db import connection
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ask
from cdp.common.clock import utc_now
from cdp.common.jobs import refreshed
from cdp.events import analysis
from cdp.events.models import EventProperty, EventVolume
from cdp.events.tasks import write_analysis
from cdp.privacy.models import AnalysisExport
from cdp.privacy.strip import is_identifying

PARTS = {"people": analysis.PEOPLE, "events": analysis.EVENTS}
TRAITS = (
    "select distinct jsonb_object_keys(traits) from (select traits from profiles_profile order by id desc limit 2000) p"
)
SHOWN = 20
Choices = list[tuple[str, str]]


class AnalysisForm(forms.Form):
    traits = forms.MultipleChoiceField(label="Traits of people", required=False, widget=forms.CheckboxSelectMultiple)
    properties = forms.MultipleChoiceField(
        label="Properties of events", required=False, widget=forms.CheckboxSelectMultiple
    )
    events = forms.MultipleChoiceField(
        label="Events (none chosen: all)", required=False, widget=forms.CheckboxSelectMultiple
    )
    coarse = forms.ChoiceField(label="Times", choices=list(analysis.COARSE.items()), initial="day", required=False)
    like = forms.ModelChoiceField(
        label="Call people as in", queryset=AnalysisExport.objects.none(), required=False, empty_label="a new way"
    )
    keeps_key = forms.BooleanField(
        label="Keep the key, so that a later export can call people the same", required=False
    )
    seen_warnings = forms.BooleanField(label="Include them all the same", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["traits"].choices = _traits()
        fields["properties"].choices = _properties()
        names = EventVolume.objects.order_by("name").values_list("name", flat=True).distinct()[:500]
        fields["events"].choices = [(name, name) for name in names]
        fields["like"].queryset = AnalysisExport.objects.filter(keeps_key=True).exclude(sealed_key=None)
        for name in ("traits", "properties", "events"):
            if not fields[name].choices:
                del fields[name]
        if not self.warned:
            del fields["seen_warnings"]

    @property
    def warned(self) -> list[str]:
        """Traits that tell people apart nearly as well as a name does."""
        chosen = self["traits"].value() or [] if self.is_bound and "traits" in self.fields else []
        return analysis.nearly_unique(chosen) if chosen else []

    def wanted(self) -> analysis.Wanted:
        given = self.cleaned_data
        traits, properties, events = (tuple(given.get(name, ())) for name in ("traits", "properties", "events"))
        return analysis.Wanted(traits, properties, events, coarse=given["coarse"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.warned and not given.get("seen_warnings"):
            names = ", ".join(self.warned)
            raise forms.ValidationError(
                f"Nearly everybody has another value of {names}: that may tell who somebody is."
                " Leave it out, or include it all the same."
            )
        return given


def _traits() -> Choices:
    with connection.cursor() as cursor:
        cursor.execute(TRAITS)
        names = sorted(row[0] for row in cursor.fetchall())
    return [(name, name) for name in names if not is_identifying(name)]


def _properties() -> Choices:
    names = EventProperty.objects.order_by("property").values_list("property", flat=True).distinct()[:1_000]
    return [(name, name) for name in names if not is_identifying(name)]


@needs("export_people")
def exports(request: SignedIn) -> HttpResponse:
    found = AnalysisExport.objects.select_related("job", "by").order_by("-pk")[:SHOWN]
    return render(request, "events/analysis.html", {"exports": found})


@needs("export_people")
def begin(request: SignedIn) -> HttpResponse:
    form = AnalysisForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "events/analysis_new.html", {"form": form}, status=status)
    given = form.cleaned_data
    made = analysis.begin(
        form.wanted(), keeps_key=given["keeps_key"], like=given["like"], by=request.user, now=utc_now()
    )
    ask(write_analysis, made.job_id)
    return redirect("events:analysis_export", pk=made.pk)


@needs("export_people")
def export(request: SignedIn, pk: int) -> HttpResponse:
    return render(request, "events/analysis_export.html", _shown(pk))


@needs("export_people")
def progress(request: SignedIn, pk: int) -> HttpResponse:
    one = get_object_or_404(AnalysisExport.objects.select_related("job"), pk=pk)
    return refreshed(render(request, "events/_analysis_progress.html", {"one": one, "job": one.job}), one.job)


def _shown(pk: int) -> dict[str, Any]:
    one = get_object_or_404(AnalysisExport.objects.select_related("job", "by"), pk=pk)
    has_files = analysis.path_of(one, analysis.PEOPLE, now=utc_now()) is not None
    wanted = analysis.Wanted.of(one.options)
    return {
        "one": one,
        "job": one.job,
        "wanted": wanted,
        "times": analysis.COARSE[wanted.coarse],
        "has_files": has_files,
    }


@needs("export_people")
@never_cache
def download(request: SignedIn, pk: int, part: str) -> HttpResponseBase:
    one = get_object_or_404(AnalysisExport, pk=pk)
    path = analysis.path_of(one, PARTS.get(part, ""), now=utc_now())
    if path is None:
        raise Http404
    details = {"export": pk, "file": path.name}
    audit.record(
        request.user, verb="downloaded an analysis export", target=f"export {pk}", details=details, now=utc_now()
    )
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="application/gzip")
