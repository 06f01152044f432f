"""Proof S5: script in every trait, property, name, identifier and user agent. A browser walks all pages that can be
reached from the navigation: 0 dialogs, 0 refusals by the Content-Security-Policy, 0 calls that the texts asked for.

Each area is walked by a file of its own, so that they run beside one another. A walk starts at home, goes everywhere
within its area, and looks at one page of each kind that its area links to elsewhere: nothing hides between two areas.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Dialog, Page, Request
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.audit import record
from cdp.accounts.models import ApiToken, Source
from cdp.accounts.roles import Role
from cdp.events import inbox, shapes
from cdp.events.models import EventSchema
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from scoring.quality import Group, Importance
from tests.factories import NOW, a_token, a_user, a_write_key
from tests.pages import looks
from tests.pages.looks import faults, hangs_over, is_new, trap
from tests.pages.sign_in import sign_in
from tests.polyglots import POLYGLOTS
from tests.scoring.pages.laid import a_predictor, a_quality, a_version, scored

MOST_OF_ONE_KIND, PREDICTORS = 4, 6
"""Pages that differ only by an id or by a query; the texts are spread over people and events alike."""
ALL_TABS_OF = 5
"""One person in so many has the texts of the others as traits, too, and is looked at whole."""
TABS = ("timeline", "traits", "changes", "raw", "why-one-person", "scores-over-time")
LOADED = "() => document.querySelectorAll('[aria-busy=true]').length === 0"
TOLD = "addEventListener('securitypolicyviolation', e => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`))"
AREAS = {
    "people": ("/people/", "/identity/"),
    "segments": ("/segments/",),
    "predictions": ("/predictions/",),
    "campaigns": ("/campaigns/",),
    "data": ("/data/",),
    "rest": (),
}
"""Where the addresses of an area begin; what begins with none of these is of the rest."""
SKIPPED = re.compile(r"/accounts/(logout|login)/|/export/|^/static/|^/api/schema|\.ics$|\.eml$")


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
            **{f"more {one[:190]}": one for one in POLYGLOTS[n + 1 : n + ALL_TABS_OF] if n % ALL_TABS_OF == 0},
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
    for text in POLYGLOTS[:PREDICTORS]:
        hostile_predictor(text, now=now)
    for text in POLYGLOTS:
        record(None, verb=text[:60], target=text[:200], details={text[:40]: text}, now=NOW)


def hostile_predictor(text: str, *, now: datetime) -> None:
    quality = replace(
        a_quality(),
        importance=(Importance(text, 0.1, 0.01),),
        groups=(Group(text, 40, 9, 0.2, 0.7),),
        warnings=(text,),
    )
    predictor = a_predictor(text[:120], kind="event", event_name=text[:190], traits=[text[:200]], problem=text)
    a_version(predictor, quality=quality, verdict=text, estimator=text[:40], trained_at=now)
    scored(predictor, list(Profile.objects.values_list("pk", flat=True)), now=now)


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
    """Pages that one view makes, and those that a query makes of it."""
    return looks.kind_of(path) + ("?" + "&".join(sorted(re.findall(r"[?&](\w+)=", path))) if "?" in path else "")


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
    page.wait_for_url(f"{live_server.url}/")
    return found


def area_of(path: str) -> str:
    return next((area for area, starts in AREAS.items() if path.startswith(starts)), "rest") if path != "/" else "rest"


def walk(page: Page, home: str, witness: Witness, *, area: str) -> dict[str, int]:
    """Kind of page → how many were opened. Of other areas one page of each kind, whose own links are not followed.
    One of each kind is looked at as those see it who have a phone, no mouse or weak eyes."""
    queue, seen, kinds, hard_to_use = ["/"], {"/"}, dict[str, int](), list[str]()
    while queue:
        path = queue.pop(0)
        kinds[kind_of(path)] = kinds.get(kind_of(path), 0) + 1
        look_at(page, home, path)
        is_own = area_of(path) == area
        if is_own and is_new(page.url):
            hard_to_use += [f"{path}: {one}" for one in faults(page)]
            stuck = trap(page)
            hard_to_use += [f"{path}: Tab does not reach {stuck}"] if stuck else []
        elif is_own:
            hard_to_use += [f"{path}: {one}" for one in hangs_over(page)]
        assert not witness.wrong, (path, witness.wrong[:3])
        if path != "/" and not is_own:
            continue
        for found in links(page, home):
            if found in seen or SKIPPED.search(found):
                continue
            seen.add(found)
            waiting = sum(kind_of(one) == kind_of(found) for one in queue)
            most = MOST_OF_ONE_KIND if area_of(found) == area else 1
            if kinds.get(kind_of(found), 0) + waiting < most:
                queue.append(found)
    assert not hard_to_use, "\n".join(hard_to_use)
    return kinds


def look_at(page: Page, home: str, path: str) -> None:
    answer = page.goto(f"{home}{path}", wait_until="load")
    assert answer
    assert answer.status < 500, path
    page.wait_for_function(LOADED)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    if path.startswith("/data/live/"):
        page.wait_for_timeout(1500)


def look_at_people(page: Page, home: str, *, part: int, of: int) -> None:
    assert Profile.objects.filter(traits__has_key=f"more {POLYGLOTS[1][:190]}").exists()
    for profile in list(Profile.objects.order_by("id"))[part::of]:
        is_whole = any(key.startswith("more ") for key in profile.traits)
        for tab in TABS if is_whole else TABS[:1]:
            look_at(page, home, f"/people/{profile.uuid}/?tab={tab}")
            assert not list(hangs_over(page)), (profile.traits["name"], tab)
