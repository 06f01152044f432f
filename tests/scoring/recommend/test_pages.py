"""The page's story: a marketer looks at how good the lists are, tries them and changes settings; others may not."""

from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from cdp.accounts.models import AuditEntry
from cdp.common.clock import deployment_zone
from cdp.common.models import Job
from cdp.events.models import Item
from cdp.profiles.models import Profile
from scoring.models import Recommending
from scoring.recommend import pages
from scoring.recommend.run import new_job, run
from scoring.recommend.tasks import make_recommendations
from tests.cast import Cast
from tests.scoring.recommend.shop import NOW, demo_shop

pytestmark = pytest.mark.django_db
PAGE = "/predictions/recommendations/"
SETTINGS = {"floor_pct": "2.5", "leaves_out_bought_days": "30", "schedule": "15 4 * * *"}


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_before_there_is_anything(cast: Cast) -> None:
    assert "The catalogue is empty" in text(cast.client("mara").get(PAGE))
    Item.objects.create(id="a", created_at=NOW, updated_at=NOW)
    assert "Nothing learned yet" in text(cast.client("mara").get(PAGE))


def test_a_marketer_looks_and_tries(cast: Cast) -> None:
    people = demo_shop(300)
    run(now=NOW, zone=deployment_zone())
    mara = cast.client("mara")
    page = text(mara.get(PAGE))
    row = Recommending.objects.get()
    assert f"Of {row.quality['people']:,} people who came back" in page
    assert "better than what is popular by more than luck explains" in page
    assert "“" not in row.quality["missing"]
    found = Item.objects.order_by("pk")[0]
    tried = text(mara.get(reverse("scoring:recommendations_item"), {"q": found.name}))
    assert "Looked at by the same people" in tried
    assert "item-card" in tried
    many = text(mara.get(reverse("scoring:recommendations_item"), {"q": found.name.split()[0]}))
    assert "Which one?" in many
    assert "no item of that name" in text(mara.get(reverse("scoring:recommendations_item"), {"q": "xyz"}))
    uuid = Profile.objects.get(pk=next(iter(people.values()))).uuid
    with patch.object(pages, "utc_now", lambda: NOW):
        of_person = text(mara.get(reverse("scoring:recommendations_person"), {"q": str(uuid)}))
        panel = text(mara.get(reverse("scoring:recommended_to_person", args=[uuid])))
    for shown in (of_person, panel):
        assert "/demo/items/" in shown
        assert "Viewed last, not bought" in shown
    assert "Nobody is known by that" in text(mara.get(reverse("scoring:recommendations_person"), {"q": "x\0"}))


def test_settings_are_kept_and_told(cast: Cast) -> None:
    Recommending.objects.create(pk=1, ran_at=NOW)
    mara = cast.client("mara")
    with patch.object(pages, "utc_now", lambda: NOW):
        assert mara.post(f"{PAGE}settings/", SETTINGS).status_code == 302
    row = Recommending.objects.get()
    assert (row.floor, row.leaves_out_bought_days, row.schedule) == (0.025, 30, "15 4 * * *")
    assert row.due_at is not None and row.due_at.isoformat() == "2026-03-02T04:15:00+00:00"
    assert AuditEntry.objects.get(verb="changed recommendations").details["before"]["leaves_out_bought_days"] == 90
    for field, value, problem in (
        ("floor_pct", "101", "less than or equal to 100"),
        ("leaves_out_bought_days", "-1", "greater than or equal to 0"),
        ("schedule", "nightly", "five fields"),
    ):
        wrong = mara.post(f"{PAGE}settings/", {**SETTINGS, field: value})
        assert wrong.status_code == 422
        assert problem in wrong.content.decode().lower()
    row.refresh_from_db()
    assert row.floor == 0.025


def test_run_now_starts_one_run(cast: Cast) -> None:
    Item.objects.create(id="a", created_at=NOW, updated_at=NOW)
    mara = cast.client("mara")
    with patch.object(make_recommendations, "apply_async") as asked:
        assert mara.post(f"{PAGE}run/").status_code == 302
        assert mara.post(f"{PAGE}run/").status_code == 302
    assert asked.call_count == 1
    job = Job.objects.get()
    page = text(mara.get(PAGE))
    assert "Waiting for a worker" in page
    assert reverse("scoring:recommendations_progress", args=[job.pk]) in page
    stopping = text(mara.post(reverse("scoring:recommendations_stop", args=[job.pk])))
    assert "Stopping" in stopping
    assert Job.objects.get().is_cancel_requested
    Job.objects.update(state=Job.State.DONE)
    assert "See what was learned" in text(mara.get(reverse("scoring:recommendations_progress", args=[job.pk])))


@pytest.mark.parametrize(("name", "sees", "changes"), [("vic", 200, 403), ("stew", 200, 403), ("stranger", 302, 302)])
def test_who_may_not(cast: Cast, name: str, sees: int, changes: int) -> None:
    client: Client = cast.client(name)
    job = new_job(title="Recommendations", by=None, now=NOW)
    assert client.get(PAGE).status_code == sees
    assert client.get(reverse("scoring:recommendations_progress", args=[job.pk])).status_code == sees
    assert client.post(f"{PAGE}run/").status_code == changes
    assert client.post(reverse("scoring:recommendations_stop", args=[job.pk])).status_code == changes
    assert client.post(f"{PAGE}settings/", SETTINGS).status_code == changes
    assert Recommending.objects.get().floor == 0.01
