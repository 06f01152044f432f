"""Privacy requests over HTTP: find, copy, erase, lift; who may, what is noted, what does not show."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cdp.accounts.models import AuditEntry
from cdp.privacy import erase, export_person
from cdp.privacy.models import Erased, PrivacyRequest
from cdp.profiles.models import Profile
from tests.cast import Cast
from tests.factories import a_token
from tests.taking_in import NOW, identify, take_in, track

pytestmark = pytest.mark.django_db
EMAIL = "wren@shop.example"


@pytest.fixture(autouse=True)
def own_places(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ERASED_LIST = tmp_path / "erased.json"


@pytest.fixture
def wren() -> Profile:
    take_in([identify("w-1", anonymousId="device-9", traits={"email": EMAIL, "name": "=Wren()"})])
    take_in([track("w-1", "Viewed", properties={"color": "red"})])
    return Profile.objects.get()


def run(request: PrivacyRequest) -> PrivacyRequest:
    verb = erase if request.kind == "erase" else export_person
    verb.run(request.job_id, clock=lambda: NOW)
    return PrivacyRequest.objects.get(pk=request.pk)


@pytest.mark.parametrize("by", [EMAIL, EMAIL.upper(), "w-1", "user_id:w-1", "device-9"])
def test_a_steward_finds_somebody_by_whatever_they_are_known_by(cast: Cast, wren: Profile, by: str) -> None:
    answer = cast.client("stew").post("/privacy/requests/find/", {"identifier": by})
    assert answer.status_code == 302 and answer["Location"] == f"/privacy/requests/people/{wren.uuid}/"


def test_the_page_counts_every_place_and_asks_for_a_word(cast: Cast, wren: Profile) -> None:
    stew = cast.client("stew")
    page = stew.get(f"/privacy/requests/people/{wren.uuid}/").content.decode()
    for said in ("Identifiers", "Records of sources", "Events", EMAIL, "Type “erase”"):
        assert said in page, said
    refused = stew.post("/privacy/requests/erase/", {"uuid": wren.uuid, "word": "yes"})
    assert refused.status_code == 422 and not PrivacyRequest.objects.exists()
    assert stew.post("/privacy/requests/erase/", {"uuid": wren.uuid, "word": "Erase"}).status_code == 302
    request = run(PrivacyRequest.objects.get())
    page = stew.get(f"/privacy/requests/{request.uuid}/").content.decode()
    assert "Identifiers" in page and "Take them in again" in page and EMAIL not in page
    assert stew.get(f"/privacy/requests/people/{wren.uuid}/").status_code == 404
    assert [one.verb for one in AuditEntry.objects.order_by("id")][-2:] == [
        "began to erase a person",
        "erased a person",
    ]
    assert EMAIL not in str(AuditEntry.objects.values_list("target", "details"))
    assert stew.post(f"/privacy/requests/{request.uuid}/lift/").status_code == 302 and not Erased.objects.exists()


def test_a_copy_holds_everything_and_no_formula_and_is_kept_a_week(cast: Cast, wren: Profile) -> None:
    stew = cast.client("stew")
    stew.post("/privacy/requests/copy/", {"uuid": wren.uuid})
    request = run(PrivacyRequest.objects.get())
    request.expires_at = request.at + timedelta(days=7)
    request.save()
    page = f"/privacy/requests/{request.uuid}/"
    found = json.loads(b"".join(stew.get(f"{page}files/json/")))
    assert {"kind": "email", "value": EMAIL} in found["person"]["identifiers"]
    assert found["tables"]["Events"][0]["properties"] in ({"color": "red"}, '{"color": "red"}')
    assert found["tables"]["Events"][0]["source"] == "web"
    assert len(found["tables"]["Identifiers"]) == 3 and found["tables"]["History of traits"]
    packed = zipfile.ZipFile(io.BytesIO(b"".join(stew.get(f"{page}files/zip/"))))
    (row,) = csv.DictReader(io.StringIO(packed.read("profiles.csv").decode()))
    assert row["uuid"] == str(wren.uuid)
    cells = [
        cell
        for name in packed.namelist()
        for line in csv.reader(io.StringIO(packed.read(name).decode()))
        for cell in line
    ]
    assert not [cell for cell in cells if cell.startswith("=")]
    assert AuditEntry.objects.filter(verb="downloaded a copy of a person").count() == 2
    for other in ("mara", "vic", "stranger"):
        assert cast.client(other).get(f"{page}files/json/").status_code in (302, 403)
    assert export_person.forget_old(now=request.expires_at) == 1
    assert stew.get(f"{page}files/json/").status_code == 404


def test_somebody_whom_nobody_knows_can_be_erased_too(cast: Cast) -> None:
    stew = cast.client("stew")
    page = stew.post("/privacy/requests/find/", {"identifier": "nobody@shop.example"}).content.decode()
    assert "They are nowhere" in page
    stew.post("/privacy/requests/erase/", {"identifier": "nobody@shop.example", "word": "erase"})
    run(PrivacyRequest.objects.get())
    take_in([identify("n", traits={"email": "Nobody@shop.example"})])
    assert not Profile.objects.exists()


def test_over_the_api_with_a_scope_of_its_own(wren: Profile) -> None:
    key = f"Bearer {a_token('privacy:read', 'privacy:write')[1]}"
    asked = {"kind": "erase", "identifier": EMAIL}
    client = Client(headers={"authorization": key})
    made = client.post("/api/privacy/requests", asked, content_type="application/json")
    assert made.status_code == 201 and made.json()["state"] == "waiting"
    run(PrivacyRequest.objects.get())
    said = client.get(f"/api/privacy/requests/{made.json()['id']}").json()
    assert said["state"] == "done" and said["rows"] > 5 and EMAIL not in str(said)
    other = Client(headers={"authorization": f"Bearer {a_token('profiles:write')[1]}"})
    assert other.post("/api/privacy/requests", asked, content_type="application/json").status_code == 403
    wrongs: tuple[Any, ...] = ({"kind": "x", "identifier": "y"}, {"kind": "erase"}, {**asked, "more": 1}, [])
    for wrong in wrongs:
        assert client.post("/api/privacy/requests", wrong, content_type="application/json").status_code == 400
