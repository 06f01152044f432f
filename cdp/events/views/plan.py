"""The tracking plan: what arrives, what should, and what happens to what should not."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import Source
from cdp.events import schemas, volumes
from cdp.events.models import EventProperty, EventSchema, RejectedMessage

EXAMPLE = {"type": "object", "properties": {"product_id": {"type": "string"}}, "required": ["product_id"]}


class PlanFilter(forms.Form):
    q = forms.CharField(
        label="Event", required=False, max_length=200, widget=forms.TextInput(attrs={"placeholder": "Part of its name"})
    )
    source = forms.ModelChoiceField(Source.objects.order_by("name"), label="Source", required=False, empty_label="All")


class SchemaForm(forms.Form):
    schema = forms.CharField(
        label="JSON Schema of its properties",
        max_length=schemas.LARGEST,
        widget=forms.Textarea(attrs={"class": "form-control code", "spellcheck": "false", "rows": 18}),
    )

    def clean_schema(self) -> dict[str, Any]:
        try:
            return schemas.read_schema(self.cleaned_data["schema"])
        except schemas.BadSchema as error:
            raise forms.ValidationError(str(error)) from error


class ModeForm(forms.Form):
    plan = forms.ChoiceField(choices=Source.Plan.choices)


@needs("view_data")
def plan(request: SignedIn) -> HttpResponse:
    form = PlanFilter(request.GET)
    wanted: dict[str, Any] = form.cleaned_data if form.is_valid() else {"q": "", "source": None}
    source = wanted["source"]
    rows = volumes.named(timezone.now().date(), containing=wanted["q"], source_id=source.pk if source else None)
    page = {
        "form": form,
        "rows": rows,
        "most": volumes.MOST,
        "sources": Source.objects.exclude(kind=Source.Kind.INTERNAL).order_by("name"),
        "modes": Source.Plan.choices,
        "may_edit": request.user.may("edit_data"),
        "has_schemas": EventSchema.objects.exists(),
    }
    return render(request, "events/plan.html", page)


@needs("edit_data")
@require_POST
def mode(request: SignedIn, pk: int) -> HttpResponse:
    source = get_object_or_404(Source, pk=pk)
    form = ModeForm(request.POST)
    if form.is_valid():
        schemas.set_mode(request.user, source=source, mode=form.cleaned_data["plan"], now=timezone.now())
        messages.success(request, f"{source.name}: {source.get_plan_display().lower()}. It counts from the next event.")
    else:
        messages.error(request, "Choose one of the three: not checked, warn, reject.")
    return redirect("events:plan")


@needs("view_data")
def event(request: SignedIn) -> HttpResponse:
    """One event name: its volumes, its properties, its schema."""
    name, source = request.GET.get("name", "").replace("\x00", ""), _source(request.GET.get("source", ""))
    found = EventSchema.objects.filter(name=name, source=source).first()
    text = _pretty(found.schema) if found else ""
    if "draft" in request.GET:
        text = _pretty(schemas.proposed(_seen(name, source)))
    return _event_page(request, name, source, SchemaForm(initial={"schema": text}))


@needs("edit_data")
@require_POST
def save(request: SignedIn) -> HttpResponse:
    name, source = (
        request.POST.get("name", "").strip().replace("\x00", "")[:200],
        _source(request.POST.get("source", "")),
    )
    form = SchemaForm(request.POST)
    if not name:
        form.add_error(None, "Write the name of the event.")
    if not form.is_valid():
        return _event_page(request, name, source, form, status=422)
    schemas.save(request.user, name=name, source=source, schema=form.cleaned_data["schema"], now=timezone.now())
    messages.success(request, "Saved. Sources that warn or reject check their events by it from now on.")
    return redirect(_address(name, source))


@needs("edit_data")
@require_POST
def remove(request: SignedIn) -> HttpResponse:
    name, source = request.POST.get("name", "").replace("\x00", ""), _source(request.POST.get("source", ""))
    schemas.remove(request.user, name=name, source=source, now=timezone.now())
    messages.success(request, f"“{name}” is not checked any more{f' at {source.name}' if source else ''}.")
    return redirect(_address(name, source))


def _event_page(
    request: SignedIn, name: str, source: Source | None, form: SchemaForm, *, status: int = 200
) -> HttpResponse:
    names = dict(Source.objects.values_list("id", "name"))
    planned = list(EventSchema.objects.filter(name=name).select_related("source").order_by("source__name"))
    page = {
        "name": name,
        "source": source,
        "form": form,
        "chart": volumes.chart(name, timezone.now().date(), names),
        "properties": volumes.properties(name),
        "planned": planned,
        "is_planned": any(one.source == source for one in planned),
        "sources": Source.objects.exclude(kind=Source.Kind.INTERNAL).order_by("name"),
        "refused": RejectedMessage.objects.filter(state="waiting", name=name, code="plan").order_by("-id")[:5],
        "may_edit": request.user.may("edit_data"),
        "example": _pretty(EXAMPLE),
        "fields": [("name", name), ("source", source.pk if source else "")],
    }
    return render(request, "events/event.html", page, status=status)


def _source(text: str) -> Source | None:
    return get_object_or_404(Source, pk=int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _seen(name: str, source: Source | None) -> list[EventProperty]:
    seen = EventProperty.objects.filter(name=name)
    return list(seen.filter(source_id=source.pk) if source else seen)


def _address(name: str, source: Source | None) -> str:
    query = {"name": name} | ({"source": str(source.pk)} if source else {})
    return f"{reverse('events:event')}?{urlencode(query)}"


def _pretty(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False)
