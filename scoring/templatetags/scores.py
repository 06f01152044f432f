from django import template

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """0.814 → 81 %"""
    return f"{100 * share:.0f} %"
