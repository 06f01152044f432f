"""The charts of the home page, as static/js/chart.js draws them; None where there is nothing to draw."""

from collections.abc import Sequence
from typing import Any

from cdp.home.span import Span

Chart = dict[str, Any]


def people_chart(found: dict[str, Any], span: Span) -> Chart | None:
    series = [{"name": "New", "data": found["new"]}, {"name": "Merged", "data": found["merged"]}]
    return _bars("People new and merged, per day", "People", series, span)


def events_chart(found: Sequence[dict[str, Any]], span: Span) -> Chart | None:
    chart = _bars("The most frequent events, per day they happened", "Events", found, span)
    return chart and chart | {"stacked": True}


def revenue_chart(found: dict[str, Any], span: Span, *, currency: str) -> Chart | None:
    series = [{"name": "Revenue", "data": [round(one, 2) for one in found["revenue"]]}]
    return _bars("Revenue of orders, per day, less what was given back", currency, series, span)


def _bars(title: str, unit: str, series: Sequence[dict[str, Any]], span: Span) -> Chart | None:
    if not any(any(one["data"]) for one in series):
        return None
    return {
        "type": "bar",
        "title": title,
        "series": list(series),
        "x": [f"{day:%-d %b}" if len(span.all) < 365 else f"{day:%-d %b %y}" for day in span.all],
        "xLabel": f"Day ({span.zone.key})",
        "yLabel": unit,
    }
