"""People → Duplicates → Check links: how good matching is; its own links put before a steward, drawn at random."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.readouts import kept_soon
from cdp.profiles.models import Profile, Record
from identity import audited_links, by_hand, review
from identity.audited_links import Answer, ends
from identity.models import Candidate
from identity.picture import draw
from identity.quality import measure, wilson
from identity.quality_words import QualityTold, share_told, told
from identity.side_by_side import compare, counts, record_sides, sides
from identity.titles import called
from identity.views.review import Note, chart_of, decided_before, number_of
from identity.who import doer
from identity.why import links_of

SAMPLE = 20
"""Links that are drawn at once."""
CHOICES = (("right", "r", "Right", "btn-primary"), ("wrong", "w", "Wrong", ""))
"""Answer, key, words, class."""


@needs("review_duplicates")
def estimate(request: SignedIn) -> HttpResponse:
    """The box above the queue, by itself: it counts all candidates."""
    waiting = audited_links.waiting()
    kept_one = kept_soon(_measured, "matching", len(waiting), now=utc_now())
    if kept_one is None:
        return render(request, "_counting.html")
    found = kept_one.value
    context = {"quality": found, "waiting": len(waiting), "sample": min(SAMPLE, found.linked), "as_of": kept_one}
    return render(request, "identity/_match_estimate.html", context)


def _measured() -> QualityTold:
    with connection.cursor() as cursor:
        return told(measure(cursor))


@needs("review_duplicates")
def page(request: SignedIn) -> HttpResponse:
    return _answer(request, after=number_of(request.GET.get("after")), at=number_of(request.GET.get("at")))


@needs("review_duplicates")
@require_POST
def draw_sample(request: SignedIn) -> HttpResponse:
    drawn = audited_links.draw(SAMPLE, seed=secrets.randbits(32))
    if drawn:
        details = {"links": drawn}
        audit.record(request.user, verb="drew links to check", target=f"{drawn} links", details=details, now=utc_now())
    elif not audited_links.waiting():
        messages.info(request, "Matching has made no link by itself that was not checked yet.")
    return redirect("identity:audit")


@needs("review_duplicates")
@require_POST
def answer(request: SignedIn, pk: int) -> HttpResponse:
    word = request.POST.get("answer", "")
    if word not in ("right", "wrong"):
        raise BadRequest("An answer is right or wrong.")
    now = utc_now()
    try:
        done = audited_links.answer(pk, is_right=word == "right", by=doer(request.user), now=now)
    except by_hand.NotPossible as error:
        return _answer(request, at=pk, note=Note(f"Nothing was changed. {error}", "error"))
    except review.AlreadyDecided as error:
        return _answer(request, after=pk, note=Note(decided_before(error), "warning"))
    except review.NotWaiting:
        text = "This link does not wait to be checked any more: it was answered, or taken back by itself."
        return _answer(request, after=pk, note=Note(text, "warning"))
    if done.is_new:
        _log(request, done, now=now)
    names = " and ".join(_names(done.candidate))
    text = f"Wrong: {names} are two people now." if word == "wrong" else f"Right: {names} stay one person."
    return _answer(request, after=pk, note=Note(text))


@needs("review_duplicates")
@require_POST
def undo(request: SignedIn, pk: int) -> HttpResponse:
    now = utc_now()
    try:
        is_new = audited_links.undo(pk, by=doer(request.user), now=now)
    except review.CannotUndo as error:
        return _answer(request, note=Note(f"Not undone. {error}", "error"))
    if is_new:
        audit.record(request.user, verb="took back the check of a link", target=str(pk), now=now)
    return _answer(request, at=pk, note=Note("Undone: the link waits to be checked again."))


def _log(request: SignedIn, done: Answer, *, now: datetime) -> None:
    homes = Record.objects.filter(pk__in=ends(done.candidate)).values("profile_id")
    uuids = Profile.objects.filter(pk__in=homes).order_by("id").values_list("uuid", flat=True)
    details = {"candidate": done.candidate.pk, "records": list(ends(done.candidate))}
    if done.decision is not None:
        details |= {"decision": done.decision.pk, "merges": done.decision.merge_ids}
    verb = "found a link right" if done.decision is None else "found a link wrong"
    audit.record(request.user, verb=verb, target=", ".join(map(str, uuids)), details=details, now=now)


def _answer(
    request: SignedIn, *, after: int | None = None, at: int | None = None, note: Note | None = None
) -> HttpResponse:
    """The page, or for htmx the part with the two records; a plain form is sent back to the page."""
    address = reverse("identity:audit")
    if request.method == "POST" and not request.htmx:  # type: ignore[attr-defined]
        if note:
            messages.add_message(request, getattr(messages, note.kind.upper()), note.text)
        place = f"?at={at}" if at is not None else f"?after={after}" if after is not None else ""
        return redirect(f"{address}{place}")
    context = _context(request, after=after, at=at) | {"note": note}
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "identity/audit.html", context)
    found = render(request, "identity/_audit_case_and_said.html", context)
    candidate = context.get("candidate")
    found["HX-Replace-Url"] = f"{address}?at={candidate.pk}" if candidate else address
    return found


def _context(request: SignedIn, *, after: int | None, at: int | None) -> dict[str, Any]:
    waiting, tally = audited_links.waiting(), audited_links.tally()
    since = timezone.localtime(utc_now()).replace(hour=0, minute=0, second=0, microsecond=0)
    last = audited_links.last_of(doer(request.user), since=since)
    following = _next(waiting, after=after, at=at)
    return {
        "left": len(waiting),
        "tally": tally,
        "share": share_told(wilson(tally.right, tally.wrong)) if tally.checked else None,
        "last": last,
        "last_title": " and ".join(_names(last)) if last else "",
        "sample": SAMPLE,
        "choices": CHOICES,
        **(_case(following) if following is not None else {}),
    }


def _next(waiting: Sequence[int], *, after: int | None, at: int | None) -> int | None:
    """The one asked for if it waits, else the first behind `after`, else the first."""
    if at in waiting:
        return at
    return next((one for one in waiting if one > (after or 0)), waiting[0] if waiting else None)


def _case(candidate_id: int) -> dict[str, Any]:
    """Empty if it went between two looks."""
    candidate = Candidate.objects.filter(pk=candidate_id).first()
    homes = Record.objects.filter(pk__in=ends(candidate)).values_list("profile_id", flat=True) if candidate else []
    whole = next(iter(sides(list(set(homes))[:1])), None)
    if candidate is None or whole is None or not {record.pk for record, _ in whole.records} >= set(ends(candidate)):
        return {}
    pair = record_sides(whole, ends(candidate))
    lines = compare(*pair)
    with connection.cursor() as cursor:
        parted = audited_links.parted(cursor, candidate)
    return {
        "candidate": candidate,
        "whole": whole,
        "pair": pair,
        "a": pair[0],
        "b": pair[1],
        "lines": lines,
        "counts": counts(lines),
        "chart": chart_of(candidate),
        "picture": draw([whole], links=links_of([record.pk for record, _ in whole.records])),
        "parts": [[one for one in whole.records if one[0].pk in ids] for ids in (parted.staying, parted.leaving)],
    }


def _names(candidate: Candidate) -> list[str]:
    records = Record.objects.in_bulk(ends(candidate))
    return [called([records[pk]] if pk in records else []) for pk in ends(candidate)]
