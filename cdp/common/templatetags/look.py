"""Template parts every page uses: `{% load look %}`."""

import json
from datetime import UTC, datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cdp.common.models import Job
from cdp.common.navigation import navigation

register = template.Library()
SPRITE = "vendor/tabler-icons-3.51.0/sprite.svg"


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A decorative icon; the text beside it carries the meaning."""
    return format_html(
        '<svg class="icon {}" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><use href="{}#{}"></use></svg>',
        extra,
        static(SPRITE),
        name,
    )


@register.inclusion_tag("_nav.html", takes_context=True)
def main_navigation(context: template.Context) -> dict[str, Any]:
    request = context["request"]
    return {"areas": navigation(request.user, path=request.path)}


@register.inclusion_tag("_progress.html")
def progress(job: Job, *, unit: str, poll_url: str, cancel_url: str = "") -> dict[str, Any]:
    """The progress bar of a job; poll_url answers with this same part, cancel_url stops it by POST."""
    lasted_s = (job.heartbeat_at - job.started_at).total_seconds() if job.heartbeat_at and job.started_at else 0.0
    per_s = job.done / lasted_s if lasted_s > 0 else 0.0
    left_s = (job.total - job.done) / per_s if job.total and per_s else None
    is_open = job.state in (Job.State.WAITING, Job.State.RUNNING)
    return {
        "job": job, "unit": unit, "poll_url": poll_url, "cancel_url": cancel_url,
        "per_s": per_s, "left_s": left_s, "is_open": is_open,
    }  # fmt: skip


@register.filter
def when(moment: datetime | None, style: str = "moment") -> SafeString | str:
    """A time in the viewer's zone, UTC on hover; style: moment, ago, day or clock (static/js/times.js)."""
    if moment is None:
        return "never"
    utc = moment.astimezone(UTC)
    exact = utc.strftime("%Y-%m-%d %H:%M:%S UTC")
    shown = exact[:-7] + " UTC" if style == "moment" else exact[:10] if style == "day" else exact
    return format_html('<time datetime="{}" title="{}" data-style="{}">{}</time>', utc.isoformat(), exact, style, shown)


@register.filter
def share(part: float, whole: float) -> SafeString:
    """A percentage with the two numbers behind it on hover."""
    if not whole:
        return format_html('<span title="none of none">{}</span>', "–")
    return format_html('<span title="{} of {}">{} %</span>', f"{part:,}", f"{whole:,}", f"{100 * part / whole:.1f}")


@register.filter
def duration(seconds: float | None) -> str:
    """4 s, 3 min 20 s, 2 h 5 min: how long something takes or took."""
    if seconds is None:
        return "unknown"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


@register.filter
def plain(value: Any) -> str:
    """A value of JSON as one would write it."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@register.filter
def pretty_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True, default=str)


@register.filter
def said(value: Any) -> str:
    """A trait's value as a person reads it: text as it is, everything else as JSON."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


NAMESPACES = {"email": "E-mail", "phone": "Phone", "user_id": "User id", "anonymous_id": "Browser or device"}


@register.filter
def namespace(name: str) -> str:
    """What people call a kind of identifier."""
    return NAMESPACES.get(name, name.replace("_", " "))


CLASSES = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}


@register.simple_tag
def styled(field: BoundField) -> BoundField:
    """The field, with the class its control needs."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", "text")
    if "class" not in widget.attrs:
        widget.attrs["class"] = CLASSES.get(kind, "form-control")
    if field.errors:
        widget.attrs["class"] += " is-invalid"
    return field


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """The page's query string with some parameters set, or removed where empty."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.simple_tag
def may(user: Any, permission: str) -> bool:
    return bool(user.is_authenticated and user.may(permission))
