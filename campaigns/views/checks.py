"""The check of a campaign with its whole audience: its page, its progress, and the people behind each number."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from campaigns import target, tasks
from campaigns.check import job as jobs
from campaigns.check import lots
from campaigns.check.keys import UnknownKey, in_words
from campaigns.check.points import tried
from campaigns.check.report import COLUMNS, report_of
from campaigns.check.result import result_of
from campaigns.check.state import changes_since, last_finished, newest, verdict
from campaigns.models import Campaign, Check
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ask
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.models import Job
from cdp.profiles.naming import people

MOST_KEYS = 5


@needs("view_campaigns")
@require_GET
def check(request: SignedIn, pk: int) -> HttpResponse:
    """The last check that came to its end, and the one under way or that came to nothing since."""
    campaign = _campaign(pk)
    latest, finished = newest(campaign), last_finished(campaign)
    page: dict[str, object] = {
        "campaign": campaign,
        "n": target.size(campaign, now=utc_now(), zone=deployment_zone()),
        "columns": COLUMNS,
    }
    if latest is not None and latest != finished:
        page["job"] = latest.job
    if finished is not None:
        finished.campaign = campaign
        page |= {
            "check": finished,
            "verdict": verdict(finished),
            "report": report_of(finished),
            "changes": changes_since(finished, campaign),
        }
    return render(request, "campaigns/check/check.html", page)


@needs("edit_campaigns")
@require_POST
def start(request: SignedIn, pk: int) -> HttpResponse:
    campaign, now = _campaign(pk), utc_now()
    made = jobs.start_check(campaign, by=request.user, now=now)
    audit.record(request.user, verb="checked campaign", target=campaign.name, now=now)
    ask(tasks.check_audience, made.job_id)
    return redirect("campaigns:check", pk=pk)


@needs("view_campaigns")
@require_GET
def progress(request: SignedIn, pk: int, job_id: int) -> HttpResponse:
    """The bar; once it is over, the page that shows what was found."""
    found = _job(pk, job_id)
    answer = render(request, "campaigns/check/_running.html", {"job": found, "campaign_id": pk})
    if found.state not in jobs.OPEN:
        answer["HX-Refresh"] = "true"
    return answer


@needs("edit_campaigns")
@require_POST
def stop(request: SignedIn, pk: int, job_id: int) -> HttpResponse:
    found = _job(pk, job_id)
    jobs.stop(found, now=utc_now())
    audit.record(request.user, verb="stopped check", target=found.title, now=utc_now())
    found.refresh_from_db()
    return render(request, "campaigns/check/_running.html", {"job": found, "campaign_id": pk})


@needs("view_people")
@require_GET
def check_people(request: SignedIn, pk: int, check_pk: int) -> HttpResponse:
    """Who has all the findings that `of` names, as it was at the check."""
    found = get_object_or_404(Check.objects.select_related("campaign"), pk=check_pk, campaign_id=pk)
    keys = request.GET.getlist("of")
    if not 0 < len(keys) <= MOST_KEYS:
        raise Http404
    held = result_of(found)
    try:
        title = in_words(held, keys)
        page, n = _page(request, found, keys)
    except (UnknownKey, KeyError) as error:
        raise Http404 from error
    known = people(page.ids)
    rows = [known.get(one) for one in page.ids]
    context = {"campaign": found.campaign, "check": found, "title": title, "page": page, "people": rows, "n": n}
    return render(request, "campaigns/check/people.html", context)


def _page(request: SignedIn, found: Check, keys: list[str]) -> tuple[lots.IdPage, int]:
    if keys[0].startswith("tried:"):
        ids = tried(result_of(found), keys[0])
        return lots.IdPage(ids, "", ""), len(ids)
    after, before = (_cursor(request.GET.get(name)) for name in ("after", "before"))
    n = found.counts.get(keys[0], 0) if len(keys) == 1 else lots.count_both(found, keys)
    return lots.page_of(found, keys, after=after, before=before), n


def _cursor(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadRequest("The page's address is damaged. Open the list again from its start.")
    return int(text)


def _campaign(pk: int) -> Campaign:
    rows = Campaign.objects.select_related("template", "topic")
    return get_object_or_404(rows, pk=pk)


def _job(pk: int, job_id: int) -> Job:
    return get_object_or_404(Job, pk=job_id, kind=jobs.KIND, params__campaign_id=pk)
