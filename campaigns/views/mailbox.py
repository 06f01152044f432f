"""The local mailbox: what was sent, as the person would get it."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

from csp.decorators import csp
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.mailbox_filter import MailboxFilter
from campaigns.models import Campaign, MailboxMessage
from campaigns.views.sandbox import MAILBOX
from cdp.accounts.access import SignedIn, needs
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.naming import people


@needs("view_campaigns")
def mailbox(request: SignedIn) -> HttpResponse:
    form = MailboxFilter(request.GET)
    try:
        page = page_of(form.found().defer("source"), order=("-at", "-ref"), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    known = people(row.profile_id for row in page.rows)
    campaigns = Campaign.objects.in_bulk({row.campaign_id for row in page.rows if row.campaign_id})
    mails = [(row, known.get(row.profile_id), campaigns.get(row.campaign_id or 0)) for row in page.rows]
    has_any = bool(page.rows) or MailboxMessage.objects.exists()
    return render(request, "campaigns/mailbox.html", {"form": form, "page": page, "mails": mails, "has_any": has_any})


@needs("view_campaigns")
def mail(request: SignedIn, ref: UUID) -> HttpResponse:
    row = get_object_or_404(MailboxMessage, ref=ref)
    parsed = _parse(row)
    text = parsed.get_body(preferencelist=("plain",))
    context = {
        "mail": row,
        "campaign": Campaign.objects.filter(pk=row.campaign_id or 0).first(),
        "is_phone": request.GET.get("width") == "phone",
        "person": people([row.profile_id]).get(row.profile_id),
        "headers": parsed.items(),
        "text": text.get_content() if text else "",
        "source": bytes(row.source).decode("utf-8", "replace"),
    }
    return render(request, "campaigns/mail.html", context)


@needs("view_campaigns")
@csp(MAILBOX)  # type: ignore[arg-type]  # typed for views without arguments
def mail_html(request: SignedIn, ref: UUID) -> HttpResponse:
    """The mail's own HTML, for the frame: it runs nothing, sends nothing, and of ours reaches its own pixel alone."""
    html = _parse(get_object_or_404(MailboxMessage, ref=ref)).get_body(preferencelist=("html",))
    answer = HttpResponse(html.get_content() if html else "")
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@needs("view_campaigns")
def mail_file(request: SignedIn, ref: UUID) -> HttpResponse:
    """The message byte for byte, for a mail program to open."""
    row = get_object_or_404(MailboxMessage, ref=ref)
    name = {"Content-Disposition": f'attachment; filename="{row.ref}.eml"'}
    return HttpResponse(bytes(row.source), content_type="message/rfc822", headers=name)


def _parse(row: MailboxMessage) -> EmailMessage:
    return message_from_bytes(bytes(row.source), policy=policy.default)
