"""Live events, quarantine and tracking plan, over HTTP."""

import json
from typing import Any

import pytest
from django.test import Client

from cdp.accounts.models import AuditEntry, Source
from cdp.events import shapes
from cdp.events.models import Event, EventSchema, InboxBatch, RejectedMessage
from cdp.events.tasks import fold_shapes, forget_seen_messages, make_partitions
from cdp.pipeline import drain
from tests.cast import Cast
from tests.taking_in import NOW, rows, source, take_in, track

pytestmark = pytest.mark.django_db


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return str(answer.content.decode())


def nameless(n: int = 1) -> list[RejectedMessage]:
    take_in([track(event=f"Lost {i}", messageId=f"lost-{i}") for i in range(n)])
    return list(RejectedMessage.objects.order_by("id"))


def test_live_answers_with_lines_a_cursor_and_what_waits(cast: Cast) -> None:
    from django.utils import timezone  # noqa: PLC0415

    now = timezone.now()
    take_in([track("ada", "Product Viewed", properties={"name": "Lamp"}, at=now)], now=now)
    InboxBatch.objects.create(source_id=source().pk, call="batch", body=b"{}", received_at=now)
    client = cast.client("vic")
    assert "Lamp" in page(client, "/data/live/")
    answer = client.get("/data/live/rows/", {"since": now.isoformat(), "name": "product"})
    assert "Lamp" in answer.content.decode()
    assert answer.headers["X-Live-Waiting"] == "1"
    later = client.get("/data/live/rows/", {"since": answer.headers["X-Live-Cursor"], "name": "nothing"})
    assert "<li" not in later.content.decode()
    assert "Nobody is known by that" in page(client, "/data/live/?person=zzz")
    assert "Lamp" in page(client, "/data/live/?person=ada")
    assert client.get("/data/live/rows/?since=then&source=x").status_code == 200


def test_a_message_is_fixed_and_replayed_once(cast: Cast) -> None:
    (lost,) = nameless()
    stew, url = cast.client("stew"), f"/data/quarantine/{lost.pk}/"
    assert "Names nobody" in page(stew, url)
    broken = stew.post(f"{url}fix/", {"body": '{"type": "track",'})
    assert broken.status_code == 422
    assert "This is not JSON" in broken.content.decode()
    assert "{&quot;type&quot;: &quot;track&quot;," in broken.content.decode()
    fixed = json.loads(bytes(lost.body)) | {"userId": "ada"}
    assert stew.post(f"{url}fix/", {"body": json.dumps(fixed)}).status_code == 302
    again = stew.post(f"{url}fix/", {"body": json.dumps(fixed)}, follow=True)
    assert "Nothing was done twice" in again.content.decode()
    drain("live", now=NOW)
    assert Event.objects.get().name == "Lost 0"
    assert AuditEntry.objects.filter(verb="fixed and replayed message").count() == 1
    assert cast.client("mara").post(f"{url}fix/", {"body": "{}"}).status_code == 403


def test_a_batch_that_could_not_be_read_becomes_its_messages(cast: Cast) -> None:
    InboxBatch.objects.create(source_id=source().pk, call="batch", body=b'{"batch": [{]}', received_at=NOW)
    drain("live", now=NOW)
    lost = RejectedMessage.objects.get()
    whole = {"batch": [track("a", messageId="1"), track("b", messageId="2")]}
    cast.client("stew").post(f"/data/quarantine/{lost.pk}/fix/", {"body": json.dumps(whole)})
    drain("live", now=NOW)
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("[]", "A message is an object"),
        ("1", "A message is an object"),
        ("{}", "lacks its"),
        ('{"batch": []}', "The batch is empty"),
        ('{"type": "track", "event": "\\ud800"}', "This is not JSON"),
        ("[" * 5000, "This is not JSON"),
    ],
)
def test_what_is_no_message_is_told_at_the_field(cast: Cast, body: str, said: str) -> None:
    (lost,) = nameless()
    answer = cast.client("stew").post(f"/data/quarantine/{lost.pk}/fix/", {"body": body})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert RejectedMessage.objects.get().state == "waiting"


def test_all_that_the_filter_shows_is_replayed_or_dropped_once(cast: Cast) -> None:
    nameless(3)
    take_in([track("u", timestamp="yesterday")], of="app")
    stew = cast.client("stew")
    assert "4 messages" in page(stew, "/data/quarantine/")
    shown = {"code": "identity", "source": str(source().pk)}
    assert stew.get("/data/quarantine/", shown).context["n_shown"] == 3
    assert stew.post("/data/quarantine/all/replay/", shown).status_code == 302
    assert stew.post("/data/quarantine/all/replay/", shown).status_code == 302
    assert InboxBatch.objects.count() == 3
    drain("bulk", now=NOW)
    assert RejectedMessage.objects.filter(state="waiting", code="identity").count() == 3
    stew.post("/data/quarantine/all/drop/", {"code": "shape"})
    assert list(RejectedMessage.objects.filter(state="dropped").values_list("code", flat=True)) == ["shape"]
    assert AuditEntry.objects.filter(target="quarantine").count() == 2
    assert cast.client("vic").post("/data/quarantine/all/drop/", shown).status_code == 403
    assert "Replay all" not in page(cast.client("vic"), "/data/quarantine/")


