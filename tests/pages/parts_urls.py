"""A page with each reusable part once, beside the product's own addresses."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import Context, RequestContext, Template
from django.urls import path

from cdp.common.models import Job
from cdp.urls import urlpatterns as of_the_product
from tests.factories import NOW

PAGE = """{% extends "base.html" %}{% load look %}
{% block title %}Parts{% endblock %}{% block heading %}Parts{% endblock %}
{% block content %}
  {% include "_chart.html" with id="orders" chart=chart %}
  {% include "_chart.html" with id="kinds" chart=bars %}
  {% progress job unit="lines" poll_url="/parts/work/" cancel_url="/parts/fail/" %}
  <p id="time">{{ now|when }}</p>
  <button type="button" id="late" hx-get="/parts/late/" hx-target="#place">More</button><div id="place"></div>
{% endblock %}
{% block scripts %}{% include "_chart_scripts.html" %}{% endblock %}"""
LINES = {
    "title": "Orders per day", "type": "line", "x": ["Mon", "Tue", "Wed"], "xLabel": "Day", "yLabel": "Orders",
    "unit": "orders",
    "series": [{"name": "Web", "data": [1200, 1500, 900]}, {"name": "App", "data": [300, None, 500]}],
}  # fmt: skip
BARS = {
    "title": "Orders </script><script>alert(1)</script>", "type": "bar", "horizontal": True, "x": ["Shoes", "Hats"],
    "xLabel": "Category", "yLabel": "Orders", "series": [{"name": "Orders", "data": [7, 3]}],
}  # fmt: skip
LATE = '{% include "_chart.html" with id="late" chart=chart %}'
polled: list[int] = []


def parts(request: HttpRequest) -> HttpResponse:
    polled.clear()
    context = {"chart": LINES, "bars": BARS, "job": _job("running", 10), "now": NOW}
    return HttpResponse(Template(PAGE).render(RequestContext(request, context)))


def work(request: HttpRequest) -> HttpResponse:
    polled.append(1)
    job = _job("running", 40) if len(polled) == 1 else _job("done", 100)
    text = '{% load look %}{% progress job unit="lines" poll_url="/parts/work/" cancel_url="/parts/fail/" %}'
    return HttpResponse(Template(text).render(Context({"job": job})))


def late(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template(LATE).render(Context({"chart": LINES})))


def fail(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=503)


def _job(state: str, done: int) -> Job:
    return Job(title="Import", state=state, done=done, total=100)


urlpatterns: list[Any] = [
    *of_the_product,
    path("parts/", parts),
    path("parts/work/", work),
    path("parts/late/", late),
    path("parts/fail/", fail),
]
