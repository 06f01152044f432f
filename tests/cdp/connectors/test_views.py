"""The steward's way through an import, over HTTP."""

import csv
import io
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cdp.accounts.models import AuditEntry, Source
from cdp.common.models import Job
from cdp.connectors.models import Import
from cdp.connectors.running import run
from cdp.events.models import ExchangeRate
from cdp.privacy.models import Purpose
from cdp.profiles.models import Profile
from tests.cast import Cast
from tests.cdp.connectors.importing import drain_all, uploaded
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
PEOPLE = "E-Mail,Town,Newsletter\nada@example.org,Ulm,yes\nnobody,Ulm,no\nbob@example.org,=1+1,maybe\n"


@pytest.fixture(autouse=True)
def bells(settings: LazySettings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Imports rung for; no worker runs here."""
    settings.MEDIA_ROOT = tmp_path
    rung: list[int] = []
    monkeypatch.setattr("cdp.connectors.views.ring", rung.append)
    return rung


@pytest.fixture
def stew(cast: Cast) -> Client:
    Purpose.objects.get_or_create(key="email-marketing", defaults={"name": "E-mail marketing"})
    return cast.client("stew")


def send(stew: Client, body: str, **more: Any) -> Any:
    file = SimpleUploadedFile("people.csv", body.encode())
    return stew.post("/imports/new/", {"file": file, "new_source": "Old shop", **more})


def mapping(**columns: str) -> dict[str, str]:
    return {"preset": "people", "date_order": "ymd", **columns}


def test_from_upload_to_result(stew: Client, bells: list[int], django_capture_on_commit_callbacks: Any) -> None:
    answer = send(stew, PEOPLE)
    one = Import.objects.get()
    assert answer.status_code == 302
    assert (one.source.name, one.source.kind, one.preset) == ("Old shop", Source.Kind.IMPORT, "people")
    page = stew.get(answer.url).content.decode()
    assert "ada@example.org" in page
    assert '<option value="trait" selected>' in page
    columns = {"column-0": "email", "column-1": "trait", "column-2": "consent:email-marketing"}
    tried = stew.post(f"{answer.url}mapping/", mapping(action="try", **columns)).content.decode()
    assert "All 3 rows were read" in tried
    assert "“nobody” is not an e-mail address, such as ada@example.org" in tried
    assert "“maybe” is neither yes nor no" in tried
    assert Job.objects.get().done == 0
    assert bells == []
    with django_capture_on_commit_callbacks(execute=True):
        stew.post(f"{answer.url}mapping/", mapping(action="start", **columns))
    assert bells == [one.pk]
    assert AuditEntry.objects.filter(verb="started import").exists()
    assert "Waiting for a worker" in stew.get(answer.url).content.decode()
    run(one.pk, clock=lambda: NOW, wait=drain_all)
    drain_all()
    assert "HX-Refresh" in stew.get(f"{answer.url}progress/").headers
    assert "“maybe” is neither yes nor no" in stew.get(answer.url).content.decode()
    assert [profile.traits for profile in Profile.objects.all()] == [{"email": "ada@example.org", "town": "Ulm"}]
    streamed = b"".join(stew.get(f"{answer.url}rejected.csv").streaming_content)  # type: ignore[attr-defined]
    table = list(csv.reader(io.StringIO(streamed.decode())))
    assert table[0] == ["E-Mail", "Town", "Newsletter", "Row in the file", "Column", "What would be right"]
    assert [row[:5] for row in table[1:]] == [
        ["nobody", "Ulm", "no", "3", "E-Mail"],
        ["bob@example.org", "'=1+1", "maybe", "4", "Newsletter"],
    ]


def test_a_start_that_lacks_a_column_says_which_and_keeps_the_choices(stew: Client, bells: list[int]) -> None:
    answer = send(stew, PEOPLE)
    page = stew.post(f"{answer.url}mapping/", mapping(action="start", **{"column-0": "ignore"}))
    assert "Choose the column with the “Customer id”" in page.content.decode()
    assert Import.objects.get().columns == [["ignore", ""], ["trait", "town"], ["trait", "newsletter"]]
    assert bells == []


def test_a_wrong_option_stands_at_its_field(stew: Client, bells: list[int]) -> None:
    answer = send(stew, PEOPLE)
    page = stew.post(f"{answer.url}mapping/", mapping(action="start", currency="XYZ", zone="Mars/Base"))
    assert page.status_code == 422
    assert "not a currency code" in page.content.decode()
    assert "There is no such time zone" in page.content.decode()
    assert bells == []


def test_where_products_and_times_go_is_said_as_it_must_be(stew: Client, bells: list[int]) -> None:
    answer = send(stew, "order_id,time,customer_id,price\n1,2011-12-09 12:50:00,u1,7\n")
    said = {
        "preset": "orders",
        "action": "start",
        "newest_is_today": "on",
        "shift_days": "5",
        "item_url": "shop/{code}",
    }
    page = stew.post(f"{answer.url}mapping/", said).content.decode()
    assert "Choose one: a number of days here" in page
    assert "not a link that begins with https:// and has {code} in it" in page
    assert bells == []


def test_a_currency_without_a_rate_is_told_before_the_start(stew: Client) -> None:
    answer = send(
        stew, "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n1,A,1,2011-12-09 12:50:00,7,5\n"
    )
    warning = "Amounts in GBP would wait in quarantine"
    assert warning in stew.get(answer.url).content.decode()
    ExchangeRate.objects.create(currency="GBP", valid_on=NOW.date(), rate=1)
    assert warning not in stew.get(answer.url).content.decode()


def test_another_kind_of_file_begins_the_mapping_anew(stew: Client) -> None:
    answer = send(stew, PEOPLE)
    stew.post(f"{answer.url}mapping/", {"preset": "suppressions"})
    assert Import.objects.get().preset == "suppressions"
    assert Import.objects.get().columns == [["email", ""], ["ignore", ""], ["ignore", ""]]


@pytest.mark.parametrize(("body", "says"), [("", "submitted file is empty"), ("PK\0\0", "not a text file")])
def test_a_file_that_is_no_table_is_not_kept(stew: Client, body: str, says: str, tmp_path: Any) -> None:
    answer = send(stew, body)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Import.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_stop_and_continue(stew: Client, bells: list[int], django_capture_on_commit_callbacks: Any) -> None:
    one = uploaded(PEOPLE)
    one.queued_at = NOW
    one.save()
    stew.post(f"/imports/{one.pk}/stop/")
    assert "Continue from row 1" in stew.get(f"/imports/{one.pk}/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        stew.post(f"/imports/{one.pk}/continue/")
    assert (Job.objects.get().state, bells) == ("waiting", [one.pk])


def test_the_list_asks_the_same_number_of_queries_for_one_as_for_many(
    stew: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        uploaded(PEOPLE, name=f"file-{n}.csv")
    with django_assert_max_num_queries(8):
        page = stew.get("/imports/").content.decode()
    assert page.count("Not started") == 12


def test_a_viewer_sees_imports_and_may_not_read_rejected_rows(cast: Cast) -> None:
    one = uploaded(PEOPLE)
    vic = cast.client("vic")
    assert vic.get("/imports/").status_code == 200
    assert "Start the import" not in vic.get(f"/imports/{one.pk}/").content.decode()
    assert vic.get(f"/imports/{one.pk}/rejected.csv").status_code == 403
