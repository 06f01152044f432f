"""People → Duplicates: two people side by side, the evidence, a decision, the next two."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.profiles.naming import people
from identity import by_hand, review
from identity.effects import trial
from identity.evidence import waterfall
from identity.forms import QueueFilter, VerdictForm
from identity.models import Candidate, Decision
from identity.picture import draw
from identity.rule_sets import current
from identity.side_by_side import compare, counts, sides
from identity.titles import title_of
from identity.today import tallies
from identity.told import told
from identity.waiting_pairs import Place, Wanted, compared_fields, left, place_of
from identity.who import Names, doer
from identity.why import links_of

LARGEST_ID = 2**63 - 1
AUDITED = {
    Decision.Verdict.SAME: "merged people",
    Decision.Verdict.DIFFERENT: "kept people apart",
    Decision.Verdict.LATER: "put a duplicate off",
    Decision.Verdict.SPLIT: "split a person",
    Decision.Verdict.UNMERGED: "un-merged people",
}
DONE = {
    Decision.Verdict.SAME: "Merged {}.",
    Decision.Verdict.DIFFERENT: "Not the same: {} stay apart.",
    Decision.Verdict.LATER: "Put off: {} come again at the end.",
}
CHOICES = (
    ("same", "m", "Merge", "btn-primary"),
    ("different", "n", "Not the same", ""),
    ("later", "l", "Later", ""),
)
"""Verdict, key, words, class."""


@dataclass(frozen=True)
class Note:
    """What is said after an act; `kind` is a level of Django's messages."""

    text: str
    kind: str = "success"


@needs("review_duplicates")
def queue(request: SignedIn) -> HttpResponse:
    return _answer(request, at=_number(request.GET.get("at")))


@needs("review_duplicates")
@require_POST
def decide(request: SignedIn, pk: int) -> HttpResponse:
    form = VerdictForm(request.POST)
    if not form.is_valid():
        raise BadRequest("A decision is same, different or later.")
    verdict, now, by = form.cleaned_data["verdict"], utc_now(), doer(request.user)
    place = place_of(_wanted(request), candidate_id=pk, now=now)
    following = place.next_id if place and place.candidate_id == pk else None
    try:
        decision = review.decide(pk, verdict, by=by, now=now)
    except by_hand.NotPossible as error:
        return _answer(request, at=pk, note=Note(f"Nothing was changed. {error}", "error"))
    except review.AlreadyDecided as error:
        return _answer(request, at=following, note=Note(_decided(error), "warning"))
    except review.NotWaiting as error:
        return _answer(request, at=following, note=Note(str(error.__doc__), "warning"))
    if decision.at == now:
        note_audit(request, decision, now=now)
    return _answer(request, at=following, note=Note(DONE[verdict].format(title_of(decision))))


@needs("review_duplicates")
@require_POST
def undo(request: SignedIn, pk: int) -> HttpResponse:
    """Undoes a decision of the queue and shows its pair again."""
    decision = get_object_or_404(Decision, pk=pk)
    note = undone(request, decision)
    at = decision.before[0]["id"] if decision.before else None
    return _answer(request, at=at, note=note)


def undone(request: SignedIn, decision: Decision) -> Note:
    now = utc_now()
    try:
        found = review.undo(decision.pk, by=doer(request.user), now=now)
    except review.CannotUndo as error:
        return Note(f"Not undone. {error}", "error")
    if found.undone_at == now:
        details = {"decision": decision.pk}
        audit.record(request.user, verb="undid a decision", target=_uuids(decision), details=details, now=now)
    return Note(f"Undone: {title_of(decision)} {_were(decision)}.")


def _were(decision: Decision) -> str:
    verdict = Decision.Verdict(decision.verdict)
    if verdict in (Decision.Verdict.SPLIT, Decision.Verdict.UNMERGED):
        return "are one person again"
    return "are as they were before"


