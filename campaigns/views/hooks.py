"""Where providers tell what became of messages. They sign in by signatures, not by cookies."""

import logging

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.accounts import hooks
from campaigns.models import Account
from cdp.accounts.access import public
from cdp.common.clock import utc_now
from cdp.common.secrets import SecretLost

log = logging.getLogger(__name__)


@public
@never_cache
@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def hook(request: HttpRequest, token: str) -> HttpResponse:
    """Also of an archived account: what is on its way is still told of."""
    account = Account.objects.filter(hook=token).exclude(hook="").first()
    if account is None:
        raise Http404
    if request.method == "HEAD":  # some look whether there is anybody
        return HttpResponse()
    try:
        hooks.hear(account, request, now=utc_now())
    except hooks.Unproven:
        return HttpResponseForbidden("The signature or the password is missing or wrong.")
    except hooks.Unreadable:
        return HttpResponseBadRequest("This is not what the provider is known to send.")
    except SecretLost:
        log.exception("the secrets of account %s cannot be read", account.pk)
        return HttpResponse("Not now.", status=503)
    return HttpResponse()
