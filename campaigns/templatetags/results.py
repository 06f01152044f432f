"""Numbers of results as people read them: each opens the people behind it, each share says how sure it is."""

from decimal import Decimal
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from campaigns.models import Campaign
from campaigns.results.rates import Rate

register = template.Library()


@register.simple_tag
def people_url(campaign: Campaign, outcome: str = "", **filters: Any) -> str:
    """The list of those people."""
    asked = {"outcome": outcome, **filters}
    query = urlencode({name: value for name, value in asked.items() if value not in (None, "")})
    return reverse("campaigns:results_people", args=[campaign.pk]) + (f"?{query}" if query else "")


@register.simple_tag
def mails(campaign: Campaign, n: int, outcome: str = "", **filters: Any) -> SafeString:
    """The number, which opens those people; none is no link."""
    if not n:
        return format_html("{}", 0)
    return format_html('<a href="{}">{}</a>', people_url(campaign, outcome, **filters), intcomma(n))


@register.filter
def rate(found: Rate) -> SafeString:
    """The share with the two numbers behind it on hover, and where the true one lies."""
    if found.share is None or found.interval is None:
        return format_html('<span title="none of none">{}</span>', "–")
    low, high = found.interval
    return format_html(
        '<span class="rate"><span title="{} of {}">{}</span> <span class="spread" title="With 95 % certainty the true'
        ' share lies between {} and {}">{}–{}</span></span>',
        intcomma(found.part),
        intcomma(found.whole),
        _percent(found.share),
        _percent(low),
        _percent(high),
        _percent(low).removesuffix(" %"),
        _percent(high),
    )


@register.filter
def money(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{amount:,.2f}"


@register.filter
def times_cost(roi: Decimal | None) -> str:
    """A return on cost as a percentage."""
    return "–" if roi is None else f"{100 * roi:,.0f} %"


def _percent(share: float) -> str:
    """Small shares are the ones that mailbox providers count in hundredths."""
    return f"{100 * share:.2f} %" if share < 0.01 else f"{100 * share:.1f} %"
