"""The released server SDKs, unmodified: their events stand in one profile, once, also when answers get lost."""

from collections.abc import Callable

import pytest
import rudderstack.analytics
import segment.analytics

from cdp.profiles.models import Identifier
from tests.sdks import node
from tests.sdks.conftest import Endpoint, the_only_profile
from tests.sdks.flaky import Lost

TRAITS = {"email": "ada@example.com", "plan": "pro"}
ORDER = {"order_id": "o1", "total": 12.5}
LOSSES = {
    "": [],
    "500": [Lost(500)],
    "429": [Lost(429, ((b"retry-after", b"1"),))],
    "503 twice": [Lost(503, ((b"retry-after", b"1"),)), Lost(503)],
}


def segment_python(endpoint: Endpoint, *, gzip: bool = False) -> None:
    client = segment.analytics.Client(endpoint.key, host=endpoint.url, gzip=gzip, max_retries=5)
    client.identify("ada", TRAITS)
    client.track("ada", "Order Completed", ORDER)
    client.page("ada", name="Home")
    client.shutdown()


def segment_python_gzip(endpoint: Endpoint) -> None:
    segment_python(endpoint, gzip=True)


def rudder_python(endpoint: Endpoint) -> None:
    client = rudderstack.analytics.Client(endpoint.key, host=endpoint.url, max_retries=5)
    client.identify("ada", TRAITS)
    client.track("ada", "Order Completed", ORDER)
    client.page("ada", name="Home")
    client.shutdown()


def segment_node(endpoint: Endpoint) -> None:
    node.run("segment_node.cjs", WRITE_KEY=endpoint.key, HOST=endpoint.url)


def rudder_node(endpoint: Endpoint) -> None:
    node.run("rudder_node.cjs", WRITE_KEY=endpoint.key, HOST=endpoint.url, STAY_MS="6000")


CLIENTS = [segment_python, segment_python_gzip, rudder_python, segment_node, rudder_node]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: str(client.__name__))
@pytest.mark.parametrize("losses", LOSSES.values(), ids=LOSSES.keys())
def test_events_of_a_server_sdk(endpoint: Endpoint, client: Callable[[Endpoint], None], losses: list[Lost]) -> None:
    endpoint.flaky.losing[:] = losses
    client(endpoint)
    assert {status for _, status in endpoint.flaky.posts} == {200}
    assert {path for path, _ in endpoint.flaky.posts} == {"/v1/batch"}
    assert len(endpoint.flaky.posts) > len(losses)
    events = endpoint.drained()
    assert [(event.name, event.value and float(event.value)) for event in events] == [
        ("Order Completed", 12.5),
        ("Page Viewed", None),
    ]
    profile = the_only_profile()
    assert {event.profile_id for event in events} == {profile.pk}
    assert profile.traits == TRAITS
    named = set(Identifier.objects.values_list("namespace", "value"))
    assert {("user_id", "ada"), ("email", "ada@example.com")} <= named
