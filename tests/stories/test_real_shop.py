"""A real shop's year, walked through as docs/real-shop.md tells it, over HTTP: a file comes in, two segments, two
predictions, a campaign in three branches with a test and a holdout, its mails, clicks and orders, its results.

What must come of the segments is computed here from the file alone. All other numbers are those of the docs' tables.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from html import unescape
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from campaigns import tasks
from cdp.accounts.roles import Role
from cdp.privacy.models import Purpose
from scoring.train import train
from tests.cdp.connectors.importing import the_file
from tests.collecting import Sender, collector
from tests.factories import a_user
from tests.pages.building import Mouse, card
from tests.pages.sign_in import sign_in
from tests.serving import Serving
from tests.stories import real_shop
from tests.stories.held_clock import HeldClock
from tests.stories.walker import READER, Http, Links, Walker, work, work_checks, work_imports, work_predictions

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)
NOW = datetime(2025, 12, 9, 12, 50, tzinfo=UTC)
"""Fourteen years after the last order of the file, to the minute."""
FILE = "online_retail.csv.gz"


@pytest.fixture
def shop() -> list[real_shop.Line]:
    path = the_file(FILE)
    if path is None:
        pytest.skip(f"{FILE} is not here: put it into shared/data of the checkout, or of a folder above it")
    return real_shop.lines_of(path)


@pytest.fixture
def walker(
    browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path
) -> Iterator[Walker]:
    settings.MEDIA_ROOT, settings.PUBLIC_URL = tmp_path, live_server.url
    settings.REPORTING_CURRENCY = "GBP"
    monkeypatch.setattr("scoring.tasks.train", partial(train, budget_s=0.0))  # the cheap candidates only
    made = Walker(browser, live_server.url, HeldClock(monkeypatch, at=NOW))
    Purpose.objects.get_or_create(key="email-marketing", defaults={"name": "E-mail marketing"})
    a_user(role=Role.ADMIN, email="ada@example.com", name="Ada")
    sign_in(made.page, live_server.url, email="ada@example.com")
    expect(made.page.get_by_role("heading", level=1)).to_be_visible()
    yield made
    made.close()


def test_a_real_shop(walker: Walker, shop: list[real_shop.Line], tmp_path: Path) -> None:
    api = Http(walker.url, {"Authorization": f"Bearer {a_token(walker)}"})
    found: dict[str, str] = import_orders(walker, shop, tmp_path)
    found |= import_addresses(walker, shop, tmp_path)
    found |= build_segments(walker, api, shop)
    found |= predict(walker, api)
    found |= recommend(walker)
    campaign = write_campaign(walker, api)
    found |= send(walker, api, campaign, shop)
    found |= answer(walker, api, campaign, tmp_path)
    assert not (wrong := real_shop.differences(found, real_shop.told())), "\n" + "\n".join(wrong)


def a_token(walker: Walker) -> str:
    page = walker.go("/accounts/tokens/new/")
    page.get_by_label("Name").fill("Reports")
    page.get_by_label("Read everything the API shows").check()
    page.get_by_label("Write everything the API takes").check()
    page.get_by_role("button", name="Create the token").click()
    return page.locator("#token").inner_text()


def upload(walker: Walker, file: Path, *, source: str) -> None:
    page = walker.go("/imports/new/")
    page.get_by_label("File").set_input_files(str(file))
    page.get_by_label("Name of the new source").fill(source)
    page.get_by_role("button", name="Look at the file").click()


def start(walker: Walker) -> None:
    walker.page.get_by_role("button", name="Start the import").click()
    walker.sees("Waiting for a worker")
    walker.waits(work_imports)
    walker.sees("Finished")


def import_orders(walker: Walker, shop: list[real_shop.Line], tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "online_retail.csv.gz"
    file.write_bytes(real_shop.as_csv(shop))
    upload(walker, file, source="Old shop")
    walker.sees("Recognised as: Online retail, invoice lines.")
    page = walker.page
    page.get_by_label("Move all times so that the newest is of today").check()
    page.get_by_label("Where the page of such a product is").fill(f"{real_shop.SHOP}products/{{code}}")
    walker.picture("import", of=".card:has-text('How it is written')")
    start(walker)
    walker.sees("All times were moved by 5,114 days")
    walker.picture("imported")
    nobody = re.search(r"([\d,]+) orders of ([\d,]+) rows with no customer", page.locator("main").inner_text())
    assert nobody
    return {
        "rows of the file": f"{len(shop):,}",
        "rows taken in": tile(walker, "Rows taken in"),
        "orders without a customer, left out": nobody[1],
        "days by which all times were moved": "5,114",
    }


def tile(walker: Walker, label: str) -> str:
    named = walker.page.locator(".stat-label", has_text=re.compile(f"^{label}"))
    return walker.page.locator(".stat").filter(has=named).first.locator(".stat-number").inner_text().strip()


def import_addresses(walker: Walker, shop: list[real_shop.Line], tmp_path: Path) -> dict[str, str]:
    page = walker.go("/privacy/topics/new/")
    page.get_by_label("Name").fill("News and offers")
    page.get_by_label("Key").fill("news")
    page.get_by_label("Purpose").select_option(label="E-mail marketing")
    page.get_by_role("button", name="Save the topic").click()
    people = real_shop.addresses(shop)
    file = tmp_path / "addresses.csv.gz"
    file.write_bytes(real_shop.as_csv(people))
    upload(walker, file, source="Newsletter")
    page.get_by_label("What News is").select_option(label="Agreed to … (yes or no) News and offers")
    start(walker)
    walker.go("/people/")
    walker.picture("people")
    return {"customers": f"{len(people):,}", "of them, agreed to news": f"{sum(p['News'] == 'yes' for p in people):,}"}


def build_segments(walker: Walker, api: Http, shop: list[real_shop.Line]) -> dict[str, str]:
    """Each from a template; who is in must be who the file says."""
    page = walker.go("/segments/new/")
    page.locator("[data-template=high_value]").click()
    walker.sees("in the last 15 days")
    save_segment(walker, "Recent high value")
    page = walker.go("/segments/new/")
    page.locator("[data-template=lapsed]").click()
    walker.sees("in the last 90 days")
    expect(page.locator(".preview-count")).to_contain_text(re.compile(r"\d"))
    walker.picture("segment")
    save_segment(walker, "Lapsed")
    orders = real_shop.orders_of(shop)
    wanted = {
        "Recent high value": real_shop.recent_high_value(orders, now=real_shop.ENDS_AT),
        "Lapsed": real_shop.lapsed(orders, now=real_shop.ENDS_AT),
    }
    sizes = {}
    for one in api.all("/api/segments"):
        rows = walker.cookies().rows(f"/segments/{one['id']}/export/csv/?namespaces=user_id")
        assert {int(row["user_id"]) for row in rows} == wanted[one["name"]]
        sizes[f"in “{one['name']}”"] = f"{len(rows):,}"
    assert len(sizes) == len(wanted)
    return sizes


def save_segment(walker: Walker, name: str) -> None:
    walker.page.locator("[name=name]").fill(name)
    walker.page.get_by_role("button", name="Save segment").click()
    expect(walker.page.get_by_role("heading", name=name, level=1)).to_be_visible()
    work()


def predict(walker: Walker, api: Http) -> dict[str, str]:
    """One that is ready made, and one of one's own: also of those who were silent for long."""
    page = walker.go("/predictions/")
    page.get_by_role("button", name="Start “Buys in 30 days”").click()
    walker.sees("Waiting for a worker")
    set_up(walker)
    walker.waits(work_predictions)
    told = {}
    for one in api.all("/api/predictors"):
        whole = api.json("GET", f"/api/predictors/{one['id']}")
        version = whole["versions"][0]
        assert version["is_useful"], version["verdict"]
        told[f"“{one['name']}”: people with a score"] = f"{whole['latest_run']['people']:,}"
        told[f"“{one['name']}”: ranks rightly, of 100 pairs"] = f"{100 * version['quality']['auc']:.0f}"
        told[f"knowing only when they last ordered (“{one['name']}”)"] = (
            f"{100 * version['quality']['auc_recency']:.0f}"
        )
        walker.go(f"/predictions/{one['id']}/")
        walker.sees("Can it be trusted?", whole["versions"][0]["verdict"])
    walker.picture("predictor")
    return told


