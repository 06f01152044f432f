"""What programs ask: does it live, is it ready, how is it doing?"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cdp.accounts.access import public
from cdp.operations import health
from cdp.operations.metrics.access import may_read
from cdp.operations.metrics.expose import CONTENT_TYPE, text

RETRY_AFTER_S = 5


@public
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@public
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    verdicts = health.look()
    is_ready = all(one.is_ok for one in verdicts if one.is_needed)
    status = "ready" if all(one.is_ok for one in verdicts) else "degraded" if is_ready else "not ready"
    checks = {one.name: {"ok": one.is_ok, "needed": one.is_needed, "said": one.said} for one in verdicts}
    answer = JsonResponse({"status": status, "checks": checks}, status=200 if is_ready else 503)
    if not is_ready:
        answer["Retry-After"] = str(RETRY_AFTER_S)
        # Asked every few seconds: the reason is in the answer, and the log need not repeat it.
        answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


@public
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        said = "Metrics are read on this machine, or from elsewhere with METRICS_TOKEN as Bearer token.\n"
        return HttpResponse(said, status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(text(now=timezone.now()), content_type=CONTENT_TYPE)
