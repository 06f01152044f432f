"""Triggered campaigns on pages about campaigns."""

from typing import Any

from django import template

from campaigns.models import Campaign
from campaigns.triggers.page import section
from campaigns.triggers.ready_made import READY
from cdp.common.clock import deployment_zone, utc_now

register = template.Library()


@register.inclusion_tag("campaigns/triggers/_section.html")
def trigger_section(campaign: Campaign) -> dict[str, Any]:
    return section(campaign, now=utc_now(), zone=deployment_zone())


@register.inclusion_tag("campaigns/triggers/_ready_made.html", takes_context=True)
def ready_made(context: template.Context) -> dict[str, Any]:
    return {"ready": READY.items(), "csrf_token": context.get("csrf_token")}
