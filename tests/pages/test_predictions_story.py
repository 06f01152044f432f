"""A marketer in a browser: sets up churn, watches the training, reads how good it is, slides the threshold, makes a
segment of valuable people about to leave, and sees on a profile why."""

import threading
from functools import partial

import pytest
from django.db import connection
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from scoring import runs
from scoring.jobs import KIND, OPEN
from scoring.models import Predictor, Score
from scoring.tasks import train_and_score
from scoring.train import train
from segments.models import Membership, Segment
from segments.refresh import refresh_fully
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.scoring.pages.shop import customers

pytestmark = pytest.mark.django_db(transaction=True)
WAIT_MS = 120_000
"""A training of a few hundred people, on a machine that does other things, too."""


def work_off() -> None:
    """What workers would do: the training that was asked for, then everybody's scores."""
    try:
        for job in Job.objects.filter(kind=KIND, state__in=OPEN):
            train_and_score.apply(args=(job.pk,), throw=True)
        for job in Job.objects.filter(kind=runs.KIND, state__in=OPEN):
            runs.work(job.pk, clock=utc_now)
    finally:
        connection.close()


def high(name: str) -> set[int]:
    scores = Score.objects.filter(predictor_id=Predictor.objects.get(name=name).pk, band="high")
    return set(scores.values_list("profile_id", flat=True))


def test_from_a_question_to_the_people_it_is_about(
    page: Page, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.tasks.train", partial(train, budget_s=0.0))  # the cheap candidates only
    customers(300, now=utc_now())
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()

    # one predictor is ready made
    page.goto(f"{live_server.url}/predictions/")
    page.get_by_role("button", name="Start “Spends in 90 days”").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    work_off()
    expect(page.get_by_text("Waiting for a worker")).to_be_hidden(timeout=WAIT_MS)
    expect(page.get_by_role("heading", name="Can it be trusted?")).to_be_visible(timeout=WAIT_MS)

    # the other is set up: the page says beforehand whether there is enough to learn from
    page.goto(f"{live_server.url}/predictions/")
    page.get_by_role("link", name="New predictor").click()
    page.get_by_role("radio", name="Leaves, by fixed days").check(force=True)
    page.get_by_label("Within how many days").fill("60")
    expect(page.locator("#ready")).to_contain_text("order nothing for 60 days")
    expect(page.locator("#ready")).to_contain_text("Enough to learn from")
    page.locator("#id_name").fill("Leaves")
    expect(page.get_by_role("button", name="Save and train")).to_be_visible()
    page.locator("#id_name").press("Enter")

    # the training is watched
    expect(page.get_by_text("Waiting for a worker")).to_be_visible(timeout=WAIT_MS)
    working = threading.Thread(target=work_off)
    working.start()
    expect(page.locator(".training .badge", has_text="Running")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_role("heading", name="Can it be trusted?")).to_be_visible(timeout=WAIT_MS)
    working.join()
    page.reload()

    # its quality is read, in words
    leaves = Predictor.objects.get(name="Leaves")
    assert leaves.active is not None, leaves.versions.get().verdict
    card = page.get_by_role("region", name="Can it be trusted?")
    expect(card).to_contain_text("Of 100 pairs of one who ordered nothing and one who did not")
    expect(card).to_contain_text("guessing, 50")
    expect(page.get_by_role("figure", name="What was said, and what came")).to_be_visible()

    # the threshold is slid: fewer people, and how many of them are expected to leave
    slider = page.get_by_role("slider")
    before = int(page.locator("[data-people]").inner_text().replace(",", ""))
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(page.locator("[data-people]")).not_to_have_text(str(before))
    assert int(page.locator("[data-expected]").inner_text()) <= int(page.locator("[data-people]").inner_text()) < before

    # two predictors make a segment
    page.get_by_role("link", name="Make segment “High value and likely to leave”").click()
    expect(page.get_by_role("heading", name="New segment")).to_be_visible()
    page.locator("[name=name]").fill("Worth a call")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", name="Worth a call")).to_be_visible()
    segment = Segment.objects.get()
    refresh_fully(segment.pk, now=utc_now(), zone=UTC)
    members = set(Membership.objects.filter(segment_id=segment.pk).values_list("profile_id", flat=True))
    assert members == high("Leaves") & high("Spends in 90 days") != set()

    # and one of them says why
    page.goto(f"{live_server.url}/people/{Profile.objects.get(pk=min(members)).uuid}/")
    panel = page.get_by_role("region", name="Predictions")
    expect(panel).to_contain_text("Likely to order nothing for 60 days: 0.")
    expect(panel.locator(".reasons li").first).to_be_visible()
    page.wait_for_load_state("networkidle")
