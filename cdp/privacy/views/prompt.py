"""Settings → Consent prompt: how visitors are asked; and the script that the shop's pages load."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs, public
from cdp.common.clock import utc_now
from cdp.privacy.forms import PromptForm
from cdp.privacy.prompt import asked_of, keep, prompt
from cdp.privacy.prompt import script as text_of


@needs("edit_consent")
def edit(request: SignedIn) -> HttpResponse:
    one = prompt()
    asked = asked_of(one)
    form = PromptForm(request.POST or None, instance=one, initial={"purposes": [purpose.pk for purpose in asked]})
    if request.method == "POST" and form.is_valid():
        keep(form.save(commit=False), list(form.cleaned_data["purposes"]))
        details = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        audit.record(request.user, verb="changed consent prompt", target=one.title, details=details, now=utc_now())
        messages.success(request, "Saved. Visitors see it within five minutes.")
        return redirect("privacy:prompt")
    page = {"form": form, "asked": asked, "public_url": settings.PUBLIC_URL}
    return render(request, "privacy/prompt.html", page, status=422 if form.errors else 200)


@public
@require_safe
@cache_control(public=True, max_age=300)
def script(request: HttpRequest) -> HttpResponse:
    """Loaded by pages of other sites."""
    answer = HttpResponse(text_of(prompt()), content_type="text/javascript; charset=utf-8")
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
