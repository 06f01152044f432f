"""Campaigns → Seed list: who of us gets every branch of a mail."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.models import Seed
from campaigns.seeds import SeedForm
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now


@needs("edit_campaigns")
def seeds(request: SignedIn) -> HttpResponse:
    form, now = SeedForm(request.POST or None), utc_now()
    if request.method == "POST" and form.is_valid():
        seed = form.add(now=now)
        audit.record(request.user, verb="added seed address", target=seed.address, now=now)
        messages.success(request, f"{seed.address} is on the seed list.")
        return redirect("campaigns:seeds")
    shown = {"form": form, "seeds": Seed.objects.order_by("address")}
    return render(request, "campaigns/seeds.html", shown, status=422 if form.errors else 200)


@needs("edit_campaigns")
@require_POST
def remove_seed(request: SignedIn, pk: int) -> HttpResponse:
    seed = get_object_or_404(Seed, pk=pk)
    seed.delete()
    audit.record(request.user, verb="removed seed address", target=seed.address, now=utc_now())
    messages.success(request, f"{seed.address} is no longer on the seed list.")
    return redirect("campaigns:seeds")
