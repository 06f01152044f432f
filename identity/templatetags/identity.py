"""`{% load identity %}`: numbers of matching as people read them."""

from django import template

from identity import evidence

register = template.Library()


@register.filter
def percent(probability: float) -> str:
    return evidence.percent(probability)
