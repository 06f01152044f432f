"""A steward begins the full pass, sees how far it is, and stops it."""

import pytest

from cdp.accounts.models import AuditEntry
from cdp.common.models import Job
from identity import full_pass
from tests.cast import Cast
from tests.taking_in import NOW, identify, take_in

pytestmark = pytest.mark.django_db
URL = "/identity/everybody/"


def test_a_pass_is_begun_once_watched_and_its_result_stays(cast: Cast) -> None:
    take_in([identify("ada", traits={"email": "a@x.org", "name": "Ada Byron"})])
    stew = cast.client("stew")
    assert stew.post(URL).headers["Location"] == "/identity/rules/"
    stew.post(URL)
    job = Job.objects.get(kind="match")
    assert AuditEntry.objects.filter(verb="started matching everybody").count() == 1
    assert "Waiting for a worker" in stew.get("/identity/rules/").content.decode()
    full_pass.run(job.pk, clock=lambda: NOW)
    assert "Finished" in stew.get(f"{URL}{job.pk}/").content.decode()
    assert "1 record compared" in stew.get("/identity/rules/").content.decode()


def test_one_that_waits_is_stopped_at_once(cast: Cast) -> None:
    cast.client("stew").post(URL)
    job = Job.objects.get(kind="match")
    assert "Cancelled" in cast.client("stew").post(f"{URL}{job.pk}/stop/").content.decode()
    assert cast.client("stew").get(f"{URL}{job.pk + 1}/").status_code == 404


def test_who_may_only_look_sees_it_and_begins_nothing(cast: Cast) -> None:
    assert cast.client("vic").post(URL).status_code == 403
    assert "Compare everybody now" not in cast.client("vic").get("/identity/rules/").content.decode()
    assert not Job.objects.filter(kind="match").exists()
