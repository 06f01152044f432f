"""Data → Imports: upload, say what the columns are, look at a dry run, start, watch, read the result."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import Source
from cdp.common.csv_out import csv_lines
from cdp.common.keyset import BadCursor, page_of
from cdp.connectors import imports
from cdp.connectors.converting import Found, dry_run, make_options, make_plan
from cdp.connectors.forms import (
    ABOUT_CONSENT,
    PRESET_CHOICES,
    Options,
    Upload,
    chosen_column,
    column_choices,
    options_form,
)
from cdp.connectors.models import Import
from cdp.connectors.presets import MAKERS, PRESETS
from cdp.connectors.tables import BadTable, recognise, rows
from cdp.connectors.tasks import ring
from cdp.events.models import ExchangeRate

SAMPLES = 3
SHOWN_PROBLEMS = 50


@needs("view_data")
def import_list(request: SignedIn) -> HttpResponse:
    try:
        page = page_of(Import.objects.select_related("job", "source"), order=("-id",), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    return render(request, "connectors/imports.html", {"page": page})


@needs("edit_data")
def new_import(request: SignedIn) -> HttpResponse:
    form = Upload(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            one = _upload(request, form.cleaned_data)
        except BadTable as error:
            form.add_error("file", str(error))
        else:
            return redirect("connectors:import", pk=one.pk)
    return render(request, "connectors/import_new.html", {"form": form}, status=422 if form.errors else 200)


@transaction.atomic
def _upload(request: SignedIn, given: dict[str, Any]) -> Import:
    source = given["source"]
    if source is None:
        kind = {"kind": Source.Kind.IMPORT}
        source, _ = Source.objects.get_or_create(name=given["new_source"].strip(), defaults=kind)
    file = given["file"]
    return imports.upload(file, name=file.name, source=source, actor=request.user, now=timezone.now())


@needs("view_data")
def one_import(request: SignedIn, pk: int) -> HttpResponse:
    """Before its start: the mapping. After: the progress and the result."""
    one = _get(pk)
    if one.queued_at is None:
        return _mapping(request, one, options_form(one.preset, options=one.options))
    found = one.problems.order_by("id")
    return render(request, "connectors/import.html", {"one": one, "problems": found[:SHOWN_PROBLEMS]})


def _mapping(request: SignedIn, one: Import, form: Options, *, found: Found | None = None) -> HttpResponse:
    page = {
        "one": one,
        "form": form,
        "columns": _columns(one),
        "choices": column_choices(PRESETS[one.preset]),
        "presets": PRESET_CHOICES,
        "preset": PRESETS[one.preset],
        "maker": next((maker.label for maker in MAKERS if maker.key == one.maker), ""),
        "lacks": imports.lacks(one),
        "no_rate_of": _without_rate(one),
        "reporting": settings.REPORTING_CURRENCY,
        "found": found,
    }
    return render(request, "connectors/import_mapping.html", page, status=422 if form.errors else 200)


def _without_rate(one: Import) -> str:
    """The currency of its amounts, if nobody said what it is worth: they would wait in quarantine."""
    named = str(one.options.get("currency") or "")
    is_known = named == settings.REPORTING_CURRENCY or ExchangeRate.objects.filter(currency=named).exists()
    return "" if is_known else named


def _columns(one: Import) -> list[dict[str, Any]]:
    """Each column with what it is taken for and the first values it holds."""
    path = Path(one.file.path)
    first = list(islice(rows(path, recognise(path)), 200))
    told = []
    for column in imports.columns_of(one):
        values = [row.cells[column.index] for row in first if row.cells[column.index].strip()]
        chosen = f"{column.field}:{column.detail}" if column.field in ABOUT_CONSENT else column.field
        told.append({"column": column, "samples": values[:SAMPLES], "chosen": chosen})
    return told


@needs("edit_data")
@require_POST
def map_import(request: SignedIn, pk: int) -> HttpResponse:
    """Keeps the mapping; then, as the button says, tries it or starts."""
    one = _get(pk)
    if one.queued_at is not None:
        return redirect("connectors:import", pk=pk)
    preset = request.POST.get("preset", one.preset)
    if preset != one.preset and preset in PRESETS:
        imports.take_for(one, preset)
        return redirect("connectors:import", pk=pk)
    form = options_form(one.preset, request.POST, options=one.options)
    _keep_columns(one, request.POST)
    if not form.is_valid():
        return _mapping(request, one, form)
    one.options = {**one.options, **form.cleaned_data}
    one.save()
    if request.POST.get("action") == "start" and not imports.lacks(one):
        imports.start(one, actor=request.user, now=timezone.now())
        transaction.on_commit(lambda: ring(one.pk))
        return redirect("connectors:import", pk=pk)
    return _mapping(request, one, form, found=None if imports.lacks(one) else _try(one))


def _keep_columns(one: Import, given: Any) -> None:
    allowed = {choice for choice, _ in column_choices(PRESETS[one.preset])}
    kept = []
    for column, before in zip(imports.columns_of(one), one.columns, strict=True):
        said = given.get(f"column-{column.index}", "")
        kept.append(chosen_column(said, column.header, before) if said in allowed else before)
    one.columns = kept


def _try(one: Import) -> Found:
    options = make_options(one.options, source_id=one.source_id, how="dry run", now=timezone.now())
    return dry_run(make_plan(Path(one.file.path), preset=one.preset, columns=one.columns, options=options))


@needs("view_data")
def progress(request: SignedIn, pk: int) -> HttpResponse:
    one = _get(pk)
    answer = render(request, "connectors/_import_progress.html", {"one": one})
    if not one.is_open:
        answer["HX-Refresh"] = "true"  # the page then shows the result
    return answer


@needs("edit_data")
@require_POST
def stop_import(request: SignedIn, pk: int) -> HttpResponse:
    imports.stop(_get(pk), actor=request.user, now=timezone.now())
    if request.htmx:  # type: ignore[attr-defined]
        return progress(request, pk)
    return redirect("connectors:import", pk=pk)


@needs("edit_data")
@require_POST
def continue_import(request: SignedIn, pk: int) -> HttpResponse:
    imports.go_on(_get(pk), actor=request.user, now=timezone.now())
    transaction.on_commit(lambda: ring(pk))
    messages.success(request, "The import goes on from where it stopped.")
    return redirect("connectors:import", pk=pk)


@needs("edit_data")
def rejected_rows(request: SignedIn, pk: int) -> HttpResponseBase:
    """The rejected rows as they stand in the file, with the reason beside them, to correct and import again."""
    one = _get(pk)
    answer = StreamingHttpResponse(csv_lines(_rejected(one)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rejected-{one.pk}.csv"'
    return answer


def _rejected(one: Import) -> Iterator[list[object]]:
    headers = list(recognise(Path(one.file.path)).headers)
    yield [*headers, "Row in the file", "Column", "What would be right"]
    for problem in one.problems.order_by("id").iterator():
        yield [*problem.cells, problem.row, problem.column, problem.reason]


def _get(pk: int) -> Import:
    return get_object_or_404(Import.objects.select_related("job", "source"), pk=pk)
