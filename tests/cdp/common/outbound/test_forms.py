"""Proof S3: no way of writing an address leads to this machine or its network."""

import contextlib
import socket
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from cdp.common.outbound import Client, OutboundFailed, OutboundRefused, Policy, open_client
from cdp.common.outbound_network import dial, look_up
from tests.cdp.common.outbound.answering import Canary, Names, Roads, answer, world
from tests.cdp.common.outbound.forms import HOSTS, LEADS_INSIDE, URLS

SPELLED = [f"{scheme}://{host}:PORT/" for host in HOSTS for scheme in ("http", "https")]


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with Canary() as listening:
        yield listening


class Written:
    """The real way out, so that what slips through arrives; each dial is written down."""

    def __init__(self) -> None:
        self.dialled: list[str] = []

    def __call__(self, address: str, port: int, timeout_s: float) -> socket.socket:
        self.dialled.append(address)
        return dial(address, port, timeout_s)


def test_there_are_enough_forms() -> None:
    assert len(HOSTS) + len(URLS) + len(LEADS_INSIDE) >= 150
    assert len(set(HOSTS)) == len(HOSTS)
    assert len(set(URLS)) == len(URLS)


@pytest.mark.parametrize("form", [*SPELLED, *URLS], ids=ascii)
def test_no_form_is_asked(form: str, canary: Canary) -> None:
    """The port is allowed and the resolver is the system's: only the reading of the address and the guard protect."""
    written = Written()
    policy = Policy(ports=frozenset({80, 443, canary.port}))
    with Client(policy, resolver=look_up, dial=written) as client, pytest.raises(OutboundRefused):
        client.get(form.replace("PORT", str(canary.port)))
    assert written.dialled == []
    assert canary.n_reached == 0


@pytest.mark.parametrize("name", LEADS_INSIDE)
def test_no_name_that_leads_inside_is_asked(name: str, canary: Canary) -> None:
    written = Written()
    policy = Policy(ports=frozenset({canary.port}))
    resolver = Names({one: [addresses] for one, addresses in LEADS_INSIDE.items()})
    with Client(policy, resolver=resolver, dial=written) as client, pytest.raises(OutboundRefused):
        client.get(f"http://{name}:{canary.port}/")
    assert resolver.asked == [name]
    assert written.dialled == []
    assert canary.n_reached == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0.0.0.0", "[::1]"])
def test_a_careless_client_would_have_got_there(host: str, canary: Canary) -> None:
    """The negative control: the canary sees those who come."""
    with contextlib.suppress(OSError):
        urllib.request.urlopen(f"http://{host}:{canary.port}/", timeout=0.05)
    assert canary.n_reached >= 1


@pytest.mark.parametrize("port", [22, 25, 5432, 6379, 9200, 11211, 2375])
def test_ports_of_other_protocols_are_not_asked(port: int) -> None:
    with world(lambda _: answer()) as (client, _, roads), pytest.raises(OutboundRefused, match=str(port)):
        client.get(f"http://good.test:{port}/")
    assert roads.dialled == []


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("http://good.test", "good.test", "/"),
        ("HTTP://GOOD.test./a?b#c", "good.test", "/a?b"),
        ("http://good.test:8080?q=1", "good.test:8080", "/?q=1"),
        ("http://good.test#@127.0.0.1/", "good.test", "/"),
        ("http://good.test/?@127.0.0.1:80/", "good.test", "/?@127.0.0.1:80/"),
        ("http://good.test/straße?q=zürich 1".replace(" ", "%20"), "good.test", "/stra%C3%9Fe?q=z%C3%BCrich%201"),
        ("http://good.test/100%", "good.test", "/100%25"),
        ("http://müller.test/", "xn--mller-kva.test", "/"),
        ("http://93.184.215.14/", "93.184.215.14", "/"),
        ("http://[2606:2800:21F:CB07:6820:80DA:AF6B:8B2C]/", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]", "/"),
    ],
)
def test_honest_addresses_are_asked_as_they_are_meant(url: str, host: str, path: str) -> None:
    names = {"xn--mller-kva.test": [["93.184.215.14"]]}
    with world(lambda _: answer(b"[1]"), names=names) as (client, server, roads):
        assert client.get(url).body == b"[1]"
    assert server.requests[0].startswith(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n")
    assert len(roads.dialled) == 1


def test_only_these_methods() -> None:
    with world(lambda _: answer()) as (client, _, roads), pytest.raises(OutboundRefused):
        client.send("CONNECT", "http://good.test/")
    assert roads.dialled == []


def test_a_name_nobody_knows() -> None:
    with world(lambda _: answer()) as (client, _, _), pytest.raises(OutboundFailed, match="cannot be found") as failed:
        client.get("http://nobody.test/")
    assert failed.value.permanent


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, canary: Canary) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    with world(lambda _: answer(b"7")) as (client, _, roads):
        assert client.get("http://good.test/").body == b"7"
    assert roads.dialled == [("93.184.215.14", 80)]
    assert canary.n_reached == 0


def test_what_is_own_is_asked_and_only_that(canary: Canary) -> None:
    with world(lambda _: answer(b"1")) as (_, server, _):
        own = Policy((f"http://127.0.0.1:{server.port}/demo/",))
        with Client(own) as client:
            assert client.get(f"http://127.0.0.1:{server.port}/demo/x").body == b"1"
            inside = (
                "/",
                "/admin/",
                "/demo",
                "/demo/../admin/",
                "/demo/%2e%2e/admin/",
                "/demo/..%2fadmin",
                "/demo/.%5C..",
            )
            for path in inside:
                with pytest.raises(OutboundRefused):
                    client.get(f"http://127.0.0.1:{server.port}{path}")
            with pytest.raises(OutboundRefused):
                client.get(f"http://127.0.0.1:{canary.port}/demo/x")
    assert len(server.requests) == 1
    assert canary.n_reached == 0


@pytest.mark.parametrize("wrong", ["10.0.0.5", "ftp://files.internal/", "http://0x7f.1/"])
def test_a_mistake_in_the_settings_is_said_as_one(settings: Any, wrong: str) -> None:
    settings.OUTBOUND_OWN = [wrong]
    with pytest.raises(ImproperlyConfigured, match="OUTBOUND_OWN"):
        open_client()


def test_an_own_name_may_lead_inside() -> None:
    with world(lambda _: answer(b"1")) as (_, server, _):
        resolver = Names({"prices.internal": [["127.0.0.1"]]})
        with Client(Policy((f"http://prices.internal:{server.port}/",)), resolver=resolver) as client:
            assert client.get(f"http://prices.internal:{server.port}/v1").status == 200


def test_the_second_address_is_dialled_when_the_first_is_away() -> None:
    names = {"two.test": [["93.184.215.99", "93.184.215.14"]]}
    with world(lambda _: answer(), names=names) as (client, _, roads):
        assert client.get("http://two.test/").status == 200
    assert [address for address, _ in roads.dialled] == ["93.184.215.99", "93.184.215.14"]


def test_nobody_there() -> None:
    names = {"away.test": [["93.184.215.99"]]}
    with world(lambda _: answer(), names=names) as (client, _, _), pytest.raises(OutboundFailed) as failed:
        client.get("http://away.test/")
    assert not failed.value.permanent


def test_roads_are_the_only_way(canary: Canary) -> None:
    """The fake network is one: an address it does not know leads nowhere."""
    with pytest.raises(OSError, match="nothing leads"):
        Roads({}).dial("127.0.0.1", canary.port, 1)
