"""Settings → Profile traits: which word on a trait counts, with a preview before anything changes."""

from typing import Any

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import Source
from cdp.common.clock import time_limit
from cdp.common.models import Job
from cdp.profiles.change_rule import KIND, change_rule, rules_now
from cdp.profiles.foresee import Foreseen, foresee
from cdp.profiles.models import SurvivorshipRule
from cdp.profiles.rule_form import RuleForm
from cdp.profiles.survivorship import EVERY, Strategy
from cdp.profiles.tasks import WORK, ring

PREVIEW_S = 2.0
"""How long a preview may look at people before it shows what it has."""


@needs("edit_identity_rules")
def rule_list(request: SignedIn) -> HttpResponse:
    rules = list(SurvivorshipRule.objects.exclude(trait=EVERY).order_by("trait"))
    names = dict(Source.objects.values_list("id", "name"))
    page = {
        "rules": [(rule, _sources_said(rule, names)) for rule in rules],
        "every": SurvivorshipRule.objects.filter(trait=EVERY).first(),
        "jobs": Job.objects.filter(kind=KIND).order_by("-created_at")[:10],
    }
    return render(request, "profiles/rules.html", page)


def _sources_said(rule: SurvivorshipRule, names: dict[int, str]) -> str:
    known = [names[source_id] for source_id in rule.sources if source_id in names]
    return (" > " if rule.strategy == Strategy.RANK else ", ").join(known)


@needs("edit_identity_rules")
def rule(request: SignedIn) -> HttpResponse:
    trait = (request.POST.get("fixed_trait") or request.GET.get("trait", ""))[:190]
    form = RuleForm(
        *([request.POST] if request.method == "POST" else []),
        sources=list(Source.objects.exclude(kind=Source.Kind.INTERNAL).order_by("trust_rank", "name")),
        trait=trait,
        rule=rules_now().get(trait),
    )
    if request.method != "POST":
        return _page(request, form, trait)
    if not form.is_valid():
        return _page(request, form, trait)
    if request.POST.get("action") == "apply" and form.cleaned_data["previewed"] == form.as_previewed:
        job = change_rule(form.change(), actor=request.user, now=timezone.now())
        transaction.on_commit(lambda: ring(job.pk, job.kind))
        messages.success(request, "The rule counts from now on. People are being picked anew.")
        return redirect("profiles:work", pk=job.pk)
    return _page(request, form, trait, foresee(form.change(), is_time_up=time_limit(PREVIEW_S)))


def _page(request: SignedIn, form: RuleForm, trait: str, foreseen: Foreseen | None = None) -> HttpResponse:
    page: dict[str, Any] = {
        "form": form,
        "trait": trait,
        "is_every": trait == EVERY,
        "known": [] if trait else known_traits(),
        "foreseen": foreseen,
        "previewed": form.as_previewed if foreseen else "",
    }
    return render(request, "profiles/rule.html", page, status=422 if form.errors else 200)


def known_traits() -> list[str]:
    """Names to choose from: those of the first few thousand people."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select key from (select traits from profiles_profile where merged_into is null limit 5000) p,"
            " jsonb_object_keys(p.traits) key group by 1 order by count(*) desc, 1 limit 200"
        )
        return [row[0] for row in cursor.fetchall()]


@needs("edit_identity_rules")
def work(request: SignedIn, pk: int) -> HttpResponse:
    return render(request, "profiles/work.html", {"job": get_object_or_404(Job, pk=pk, kind__in=WORK)})


@needs("edit_identity_rules")
def work_progress(request: SignedIn, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk, kind__in=WORK)
    answer = render(request, "profiles/_work.html", {"job": job})
    if job.state not in (Job.State.WAITING, Job.State.RUNNING):
        answer["HX-Refresh"] = "true"  # the page then shows the result
    return answer


@needs("edit_identity_rules")
def work_again(request: SignedIn, pk: int) -> HttpResponse:
    """What failed goes on from where it was."""
    job = get_object_or_404(Job, pk=pk, kind__in=WORK)
    if request.method == "POST" and Job.objects.filter(pk=pk, state=Job.State.FAILED).update(
        state=Job.State.WAITING, error="", finished_at=None
    ):
        ring(job.pk, job.kind)
    return redirect("profiles:work", pk=pk)