def set_up(walker: Walker) -> None:
    page, mouse = walker.go("/predictions/new/"), Mouse(walker.page)
    page.get_by_role("radio", name="Leaves, by fixed days").check(force=True)
    page.get_by_label("Within how many days").fill("90")
    page.get_by_label("People of a rule or segment").check()
    mouse.add("Did something")
    mouse.pick(card(page, 0), "Event", "Order Completed")
    mouse.choose(card(page, 0), "When", "ever")
    page.locator("#id_name").fill("Stays away")
    walker.sees("Enough to learn from")
    walker.picture("predictor-new")
    page.get_by_role("button", name="Save and train").click()
    walker.sees("Waiting for a worker")


def recommend(walker: Walker) -> dict[str, str]:
    page = walker.go("/predictions/recommendations/")
    page.get_by_role("button", name="Run now").first.click()
    walker.waits(work_predictions)
    walker.picture("recommendations")
    return {}


def write_campaign(walker: Walker, api: Http) -> int:
    """To the lapsed, a fifth held out; the mail comes over the API, its second subject from the page."""
    page = walker.go("/campaigns/new/")
    page.get_by_label("Name of the campaign").fill("Come back")
    page.get_by_label("Topic").select_option(label="News and offers")
    page.get_by_role("group", name="To everybody in").get_by_label(re.compile("Lapsed")).check()
    page.get_by_text("Holdout, caps and quiet hours").click()
    page.locator("[name=holdout_percent]").fill("20")
    page.get_by_role("button", name="Write the mail").click()
    expect(page.get_by_role("button", name="Add a block", exact=True)).to_be_visible()
    (campaign,) = api.all("/api/campaigns")
    template = int(page.url.rstrip("/").rpartition("/")[2])
    begun = api.json("GET", f"/api/templates/{template}")
    leaves = next(one["id"] for one in api.all("/api/predictors") if one["name"] == "Stays away")
    content = real_shop.mail(begun["content"], predictor=leaves)
    written = api.json("PATCH", f"/api/templates/{template}", {"content": content, "revision": begun["revision"]})
    assert written["problems"] == []
    page.reload()
    walker.picture("mail")
    page = walker.go(f"/campaigns/{campaign['id']}/test/")
    page.get_by_role("button", name="Begin a test").click()
    page.get_by_role("region", name="B", exact=True).get_by_label("Subject").fill("What has become of you?")
    walker.picture("test")
    page.get_by_role("button", name="Save the test").last.click()
    walker.sees("The test is saved.")
    return int(campaign["id"])


