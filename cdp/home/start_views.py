"""Getting started: the first steps, the code for one's own source, and the first event as it arrives."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cdp.accounts import source_keys
from cdp.accounts.access import SignedIn, member, needs
from cdp.accounts.models import Source, User
from cdp.common.clock import utc_now
from cdp.events import arrivals
from cdp.events.arrivals import Watch
from cdp.events.views.live import read_moment
from cdp.home import samples, start

TRUST_RANK = 50
SHOWN = 5
NAME = "My shop"


class QuickSource(forms.Form):
    """A source in one click: its kind and trust can be changed later on its page."""

    name = forms.CharField(
        label="Name", max_length=120, initial=NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Source.objects.filter(name=name).exists():
            raise forms.ValidationError("There is a source of that name; choose it, or call this one otherwise.")
        return name


@member
@never_cache
def page(request: SignedIn) -> HttpResponse:
    return _page(request, _chosen(request), "", QuickSource())


@needs("manage_sources")
@never_cache
@require_POST
def new_source(request: SignedIn) -> HttpResponse:
    form = QuickSource(request.POST)
    if not form.is_valid():
        return _page(request, _chosen(request), "", form, status=422)
    made, key = source_keys.create_source(
        request.user, name=form.cleaned_data["name"], kind=Source.Kind.WEB, trust_rank=TRUST_RANK, now=utc_now()
    )
    return _page(request, made, key.text, QuickSource())


@needs("manage_sources")
@never_cache
@require_POST
def new_key(request: SignedIn) -> HttpResponse:
    """Keys are hashed: none that was made before can be shown, so the page gets one of its own."""
    asked = request.POST.get("source", "")
    found = get_object_or_404(_sources(), pk=int(asked) if _is_id(asked) else 0)
    key = source_keys.add_key(request.user, source=found, now=utc_now())
    return _page(request, found, key.text, QuickSource())


@member
@never_cache
def steps(request: SignedIn) -> HttpResponse:
    """Asked for every second until the first event is there, then at leisure, and no more once all is done."""
    found = start.steps_for(request.user)
    answer = render(request, "home/_steps.html", {"steps": found})
    answer["X-Poll-Ms"] = "0" if found.is_complete else "5000" if found.has_events else "1000"
    return answer


@needs("view_data")
@never_cache
def arrived(request: SignedIn) -> HttpResponse:
    """The newest events of the source since the page was opened."""
    found, now = _chosen(request), utc_now()
    moment = read_moment(request.GET.get("since", ""), now)
    events = arrivals.since(moment + arrivals.OVERLAP, Watch(source_id=found.pk)) if found else []
    context = {"events": events[:SHOWN], "more": max(len(events) - SHOWN, 0), "source": found}
    return render(request, "home/_arrived.html", context)


@member
@require_POST
def hide(request: SignedIn) -> HttpResponse:
    _set_hidden(request.user, utc_now())
    messages.success(request, "The first steps are put away. The end of Home brings them back.")
    return redirect("home")


@member
@require_POST
def show(request: SignedIn) -> HttpResponse:
    _set_hidden(request.user, None)
    return redirect("getting_started")


def _set_hidden(user: User, at: datetime | None) -> None:
    User.objects.filter(pk=user.pk).update(start_hidden_at=at)


def _page(request: SignedIn, source: Source | None, key: str, form: QuickSource, *, status: int = 200) -> HttpResponse:
    """Asked for by htmx, the part with the source and its code alone."""
    context: dict[str, Any] = {
        "sources": _sources(),
        "source": source,
        "key": key,
        "samples": samples.samples(key=key, host=settings.PUBLIC_URL),
        "host": settings.PUBLIC_URL,
        "form": form,
        "now": utc_now(),
        "may_make": request.user.may("manage_sources"),
        "may_watch": request.user.may("view_data"),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "home/_send.html", context, status=status)
    context["steps"] = start.steps_for(request.user)
    return render(request, "home/getting_started.html", context, status=status)


def _sources() -> QuerySet[Source]:
    """Those that send over HTTP."""
    out = [Source.Kind.INTERNAL, Source.Kind.IMPORT]
    return Source.objects.filter(is_active=True).exclude(kind__in=out).order_by("-id")


def _chosen(request: SignedIn) -> Source | None:
    """The source in the address, else the newest website, else the newest."""
    asked, sources = request.GET.get("source", ""), _sources()
    found: Source | None = sources.filter(pk=int(asked)).first() if _is_id(asked) else None
    return found or sources.filter(kind=Source.Kind.WEB).first() or sources.first()


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18
