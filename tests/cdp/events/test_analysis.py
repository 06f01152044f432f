"""An export for analysis says what people did and not who they are."""

import csv
import gzip
from pathlib import Path
from typing import Any

import pytest

from cdp.accounts.models import AuditEntry
from cdp.events import analysis
from cdp.events.analysis import Wanted
from cdp.events.models import Event
from cdp.privacy.models import AnalysisExport
from cdp.profiles.models import Profile
from tests.cast import Cast
from tests.taking_in import NOW, ago, identify, take_in, track

pytestmark = pytest.mark.django_db
CHOSEN = Wanted(traits=("city", "note"), properties=("color",), coarse="day")


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def people(n: int) -> None:
    take_in(
        [
            identify(
                f"user-{i}", traits={"email": f"u{i}@shop.example", "city": "Ulm", "note": f"call u{i}@shop.example"}
            )
            for i in range(n)
        ]
    )
    take_in([track(f"user-{i}", "Viewed", at=ago(days=i), properties={"color": "=red", "url": "x"}) for i in range(n)])


def made(wanted: Wanted = CHOSEN, **more: Any) -> AnalysisExport:
    given: dict[str, Any] = {"keeps_key": False, "like": None, **more}
    one = analysis.begin(wanted, by=None, now=NOW, **given)
    analysis.run(one.job_id, clock=lambda: NOW)
    return AnalysisExport.objects.get(pk=one.pk)


def lines(one: AnalysisExport, name: str) -> list[list[str]]:
    path = analysis.path_of(one, name, now=NOW)
    assert path is not None
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_who_did_what_under_made_up_names(monkeypatch: pytest.MonkeyPatch) -> None:
    people(5)
    monkeypatch.setattr(analysis, "LOT", 2)
    one = made()
    head, *rows = lines(one, analysis.PEOPLE)
    assert head == ["person", "first seen", "last seen", "city", "note"]
    assert len({row[0] for row in rows}) == 5 and {row[3] for row in rows} == {"Ulm"}
    events = lines(one, analysis.EVENTS)
    assert events[0] == ["person", "event", "at", "item", "value", "color"] and len(events) == 6
    assert {row[0] for row in events[1:]} == {row[0] for row in rows}
    assert events[1][5] == "'=red" and len(events[1][2]) == 10
    whole = str(rows + events)
    assert "shop.example" not in whole and "user-" not in whole and str(Profile.objects.first().uuid) not in whole  # type: ignore[union-attr]
    assert one.sealed_key is None and one.job.result == {"people": 5, "events": 5}
    assert not list(Path(analysis._folder(one)).glob("*.part"))


def test_a_killed_worker_goes_on_with_the_next_part(monkeypatch: pytest.MonkeyPatch) -> None:
    people(5)
    monkeypatch.setattr(analysis, "LOT", 2)
    one = analysis.begin(CHOSEN, keeps_key=False, like=None, by=None, now=NOW)
    assert analysis._part(one, clock=lambda: NOW)
    analysis.run(one.job_id, clock=lambda: NOW)
    one.refresh_from_db()
    assert len(lines(one, analysis.EVENTS)) == 1 + Event.objects.count()


def test_names_differ_from_export_to_export_unless_the_key_was_kept() -> None:
    people(1)
    kept = made(keeps_key=True)
    assert lines(made(), analysis.PEOPLE)[1][0] != lines(kept, analysis.PEOPLE)[1][0]
    assert lines(made(like=kept), analysis.PEOPLE)[1][0] == lines(kept, analysis.PEOPLE)[1][0]


@pytest.mark.parametrize("name", ["email", "First Name", "phone_number", "userId", "ip"])
def test_what_identifies_cannot_be_chosen(name: str) -> None:
    with pytest.raises(analysis.NotAllowed):
        made(Wanted(traits=(name,)))


def test_the_page_warns_of_what_is_nearly_unique_and_downloads_expire(cast: Cast) -> None:
    mara, nothing_yet = cast.client("mara"), "may be chosen are known yet"
    assert nothing_yet in mara.get("/data/analysis/new/").content.decode()
    people(25)
    assert nothing_yet not in mara.get("/data/analysis/new/").content.decode()
    chosen = {"traits": ["city", "note"], "coarse": "day"}
    refused = mara.post("/data/analysis/new/", chosen)
    assert refused.status_code == 422 and "Nearly everybody has another value of note" in refused.content.decode()
    assert mara.post("/data/analysis/new/", {**chosen, "seen_warnings": "on"}).status_code == 302
    one = AnalysisExport.objects.get()
    analysis.run(one.job_id, clock=lambda: one.at)
    page = f"/data/analysis/{one.pk}/"
    assert "25 people" in mara.get(page).content.decode()
    assert mara.get(f"{page}people/").status_code == 200 and mara.get(f"{page}other/").status_code == 404
    assert AuditEntry.objects.filter(verb="downloaded an analysis export").count() == 1
    assert analysis.forget_old(now=one.at + analysis.KEPT) == 1
    assert mara.get(f"{page}people/").status_code == 404
