"""How the HTML of a mail is shown: in a frame that runs nothing, sends nothing and reaches nothing of ours."""

from csp.constants import NONE, SELF
from django.conf import settings
from django.http import HttpResponse

SANDBOX = {
    "default-src": [NONE],
    # The pictures of the demo shop are the only ones of ours: they are public, and served without TLS on one machine.
    "img-src": ["https:", "data:", f"{settings.PUBLIC_URL}/demo/items/"],
    "style-src": ["'unsafe-inline'"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}
MAILBOX = {**SANDBOX, "img-src": [*SANDBOX["img-src"], f"{settings.PUBLIC_URL}/campaigns/o/"]}
"""Of the local mailbox, which stands for the person's own: there the pixel of a mail is fetched too."""


def framed(html: str, *, status: int = 200) -> HttpResponse:
    """For a view that is decorated with `@csp(SANDBOX)`."""
    answer = HttpResponse(html, status=status)
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["Cache-Control"] = "private, no-store"
    return answer