def send(walker: Walker, api: Http, campaign: int, shop: list[real_shop.Line]) -> dict[str, str]:
    """Checked with everybody, and sent: each mail has the branch that its person's score asks for."""
    page = walker.go(f"/campaigns/{campaign}/")
    page.get_by_role("button", name="Check the whole audience").click()
    walker.waits(work_checks)
    walker.go(f"/campaigns/{campaign}/check/")
    walker.sees("things to fix", "shop.example")  # nobody answers there
    walker.picture("checked")
    page = walker.go(f"/campaigns/{campaign}/")
    page.get_by_role("button", name="Send without check").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Send to")).click()
    walker.sees("Sending")
    work(tasks.plan_due, tasks.send)
    while api.json("GET", f"/api/campaigns/{campaign}/results")["waiting"]:
        work(tasks.send)
    look_at_one(walker)
    became = walker.cookies().rows(f"/campaigns/{campaign}/results/people.csv")
    sent = {real_shop.customer_of(row["address"]): row["variant"] for row in became if row["state"] == "accepted"}
    why_not = Counter(row["reason"] for row in became if row["state"] != "accepted")
    by_branch = Counter(branch_of(walker, api, one) for one in delivered(walker))
    return {
        "planned": f"{len(became):,}",
        "held out": f"{why_not['held out, to measure what the campaign does']:,}",
        "did not agree to news": f"{why_not['no consent to this topic']:,}",
        "sent": f"{len(sent):,}",
        "of them, subject A": f"{sum(one == 'A' for one in sent.values()):,}",
        "of them, subject B": f"{sum(one == 'B' for one in sent.values()):,}",
        "score above 0.8: an offer": f"{by_branch[real_shop.NEARLY_LOST]:,}",
        "0.4 to 0.8: free postage": f"{by_branch[real_shop.GOING]:,}",
        "below 0.4: what is new": f"{by_branch[real_shop.STAYS]:,}",
    }


def look_at_one(walker: Walker) -> None:
    """In the mailbox. It may not load the picture that counts an open: that stands elsewhere here."""
    page = walker.go("/campaigns/mailbox/")
    page.locator("table a.fw-semibold").first.click()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_text("We kept a place for you")).to_be_visible()
    walker.picture("delivered")


