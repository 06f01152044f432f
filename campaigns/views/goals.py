"""Goals in the browser: the list, one with its course, setting one up, and the people behind its numbers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns import tasks
from campaigns.goals import keep, words
from campaigns.goals.forms import SetUp
from campaigns.goals.measure import measure, value_of
from campaigns.goals.page import context_of, line_of, with_counts
from campaigns.goals.people import WHO, numbers_of, people_of
from campaigns.models import Goal
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ask
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.naming import people as named_people
from cdp.rules.fields import RuleError
from segments.bounded import TooSlow, at_most
from segments.vocabulary import vocabulary

WAIT_S = 3.0


@needs("view_campaigns")
def goals(request: SignedIn) -> HttpResponse:
    is_archive, now = request.GET.get("state") == "archived", utc_now()
    rows = with_counts(Goal.objects.filter(archived_at__isnull=not is_archive))
    page = page_of(rows, order=("-ends_at", "-id"), query=request.GET)
    context = {
        "page": page,
        "lines": [line_of(one, now=now) for one in page.rows],
        "is_archive": is_archive,
        "has_archived": Goal.objects.exclude(archived_at=None).exists(),
    }
    return render(request, "campaigns/goals/goals.html", context)


@needs("view_campaigns")
def goal(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(with_counts(Goal.objects.select_related("created_by")), pk=pk)
    return render(request, "campaigns/goals/goal.html", context_of(found, now=utc_now(), zone=deployment_zone()))


@needs("edit_campaigns")
def new(request: SignedIn) -> HttpResponse:
    now, zone = utc_now(), deployment_zone()
    form = SetUp(request.POST or None, zone=zone, today=now.astimezone(zone).date())
    if request.method == "POST" and form.is_valid():
        made = keep.create(form.draft(), by=request.user, now=now)
        return _saved(request, made, "created goal")
    return _form(request, form)


@needs("edit_campaigns")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    now, zone = utc_now(), deployment_zone()
    found = get_object_or_404(Goal, pk=pk, archived_at=None)
    form = SetUp(request.POST or None, goal=found, zone=zone, today=now.astimezone(zone).date())
    if request.method == "POST" and form.is_valid():
        return _saved(request, keep.change(found, form.draft()), "changed goal")
    return _form(request, form, found)


def _form(request: SignedIn, form: SetUp, found: Goal | None = None) -> HttpResponse:
    words_known = vocabulary()
    context = {"form": form, "goal": found, "words": words_known, "events": words_known["events"]}
    return render(request, "campaigns/goals/edit.html", context, status=422 if form.errors else 200)


def _saved(request: SignedIn, saved: Goal, verb: str) -> HttpResponse:
    audit.record(request.user, verb=verb, target=saved.name, now=utc_now())
    _count(request, saved)
    return redirect("campaigns:goal", pk=saved.pk)


def _count(request: SignedIn, found: Goal) -> None:
    """At once if it can be done while one waits, else by a worker."""
    now = utc_now()
    if now < found.starts_at:
        return
    try:
        with at_most(WAIT_S):
            keep.count(found, now=now, zone=deployment_zone())
    except TooSlow:
        ask(tasks.count_goal, found.pk)
        messages.info(request, "Counting takes a moment. Come back to this page in a minute.")
    except RuleError as error:
        messages.error(request, f"It cannot be counted: {error}.")


@needs("edit_campaigns")
@require_POST
def preview(request: SignedIn) -> HttpResponse:
    """What the form says now, counted; saved or not."""
    now, zone = utc_now(), deployment_zone()
    found = SetUp(request.POST, zone=zone, today=now.astimezone(zone).date()).counted()
    context: dict[str, Any] = {"goal": found}
    if found is not None:
        try:
            with at_most(WAIT_S):
                measured = measure(found, now=now, zone=zone)
        except TooSlow:
            context["problem"] = "Counting takes longer than one would wait here. It can be saved all the same."
        except RuleError as error:
            context["problem"] = f"It cannot be counted: {error}."
        else:
            context |= {
                "value": words.number(found, value_of(found, measured.all)),
                "counted": words.counted(found),
                "measured": measured,
                "having": words.HAVING[Goal.Metric(found.metric)],
                "begins_later": now < found.starts_at,
            }
    return render(request, "campaigns/goals/_preview.html", context)


@needs("edit_campaigns")
@require_POST
def count_now(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Goal, pk=pk, archived_at=None)
    if utc_now() >= found.ends_at and keep.latest(found) is not None:
        messages.info(request, "The time of this goal is over: its last count stands.")
    else:
        _count(request, found)
    return redirect("campaigns:goal", pk=pk)


@needs("edit_campaigns")
@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Goal, pk=pk, archived_at=None)
    keep.archive(found, now=utc_now())
    audit.record(request.user, verb="archived goal", target=found.name, now=utc_now())
    messages.success(request, f"“{found.name}” is archived. It is no longer counted, and can be restored.")
    return redirect("campaigns:goals")


@needs("edit_campaigns")
@require_POST
def restore(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Goal, pk=pk, archived_at__isnull=False)
    keep.restore(found)
    audit.record(request.user, verb="restored goal", target=found.name, now=utc_now())
    return redirect("campaigns:goal", pk=pk)


@needs("view_people")
def people(request: SignedIn, pk: int) -> HttpResponse:
    found, now = get_object_or_404(Goal, pk=pk), utc_now()
    who = request.GET.get("who", "")
    if who not in WHO:
        raise BadRequest("There is no such group.")
    context: dict[str, Any] = {"goal": found, "who": who, "choices": WHO.items(), "counted": words.counted(found)}
    try:
        with at_most(WAIT_S):
            rows = people_of(found, who, now=now, zone=deployment_zone())
            page = page_of(rows, order=("-id",), query=request.GET)
            ids = [one.pk for one in page.rows]
            values = numbers_of(found, ids, now=now)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    except RuleError as error:
        context["problem"] = f"The people cannot be told: {error}."
    except TooSlow:
        context["problem"] = "Finding them takes longer than a page can wait. A smaller population goes faster."
    else:
        named = named_people(ids)
        context |= {"page": page, "listed": [(named.get(one), values.get(one)) for one in ids]}
    return render(request, "campaigns/goals/people.html", context)
