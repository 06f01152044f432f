"""Events that were turned away: why, and what to do about it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import Source
from cdp.common.keyset import BadCursor, page_of
from cdp.events import settle
from cdp.events.models import RejectedMessage
from cdp.events.quarantine import readable

CODES = {
    "shape": "Could not be read",
    "size": "Too large",
    "characters": "Characters that cannot be stored",
    "depth": "Nested too deep",
    "plan": "Breaks the tracking plan",
    "consent": "No consent",
    "duplicate": "Id used twice",
    "identity": "Names nobody",
    "money": "Amount not understood",
    "error": "Could not be stored",
}
COUNTED = 20_000
COUNT = """
select code, source_id, count(*) from (
  select code, source_id from events_rejectedmessage where state = 'waiting' order by id desc limit %s) newest
group by 1, 2 order by 3 desc
"""


class QuarantineFilter(forms.Form):
    state = forms.ChoiceField(label="State", required=False, choices=RejectedMessage.State.choices)
    code = forms.ChoiceField(label="Why", required=False, choices=[("", "Any reason"), *CODES.items()])
    source = forms.ModelChoiceField(Source.objects.order_by("name"), label="Source", required=False, empty_label="All")
    name = forms.CharField(label="Event", required=False, max_length=200)

    def shown(self) -> settle.Shown:
        if not self.is_valid():
            return settle.Shown()
        wanted = self.cleaned_data
        source = wanted["source"]
        return settle.Shown(
            wanted["state"] or RejectedMessage.State.WAITING,
            wanted["code"],
            source.pk if source else None,
            wanted["name"],
        )


@needs("view_data")
def quarantine(request: SignedIn) -> HttpResponse:
    form = QuarantineFilter(request.GET)
    shown = form.shown()
    try:
        page = page_of(shown.rows().defer("body"), order=("-id",), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    sources = dict(Source.objects.values_list("id", "name"))
    groups = _counts(sources)
    n_waiting = sum(group["n"] for group in groups)
    context = {
        "form": form,
        "page": page,
        "lines": [(row, CODES.get(row.code, row.code), sources.get(row.source_id, "")) for row in page.rows],
        "groups": groups[:12],
        "n_waiting": n_waiting,
        "is_more": n_waiting >= COUNTED,
        "is_waiting": shown.state == RejectedMessage.State.WAITING,
        "n_shown": _bounded(shown),
        "most": settle.MOST,
        "may_settle": request.user.may("edit_data"),
        "fields": [(key, value) for key, value in request.GET.items() if key in form.fields],
    }
    return render(request, "events/quarantine.html", context)


def _counts(sources: dict[int, str]) -> list[dict[str, Any]]:
    """Why × source of what waits; of a huge quarantine, of its newest part."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [COUNTED])
        return [
            {
                "code": code,
                "why": CODES.get(code, code),
                "source_id": source_id,
                "source": sources.get(source_id),
                "n": n,
            }
            for code, source_id, n in cursor.fetchall()
        ]


def _bounded(shown: settle.Shown) -> int:
    return shown.rows().order_by()[: settle.MOST + 1].count()


@needs("view_data")
def message(request: SignedIn, pk: int) -> HttpResponse:
    rejected = get_object_or_404(RejectedMessage, pk=pk)
    return _page(request, rejected, readable(bytes(rejected.body)))


@needs("edit_data")
@require_POST
def fix(request: SignedIn, pk: int) -> HttpResponse:
    """Replays what was typed; what cannot be a message is shown again with the reason."""
    rejected = get_object_or_404(RejectedMessage, pk=pk)
    text = request.POST.get("body", "")
    try:
        done = settle.replay(request.user, rejected=rejected, text=text, now=timezone.now())
    except settle.NotAMessage as error:
        return _page(request, rejected, text, error=str(error))
    return _settled(request, done, "Fixed and sent again. It is taken in within a second, or comes back with a reason.")


@needs("edit_data")
@require_POST
def replay(request: SignedIn, pk: int) -> HttpResponse:
    rejected = get_object_or_404(RejectedMessage, pk=pk)
    done = settle.replay(request.user, rejected=rejected, now=timezone.now())
    return _settled(request, done, "Sent again. It is taken in within a second, or comes back with a reason.")


@needs("edit_data")
@require_POST
def drop(request: SignedIn, pk: int) -> HttpResponse:
    rejected = get_object_or_404(RejectedMessage, pk=pk)
    done = settle.drop(request.user, rejected=rejected, now=timezone.now())
    return _settled(request, done, "Dropped. It stays readable under the state Dropped.")


def _settled(request: SignedIn, done: bool, text: str) -> HttpResponse:
    if done:
        messages.success(request, text)
    else:
        messages.warning(request, "Someone settled this message before. Nothing was done twice.")
    return redirect("events:quarantine")


def _page(request: SignedIn, rejected: RejectedMessage, text: str, *, error: str = "") -> HttpResponse:
    source = Source.objects.filter(pk=rejected.source_id).first()
    page = {
        "rejected": rejected,
        "text": text,
        "error": error,
        "why": CODES.get(rejected.code, rejected.code),
        "source": source,
        "is_waiting": rejected.state == RejectedMessage.State.WAITING,
        "may_settle": request.user.may("edit_data"),
    }
    return render(request, "events/message.html", page, status=422 if error else 200)


@needs("edit_data")
@require_POST
def settle_all(request: SignedIn, verb: str) -> HttpResponse:
    """Replays or drops what the filter shows."""
    form = QuarantineFilter(request.POST)
    if not form.is_valid():
        raise BadRequest("The filter is damaged. Open the quarantine again.")
    act = settle.replay_all if verb == "replay" else settle.drop_all
    n = act(request.user, shown=form.shown(), now=timezone.now())
    word = "sent again" if verb == "replay" else "dropped"
    messages.success(request, f"{n:,} message{'' if n == 1 else 's'} {word}.")
    return redirect(reverse("events:quarantine"))
