"""What programs ask the product about itself."""

import re
import time
from datetime import UTC, datetime

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from cdp.common import tally
from cdp.operations import health
from cdp.operations.health import Check, NotReady
from cdp.operations.metrics import METRICS, NAMES, expose
from cdp.operations.metrics.observed import http_answered
from cdp.operations.metrics.read import read
from tests.cdp.operations.kept import written

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def test_liveness_asks_no_database() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_says_each_check() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "ready"
    assert set(answer.json()["checks"]) == {"database", "inbox", "disk", "broker", "cache"}


@pytest.mark.django_db
def test_a_full_inbox_is_not_ready_and_says_when_to_ask_again(settings: Settings) -> None:
    settings.INBOX_LIMIT_MB = -1
    answer = Client().get("/readyz")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["checks"]["inbox"] == {"ok": False, "needed": True, "said": "the inbox is full"}


@pytest.mark.django_db
def test_without_the_broker_it_goes_on_and_says_so(settings: Settings) -> None:
    settings.BROKER_URL = "redis://:secret-word@127.0.0.1:9/0"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["broker"] == {"ok": False, "needed": False, "said": "not reachable"}
    assert b"secret-word" not in answer.content


def test_what_hangs_is_not_waited_for() -> None:
    started = time.monotonic()
    said = health.look([Check("slow", lambda: time.sleep(1)), Check("fine", lambda: None)], within_s=0.05)
    assert time.monotonic() - started < 0.8
    assert [(one.name, one.is_ok, one.said) for one in said] == [
        ("slow", False, "no answer in time"),
        ("fine", True, "ok"),
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotReady("3 migrations are not applied"), "3 migrations are not applied"),
        (OSError("host db.internal"), "not reachable"),
    ],
)
def test_a_check_says_nothing_of_where(error: Exception, said: str) -> None:
    def fail() -> None:
        raise error

    assert [one.said for one in health.look([Check("it", fail)])] == [said]


@pytest.mark.django_db
def test_metrics_are_prometheus_text_with_nothing_undeclared() -> None:
    tally.take()
    http_answered("segments", 200, 0.03)
    http_answered("segments", 200, 30.0)
    written(now=NOW)
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    families = {family.name: family for family in text_string_to_metric_families(answer.content.decode())}
    known = {name.removesuffix("_total") for name in NAMES}
    assert {"tributary_up", "tributary_inbox_requests", "tributary_database_bytes"} <= set(families) <= known
    assert families["tributary_up"].samples[0].value == 1
    buckets = {
        sample.labels["le"]: sample.value
        for sample in families["tributary_http_seconds"].samples
        if sample.name.endswith("_bucket") and sample.labels["family"] == "segments"
    }
    assert (buckets["0.025"], buckets["0.05"], buckets["10"], buckets["+Inf"]) == (0, 1, 1, 2)


def test_what_is_not_in_the_list_cannot_be_exposed() -> None:
    with pytest.raises(expose.Undeclared):
        expose.families([("made_up", (), 1.0)])


def test_the_list_is_in_prometheus_words() -> None:
    assert len(set(NAMES)) == len(NAMES)
    for metric in METRICS:
        assert re.fullmatch(r"tributary_[a-z_]+", metric.name)
        assert metric.help.endswith(".")
        assert metric.name.endswith("_total") == (metric.kind == "counter")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "address", "headers", "status"),
    [
        ("", "127.0.0.1", {}, 200),
        ("", "::1", {}, 200),
        ("", "192.0.2.7", {}, 403),
        ("", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("", "127.0.0.1", {"X-Real-IP": "192.0.2.7"}, 403),
        ("sesame", "127.0.0.1", {}, 403),
        ("sesame", "192.0.2.7", {"Authorization": "Bearer sesame"}, 200),
        ("sesame", "192.0.2.7", {"Authorization": "Bearer sesam"}, 403),
        ("sesame", "192.0.2.7", {"Authorization": "Bearer sésame"}, 403),
    ],
)
def test_metrics_are_for_this_machine_or_the_token(
    settings: Settings, token: str, address: str, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = token
    assert Client(REMOTE_ADDR=address).get("/metrics", headers=headers).status_code == status


@pytest.mark.django_db
def test_a_scrape_asks_a_fixed_number_of_questions(django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        assert ("up", (), 1.0) in read(now=NOW)
