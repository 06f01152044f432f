"""Proof S3: the socket goes to the checked address, TLS still verifies the name."""

import ssl
import time
from pathlib import Path

import pytest

from cdp.common.outbound import Client, Limits, OutboundFailed, OutboundRefused, Policy
from tests.cdp.common.outbound.answering import PUBLIC, Answering, Names, Roads, answer
from tests.cdp.common.outbound.certificates import Authority


def asked(authority: Authority, certificate: ssl.SSLContext, url: str, *, trust: ssl.SSLContext | None = None) -> bytes:
    with Answering(lambda _: answer(b"1"), tls=certificate) as server:
        roads, resolver = Roads({PUBLIC: server.port}), Names({"good.test": [[PUBLIC]]})
        with Client(Policy(), resolver=resolver, dial=roads.dial, tls=trust or authority.trust()) as client:
            body = client.get(url, limits=Limits(total_s=5)).body
    assert roads.dialled == [(PUBLIC, 443)]
    return body


def test_the_name_is_said_and_verified(tmp_path: Path) -> None:
    said: list[str | None] = []
    authority = Authority(tmp_path)
    certificate = authority.serving("good.test")
    certificate.sni_callback = lambda _, name, __: said.append(name)
    assert asked(authority, certificate, "https://good.test/") == b"1"
    assert said == ["good.test"]


@pytest.mark.parametrize("name", ["other.test", "test", "xgood.test", PUBLIC])
def test_a_certificate_for_another_name(tmp_path: Path, name: str) -> None:
    authority = Authority(tmp_path)
    with pytest.raises(OutboundFailed, match="certificate") as failed:
        asked(authority, authority.serving(name), "https://good.test/")
    assert failed.value.permanent


def test_a_certificate_for_a_name_is_none_for_its_address(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with pytest.raises(OutboundFailed, match="certificate"):
        asked(authority, authority.serving("good.test"), f"https://{PUBLIC}/")


def test_a_certificate_that_ran_out(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with pytest.raises(OutboundFailed, match="certificate"):
        asked(authority, authority.serving("good.test", days=-1), "https://good.test/")


def test_an_authority_nobody_knows(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with pytest.raises(OutboundFailed, match="certificate"):
        asked(authority, authority.serving("good.test"), "https://good.test/", trust=ssl.create_default_context())


def test_a_server_that_speaks_no_tls() -> None:
    with Answering(lambda _: answer()) as server:
        roads, resolver = Roads({PUBLIC: server.port}), Names({"good.test": [[PUBLIC]]})
        with Client(Policy(), resolver=resolver, dial=roads.dial) as client:
            began = time.monotonic()
            with pytest.raises(OutboundFailed):
                client.get("https://good.test/", limits=Limits(total_s=0.4, connect_s=0.4))
    assert time.monotonic() - began < 2


def test_no_way_from_https_to_http(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    moved = answer(status="302 Found", headers=["Location: http://good.test/"])
    with Answering(lambda _: moved, tls=authority.serving("good.test")) as server:
        roads, resolver = Roads({PUBLIC: server.port}), Names({"good.test": [[PUBLIC]]})
        with Client(Policy(), resolver=resolver, dial=roads.dial, tls=authority.trust()) as client:
            with pytest.raises(OutboundRefused, match="from https to http"):
                client.get("https://good.test/")
    assert roads.dialled == [(PUBLIC, 443)]