def delivered(walker: Walker) -> Iterator[EmailMessage]:
    """Every mail that lies in the mailbox, byte for byte as it was handed over."""
    browser, page = walker.cookies(), "/campaigns/mailbox/"
    while page:
        html = browser.get(page).decode()
        for ref in dict.fromkeys(re.findall(r"/campaigns/mailbox/([0-9a-f-]{36})/", html)):
            yield parsed(browser.get(f"/campaigns/mailbox/{ref}/mail.eml"))
        after = re.search(r'rel="next"\s+href="([^"]+)"', html)
        page = f"/campaigns/mailbox/{unescape(after[1])}" if after else ""


def parsed(source: bytes) -> EmailMessage:
    return message_from_bytes(source, policy=policy.default)


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("html",))
    assert part is not None
    return str(part.get_content())


def customer(mail: EmailMessage) -> int:
    return real_shop.customer_of(str(mail["To"]))


def branch_of(walker: Walker, api: Http, mail: EmailMessage) -> str:
    """What it says, which must be what the API's score of its person asks for; and items for that person."""
    html = html_of(mail)
    scores = api.json("GET", f"/api/profiles/user_id:{customer(mail)}/scores")["results"]
    score = next(one["value"] for one in scores if one["name"] == "Stays away")
    said = [words for words in (real_shop.NEARLY_LOST, real_shop.GOING, real_shop.STAYS) if words in html]
    assert said == [real_shop.branch(score)]
    assert len(Links(html).to("Look at it")) == 4
    return said[0]


def answer(walker: Walker, api: Http, campaign: int, tmp_path: Path) -> dict[str, str]:
    """Some look at their mail and follow a link of it, some order; then the results."""
    key = a_write_key(walker)
    walker.clock.let_pass(hours=2)
    got, mails = set(), list(delivered(walker))
    person = Http(walker.url, {"User-Agent": READER})
    for mail in mails:
        got.add(who := customer(mail))
        links = Links(html_of(mail))
        if real_shop.opens(who):
            assert person.ask("GET", links.pictures[-1])[0] == 200
        if real_shop.clicks(who):
            walker.clock.let_pass(seconds=1)
            words = "Look at it" if real_shop.clicks_product(who) else "To the shop"
            status, headers, _ = person.ask("GET", links.to(words)[0])
            assert (status, headers["location"].startswith(real_shop.SHOP)) == (302, True)
            assert "utm_campaign=come-back" in headers["location"]
    walker.clock.let_pass(hours=1)
    work(tasks.judge_hits)
    work()
    with Serving(collector(tmp_path)) as serving:
        sender = Sender(serving.url, key=key)
        became = walker.cookies().rows(f"/campaigns/{campaign}/results/people.csv")
        for who in sorted(real_shop.customer_of(row["address"]) for row in became):
            if real_shop.buys(who, got_mail=who in got):
                order = {"order_id": f"W-{who}", "total": real_shop.worth(who), "currency": "GBP"}
                said = {"userId": str(who), "event": "Order Completed", "properties": order}
                assert sender.post("/v1/track", said).status == 200
    walker.clock.let_pass(hours=1)
    work(tasks.read_conversions)
    return read_results(walker, api, campaign)


def a_write_key(walker: Walker) -> str:
    page = walker.go("/accounts/sources/new/")
    page.get_by_label("Name").fill("Web shop")
    page.get_by_label("Kind").select_option(label="Server")
    page.get_by_role("button", name="Create the source").click()
    return page.locator("#write-key").inner_text()


def read_results(walker: Walker, api: Http, campaign: int) -> dict[str, str]:
    told = api.json("GET", f"/api/campaigns/{campaign}/results")
    page = walker.go(f"/campaigns/{campaign}/results/")
    held = page.get_by_role("region", name="What the campaign does at all")
    expect(held).to_be_visible()
    for label, number in (("Clicked", told["clicked"]), ("Ordered", told["converted"]), ("Sent", told["sent"])):
        assert tile(walker, label) == f"{number:,}"
    walker.picture("results")
    walker.picture("results-phone", phone=True)
    rows = held.locator("tbody tr")
    return {
        "opened": f"{told['opened']:,}",
        "clicked": f"{told['clicked']:,}",
        "ordered after a click": f"{told['converted']:,}",
        "revenue of these orders": f"{told['revenue']:,.2f}",
        "ordered, of those held out": rows.nth(0).locator("[data-label=Ordered]").inner_text().split("\n")[0],
        "ordered, of those who got it": rows.nth(1).locator("[data-label=Ordered]").inner_text().split("\n")[0],
        "lift": rows.nth(1).locator("[data-label=Lift]").inner_text(),
    }
