"""Proof S5: script in every trait, property, name, identifier and user agent. A browser walks all pages that can be
reached from the navigation: 0 dialogs, 0 refusals by the Content-Security-Policy, 0 calls that the texts asked for."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Dialog, Page, Request
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.audit import record
from cdp.accounts.models import ApiToken, Source
from cdp.accounts.roles import Role
from cdp.events import inbox, shapes
from cdp.events.models import EventSchema, RejectedMessage
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from tests.factories import NOW, a_token, a_user, a_write_key
from tests.pages.sign_in import sign_in
from tests.polyglots import POLYGLOTS

pytestmark = pytest.mark.django_db(transaction=True)
MOST_OF_ONE_KIND = 6
"""Pages that differ only by an id or by a query; the texts are spread over people and events alike."""
LOADED = "() => document.querySelectorAll('[aria-busy=true]').length === 0"
TOLD = "addEventListener('securitypolicyviolation', e => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`))"
SKIPPED = re.compile(r"/accounts/(logout|login)/|/export/|^/static/|^/api/schema|\.ics$")


def hostile_shop() -> None:
    now = timezone.now()
    source = Source.objects.create(name=POLYGLOTS[0][:120], kind="web", plan="warn")
    messages = []
    for n, text in enumerate(POLYGLOTS):
        context = {"userAgent": text, "page": {"referrer": text, "title": text}, "campaign": {"name": text}}
        traits = {
            text[:200]: text,
            "name": text,
            "email": f'"{text[:40]}"@x.org',
            "list": [text],
            "object": {text: text},
        }
        common = {"userId": text[:400], "context": context, "timestamp": now.isoformat()}
        messages += [
            common | {"type": "identify", "messageId": f"i{n}", "traits": traits},
            common | {"type": "track", "messageId": f"t{n}", "event": text[:190], "properties": {text[:200]: text}},
            common | {"type": "page", "messageId": f"p{n}", "name": text, "properties": {"title": text, "url": text}},
            {"type": "track", "messageId": f"q{n}", "event": text, "properties": {text: text}},
        ]
    inbox.put(source.pk, messages, now=now, lane="live")
    drain("live", now=now)
    shapes.fold(now=now)
    for text in POLYGLOTS[:20]:
        EventSchema.objects.create(name=text[:190], schema={"title": text, "description": text}, updated_at=now)
    a_write_key(source)
    token = a_token("read")[0]
    ApiToken.objects.filter(pk=token.pk).update(name=POLYGLOTS[1][:120])
    for text in POLYGLOTS:
        record(None, verb=text[:60], target=text[:200], details={text[:40]: text}, now=NOW)


class Witness:
    """What must not happen, written down as it happens."""

    def __init__(self, page: Page, home: str) -> None:
        self.wrong: list[str] = []
        self.home = home
        page.on("dialog", self.saw_dialog)
        page.on("console", self.heard)
        page.on("request", self.saw_request)
        page.on("pageerror", lambda error: self.wrong.append(f"error on {page.url}: {error}"))
        page.add_init_script(TOLD)

    def saw_dialog(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def heard(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or message.text.startswith("CSP "):
            self.wrong.append(message.text)

    def saw_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        is_ours = request.url.startswith(self.home) or parts.scheme in ("data", "blob", "about")
        if not is_ours or parts.path.startswith("/hit"):
            self.wrong.append(f"request: {request.url}")


def kind_of(path: str) -> str:
    """Pages that one view makes."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", urlsplit(path).path) + (
        "?" + "&".join(sorted(re.findall(r"[?&](\w+)=", path))) if "?" in path else ""
    )


def links(page: Page, home: str) -> Iterator[str]:
    hrefs: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    for href in hrefs:
        url = urljoin(page.url, href)
        if url.startswith(home):
            yield url[len(home) :].split("#")[0]


@pytest.fixture
def witness(page: Page, live_server: LiveServer) -> Witness:
    hostile_shop()
    a_user(role=Role.ADMIN, email="ada@example.com", name=POLYGLOTS[2][:150])
    found = Witness(page, live_server.url)
    sign_in(page, live_server.url, email="ada@example.com")
    return found


def test_no_page_runs_what_people_are_called(page: Page, live_server: LiveServer, witness: Witness) -> None:
    assert Profile.objects.count() >= 45
    assert RejectedMessage.objects.count() >= 45
    page.wait_for_url(f"{live_server.url}/")
    queue, seen, kinds = ["/"], {"/"}, dict[str, int]()
    while queue:
        path = queue.pop(0)
        kind = kind_of(path)
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = page.goto(f"{live_server.url}{path}", wait_until="load")
        assert answer
        assert answer.status < 500, path
        page.wait_for_function(LOADED)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        if path.startswith("/data/live/"):
            page.wait_for_timeout(1500)
        for found in links(page, live_server.url):
            if found not in seen and not SKIPPED.search(found) and kinds.get(kind_of(found), 0) < MOST_OF_ONE_KIND:
                seen.add(found)
                queue.append(found) if sum(kind_of(one) == kind_of(found) for one in queue) < MOST_OF_ONE_KIND else None
        assert not witness.wrong, (path, witness.wrong[:3])
    wanted = {"/people/", "/people/#/", "/data/live/", "/data/quarantine/", "/data/quarantine/#/", "/data/plan/"}
    wanted |= {"/data/plan/event/?name", "/accounts/audit/", "/accounts/sources/#/", "/api/docs"}
    assert wanted <= set(kinds)


@pytest.mark.parametrize("part", range(4))
def test_every_text_as_the_page_of_a_person(page: Page, live_server: LiveServer, witness: Witness, part: int) -> None:
    people = list(Profile.objects.order_by("id"))
    for profile in people[part::4]:
        for tab in ("timeline", "traits", "changes", "raw", "why-one-person"):
            page.goto(f"{live_server.url}/people/{profile.uuid}/?tab={tab}", wait_until="load")
            page.wait_for_function(LOADED)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert not witness.wrong, witness.wrong[:3]
