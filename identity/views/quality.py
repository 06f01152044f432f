"""People → Quality: how well people are recognised, as last counted."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.profiles.naming import people
from identity import figures, rule_jobs, snapshots
from identity.dropped import Conflict
from identity.models import IdentitySnapshot
from identity.rule_words import name_of
from identity.tasks import ring_rules

JOINED = {
    "single": ("One record only", "Known by one source under one key: nothing was joined."),
    "exact": ("By identifiers", "Records that share an address, a number or an id."),
    "fuzzy": ("By likeness", "At least one of its records was joined because it looks like the others."),
    "manual": ("By hand", "A steward said of at least one of its records that it is this person."),
}

SHARES = (
    ("precision_audited", "Precision, checked", "Of links drawn at random, those that stewards found right."),
    ("precision_expected", "Precision, expected", "Of pairs joined by likeness, those that are one person."),
    ("recall", "Recall, expected", "Of compared pairs that are one person, those that were found."),
)


@needs("view_data")
def quality(request: SignedIn) -> HttpResponse:
    found = snapshots.latest()
    job = rule_jobs.latest(rule_jobs.FIGURES, 0)
    context: dict[str, Any] = {"found": found, "job": job if job and job.state in rule_jobs.OPEN else None}
    if found is not None:
        context |= _shown(found)
    return render(request, "identity/quality.html", context)


def _shown(found: IdentitySnapshot) -> dict[str, Any]:
    told = found.figures
    known = people(profile_id for profile_id, _ in told["largest"])
    joined = [(how, label, help_, told["joined"][how]["people"]) for how, (label, help_) in JOINED.items()]
    return {
        "sizes": [(_range(one), one, f"size-{i}") for i, one in enumerate(told["sizes"]) if one["people"]],
        "joined": joined,
        "n_joined": sum(n for how, _, _, n in joined if how != "single"),
        "largest": [(known.get(profile_id), n) for profile_id, n in told["largest"]],
        "conflicts": [(one, name_of(one.namespace)) for one in (Conflict(*row) for row in told["dropped"])],
        "accuracy": told["accuracy"],
        "shares": [(label, help_, told["accuracy"][name]) for name, label, help_ in SHARES],
        "queue": told["queue"],
        "oldest_days": _days(told["queue"]["oldest_at"], found),
        "strays": sorted(told["strays"].items()),
        "sizes_chart": _sizes_chart(told["sizes"]),
        "merges_chart": _merges_chart(told),
        "parted_chart": _parted_chart(told),
        "alarm": {"times": figures.TIMES, "least": figures.LEAST, "days": figures.USUAL_DAYS},
    }


def _range(one: dict[str, Any]) -> str:
    low, high = one["from"], one["to"]
    return str(low) if low == high else f"{low} to {high}" if high else f"{low} and more"


def _days(oldest_at: str | None, found: IdentitySnapshot) -> int | None:
    return (found.at - found.at.fromisoformat(oldest_at)).days if oldest_at else None


def _sizes_chart(sizes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": "How many records people are made of",
        "type": "bar",
        "x": [_range(one) for one in sizes],
        "xLabel": "Records",
        "yLabel": "People",
        "series": [{"name": "People", "data": [one["people"] for one in sizes]}],
    }


def _merges_chart(told: dict[str, Any]) -> dict[str, Any]:
    names = {"exact": "By identifiers", "fuzzy": "By likeness", "manual": "By hand", "rules": "By new rules"}
    return _daily("Merges per day", told, names)


def _parted_chart(told: dict[str, Any]) -> dict[str, Any]:
    return _daily("People parted again per day", told, {"unmerged": "Un-merged", "split": "Split off"})


def _daily(title: str, told: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "bar",
        "stacked": True,
        "x": told["days"],
        "xLabel": "Day (UTC)",
        "yLabel": "People",
        "series": [{"name": label, "data": told["merges"][name]} for name, label in names.items()],
    }


@needs("view_people")
def quality_people(request: SignedIn, group: str) -> HttpResponse:
    """Some of the people behind a number: `joined-fuzzy`, `size-3`."""
    found = snapshots.latest()
    if found is None:
        raise Http404
    title, n, ids = _behind(found.figures, group)
    known = people(ids)
    context = {"title": title, "n": n, "people": [known[one] for one in ids if one in known], "found": found}
    return render(request, "identity/quality_people.html", context)


def _behind(told: dict[str, Any], group: str) -> tuple[str, int, list[int]]:
    kind, _, name = group.partition("-")
    if kind == "joined" and name in JOINED:
        one = told["joined"][name]
        return f"Joined: {JOINED[name][0].lower()}", one["people"], one["some"]
    if kind == "size" and name.isascii() and name.isdigit() and int(name[:3]) < len(told["sizes"]):
        one = told["sizes"][int(name[:3])]
        return f"Made of {_range(one)} record{'' if one['to'] == 1 else 's'}", one["people"], one["some"]
    raise Http404


@needs("view_data")
@require_POST
def count_now(request: SignedIn) -> HttpResponse:
    job = rule_jobs.start_figures(by=request.user, now=utc_now())
    transaction.on_commit(lambda: ring_rules(job))
    return redirect("identity:quality")


@needs("view_data")
def count_progress(request: SignedIn, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk, kind=rule_jobs.FIGURES)
    answer = render(request, "identity/_count_job.html", {"job": job})
    if job.state not in rule_jobs.OPEN:
        answer["HX-Refresh"] = "true"  # the page then shows the figures
    return answer
