"""A small shop that went through the product itself: the demo's people and all that is made of them. The large one is
multiplied from it, so every row has the shape that the product gives it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

SEGMENTS = 30
LATELY = {"kind": "last", "amount": 30, "unit": "day"}
EVENTS = ("Page Viewed", "Product Added", "Order Completed", "Email Opened", "Cart Viewed", "Products Searched",
          "Checkout Started", "Coupon Applied", "Email Link Clicked", "Unsubscribed")  # fmt: skip
THINNED = (
    # Half of the demo's events are views: so many are left that there are about fifty events a person.
    "delete from events_event where name in ('Product Viewed', 'Page Viewed', 'Product List Viewed')"
    " and abs(hashtext(message_id)) % 100 < 55",
    "truncate events_eventstate",
    "insert into events_eventstate (profile_id, name, n, valued, sum, first_at, last_at) select profile_id, name,"
    " count(*), count(value), coalesce(sum(value), 0), min(occurred_at), max(occurred_at)"
    " from events_event group by 1, 2",
)
TURNS = 200
"""Of a loop that works off what waits."""


def make(*, people: int, say: Callable[[str], None], now: datetime) -> None:
    """Celery's tasks run here, one after the other."""
    from django.core.management import call_command

    from bench.parts.campaigned import campaigns
    from cdp.celery import app
    from cdp.pipeline import drain_inbox
    from segments.tasks import refresh

    app.conf.task_always_eager = True
    call_command("seed", people=people, seed=1, until=now, verbosity=0)
    _run(THINNED)
    say("  the demo's people")
    for name, step in _steps().items():
        step()
        say(f"  {name}")
    _segments(now=now)
    say("  segments")
    campaigns(now=now)
    _until_quiet(drain_inbox, "events_inboxbatch")
    _until_quiet(refresh, "profiles_touched where reader = 'segments'")
    say("  campaigns")


def _run(statements: tuple[str, ...]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _steps() -> dict[str, Callable[[], object]]:
    """What the night does."""
    from cdp.analytics import tasks as traits
    from cdp.events import tasks as events
    from identity import tasks as identity
    from scoring import tasks as scores
    from scoring.cluster import tasks as clusters
    from scoring.recommend import tasks as items

    return {
        "shapes of events": events.fold_shapes,
        "likely duplicates": lambda: _until_quiet(identity.match_waiting, "identity_waiting"),
        "decisions of stewards": _decide,
        "computed traits": traits.refresh_stale,
        "recommendations": items.make_due_recommendations,
        "clusters": clusters.run_due,
        "predictors": scores.work_due,
        "best hours": scores.find_send_hours_nightly,
    }


def _until_quiet(task: Callable[[], object], table: str) -> None:
    from django.db import connection

    for _ in range(TURNS):
        task()
        with connection.cursor() as cursor:
            cursor.execute(f"select exists (select from {table})")
            if not cursor.fetchone()[0]:
                return


def _decide() -> None:
    from cdp.common.clock import utc_now
    from identity import review
    from identity.models import Candidate, Decision

    some = Candidate.objects.filter(state=Candidate.State.OPEN).order_by("-probability", "-id")[:30]
    for number, candidate in enumerate(some):
        verdict = (Decision.Verdict.SAME, Decision.Verdict.DIFFERENT, Decision.Verdict.LATER)[number % 3]
        try:
            review.decide(candidate.pk, verdict, by="system", now=utc_now())
        except review.AlreadyDecided:  # with an earlier one
            continue


def _segments(*, now: datetime) -> None:
    """The gallery's, by scores, clusters and traits: the first thirty that can be had."""
    from cdp.rules.fields import RuleError
    from segments import save, tasks
    from segments.models import Segment
    from segments.schedule import LIVE

    for name, rule in _rules():
        if Segment.objects.count() >= SEGMENTS:
            break
        try:
            save.create(name, rule=rule, by=None, now=now, schedule=LIVE)
        except (RuleError, save.NameTaken):  # the data has no such thing, or the demo brought it
            continue
    tasks.refresh_stale()
    tasks.check_all()


def _rules() -> Iterator[tuple[str, dict[str, Any]]]:
    from django.db import connection

    from scoring.as_rule import in_bands
    from scoring.models import Cluster, Predictor
    from segments.gallery import gallery, names

    yield "Everybody who looked", _rule({"kind": "event", "name": "Product Viewed", "op": "at_least", "value": 1})
    with connection.cursor() as cursor:
        cursor.execute("select distinct name from events_eventstate")
        called = names([name for (name,) in cursor.fetchall()], ["birthday"])
    for ready in gallery(called):
        yield ready.title, ready.rule
    for one in Predictor.objects.all():
        yield f"Likely: {one}", in_bands((one.pk, ["high"]))
    for cluster in Cluster.objects.filter(is_gone=False):
        yield f"Group: {cluster}", _rule({"kind": "cluster", "id": cluster.clustering_id, "in": [cluster.pk]})
    for name in EVENTS:
        yield f"Lately: {name}", _rule({"kind": "event", "name": name, "op": "at_least", "value": 1, "window": LATELY})


def _rule(leaf: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "root": {"kind": "all", "of": [leaf]}}
