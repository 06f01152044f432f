from django import template

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """0.814 → 81 %"""
    return f"{100 * share:.0f} %"


@register.filter
def small_percent(share: float) -> str:
    """0.0814 → 8.1 %; 0.0003 → under 0.1 %"""
    if 0 < share < 0.001:
        return "under 0.1\N{NO-BREAK SPACE}%"
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"
