"""Exports the people of a segment: first what of them, then the file."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.audit import record
from cdp.common.clock import utc_now
from cdp.common.csv_out import csv_lines
from cdp.common.templatetags.look import namespace
from cdp.profiles.models import Identifier
from segments.export import Columns, rows_of
from segments.models import Segment
from segments.vocabulary import vocabulary

USUAL = ("email", "phone", "user_id")


class ColumnsForm(forms.Form):
    namespaces = forms.MultipleChoiceField(
        label="Identifiers", required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    traits = forms.MultipleChoiceField(label="Traits", required=False, widget=forms.CheckboxSelectMultiple, choices=[])
    since = forms.BooleanField(label="Since when they are in it", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("namespaces", _namespaces()), ("traits", _traits())):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = choices

    def columns(self) -> Columns:
        wanted = self.cleaned_data
        return Columns(tuple(wanted["namespaces"]), tuple(wanted["traits"]), wanted["since"])


def _namespaces() -> list[tuple[str, str]]:
    """The usual ones, and what the newest identifiers are."""
    found = Identifier.objects.order_by("-id").values_list("namespace", flat=True)[:5_000]
    return [(name, namespace(name)) for name in [*USUAL, *sorted(set(found) - set(USUAL))]]


def _traits() -> list[tuple[str, str]]:
    return [(one["name"], one["name"]) for one in vocabulary()["traits"]]


@needs("export_people")
def export(request: SignedIn, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    form = ColumnsForm(initial={"namespaces": USUAL, "since": True})
    return render(request, "segments/export.html", {"segment": segment, "form": form})


@needs("export_people")
def export_csv(request: SignedIn, pk: int) -> HttpResponseBase:
    segment = get_object_or_404(Segment, pk=pk)
    form = ColumnsForm(request.GET)
    if not form.is_valid():
        return render(request, "segments/export.html", {"segment": segment, "form": form}, status=422)
    columns = form.columns()
    details = {"people": segment.size, "columns": columns.head()}
    record(request.user, verb="exported segment", target=segment.name, details=details, now=utc_now())
    answer = StreamingHttpResponse(csv_lines(rows_of(pk, columns)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="segment-{pk}.csv"'
    return answer
