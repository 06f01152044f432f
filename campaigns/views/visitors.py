"""What people reach from their mail, without signing in: tracked links and unsubscribing."""

from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns import links, track
from campaigns.policy import policy
from cdp.accounts.access import public
from cdp.common.clock import utc_now


@public
@never_cache
@require_http_methods(["GET", "HEAD"])
def click(request: HttpRequest, token: str) -> HttpResponse:
    try:
        ref, target = links.read_click(token)
    except links.BadLink as error:
        raise Http404 from error
    if request.method == "GET":
        track.clicked(ref, target=target, click_id=uuid4().hex, now=utc_now())
    return HttpResponseRedirect(target)


@public
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: mail programs POST without cookies; scanners GET, and that changes nothing."""
    try:
        ref = links.read_unsubscribe(token)
    except links.BadLink as error:
        raise Http404 from error
    is_asked = request.method != "POST"
    is_done = not is_asked and track.unsubscribed(ref, now=utc_now())
    page = {
        "is_asked": is_asked,
        "is_done": is_done,
        "choices_url": links.Addresses("").preferences(ref),
        "company": policy().company,
    }
    return render(request, "campaigns/unsubscribe.html", page)
