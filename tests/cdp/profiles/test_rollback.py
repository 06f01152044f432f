"""Everything with one cause taken back, foreseen first, undone afterwards; and single traits."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from cdp.accounts.models import AuditEntry
from cdp.common.models import Job
from cdp.connectors.models import Import
from cdp.events.models import Event, SeenMessage
from cdp.pipeline import drain
from cdp.profiles import rollback
from cdp.profiles.long_work import advance
from cdp.profiles.lots import Lot, NoSuchLot
from cdp.profiles.models import Profile, ProfileChange, Rollback, Saying, Touched
from cdp.profiles.rollback import CannotRollBack, outlook, roll_back, undo
from identity.models import Waiting
from tests.cast import Cast
from tests.cdp.connectors.importing import finish as finish_import
from tests.cdp.connectors.importing import uploaded
from tests.cdp.profiles.test_change_rule import finish
from tests.taking_in import NOW, ago, identify, rows, source, take_in, track

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(hours=1)
BAD = "id,e-mail,city\n1,ada@x.org,WRONG\n2,bob@x.org,WRONG\n3,cy@x.org,WRONG\n"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def cities() -> dict[str, Any]:
    return {
        one.traits["email"]: one.traits.get("city") for one in Profile.objects.filter(merged_into=None) if one.traits
    }


def records() -> list[Any]:
    return rows("select id, profile_id, traits::text from profiles_record order by id")


def known() -> None:
    """Ada and Bob as crm knows them; Cy is unknown."""
    people = [("1", "ada@x.org", "Ulm"), ("2", "bob@x.org", "Bonn")]
    take_in([identify(n, traits={"email": mail, "city": city}, at=ago(days=9)) for n, mail, city in people], of="crm")


def imported(text: str = BAD, *, of: str = "crm") -> Import:
    return finish_import(uploaded(text, of=of, preset="people"))


def lot_of(one: Import) -> Lot:
    return Lot(f"import:{one.pk}")


def rolled_back(lot: Lot) -> Rollback:
    one = roll_back(lot, actor=None, now=SOON)
    assert finish(one.job).state == Job.State.DONE
    return Rollback.objects.get(pk=one.pk)


def test_a_bad_import_is_foreseen_taken_back_and_brought_back() -> None:
    known()
    before = records()
    bad = imported()
    after, said = records(), cities()
    assert said == {"ada@x.org": "WRONG", "bob@x.org": "WRONG", "cy@x.org": "WRONG"}
    found = outlook(lot_of(bad))
    assert (found.records, found.foreseen.people, found.foreseen.estimate, found.foreseen.is_exact) == (3, 3, 3, True)
    assert ("city", "WRONG", "Ulm") in [(one.trait, one.old, one.new) for one in found.foreseen.examples]
    assert records() == after
    Touched.objects.all().delete()
    one = rolled_back(lot_of(bad))
    assert cities() == {"ada@x.org": "Ulm", "bob@x.org": "Bonn"}
    assert records()[: len(before)] == before
    assert one.job.result == {"changed": 3}
    assert {name for row in Touched.objects.all() for name in row.names} >= {"trait:city"}
    change = ProfileChange.objects.get(what="city", new="Ulm", old="WRONG")
    assert (change.cause, change.at) == (f"rollback:{one.pk}", SOON)
    assert outlook(lot_of(bad)).words == 0
    finish(undo(one, actor=None, now=SOON))
    assert cities() == said
    assert records() == after
    assert not Saying.objects.exclude(withdrawn_by=None).exists()
    with pytest.raises(CannotRollBack):
        undo(one, actor=None, now=SOON)
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"rolled back", "undid rollback"}


def test_what_was_said_since_stays_whoever_said_it() -> None:
    known()
    bad = imported()
    take_in([identify("1", traits={"city": "Trier"}, at=NOW + timedelta(minutes=1))], of="crm", now=SOON)
    take_in([identify(anonymousId="b", traits={"city": "WRONG", "email": "bob@x.org"}, at=NOW + timedelta(minutes=1))],
            of="web", now=SOON)  # fmt: skip
    rolled_back(lot_of(bad))
    assert cities() == {"ada@x.org": "Trier", "bob@x.org": "WRONG"}
    take_in([identify("1", traits={"city": "Jena"}, at=NOW + timedelta(minutes=2))], of="crm", now=SOON)
    assert cities()["ada@x.org"] == "Jena"


def test_an_import_that_only_made_old_words_look_new_is_taken_back() -> None:
    """crm says what it said before, as of today: it must not have outdone the web for good."""
    known()
    take_in([identify(anonymousId="w", traits={"email": "ada@x.org", "city": "Trier"}, at=ago(days=1))], of="web")
    bad = imported("id,e-mail,city\n1,ada@x.org,Ulm\n")
    assert cities()["ada@x.org"] == "Ulm"
    rolled_back(lot_of(bad))
    assert cities()["ada@x.org"] == "Trier"


def test_words_that_came_late_or_in_the_same_claim_count_again() -> None:
    take_in([
        identify("1", traits={"email": "ada@x.org", "city": "Ulm"}, at=ago(days=3)),
        identify("1", traits={"city": "Bonn"}, at=ago(days=2)),
    ], of="crm")  # fmt: skip
    bad = imported("id,e-mail,city\n1,ada@x.org,WRONG\n")
    take_in([identify("1", traits={"city": "Late"}, at=ago(days=1))], of="crm")
    assert cities() == {"ada@x.org": "WRONG"}
    rolled_back(lot_of(bad))
    assert cities() == {"ada@x.org": "Late"}
    since, until = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)
    rolled_back(Lot("", source("crm").pk, since, until))
    assert cities() == {}


def test_two_rollbacks_of_one_record_do_not_mix() -> None:
    known()
    first = imported("id,e-mail,city\n1,ada@x.org,FIRST\n")
    second = imported("id,e-mail,city\n1,ada@x.org,SECOND\n2,bob@x.org,SECOND\n")
    one = rolled_back(lot_of(second))
    assert cities() == {"ada@x.org": "FIRST", "bob@x.org": "Bonn"}
    rolled_back(lot_of(first))
    assert cities() == {"ada@x.org": "Ulm", "bob@x.org": "Bonn"}
    finish(undo(one, actor=None, now=SOON))
    assert cities() == {"ada@x.org": "SECOND", "bob@x.org": "SECOND"}


def test_a_corrected_file_can_be_imported_and_its_unchanged_rows_count() -> None:
    bad = imported()
    assert SeenMessage.objects.count() == 3
    rolled_back(lot_of(bad))
    assert not SeenMessage.objects.exists()
    imported(BAD.replace("2,bob@x.org,WRONG", "2,bob@x.org,Bonn"))
    assert cities() == {"ada@x.org": "WRONG", "bob@x.org": "Bonn", "cy@x.org": "WRONG"}


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_words_follow_a_merge(batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    mails = ("ada@x.org", "bob@x.org")
    take_in([identify(anonymousId=mail, traits={"email": mail, "city": "Ulm"}, at=ago(days=9)) for mail in mails])
    bad = imported("e-mail,city\nada@x.org,WRONG\nbob@x.org,WRONG\n")
    assert set(cities().values()) == {"WRONG"}
    assert len(cities()) == 2
    monkeypatch.setattr(rollback, "SAYINGS", 1)
    one = roll_back(lot_of(bad), actor=None, now=SOON)
    for _ in range(batches):
        assert advance(one.job_id, rollback.batch, now=SOON)
    for mail in mails:
        take_in([identify(anonymousId="both", traits={"email": mail})], of="shop", now=SOON)
    assert Profile.objects.filter(merged_into=None).count() == 1
    assert finish(one.job).state == Job.State.DONE
    assert list(cities().values()) == ["Ulm"]
    assert not Saying.objects.filter(cause=f"import:{bad.pk}", withdrawn_by=None).exists()
    astray = "select 1 from profiles_saying w join profiles_record r on r.id = w.record_id"
    assert not rows(f"{astray} where r.profile_id <> w.profile_id")


def test_a_source_for_a_while() -> None:
    known()
    wrong = {"city": "WRONG", "email": "ada@x.org"}
    take_in([identify(anonymousId="w", traits=wrong, at=ago(hours=3))], of="web", now=ago(hours=3))
    take_in([identify("2", traits={"city": "Trier"}, at=ago(hours=3))], of="crm", now=ago(hours=3))
    lot = Lot("", source("web").pk, ago(hours=4), ago(hours=2))
    assert outlook(lot).words == 2
    assert outlook(Lot("", source("web").pk, ago(hours=2), NOW)).words == 0
    rolled_back(lot)
    assert cities() == {"ada@x.org": "Ulm", "bob@x.org": "Trier"}
    with pytest.raises(CannotRollBack, match="not in the future"):
        roll_back(Lot("", source("web").pk, NOW, SOON + timedelta(days=1)), actor=None, now=SOON)


def test_what_still_runs_and_what_does_not_exist_is_refused() -> None:
    bad = imported()
    Job.objects.filter(of_import=bad.pk).update(state=Job.State.RUNNING)
    with pytest.raises(CannotRollBack, match="still runs"):
        roll_back(lot_of(bad), actor=None, now=SOON)
    for cause in ("import:999", "import:x", "message:1:2", "nothing", "import:"):
        with pytest.raises(NoSuchLot):
            outlook(Lot(cause))
    assert not Rollback.objects.exists()


def test_a_live_source_that_repeats_itself_writes_no_ledger() -> None:
    for minute in range(3):
        take_in([identify("1", traits={"city": "Ulm"}, at=NOW + timedelta(minutes=minute))], now=SOON)
    assert Saying.objects.count() == 1


def test_the_index_of_imports_serves_the_question() -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        where, values = Lot("import:12").where
        cursor.execute(f"explain select count(*) from profiles_saying w where {where}", values)
        assert "saying_by_import" in str(cursor.fetchall())


def test_a_steward_takes_an_import_back_from_its_page(cast: Cast) -> None:
    known()
    bad = imported()
    stew = cast.client("stew")
    link = re.search(r'href="(/people/rollbacks/new/[^"]+)"', stew.get(f"/imports/{bad.pk}/").content.decode())
    assert link
    page = stew.get(link[1]).content.decode()
    assert "Roll back for 3 people" in page
    assert "WRONG" in page
    assert stew.get("/people/rollbacks/new/?cause=import:999").status_code == 404
    done = stew.post("/people/rollbacks/new/", {"cause": f"import:{bad.pk}"})
    one = Rollback.objects.get()
    assert done.headers["Location"] == f"/people/rollbacks/{one.pk}/"
    assert not re.search("Undo the rollback", stew.get(done.headers["Location"]).content.decode())
    finish(one.job)
    assert "The traits of 3 people changed" in stew.get(done.headers["Location"]).content.decode()
    ada = Profile.objects.get(traits__email="ada@x.org")
    assert f"the import of {bad.file_name} was rolled back" in stew.get(f"/people/{ada.uuid}/changes/").content.decode()
    stew.post(f"/people/rollbacks/{one.pk}/undo/")
    assert Rollback.objects.get().undo_job is not None
    assert "Undone" in stew.get("/people/rollbacks/").content.decode()
    span = {"source": str(source("web").pk), "since": "2026-01-02T00:00", "until": "2026-01-01T00:00"}
    assert stew.get("/people/rollbacks/new/", span).status_code == 422
    for name in ("mara", "vic"):
        assert cast.client(name).post("/people/rollbacks/new/", {"cause": f"import:{bad.pk}"}).status_code == 403


def test_a_trait_rolled_back_survives_and_yields_to_newer_words(cast: Cast) -> None:
    known()
    take_in([identify("1", traits={"city": "WRONG"}, at=ago(days=1))], of="crm")
    ada = Profile.objects.get(traits__email="ada@x.org")
    change = ProfileChange.objects.get(profile_id=ada.pk, what="city", new="WRONG")
    url = reverse("events:back", args=[ada.uuid, change.pk])
    stew = cast.client("stew")
    assert url in stew.get(f"/people/{ada.uuid}/changes/").content.decode()
    page = stew.get(url).content.decode()
    assert page.index("WRONG") < page.index("Ulm")
    assert cities()["ada@x.org"] == "WRONG"
    assert stew.post(url).status_code == 302
    drain("live", now=NOW)
    assert cities()["ada@x.org"] == "Ulm"
    assert "rolled back by Stew" in stew.get(f"/people/{ada.uuid}/changes/").content.decode()
    take_in([identify("1", traits={"city": "WRONG"}, at=ago(hours=5))], of="crm")
    assert cities()["ada@x.org"] == "Ulm"
    later = datetime.now(tz=NOW.tzinfo) + timedelta(minutes=1)
    take_in([identify("1", traits={"city": "Trier"}, at=later)], of="crm", now=later)
    assert cities()["ada@x.org"] == "Trier"
    assert cast.client("vic").post(url).status_code == 403
    assert AuditEntry.objects.get(verb="rolled back trait").details == {"trait": "city"}


def test_events_of_the_import_stay() -> None:
    take_in([track("1", "Order Completed")], of="crm")
    rolled_back(lot_of(imported()))
    assert Event.objects.count() == 1


def test_those_whose_words_are_taken_back_are_compared_anew() -> None:
    known()
    one = imported()
    wrong = {record_id for record_id, _, traits in records() if "WRONG" in traits}
    Waiting.objects.all().delete()
    rolled_back(lot_of(one))
    assert set(Waiting.objects.values_list("record_id", flat=True)) == wrong
