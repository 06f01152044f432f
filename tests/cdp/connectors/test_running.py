"""Imports through the real inbox and pipeline: what comes of each kind, and stops that lose and double nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings

from cdp.common.models import Job
from cdp.connectors import imports, running
from cdp.connectors.models import Import, ImportProblem
from cdp.connectors.running import run
from cdp.events.models import Event, InboxBatch, Item, ItemAlias, Order, SeenMessage
from cdp.privacy.consent import current
from cdp.privacy.models import Consent, Suppression
from cdp.profiles.models import Identifier, Profile
from tests.cdp.connectors.importing import drain_all, finish, uploaded
from tests.taking_in import NOW, rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: LazySettings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def problems(one: Import) -> list[tuple[int, str, str]]:
    return list(ImportProblem.objects.filter(of=one).order_by("id").values_list("row", "column", "reason"))


def test_klaviyos_people_with_what_they_agreed_to() -> None:
    done = finish(
        uploaded(
            "Email,Klaviyo ID,First Name,Phone Number,Email Marketing Consent,Email Marketing Consent Timestamp,"
            "Email Suppressions\n"
            "Ada@Example.org,01H,Ada,+44 20 7946 0000,SUBSCRIBED,2025-01-02T03:04:05Z,\n"
            "bob@example.org,02H,Bob,,UNSUBSCRIBED,2025-02-02 10:00:00,USER_SUPPRESSED\n"
            "cleo@example.org,03H,Cleo,,NEVER_SUBSCRIBED,,[]\n"
            "nobody,04H,,,,,\n"
        )
    )
    assert (done.maker, done.accepted, done.rejected) == ("klaviyo", 3, 1)
    assert problems(done) == [(5, "Email", "“nobody” is not an e-mail address, such as ada@example.org")]
    assert Profile.objects.count() == 3
    ada = Profile.objects.get(pk=Identifier.objects.get(namespace="klaviyo_id", value="01H").profile_id)
    assert ada.traits == {"email": "ada@example.org", "first_name": "Ada", "phone": "+442079460000"}
    emails = ["ada@example.org", "bob@example.org", "cleo@example.org"]
    assert current("email", emails, purpose="email-marketing") == {"ada@example.org": True, "bob@example.org": False}
    assert Consent.objects.get(value="ada@example.org").at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert list(Suppression.objects.values_list("value", "reason")) == [("bob@example.org", "import")]


def test_mailchimps_three_files() -> None:
    head = "Email Address,First Name,CONFIRM_TIME,LAST_CHANGED,LEID,EUID"
    finish(uploaded(f"{head}\nada@example.org,Ada,2024-03-14 09:14:00,2024-05-01 00:00:00,1,e1\n"))
    finish(uploaded(f"{head},UNSUB_TIME\nbob@example.org,Bob,2023-01-01 00:00:00,,2,e2,2024-06-01 08:00:00\n"))
    finish(uploaded(f"{head},CLEAN_TIME\ncleo@example.org,Cleo,,,3,e3,2024-07-01 08:00:00\n"))
    emails = ["ada@example.org", "bob@example.org", "cleo@example.org"]
    assert current("email", emails, purpose="email-marketing") == {"ada@example.org": True, "bob@example.org": False}
    assert list(Suppression.objects.values_list("value", flat=True)) == ["cleo@example.org"]
    assert Profile.objects.count() == 3


def test_consents_and_suppressions_make_no_profiles() -> None:
    finish(_consents())
    finish(uploaded("E-Mail\nBob@example.org\n\nnonsense\n", preset="suppressions"))
    assert Profile.objects.count() == 0
    assert set(Consent.objects.values_list("namespace", "value", "is_granted")) == {
        ("email", "ada@example.org", True),
        ("phone", "+49301234567", False),
    }
    assert list(Suppression.objects.values_list("value", flat=True)) == ["bob@example.org"]


def _consents() -> Import:
    one = uploaded(
        "email,phone,Newsletter,On\nada@example.org,,yes,2025-01-01\n,+49 30 1234567,no,2025-01-01\n", preset="consents"
    )
    one.columns = [["email", ""], ["phone", ""], ["consent", "analytics"], ["consent_at", "analytics"]]
    one.save()
    return one


def test_events_of_years_ago_with_their_properties() -> None:
    done = finish(
        uploaded(
            "event,timestamp,user_id,amount,colour\n"
            "Lesson Taken,2013-05-06 07:08:09,u1,12.50,red\n"
            "Lesson Taken,yesterday,u1,1,red\n"
            "Lesson Taken,2013-05-06 07:08:09,,1,red\n"
            "Lesson Taken,2013-05-07,u1,much,red\n"
        )
    )
    event = Event.objects.get()
    assert (event.occurred_at, str(event.value)) == (datetime(2013, 5, 6, 7, 8, 9, tzinfo=UTC), "12.50")
    assert event.properties == {"value": 12.5, "colour": "red"}
    assert [(row, column) for row, column, _ in problems(done)] == [(3, "timestamp"), (4, ""), (5, "amount")]
    assert rows("select count(*) from events_event_2013_05") == [(1,)]


def test_orders_from_a_shop_system_with_what_became_of_them() -> None:
    finish(
        uploaded(
            "Order,Created At,Email,SKU,Qty,Price,Financial Status,Refunded Amount,Currency\n"
            "1001,2025-03-01,ada@example.org,A,2,10.00,paid,,EUR\n"
            "1002,2025-03-02,ada@example.org,A,1,10.00,refunded,,EUR\n"
            "1001,2025-03-01,ada@example.org,B,1,5.50,paid,,EUR\n"
            "1003,2025-03-03,ada@example.org,B,2,5.50,partially_refunded,5.50,EUR\n"
            "1004,2025-03-04,ada@example.org,B,1,5.50,voided,,EUR\n"
        )
    )
    orders = Order.objects.order_by("order_id").values_list("order_id", "total", "refunded", "is_cancelled")
    assert [(i, float(t), float(r), c) for i, t, r, c in orders] == [
        ("1001", 25.5, 0, False),
        ("1002", 10, 10, False),
        ("1003", 11, 5.5, False),
        ("1004", 5.5, 0, True),
    ]
    assert Profile.objects.count() == 1


def test_a_line_that_cannot_be_read_leaves_out_its_whole_order_and_no_other() -> None:
    done = finish(
        uploaded(
            "Order,Date,Customer,SKU,Qty,Price\n1,2025-03-01,u1,A,1,9\n2,2025-03-01,u2,A,1,9\n1,2025-03-01,u1,B,one,9\n"
        )
    )
    assert [order.order_id for order in Order.objects.all()] == ["2"]
    assert (done.accepted, done.rejected) == (1, 2)
    assert problems(done)[0][:2] == (4, "Qty")
    assert "the whole order 1 is left out" in problems(done)[0][2]


def test_items_with_their_alias() -> None:
    finish(
        uploaded(
            "SKU,Title,Price,Currency,Vendor,In Stock,Alias,Colour\n"
            "A1,Lamp,12.50,EUR,Lumo,yes,lamp-1,red\nA2,Desk,,,Wood,0,,\nA3,Bad,1,Gold,,,,\n"
        )
    )
    finish(uploaded("SKU,Price,Currency\nA1,14,EUR\n", preset="items"))
    lamp = Item.objects.get(pk="A1")
    assert (lamp.name, str(lamp.price), lamp.brand, lamp.attributes) == ("Lamp", "14.00", "Lumo", {"colour": "red"})
    assert not Item.objects.get(pk="A2").is_in_stock
    assert Item.objects.count() == 2
    assert ItemAlias.objects.get().item_id == "A1"


MANY = "user_id,city\n" + "".join(f"u{n},Ulm\n" for n in range(1_700))


def test_the_same_file_again_changes_nothing() -> None:
    for _ in range(2):
        assert finish(uploaded(MANY)).messages == 1_700
    assert Profile.objects.count() == SeenMessage.objects.count() == 1_700
    assert not SeenMessage.objects.filter(seen_at__isnull=False).exists()


def test_killed_between_chunks_it_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    one = uploaded(MANY)
    imports.start(one, actor=None, now=NOW)
    write, written = running._write, 0

    def dying(*args: Any, **kwargs: Any) -> None:
        nonlocal written
        write(*args, **kwargs)
        written += 1
        if written == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(running, "_write", dying)
    with pytest.raises(KeyboardInterrupt):
        run(one.pk, clock=lambda: NOW, wait=drain_all)
    monkeypatch.setattr(running, "_write", write)
    job = Job.objects.get(of_import=one.pk)
    assert (job.state, job.done) == ("running", 1_000)
    assert imports.abandoned(now=NOW + timedelta(minutes=3)) == [one.pk]
    run(one.pk, clock=lambda: NOW, wait=drain_all)
    assert [len(batch.body) > 0 for batch in InboxBatch.objects.all()] == [True] * 4
    drain_all()
    assert (Import.objects.get().messages, Profile.objects.count()) == (1_700, 1_700)
    assert imports.abandoned(now=NOW + timedelta(minutes=3)) == []


def test_stopped_and_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    one = uploaded(MANY)
    imports.start(one, actor=None, now=NOW)
    write = running._write

    def stopping(*args: Any, **kwargs: Any) -> None:
        write(*args, **kwargs)
        imports.stop(one, actor=None, now=NOW)

    monkeypatch.setattr(running, "_write", stopping)
    run(one.pk, clock=lambda: NOW, wait=drain_all)
    monkeypatch.setattr(running, "_write", write)
    job = Job.objects.get(of_import=one.pk)
    assert (job.state, job.done) == ("cancelled", 500)
    imports.go_on(one, actor=None, now=NOW)
    run(one.pk, clock=lambda: NOW, wait=drain_all)
    drain_all()
    assert Profile.objects.count() == 1_700


def test_of_two_workers_the_later_goes_on_and_the_earlier_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    one = uploaded(MANY)
    imports.start(one, actor=None, now=NOW)
    write, taken_over = running._write, False

    def overtaken(*args: Any, **kwargs: Any) -> None:
        nonlocal taken_over
        if not taken_over:
            taken_over = True
            run(one.pk, clock=lambda: NOW, wait=drain_all)
        write(*args, **kwargs)

    monkeypatch.setattr(running, "_write", overtaken)
    run(one.pk, clock=lambda: NOW, wait=drain_all)
    assert (Import.objects.get().messages, Job.objects.get().state) == (1_700, "done")


def test_an_import_waits_while_the_inbox_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_WAITING", 1)
    one, waits = uploaded(MANY), []

    def wait() -> None:
        waits.append(InboxBatch.objects.count())
        drain_all()

    imports.start(one, actor=None, now=NOW)
    run(one.pk, clock=lambda: NOW, wait=wait)
    assert waits == [1, 1, 1]


def test_a_mapping_that_lacks_something_is_not_started() -> None:
    with pytest.raises(imports.NotMapped, match="Choose the column with the “Customer id” or the “E-mail address”"):
        imports.start(uploaded("City\nUlm\n", preset="people"), actor=None, now=NOW)


OLD_ORDERS = "order_id,time,customer_id,price\n1,2011-12-01 08:30:00,u1,5\n2,2011-12-09 12:50:00,u2,7\n3,not yet,u3,7\n"


def times_of_orders() -> dict[str, datetime]:
    return {one.properties["order_id"]: one.occurred_at for one in Event.objects.all()}


def test_old_orders_are_moved_by_whole_days_until_the_newest_is_of_today() -> None:
    one = uploaded(OLD_ORDERS, preset="orders")
    one.options = {**one.options, "newest_is_today": True}
    one.save()
    done = finish(one)
    days = (NOW - datetime(2011, 12, 9, 12, 50, tzinfo=UTC)).days
    assert (done.options["shift_days"], done.rejected) == (days, 1)
    assert times_of_orders() == {
        "1": datetime(2011, 12, 1, 8, 30, tzinfo=UTC) + timedelta(days=days),
        "2": datetime(2011, 12, 9, 12, 50, tzinfo=UTC) + timedelta(days=days),
    }
    assert timedelta(0) <= NOW - times_of_orders()["2"] < timedelta(days=1)


def test_a_row_counts_once_wherever_it_is_moved_to() -> None:
    for days in (10, 20, None):
        one = uploaded(OLD_ORDERS, preset="orders")
        one.options = {**one.options, "shift_days": days}
        one.save()
        finish(one)
    assert times_of_orders()["2"] == datetime(2011, 12, 19, 12, 50, tzinfo=UTC)
    assert Event.objects.count() == 2


def test_a_moved_import_that_goes_on_is_moved_by_as_much() -> None:
    one = uploaded(OLD_ORDERS, preset="orders")
    one.options = {**one.options, "newest_is_today": True, "shift_days": 3}
    one.save()
    assert finish(one).options["shift_days"] == 3


def test_products_of_orders_become_items_where_the_catalogue_has_none() -> None:
    Item.objects.create(id="mug", name="Our mug", price=9, currency="EUR", created_at=NOW, updated_at=NOW)
    one = uploaded(
        "order_id,time,customer_id,sku,title,price\n"
        "1,2025-01-01,u1,mug,A mug,5\n"
        "1,2025-01-01,u1,pot,A pot,7\n"
        "1,2025-01-01,u1,post,Postage,3\n"
        "2,2025-01-02,u1,pot,A cheaper pot,6\n"
        "3,2025-01-02,u1,gift,,6\n",
        preset="orders",
    )
    one.options = {
        **one.options,
        "adds_items": True,
        "item_url": "https://x.org/{code}",
        "charge_codes": ["POST"],
        "currency": "EUR",
    }
    one.save()
    finish(one)
    told = Item.objects.order_by("id").values_list("id", "name", "price", "currency", "url")
    assert list(told) == [
        ("mug", "Our mug", Decimal(9), "EUR", ""),
        ("pot", "A pot", Decimal(7), "EUR", "https://x.org/pot"),
    ]
