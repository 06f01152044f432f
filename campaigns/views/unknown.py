"""Messages of which a crash left open whether they went out: who, of which campaign, and what is done about it."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns import settle, tasks
from campaigns.models import Campaign, Delivery
from campaigns.policy import policy
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ring
from cdp.common.clock import utc_now
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.naming import people

Verdict = Delivery.Verdict
IN_DOUBT = Delivery.objects.filter(state=Delivery.State.UNKNOWN)


@needs("view_campaigns")
def unknown(request: SignedIn) -> HttpResponse:
    """Of all campaigns, or of the one that `campaign` names."""
    named = request.GET.get("campaign", "")
    only = get_object_or_404(Campaign, pk=named) if named.isdecimal() and len(named) < 19 else None
    rows = IN_DOUBT.filter(campaign_id=only.pk) if only else IN_DOUBT.all()
    try:
        page = page_of(rows, order=("-settled_at", "-ref"), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    known = people(row.profile_id for row in page.rows)
    campaigns = Campaign.objects.in_bulk({row.campaign_id for row in page.rows})
    context = {
        "only": only,
        "page": page,
        "lines": [(row, known.get(row.profile_id), campaigns.get(row.campaign_id), _word(row)) for row in page.rows],
        "open": _undecided(only),
        "policy": policy().get_unknown_display(),
        "again": {"verdict": Verdict.AGAIN.value}.items(),
    }
    return render(request, "campaigns/unknown.html", context)


@needs("send_campaigns")
@require_POST
def decide(request: SignedIn, pk: int) -> HttpResponse:
    found, verdict, now = get_object_or_404(Campaign, pk=pk), request.POST.get("verdict"), utc_now()
    if verdict not in Verdict.values:
        raise BadRequest("Say what to do: again or left.")
    n = settle.send_again(campaign_id=pk, now=now) if verdict == Verdict.AGAIN else settle.leave(campaign_id=pk)
    verb = "sent again what was in doubt" if verdict == Verdict.AGAIN else "left what was in doubt"
    audit.record(request.user, verb=verb, target=found.name, details={"people": n}, now=now)
    if verdict == Verdict.AGAIN:
        messages.success(request, f"{n:,} are sent again; a second one may reach them.")
        ring(tasks.send)
    else:
        messages.success(request, f"{n:,} are left as they are.")
    return redirect(f"{reverse('campaigns:unknown')}?campaign={pk}")


def _undecided(only: Campaign | None) -> list[tuple[Campaign, int]]:
    """Campaigns with messages about which somebody has to decide, and how many."""
    rows = IN_DOUBT.filter(verdict="", **({"campaign_id": only.pk} if only else {}))
    counts = dict(rows.values_list("campaign_id").annotate(n=Count("ref")))
    found = Campaign.objects.filter(pk__in=counts).order_by("name")
    return [(one, counts[one.pk]) for one in found]


def _word(row: Delivery) -> str:
    if not row.verdict:
        return "nobody decided yet"
    second = " (it was a second one)" if settle.is_second(row) else ""
    return f"{Verdict(row.verdict).label}{second}"
