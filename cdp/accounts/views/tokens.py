"""API tokens."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.forms import NewToken
from cdp.accounts.models import ApiToken
from cdp.accounts.tokens import create_token, revoke_token


@needs("manage_tokens")
def tokens(request: SignedIn) -> HttpResponse:
    rows = ApiToken.objects.select_related("created_by").order_by("-revoked_at", "-created_at")
    page = {"rows": rows, "now": timezone.now()}
    return render(request, "accounts/tokens.html", page)


@needs("manage_tokens")
@never_cache
def new_token(request: SignedIn) -> HttpResponse:
    form = NewToken(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        days = form.cleaned_data["lifetime"]
        token, text = create_token(
            request.user,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=now + timedelta(days=int(days)) if days else None,
            now=now,
        )
        return render(request, "accounts/token_made.html", {"token": token, "text": text})
    return render(request, "accounts/token_new.html", {"form": form}, status=422 if form.errors else 200)


@needs("manage_tokens")
@require_POST
def revoke(request: SignedIn, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk)
    revoke_token(request.user, token=token, now=timezone.now())
    messages.success(request, f"The token “{token.name}” is revoked.")
    return redirect("accounts:tokens")
