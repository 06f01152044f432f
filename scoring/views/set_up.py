"""Setting a predictor up and changing it; and what is said of it while one does."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.rules.fields import RuleError
from scoring import set_up
from scoring.forms import NOT_LEARNED, SetUp
from scoring.models import Predictor
from scoring.readiness import readiness
from scoring.views.training import begin_training
from scoring.words import KINDS, did, sentence
from segments.bounded import TooSlow
from segments.suggestions import Asked, traits
from segments.vocabulary import vocabulary

NOT_OF_THE_PAST = ("computed", "score", "rfm", "cluster")
"""Kinds of conditions that the builder does not offer here: what they ask was not known then."""
ANEW = "Saved. What it predicts has changed, so it learns anew now; until then the scores answer the former question."


def learnable() -> list[tuple[str, str]]:
    """Traits people have, with how many have them."""
    found = [one for one in traits(Asked()) if one.value not in NOT_LEARNED]
    return [(one.value, f"{one.value} ({one.type}, {one.n:,} of the people seen lately)") for one in found]


@needs("edit_predictions")
def new(request: SignedIn) -> HttpResponse:
    form = SetUp(request.POST or None, traits=learnable(), now=utc_now(), initial=_begun(request.GET))
    if request.method == "POST" and form.is_valid():
        now = utc_now()
        predictor = set_up.create(form.draft(), by=request.user, now=now, zone=deployment_zone())
        audit.record(request.user, verb="created predictor", target=predictor.name, now=now)
        begin_training(predictor, by=request.user, now=now)
        return redirect("scoring:predictor", pk=predictor.pk)
    return _page(request, form)


def _begun(query: QueryDict) -> dict[str, Any]:
    kind = query.get("kind", "")
    return {"kind": kind} if kind in KINDS else {}


@needs("edit_predictions")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    predictor = get_object_or_404(Predictor, pk=pk, archived_at=None)
    form = SetUp(request.POST or None, predictor=predictor, traits=learnable(), now=utc_now())
    if request.method == "POST" and form.is_valid():
        now = utc_now()
        changes = set_up.change(predictor, form.draft(), now=now, zone=deployment_zone())
        if changes:
            details = {name: list(both) for name, both in changes.items()}
            name = form.cleaned_data["name"]
            audit.record(request.user, verb="changed predictor", target=name, details=details, now=now)
        _after_change(request, Predictor.objects.get(pk=pk), changes)
        return redirect("scoring:predictor", pk=pk)
    return _page(request, form)


def _after_change(request: SignedIn, predictor: Predictor, changes: Any) -> None:
    """What a change needs begins, and is said."""
    if set_up.learns_anew(changes):
        begin_training(predictor, by=request.user, now=utc_now())
        messages.success(request, ANEW)
    elif any(name in changes for name in set_up.AT_NEXT_SCORING):
        messages.success(request, "Saved. People move to the new bands when everybody is scored next.")
    else:
        messages.success(request, "Saved." if changes else "Nothing was changed.")


def _page(request: SignedIn, form: SetUp) -> HttpResponse:
    words = vocabulary()
    context = {
        "form": form,
        "predictor": form.predictor,
        "kinds": KINDS,
        "kind": form["kind"].value() or Predictor.Kind.PURCHASE,
        "events": words["events"],
        "words": words | {"kinds": [kind for kind in words["kinds"] if kind not in NOT_OF_THE_PAST]},
        "is_empty": words["is_empty"],
    }
    return render(request, "scoring/set_up.html", context, status=422 if form.errors else 200)


WAIT_S = 4.0
"""What is said while one sets it up may take so long, and no longer."""


@needs("edit_predictions")
@require_POST
def preview(request: SignedIn, pk: int | None = None) -> HttpResponse:
    """The sentence, and whether there is enough to learn from. A name is not needed for it."""
    predictor = get_object_or_404(Predictor, pk=pk) if pk else None
    form = SetUp(request.POST, predictor=predictor, traits=learnable(), now=utc_now())
    form.is_valid()
    form.errors.pop("name", None)
    form.cleaned_data.setdefault("name", "")
    if form.errors:
        problems = [f"{form[name].label}: {error}" for name, errors in form.errors.items() for error in errors]
        return render(request, "scoring/_preview.html", {"problems": problems})
    draft = form.draft()
    wanted = draft.predictor()
    context: dict[str, Any] = {"sentence": sentence(wanted), "did": did(wanted), "days": wanted.days}
    if predictor:
        context["anew"] = _said_before(predictor, draft)
    try:
        context["ready"] = readiness(wanted, now=utc_now(), wait_s=WAIT_S)
    except RuleError as error:
        context["error"] = error
    except TooSlow:
        context["is_slow"] = True
    return render(request, "scoring/_preview.html", context)


def _said_before(predictor: Predictor, draft: set_up.Draft) -> str:
    """What saving this change will do."""
    values = draft.values()
    changes = {name for name, value in values.items() if getattr(predictor, name) != value}
    if changes & set(set_up.ANEW):
        return "Saved like this, it learns anew: what it predicts, or for whom, has changed."
    if changes & set(set_up.AT_NEXT_SCORING):
        return "Saved like this, people move to the new bands when everybody is scored next."
    return ""
