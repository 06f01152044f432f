"""How campaigns are shown wherever they stand: `{% load campaigns %}`."""

from django import template

from campaigns import target
from campaigns.models import Campaign
from cdp.rules.fields import RuleError

register = template.Library()


@register.filter
def rule_words(campaign: Campaign) -> str:
    """The rule of its own that narrows its audience, in English; empty without one."""
    try:
        return target.rule_words(campaign)
    except RuleError as error:
        return f"a rule that cannot be read any more: {error.message}"
