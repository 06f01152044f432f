"""Setting predictors up and changing them: what is refused where, what a change needs, what is said beforehand."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cdp.accounts.models import AuditEntry
from cdp.common.clock import utc_now
from cdp.common.models import Job
from scoring.models import Predictor
from scoring.times import Pace, Times, times_of
from tests.cast import Cast
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, rule
from tests.scoring.pages.laid import a_predictor, a_version
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db
NEW = "/predictions/new/"
FIELDS = {
    "name": "Buys soon", "kind": "purchase", "days": "30", "audience": "usual", "low_below": "50", "high_from": "80",
    "pace": "day", "hour": "3", "weekday": "1", "trains_every_days": "7", "is_automatic": "on",
}  # fmt: skip


def refused(client: Client, **fields: Any) -> dict[str, list[str]]:
    answer = client.post(NEW, FIELDS | fields)
    assert answer.status_code == 422
    assert "Not saved yet" in answer.content.decode()
    assert not Predictor.objects.exists()
    return {name: list(errors) for name, errors in answer.context["form"].errors.items()}


def test_it_is_saved_and_learns(cast: Cast) -> None:
    viewers = rule(event(VIEW, window=last(7)))
    answer = cast.client("mara").post(NEW, FIELDS | {"audience": "rule", "population": json.dumps(viewers)})
    predictor = Predictor.objects.get()
    assert answer["Location"] == f"/predictions/{predictor.pk}/"
    assert (predictor.population, predictor.schedule, predictor.due_at is not None) == (viewers, "10 3 * * *", True)
    assert predictor.last_job == Job.objects.get()
    assert AuditEntry.objects.get(verb="created predictor").target == "Buys soon"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"name": ""}, "name", "required"),
        ({"days": "0"}, "days", "greater than or equal to 1"),
        ({"kind": "event"}, "event_name", "Choose the event"),
        ({"kind": "rule"}, "target", "Say what comes to hold"),
        ({"audience": "rule"}, "population", "Say which people"),
        ({"audience": "rule", "population": "{nonsense"}, "population", "is no JSON"),
        ({"low_below": "90"}, "high_from", "must begin above"),
        ({"pace": "own", "cron": "1 2 3"}, "cron", "five fields"),
        ({"traits": "nothing"}, "traits", "not one of the available"),
        ({"kind": "magic"}, "kind", "not one of the available"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(cast: Cast, fields: dict[str, str], field: str, words: str) -> None:
    assert words in refused(cast.client("mara"), **fields)[field][0]


def test_rules_that_the_past_does_not_know_are_refused(cast: Cast) -> None:
    other = a_predictor("Other")
    scores = rule({"kind": "score", "id": other.pk, "op": "at_least", "value": 0.5})
    answer = cast.client("mara").post(NEW, FIELDS | {"audience": "rule", "population": json.dumps(scores)})
    assert answer.status_code == 422
    assert "of the past it is not known" in answer.context["form"].errors["population"][0]


def test_two_cannot_have_one_name(cast: Cast) -> None:
    a_predictor("Buys soon")
    answer = cast.client("mara").post(NEW, FIELDS)
    assert "Another predictor has this name" in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "does", "learns"),
    [
        ({"days": "60"}, "learns anew", True),
        ({"high_from": "90"}, "new bands", False),
        ({"name": "Buys very soon"}, "Saved.", False),
        ({}, "Nothing was changed.", False),
    ],
)
def test_a_change_says_what_it_does_and_does_it(cast: Cast, fields: dict[str, str], does: str, learns: bool) -> None:
    predictor = a_predictor("Buys soon")
    a_version(predictor)
    client = cast.client("mara")
    answer = client.post(f"/predictions/{predictor.pk}/edit/", FIELDS | fields, follow=True)
    assert does in answer.content.decode()
    assert Job.objects.exists() is learns
    assert AuditEntry.objects.filter(verb="changed predictor").exists() is bool(fields)


def test_its_kind_stays(cast: Cast) -> None:
    predictor = a_predictor("Buys soon")
    cast.client("mara").post(f"/predictions/{predictor.pk}/edit/", FIELDS | {"kind": "value"})
    predictor.refresh_from_db()
    assert predictor.kind == "purchase"


def said(client: Client, **fields: Any) -> str:
    answer = client.post("/predictions/new/preview/", FIELDS | fields)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_it_is_saved_it_says_how_many_did_it_lately(cast: Cast) -> None:
    now = utc_now()
    take_in([track(f"u{n}", VIEW, at=now - timedelta(days=100 - n % 5)) for n in range(80)], now=now)
    ordered = [{"order_id": f"o{n}", "total": 10} for n in range(40)]
    take_in([track(f"u{n}", BUY, at=now - timedelta(days=3), properties=ordered[n]) for n in range(40)], now=now)
    client = cast.client("mara")
    text = said(client, name="")
    assert "How likely they are to buy within 30 days, for everybody who did something." in text
    assert "<strong>40 of 80</strong> people bought" in text
    assert "Enough to learn from" in text
    assert "102" in said(client, days="34")
    short = said(client, days="60")
    assert "Too little for a full model" in short
    assert "takes 3 windows of 60 days: 180" in short
    assert "Only 0 people" in said(client, kind="event", event_name="Never Done")
    assert "Choose the event that is predicted" in said(client, kind="event")


def test_before_a_change_it_says_what_it_will_do(cast: Cast) -> None:
    predictor = a_predictor("Buys soon")
    client = cast.client("mara")
    preview = f"/predictions/{predictor.pk}/edit/preview/"
    assert "it learns anew" in client.post(preview, FIELDS | {"days": "60"}).content.decode()
    assert "new bands" in client.post(preview, FIELDS | {"low_below": "40"}).content.decode()
    assert "Saved like this" not in client.post(preview, FIELDS).content.decode()


def test_traits_are_offered_with_how_many_have_them(cast: Cast) -> None:
    now = utc_now()
    take_in([identify(f"u{n}", at=now, traits={"city": "Rome", "email": f"{n}@x.org"}) for n in range(3)], now=now)
    offered = dict(cast.client("mara").get(NEW).context["form"].fields["traits"].choices)
    assert offered == {"city": "city (text, 3 of the people seen lately)"}


@pytest.mark.parametrize(
    ("times", "cron", "words"),
    [
        (Times(Pace.DAY, 4), "10 4 * * *", "every day at 4:10"),
        (Times(Pace.HOUR), "10 * * * *", "every hour, 10 minutes past"),
        (Times(Pace.WEEK, 5, 0), "10 5 * * 0", "every Sunday at 5:10"),
        (Times(Pace.OWN, cron="*/5 1 * * *"), "*/5 1 * * *", "at the times “*/5 1 * * *”"),
    ],
)
def test_schedules_are_words_over_cron(times: Times, cron: str, words: str) -> None:
    assert (times.schedule(), times.english()) == (cron, words)
    assert times_of(cron).english() == words
