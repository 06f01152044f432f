"""What people reach from their mail, without signing in: its pixel, tracked links and unsubscribing."""

import logging
from base64 import b64decode
from uuid import UUID

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns import links, track
from campaigns.models import Hit
from campaigns.policy import policy
from campaigns.tracking import hits
from campaigns.tracking.asked import seen
from cdp.accounts.access import public
from cdp.common.clock import utc_now

log = logging.getLogger(__name__)
PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@public
@never_cache
@require_http_methods(["GET", "HEAD"])
def open_pixel(request: HttpRequest, token: str) -> HttpResponse:
    try:
        ref = links.read_mail(token)
    except links.BadLink as error:
        raise Http404 from error
    _keep(request, ref, kind=Hit.Kind.OPEN)
    return HttpResponse(PIXEL, content_type="image/gif")


@public
@never_cache
@require_http_methods(["GET", "HEAD"])
def click(request: HttpRequest, token: str) -> HttpResponse:
    """Also the link that nobody sees, which leads nowhere."""
    try:
        found = links.read_click(token)
    except links.BadLink:
        return _trap(request, token)
    _keep(request, found.ref, kind=Hit.Kind.CLICK, target=found.target, block=found.block)
    return HttpResponseRedirect(found.target)


def _trap(request: HttpRequest, token: str) -> HttpResponse:
    try:
        ref = links.read_mail(token)
    except links.BadLink as error:
        raise Http404 from error
    _keep(request, ref, kind=Hit.Kind.TRAP)
    return HttpResponse("This link leads nowhere.", content_type="text/plain; charset=utf-8")


def _keep(request: HttpRequest, ref: UUID, *, kind: Hit.Kind, target: str = "", block: str = "") -> None:
    """Who clicks gets where the link leads, whatever happens to us."""
    try:
        hits.keep(ref, kind=kind, seen=seen(request, now=utc_now()), target=target, block=block)
    except DatabaseError as error:
        log.error("A hit could not be kept: %s", type(error).__name__)


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