def seen_events() -> None:
    take_in([track("u", "Viewed", properties={"id": "a", "price": 1}) for _ in range(3)])
    take_in([track("u", "Viewed", properties={"id": "a", "price": 1.5, "tags": ["x"]})])
    shapes.fold(now=NOW)


def test_a_schema_is_made_from_what_was_seen_checked_and_saved(cast: Cast) -> None:
    seen_events()
    stew = cast.client("stew")
    draft = stew.get("/data/plan/event/?name=Viewed&draft").context["form"].initial["schema"]
    assert json.loads(draft) == {
        "type": "object",
        "properties": {"id": {"type": "string"}, "price": {"type": "number"}, "tags": {"type": "array"}},
        "required": ["id", "price"],
    }
    assert not EventSchema.objects.exists()
    assert stew.post("/data/plan/event/save/", {"name": "Viewed", "source": "", "schema": draft}).status_code == 302
    assert EventSchema.objects.get().source is None
    assert "Schema" in page(cast.client("vic"), "/data/plan/")
    stew.post(f"/data/plan/sources/{source().pk}/", {"plan": "reject"})
    assert Source.objects.get(name="web").plan == "reject"
    take_in([track("u", "Viewed", properties={"id": 7, "price": 1})])
    assert RejectedMessage.objects.get().code == "plan"
    stew.post("/data/plan/event/remove/", {"name": "Viewed", "source": ""})
    assert not EventSchema.objects.exists()
    assert cast.client("mara").post("/data/plan/event/save/", {"name": "x", "schema": "{}"}).status_code == 403


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("{", "at line 1, column 2"),
        ("[]", "A schema is an object"),
        ('{"type": "text"}', "At type"),
        ('{"properties": {"a": {"minimum": "1"}}}', "At properties.a.minimum"),
        ('{"properties": {"a": {"pattern": "("}}}', "pattern"),
        ('{"$ref": "http://127.0.0.1:1/x.json"}', "cannot be followed"),
        ('{"$ref": "#/nowhere"}', "cannot be followed"),
        ('{"title": "\\u0000"}', "NUL"),
        ("", "This field is required"),
    ],
)
def test_a_wrong_schema_is_told_with_its_place(cast: Cast, schema: str, said: str) -> None:
    answer = cast.client("stew").post("/data/plan/event/save/", {"name": "Viewed", "source": "", "schema": schema})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not EventSchema.objects.exists()


def test_the_plan_is_one_page_of_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    take_in([track("u", f"Event {n}") for n in range(80)])
    shapes.fold(now=NOW)
    client = cast.client("vic")
    client.get("/data/plan/")
    with django_assert_max_num_queries(12):
        found = page(client, "/data/plan/")
    assert found.count('class="spark"') == 80
    assert "Event 7" in page(client, "/data/plan/?q=event 7")


def test_hostile_addresses_do_not_crash(cast: Cast) -> None:
    client = cast.client("ada")
    for url in (
        "/data/plan/event/?name=%00&source=%D9%A3",
        "/data/plan/event/?name=a&source=99999999999999999999",
        "/data/plan/?q=%00&source=x",
        "/data/quarantine/?after=x&state=zz&source=-1",
        "/data/quarantine/?name=%00",
        "/data/live/?person=%00&name=%00",
    ):
        assert client.get(url).status_code in (200, 400, 404), url


def test_empty_pages_say_what_they_are_for(cast: Cast) -> None:
    client = cast.client("vic")
    assert "No events yet" in page(client, "/data/live/")
    assert "Nothing in quarantine" in page(client, "/data/quarantine/")
    assert "No events yet" in page(client, "/data/plan/")
    assert "Not seen yet" in page(client, "/data/plan/event/?name=New")


def test_the_periodic_tasks_do_their_work() -> None:
    take_in([track("u", "Viewed")])
    assert fold_shapes() == 1
    assert rows("select sum(n) from events_eventvolume") == [(1,)]
    assert forget_seen_messages() == 1
    make_partitions()
    assert make_partitions() == 0
    assert len(rows("select 1 from pg_inherits where inhparent = 'events_event'::regclass")) >= 5


def test_beat_knows_only_tasks_that_exist() -> None:
    from cdp.celery import app  # noqa: PLC0415

    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
