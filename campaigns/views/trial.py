"""Tests of a mail: a dialog of the editor, and what became of them."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from campaigns.channels.known import channel_of
from campaigns.content.blocks import ContentError
from campaigns.content.compose import About, press_for
from campaigns.covering import NobodyYet, Way, as_person, covering
from campaigns.models import Seed, Template
from campaigns.preview_people import audience_of, campaign_of
from campaigns.trial import Trial, send_tests
from campaigns.trial_form import TrialForm
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common import rate
from cdp.common.clock import deployment_zone, utc_now

MOST_AN_HOUR = 60
"""Rounds of tests that one of us may send."""


@needs("edit_campaigns")
@require_http_methods(["GET", "POST"])
def test_send(request: SignedIn, pk: int) -> HttpResponse:
    template = get_object_or_404(Template, pk=pk)
    form = TrialForm(
        request.POST or None,
        own=request.user.email,
        person=request.GET.get("person", ""),
        audience=audience_of(template, now=utc_now(), zone=deployment_zone()),
    )
    context = {"form": form, "mail": template, "seeds": Seed.objects.count()}
    if request.method == "POST" and form.is_valid():
        context |= _send(request, template, form)
        return render(request, "campaigns/editor/_test_send.html", context, status=200 if "tried" in context else 422)
    return render(request, "campaigns/editor/_test_send.html", context, status=422 if form.errors else 200)


def _send(request: SignedIn, template: Template, form: TrialForm) -> dict[str, object]:
    """What the page says: what was tried, or why nothing was."""
    now = utc_now()
    verdict = rate.count(f"mail-tests:{request.user.pk}", limit=MOST_AN_HOUR, window_s=3600, now=now)
    if not verdict.is_allowed:
        return {"refused": f"That were many tests. Send the next in {verdict.retry_after_s // 60 + 1} minutes."}
    try:
        trial = trial_of(template)
        ways = _ways(trial, form)
    except ContentError as error:
        return {"refused": f"The mail holds a mistake ({error.place}): {error.message}."}
    except NobodyYet as error:
        return {"refused": str(error)}
    to = _addresses(form)
    tried = send_tests(trial, ways, to=to, now=now)
    sent = sum(one.ref is not None for one in tried)
    audit.record(request.user, verb="sent tests of mail", target=template.name, details={"mails": sent}, now=now)
    return {"tried": tried, "sent": sent, "ways": ways}


def trial_of(template: Template) -> Trial:
    campaign = campaign_of(template)
    about = About(
        settings.PUBLIC_URL, deployment_zone(), campaign=campaign.name if campaign else template.name, is_tracked=False
    )
    is_module = template.kind == Template.Kind.MODULE
    press = press_for(template.content, about=about, now=utc_now(), is_module=is_module)
    return Trial(template, campaign, press, channel_of(campaign.account if campaign else None))


def _ways(trial: Trial, form: TrialForm) -> Sequence[Way]:
    now = utc_now()
    audience = audience_of(trial.template, now=now, zone=deployment_zone())
    if form.is_each_branch:
        return covering(trial.press, audience, now=now)
    return [as_person(trial.press, audience, form.chosen, now=now)]


def _addresses(form: TrialForm) -> list[str]:
    if form.is_to_seeds:
        return list(Seed.objects.order_by("address").values_list("address", flat=True))
    found: list[str] = form.cleaned_data["addresses"]
    return found
