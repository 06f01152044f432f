"""How we send: what holds for all campaigns."""

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.models import ControlDraw, FrequencyCap, SendingPolicy
from campaigns.policy import THE_ONE, policy
from campaigns.policy_form import CapForm, PolicyForm, in_words
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now


@needs("manage_sending")
def policy_page(request: SignedIn) -> HttpResponse:
    held = policy()
    form = PolicyForm(request.POST or None, initial=model_to_dict(held))
    if request.method == "POST" and form.is_valid():
        now = utc_now()
        SendingPolicy.objects.update_or_create(pk=THE_ONE, defaults={**form.cleaned_data, "changed_at": now})
        details = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        audit.record(request.user, verb="changed sending policy", target="How we send", details=details, now=now)
        messages.success(request, "Saved. It holds from the next message on.")
        return redirect("campaigns:policy")
    return _page(request, form, CapForm())


@needs("manage_sending")
@require_POST
def add_cap(request: SignedIn) -> HttpResponse:
    form = CapForm(request.POST)
    if not form.is_valid():
        return _page(request, PolicyForm(initial=model_to_dict(policy())), form)
    given = form.cleaned_data
    cap = FrequencyCap.objects.create(most=given["most"], hours=given["n"] * given["period"], topic=given["topic"])
    audit.record(request.user, verb="added frequency cap", target=in_words(cap), now=utc_now())
    messages.success(request, f"Nobody gets more than {in_words(cap)}.")
    return redirect("campaigns:policy")


@needs("manage_sending")
@require_POST
def remove_cap(request: SignedIn, pk: int) -> HttpResponse:
    cap = get_object_or_404(FrequencyCap.objects.select_related("topic"), pk=pk)
    said = in_words(cap)
    cap.delete()
    audit.record(request.user, verb="removed frequency cap", target=said, now=utc_now())
    messages.success(request, f"The cap of {said} no longer holds.")
    return redirect("campaigns:policy")


def _page(request: SignedIn, form: PolicyForm, cap_form: CapForm) -> HttpResponse:
    share = policy().control_percent
    context = {
        "form": form,
        "cap_form": cap_form,
        "caps": [(cap, in_words(cap)) for cap in FrequencyCap.objects.select_related("topic").order_by("hours", "pk")],
        "zone": deployment_zone().key,
        "drawn": ControlDraw.objects.count() if share else 0,
        "in_control": ControlDraw.objects.filter(draw__lt=share).count() if share else 0,
    }
    return render(request, "campaigns/policy.html", context, status=422 if form.errors or cap_form.errors else 200)
