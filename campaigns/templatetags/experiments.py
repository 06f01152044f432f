"""Numbers of tests: `{% load experiments %}`."""

from django import template

from campaigns.experiments import readout

register = template.Library()


@register.filter
def percent(share: float) -> str:
    return readout.percent(share)


@register.filter
def percent_whole(share: float) -> str:
    """A probability: never quite sure."""
    return "less than 1 %" if share < 0.01 else "more than 99 %" if share > 0.99 else f"{100 * share:.0f} %"


@register.filter
def lift(value: float) -> str:
    return f"{100 * value:,.0f} %"


@register.filter
def signed(lift: float) -> str:
    """A lift, with its sign."""
    return f"{100 * lift:+.0f} %".replace("-", "\N{MINUS SIGN}")


@register.filter
def gain(value: float) -> str:
    """A difference of money, with its sign."""
    return f"{value:+,.2f}".replace("-", "\N{MINUS SIGN}")
