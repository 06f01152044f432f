"""Links and images: asked once, politely, through the guarded client, and what they answer."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from campaigns.check import links
from campaigns.check.links import Address, Kind, Tried, Verdict, try_all
from campaigns.check.result import result_of
from cdp.common.outbound import Client, Policy
from tests.campaigns.check.making import a_campaign, button, checked, content, points, text, viewers
from tests.cdp.common.outbound.answering import Answering, answer

NOT_FOUND, WRONG, ROBOT = "404 Not Found", "500 Oh", "403 Forbidden"


def shop(request: str) -> bytes:
    method, path, *_ = request.split()
    if path == "/gone":
        return answer(status=NOT_FOUND)
    if path == "/wrong":
        return answer(status=WRONG)
    if path == "/robots":
        return answer(status=ROBOT)
    if path == "/by-get" and method == "HEAD":
        return answer(b"", status="405 No")
    if path == "/moved":
        return answer(b"", status="302 Found", headers=["Location: /fine"])
    if path.startswith("/image"):
        body = b"x" * (400_000 if "large" in path else 10)
        whole = answer(body, headers=["Content-Type: text/html" if "page" in path else "Content-Type: image/png"])
        return whole.replace(b"Content-Type: application/json\r\n", b"") if method == "GET" else _head(whole)
    return answer(b"" if method == "HEAD" else b"fine")


def _head(whole: bytes) -> bytes:
    head = whole.partition(b"\r\n\r\n")[0].replace(b"Content-Type: application/json\r\n", b"")
    return head + b"\r\n\r\n"


@pytest.fixture
def server() -> Iterator[Answering]:
    with Answering(shop) as serving:
        yield serving


def tried(server: Answering, *paths: str, kind: Kind = Kind.LINK) -> list[Tried]:
    base = f"http://127.0.0.1:{server.port}"
    told: list[int] = []
    with Client(Policy(own=(f"{base}/",))) as client:
        found = try_all([Address(base + path, kind) for path in paths], client=client, tell=told.append)
    assert told[-1] == len(set(paths))
    return found


@pytest.mark.parametrize(
    ("path", "verdict", "words"),
    [
        ("/fine", Verdict.FINE, "Answers"),
        ("/moved", Verdict.FINE, "Answers, over http://127.0.0.1"),
        ("/by-get", Verdict.FINE, "Answers"),
        ("/gone", Verdict.BROKEN, "answers 404"),
        ("/wrong", Verdict.UNSURE, "answers 500"),
        ("/robots", Verdict.UNSURE, "Open it yourself"),
    ],
)
def test_links(server: Answering, path: str, verdict: Verdict, words: str) -> None:
    (found,) = tried(server, path)
    assert (found.verdict, words in found.words) == (verdict, True), found


def test_images_are_images_and_have_a_size(server: Answering) -> None:
    fine, large, page = tried(server, "/image", "/image-large", "/image-page", kind=Kind.IMAGE)
    assert [one.verdict for one in (fine, large, page)] == [Verdict.FINE, Verdict.FINE, Verdict.BROKEN]
    assert (fine.n_bytes, large.n_bytes) == (10, 400_000)
    assert "is no image" in page.words.lower()


def test_each_address_is_asked_once_and_a_silent_host_is_left_alone(
    server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "LINK", replace(links.LINK, total_s=0.3))
    tried(server, "/fine", "/fine", "/gone")
    assert [request.split()[:2] for request in server.requests] == [
        ["HEAD", "/fine"],
        ["HEAD", "/gone"],
        ["GET", "/gone"],
    ]
    with Answering(lambda request: b"") as silent:
        found = tried(silent, *(f"/{n}" for n in range(5)))
    assert [one.verdict for one in found] == [Verdict.UNSURE] * 3 + [Verdict.UNTRIED] * 2


def test_what_is_inside_is_not_asked(server: Answering) -> None:
    with Client(Policy()) as client:
        (found,) = try_all([Address(f"http://127.0.0.1:{server.port}/", Kind.LINK)], client=client, tell=lambda n: None)
    assert found.verdict == Verdict.UNTRIED
    assert server.n_connections == 0


@pytest.mark.django_db
def test_the_links_of_a_mail_with_their_places_and_those_of_some_people(server: Answering) -> None:
    base = f"http://127.0.0.1:{server.port}"
    who = viewers(ann={"page": "fine"}, bob={"page": "gone"})
    held = content(
        text("t", f"[Moved]({base}/moved)"),
        button("b", base + "/{{ page | default: 'fine' }}"),
        {"id": "i", "kind": "image", "src": f"{base}/image-large", "alt": "Coat"},
    )
    check = checked(a_campaign(held), own=(f"{base}/",))
    found = {one.url.removeprefix(base): one for one in result_of(check).links}
    assert {path: (one.verdict, one.place, one.profile_id) for path, one in found.items()} == {
        "/moved": ("fine", "blocks.t.text", None),
        "/image-large": ("fine", "blocks.i.src", None),
        "/fine": ("fine", "blocks.b.url", who["ann"]),
        "/gone": ("broken", "blocks.b.url", who["bob"]),
    }
    assert [one.place for one in points(check).errors] == ["blocks.b.url"]
    assert [one.place for one in points(check).warnings if "large for a phone" in one.words] == ["blocks.i.src"]
