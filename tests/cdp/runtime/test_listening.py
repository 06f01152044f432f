"""An address that cannot be had gets a sentence that says what to do."""

import socket

import pytest

from cdp.runtime.listening import CannotListen, Listening, listen


def test_any_free_port_is_found_and_named() -> None:
    with listen("127.0.0.1", 0).socket as opened:
        assert Listening(opened, "127.0.0.1").url == f"http://127.0.0.1:{opened.getsockname()[1]}"


def test_a_wildcard_address_is_shown_as_one_that_can_be_opened() -> None:
    with listen("0.0.0.0", 0).socket as opened:
        assert Listening(opened, "0.0.0.0").url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", 99_999, "There is no port 99999"),
        ("192.0.2.1", 0, "192.0.2.1 is no address of this machine"),
        ("not a host", 8000, "There is no address not a host"),
    ],
)
def test_what_is_wrong_is_said(host: str, port: int, sentence: str) -> None:
    with pytest.raises(CannotListen, match=sentence):
        listen(host, port)


def test_a_taken_port_is_named_with_another_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"PORT={port + 1}"):
            listen("127.0.0.1", port)