@needs("review_duplicates")
def if_merged(request: SignedIn, pk: int) -> HttpResponse:
    """What merging would change: it is done, looked at and rolled back."""
    candidate = get_object_or_404(Candidate, pk=pk)
    by, now = doer(request.user), utc_now()
    context: dict[str, Any] = {}
    try:
        pair = review.owners(candidate)
        tried = trial(lambda: by_hand.merge_profiles(pair, by=by, now=now), profile_ids=pair, now=now)
        context["told"] = told(tried)
    except by_hand.NotPossible as error:
        context["refused"] = str(error)
    except review.NotWaiting as error:
        context["refused"] = str(error.__doc__)
    return render(request, "identity/_if_merged.html", context)


def note_audit(request: SignedIn, decision: Decision, *, now: datetime) -> None:
    details = {"decision": decision.pk, "merges": decision.merge_ids, "profiles": decision.profile_ids}
    verb = AUDITED[Decision.Verdict(decision.verdict)]
    audit.record(request.user, verb=verb, target=_uuids(decision), details=details, now=now)


def _uuids(decision: Decision) -> str:
    """An audit log outlives the names of people."""
    return ", ".join(str(one.uuid) for one in people(decision.profile_ids).values())


def _decided(error: review.AlreadyDecided) -> str:
    who = Names([error.by]).of(error.by) if error.by else "Somebody"
    return f"{who} decided on these two before you: {error.word.lower()}. Nothing was changed now."


def _form(request: SignedIn) -> QueueFilter:
    return QueueFilter(request.GET, fields=compared_fields())


def _wanted(request: SignedIn) -> Wanted:
    return _form(request).wanted()


def _answer(request: SignedIn, *, at: int | None, note: Note | None = None) -> HttpResponse:
    """The page, or for htmx the part with the two people; a plain form is sent back to the page."""
    query = request.GET.copy()
    query.pop("at", None)
    address = reverse("identity:review")
    if request.method == "POST" and not request.htmx:  # type: ignore[attr-defined]
        if note:
            messages.add_message(request, getattr(messages, note.kind.upper()), note.text)
        if at is not None:
            query["at"] = str(at)
        return redirect(f"{address}?{query.urlencode()}")
    form = _form(request)
    context = _context(request, form, at=at, now=utc_now()) | {"note": note, "query": query.urlencode(), "form": form}
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "identity/review.html", context)
    answer = render(request, "identity/_case_and_more.html", context)
    if context["place"]:
        query["at"] = str(context["place"].candidate_id)
    answer["HX-Replace-Url"] = f"{address}?{query.urlencode()}"
    return answer


def _context(request: SignedIn, form: QueueFilter, *, at: int | None, now: datetime) -> dict[str, Any]:
    wanted, by = form.wanted(), doer(request.user)
    since = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    last = review.last_of(by, since=since)
    place = None if form.errors else place_of(wanted, candidate_id=at, now=now)
    try:
        case = _case(place) if place else {}
    except (review.NotWaiting, Candidate.DoesNotExist):  # gone between two looks
        return _context(request, form, at=None, now=now)
    everything = place.total if place else 0
    return {
        "place": place,
        "wanted": wanted,
        "left": left(Wanted(), now=now) if wanted.is_narrowed or form.errors else everything,
        "tallies": tallies(since=since, by=by),
        "last": last,
        "last_title": title_of(last) if last else "",
        **case,
    }


def _case(place: Place) -> dict[str, Any]:
    candidate = Candidate.objects.get(pk=place.candidate_id)
    # The record named first stands on the left: its values are the evidence's "a".
    records = review.owners(candidate)
    pair = sides(records)
    lines = compare(*pair)
    with connection.cursor() as cursor:
        fuzzy = current(cursor).fuzzy
    thresholds = (("ask a steward", fuzzy.review), ("merge by itself", fuzzy.link))
    chart = waterfall(
        candidate.evidence, weight=candidate.weight, probability=candidate.probability, thresholds=thresholds
    )
    found = review.between(*([record.pk for record, _ in side.records] for side in pair))
    along = [one for one in found if one.state in review.WAITING]
    links = links_of([record.pk for side in pair for record, _ in side.records])
    return {
        "candidate": candidate,
        "pair": pair,
        "choices": CHOICES,
        "a": pair[0],
        "b": pair[1],
        "lines": lines,
        "counts": counts(lines),
        "chart": chart,
        "picture": draw(pair, links=links, candidates=along),
        "along": len(along) - 1,
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and int(text) <= LARGEST_ID else None
