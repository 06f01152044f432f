"""How segments are shown wherever they are named: `{% load segments %}`."""

from math import inf
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cdp.common.clock import utc_now
from segments.freshness import freshness
from segments.models import MembershipChange, Segment

register = template.Library()
CAUSES = {
    "event": ("they did something", "they did something"),
    "trait": ("something known of them changed", "something known of them changed"),
    "time": ("time passed", "time passed"),
    "merge": ("two profiles became one", "two profiles became one"),
    "unmerge": ("a merge was undone", "a merge was undone"),
    "rule": ("the rule was changed", "the rule was changed"),
    "first": ("the segment was new", "the segment was new"),
    "repair": ("a check put it right", "a check put it right"),
}


@register.inclusion_tag("segments/_state.html")
def segment_state(segment: Segment) -> dict[str, Any]:
    """Whether it is right, in a word and a colour."""
    return {"segment": segment, "fresh": freshness(segment, now=utc_now())}


@register.simple_tag
def segment_name(segment: Segment, extra: str = "") -> SafeString:
    """Its name, leading to its page; on hover and focus it says who is in it (static/js/sentences.js)."""
    page, sentence = (reverse(f"segments:{name}", args=[segment.pk]) for name in ("segment", "sentence"))
    link = '<a class="segment-name {}" href="{}" data-sentence="{}">{}</a>'
    archived = mark_safe(' <span class="badge bg-secondary-lt">Archived</span>') if segment.archived_at else ""
    return format_html(link + "{}", extra, page, sentence, segment.name, archived)


@register.filter
def because(change: MembershipChange) -> str:
    """Why somebody entered or left, as the end of a sentence."""
    entered, left = CAUSES[change.cause]
    return entered if change.kind == MembershipChange.Kind.ENTERED else left


@register.filter
def signed(number: float | None) -> str:
    """+1,200, −300 or 0."""
    if number is None:
        return ""
    return f"{number:+,}".replace("-", "\N{MINUS SIGN}") if number else "0"


@register.filter
def percent(part: float) -> str:
    """A share from 0 to 1; what is small is not called nothing."""
    if not part:
        return "0 %"
    if part < 0.001:
        return "under 0.1 %"
    return f"{100 * part:.1f} %" if part < 0.1 else f"{100 * part:.0f} %"


@register.filter
def times(number: float) -> str:
    if number == inf:
        return "only here"
    if number < 0.1:
        return "hardly ever" if number else "never"
    return f"{number:.1f} times" if number < 10 else f"{number:.0f} times"
