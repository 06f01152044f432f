"""Predictions → Best hour: what it says, who may, and the same through the API."""

from datetime import timedelta

import pytest
from django.test import Client

from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.profiles.models import Profile
from scoring import send_hours_job
from scoring.models import SendHour
from scoring.send_time_refresh import refresh_hours
from scoring.tasks import find_send_hours, find_send_hours_nightly
from tests.cast import Cast
from tests.factories import a_token
from tests.scoring.timing.test_send_time import CLICK, UTC_ZONE, a_crowd, person
from tests.taking_in import NOW, take_in, track

pytestmark = pytest.mark.django_db
PAGE = "/predictions/best-hour/"


def page(client: Client, url: str = PAGE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_before_anything_is_known(cast: Cast) -> None:
    assert "No hours known yet" in page(cast.client("vic"))


def test_how_people_spread_and_what_it_is_worth(cast: Cast) -> None:
    a_crowd(120, lambda number: (8, 19)[number % 2], country="DE")
    refresh_hours(now=NOW, zone=UTC_ZONE)
    text = page(cast.client("vic"))
    assert "It is worth sending to each at their own hour" in text
    assert "120 people" in text
    assert ">DE</th>" in text
    assert "Find anew now" not in text, "Vic only looks"
    hour = SendHour.objects.values_list("hour", flat=True)[0]
    n = SendHour.objects.filter(hour=hour).count()
    people = page(cast.client("vic"), f"{PAGE}{hour}/people/")
    assert f"{n} people" in people
    assert people.count("times an hour by chance") == min(n, 50)
    assert cast.client("vic").get(f"{PAGE}24/people/").status_code == 404
    assert cast.client("vic").get(f"{PAGE}{hour}/people/?after=nonsense").status_code == 400


def test_finding_anew(cast: Cast) -> None:
    person("a")
    take_in([track("a", CLICK)])
    assert cast.client("vic").post(f"{PAGE}find/").status_code == 403
    mara = cast.client("mara")
    mara.post(f"{PAGE}find/")
    mara.post(f"{PAGE}find/")
    job = Job.objects.get(kind=send_hours_job.KIND)
    assert "Waiting for a worker" in page(mara)
    assert "HX-Refresh" not in mara.get(f"{PAGE}jobs/{job.pk}/")
    find_send_hours(job.pk)
    assert mara.get(f"{PAGE}jobs/{job.pk}/")["HX-Refresh"] == "true"
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_a_look_whose_worker_died_does_not_stand_in_the_way() -> None:
    first = send_hours_job.start(by=None, now=NOW)
    assert send_hours_job.start(by=None, now=NOW + timedelta(minutes=9)) == first
    assert send_hours_job.start(by=None, now=NOW + timedelta(minutes=11)) != first
    first.refresh_from_db()
    assert first.state == Job.State.FAILED


def test_every_night() -> None:
    find_send_hours_nightly()
    assert Job.objects.get(kind=send_hours_job.KIND).state == Job.State.DONE


def test_the_api_tells_of_one_person() -> None:
    headers = {"Authorization": f"Bearer {a_token('scores:read')[1]}"}
    person("ann", timezone="Asia/Tokyo")
    uuid = Profile.objects.get().uuid
    nothing = Client().get(f"/api/profiles/{uuid}/best-hour", headers=headers).json()
    assert (nothing["hour"], nothing["whose"], nothing["shares"]) == (None, "nobody", [])
    now = utc_now()
    at = now.replace(hour=3, minute=10) - timedelta(days=2)
    take_in([track("ann", CLICK, at=at - timedelta(days=day)) for day in range(30)], now=now)
    refresh_hours(now=now, zone=UTC_ZONE)
    told = Client().get("/api/profiles/user_id:ann/best-hour", headers=headers).json()
    assert (told["hour"], told["whose"]) == (12, "own")
    assert len(told["shares"]) == 24
    assert sum(told["shares"]) == pytest.approx(1, abs=0.01)
    assert Client().get("/api/profiles/user_id:nobody/best-hour", headers=headers).status_code == 404
    assert Client().get("/api/profiles/user_id:ann/best-hour").status_code == 401
    other = {"Authorization": f"Bearer {a_token('segments:read')[1]}"}
    assert Client().get("/api/profiles/user_id:ann/best-hour", headers=other).status_code == 403
