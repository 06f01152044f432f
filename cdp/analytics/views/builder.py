"""Makes and changes a computed trait, showing some people's values before it is saved."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.analytics import save, tasks
from cdp.analytics.definition import Definition, Known, parse_definition
from cdp.analytics.effects import trial
from cdp.analytics.forms import Edit, read_definition
from cdp.analytics.load import known_traits
from cdp.analytics.models import ComputedTrait
from cdp.analytics.shown import text_of
from cdp.analytics.words import words
from cdp.analytics.write import previewed
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.profiles.naming import people
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import published
from cdp.rules.sql import fill
from cdp.rules.tree import Scope

LOOKED_AT, SHOWN = 1_000, 8
PREVIEW_MS = 3_000


FIELDS = {
    "name": "Which event",
    "measure": "What of it",
    "of": "Of what",
    "window": "When",
    "where": "Only events where",
}
"""How the form calls the members of a definition."""


@needs("edit_segments")
def new(request: SignedIn) -> HttpResponse:
    form = Edit(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            trait = save.create(by=request.user, now=utc_now(), **form.cleaned_data)
        except save.TakenKey as error:
            form.add_error("key", str(error.__doc__))
        else:
            return _saved(request, trait, "created trait")
    return _builder(request, form, None)


@needs("edit_segments")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    trait = get_object_or_404(ComputedTrait, pk=pk, is_removed=False)
    form = Edit(request.POST or None, trait=trait)
    if request.method == "POST" and form.is_valid():
        try:
            save.change(trait, now=utc_now(), **form.cleaned_data)
        except RuleError as error:
            form.add_error("definition", error.message)
        except save.StillUsed as error:
            form.add_error(None, f"It would be of another type, and it is used by {error}. Change that first.")
        else:
            return _saved(request, trait, "changed trait")
    return _builder(request, form, trait)


@needs("edit_segments")
@require_POST
def preview(request: SignedIn) -> HttpResponse:
    """The definition in words, what it says of some people, and what depends on it before and after."""
    now, trait = utc_now(), _changed(request)
    try:
        raw = read_definition(request.POST.get("definition", ""))
        definition = parse_definition(raw, known_traits())
        context: dict[str, Any] = {
            "english": definition.english(),
            "type": definition.type.label,
            "sample": _sample(definition, now),
            "trial": trial(trait, raw, now=now, zone=deployment_zone()) if trait and trait.is_on else None,
        }
    except RuleError as error:
        field = error.place.removeprefix("definition.").split(".")[0].split("[")[0]
        context = {"error": error, "where": FIELDS.get(field, "")}
    except DatabaseError:
        context = {"is_slow": True}
    return render(request, "analytics/_preview.html", context)


def _changed(request: SignedIn) -> ComputedTrait | None:
    pk = request.POST.get("trait", "")
    return ComputedTrait.objects.filter(pk=int(pk), is_removed=False).first() if pk.isdigit() and len(pk) < 18 else None


def _sample(definition: Definition, now: datetime) -> list[tuple[object, str]]:
    """Of the people seen last those who have a value. Raises DatabaseError where it takes too long."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('statement_timeout', %s, true)", [str(PREVIEW_MS)])
        cursor.execute(
            "select id from profiles_profile where merged_into is null order by last_seen_at desc limit %s", [LOOKED_AT]
        )
        ids = [row[0] for row in cursor.fetchall()]
        cuts = published({cut.key: cut for cut in definition.cuts()})
        if len(cuts) < len(definition.cuts()) or not ids:
            return []
        values = previewed(definition, Scope(now, ids, deployment_zone(), cuts))
        sql = fill("select p.profile_id, p.value from ({v}) p where p.value is not null limit {n}", v=values, n=SHOWN)
        cursor.execute(sql.text, sql.values)
        rows = cursor.fetchall()
    known = Known(0, "", "", definition.type, definition.half_life, definition.is_zero_without)
    named = people(row[0] for row in rows)
    return [(named.get(profile_id), text_of(known, value, now=now)) for profile_id, value in rows]


def _builder(request: SignedIn, form: Edit, trait: ComputedTrait | None) -> HttpResponse:
    context = {"form": form, "trait": trait, "words": words()}
    return render(request, "analytics/edit.html", context, status=422 if form.errors else 200)


def _saved(request: SignedIn, trait: ComputedTrait, verb: str) -> HttpResponse:
    audit.record(request.user, verb=verb, target=trait.label, now=utc_now())
    ring(tasks.refresh_stale)
    messages.success(request, "Saved. It is being computed for everybody; new events count at once.")
    return redirect("analytics:trait", pk=trait.pk)
