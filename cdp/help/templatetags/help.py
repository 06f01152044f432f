"""The link to the page of the documentation that explains the page one is on."""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from cdp.help.about import about

register = template.Library()


@register.inclusion_tag("help/_link.html", takes_context=True)
def help_link(context: template.Context) -> dict[str, Any]:
    request: Any = context.get("request")
    match = getattr(request, "resolver_match", None)
    if match is None or not request.user.is_authenticated:
        return {"url": ""}
    return {"url": address_of(about(match.view_name))}


def address_of(target: str) -> str:
    name, _, anchor = target.partition("#")
    try:
        return f"{reverse('help:page', args=[name])}{'#' * bool(anchor)}{anchor}" if name else ""
    except NoReverseMatch:
        return ""
