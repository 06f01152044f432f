"""How scores and quality are written: `{% load scores %}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cdp.common.models import Job
from cdp.common.templatetags.look import when
from scoring.jobs import OPEN
from scoring.models import Predictor, TrainedModel
from scoring.words import candidate_words, money

register = template.Library()
FEW = 0.1


@register.filter
def percent(share: float | None) -> str:
    """0.814 → 81 %"""
    return "–" if share is None else f"{100 * share:.0f} %"


@register.filter
def small_percent(share: float) -> str:
    """0.0814 → 8.1 %; 0.0003 → under 0.1 %"""
    if 0 < share < 0.001:
        return "under 0.1\N{NO-BREAK SPACE}%"
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


@register.filter
def said_of(value: float | None, predictor: Predictor) -> str:
    """A score in the unit of its predictor: 0.82, 1,204 EUR, 12 days; what a template does not find is none."""
    if not isinstance(value, int | float):
        return "–"
    if predictor.kind == Predictor.Kind.VALUE:
        return money(value, settings.REPORTING_CURRENCY)
    if predictor.kind == Predictor.Kind.NEXT_ORDER:
        return f"{value:,.0f} days"
    return f"{value:.2f}" if value >= FEW or not value else f"{value:.3g}"


@register.filter
def plain_number(value: float) -> str:
    """As programs read it, wherever one is."""
    return repr(float(value))


@register.simple_tag
def predictor_name(predictor: Predictor) -> SafeString:
    """Its name, leading to its page; on hover and focus it says what it answers (static/js/sentences.js)."""
    page, said = (reverse(f"scoring:{name}", args=[predictor.pk]) for name in ("predictor", "sentence"))
    return format_html('<a href="{}" data-sentence="{}">{}</a>', page, said, predictor.name)


@register.filter
def candidate(name: str) -> str:
    return candidate_words(name)


@register.filter
def estimator_words(version: TrainedModel) -> str:
    return candidate_words(version.estimator) if version.estimator else "a simple model"


@register.filter
def parameters(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in found.items())


@register.filter
def took(milliseconds: int) -> str:
    return f"{milliseconds:,} ms" if milliseconds < 1000 else f"{milliseconds / 1000:,.1f} s"


@register.filter
def window_words(window: tuple[str, str]) -> SafeString:
    """The untouched window, in days of the viewer's zone."""
    since, until = (when(datetime.fromisoformat(one), "day") for one in window)
    return mark_safe(f"{since} to {until}")  # noqa: S308 (both were made safe)


@dataclass(frozen=True)
class Work:
    """How far a training is."""

    step: str
    percent: int
    left_s: float | None
    is_open: bool


@register.simple_tag
def training(job: Job) -> Work:
    total = job.total or 0
    lasted_s = (job.heartbeat_at - job.started_at).total_seconds() if job.heartbeat_at and job.started_at else 0.0
    is_told = job.state == Job.State.RUNNING and 0 < job.done < total - 1  # the last step may be any number of steps
    left_s = lasted_s * (total - job.done) / job.done if is_told else None
    step = str(job.checkpoint.get("step", "")) if job.state in OPEN else ""
    return Work(step or job.title, round(100 * job.done / total) if total else 0, left_s, job.state in OPEN)
