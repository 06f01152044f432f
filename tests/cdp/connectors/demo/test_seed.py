"""The demo shop through the real pipeline: complete, once, and again after a kill."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.html import escape
from pytest_django import Settings

from cdp.accounts.models import Source
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.connectors.demo.catalogue import make_catalogue
from cdp.connectors.demo.load import put_people
from cdp.connectors.demo.shop import Size, tell
from cdp.events.models import Event, EventItem, InboxBatch, Item, Order, RejectedMessage
from cdp.management.commands import seed
from cdp.privacy.models import Consent, Purpose, Topic
from cdp.profiles.models import Identifier, Profile, Record
from cdp.runtime.places import Places
from scoring.models import Clustering, Predictor
from scoring.starters import STARTERS

from .features import UNTIL

PEOPLE = 50
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings: Settings, tmp_path: Path) -> Iterator[Places]:
    settings.PLACES = Places.of(tmp_path)
    yield settings.PLACES
    assert not InboxBatch.objects.exists()


def run(**options: Any) -> None:
    call_command("seed", people=PEOPLE, until=UNTIL, **options)


def told() -> list[Any]:
    return list(tell(Size(PEOPLE, 1, UNTIL)))


def counts() -> dict[str, int]:
    models = (Event, EventItem, Order, Profile, Record, Identifier, Item, Consent, Purpose, Topic, Source)
    return {model.__name__: model.objects.count() for model in models}


def test_it_comes_in_whole_and_once(places: Places) -> None:
    run()
    facts = [fact for one in told() for fact in one.facts]
    events = [fact for fact in facts if fact.message["type"] != "identify"]
    orders = {fact.message["properties"]["order_id"] for fact in events if "Order" in fact.message.get("event", "")}
    before = counts()
    assert not RejectedMessage.objects.exists()
    assert before["Event"] == len(events)
    assert before["Order"] == len(orders)
    assert before["Item"] == len(make_catalogue(1).products)
    assert (before["Source"], before["Topic"]) == (3, 4)
    assert not set(Consent.objects.values_list("purpose", flat=True)) - set(
        Purpose.objects.values_list("key", flat=True)
    )
    assert Consent.objects.filter(topic="offers", is_granted=False).exists()
    records = {(record["source"], record["key"]) for one in told() for record in one.truth["records"]}
    assert before["Record"] == len(records)
    assert Job.objects.get().state == Job.State.DONE
    truth = [json.loads(line) for line in (places.var / "demo" / "truth.jsonl").read_text().splitlines()]
    assert truth == [one.truth for one in told()]
    begun = set(Predictor.objects.values_list("name", flat=True))
    assert begun == {starter.draft.name for starter in STARTERS.values()}
    assert Clustering.objects.filter(due_at__lte=utc_now()).count() == 1
    run()
    call_command("seed")
    assert counts() == before


def test_people_with_an_account_stand_in_one_profile_each() -> None:
    run()
    for one in told():
        keys = [record["key"] for record in one.truth["records"] if record["key"].startswith("user:")]
        profiles = set(Record.objects.filter(key__in=keys).values_list("profile_id", flat=True))
        assert len(profiles) == (1 if keys else 0)


def test_a_killed_run_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch, places: Places) -> None:
    def dies_after_the_first(job: Job, *args: Any, **options: Any) -> None:
        if job.done:
            raise KeyboardInterrupt
        put_people(job, *args, **options)

    with monkeypatch.context() as patched:
        patched.setattr("cdp.connectors.demo.load.put_people", dies_after_the_first)
        with pytest.raises(KeyboardInterrupt):
            run()
    job = Job.objects.get()
    assert (job.state, job.done) == (Job.State.RUNNING, 25)
    assert Event.objects.exists()
    call_command("seed")
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.DONE, PEOPLE)
    n_events = sum(fact.message["type"] != "identify" for one in told() for fact in one.facts)
    assert Event.objects.count() == n_events
    assert len((places.var / "demo" / "truth.jsonl").read_text().splitlines()) == PEOPLE


def test_what_was_put_twice_counts_once() -> None:
    run()
    before = counts()
    job = Job.objects.get()
    put_people(job, told()[:10], {"web": _id("Website"), "shop": _id("Shop"), "crm": _id("CRM")}, now=UNTIL)
    seed.drain()
    assert counts() == before
    assert not RejectedMessage.objects.exists()


def _id(name: str) -> int:
    return Source.objects.get(name=name).pk


def test_another_shop_is_refused_where_one_stands() -> None:
    run()
    with pytest.raises(CommandError, match="already a demo shop"):
        call_command("seed", people=60, until=UNTIL)


def test_a_cancelled_run_stops_and_can_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked_to_stop(job: Job, *args: Any, **options: Any) -> None:
        put_people(job, *args, **options)
        Job.objects.update(is_cancel_requested=True)

    with monkeypatch.context() as patched:
        patched.setattr("cdp.connectors.demo.load.put_people", asked_to_stop)
        run()
    assert (Job.objects.get().state, Job.objects.get().done) == (Job.State.CANCELLED, 25)
    run()
    assert (Job.objects.get().state, Job.objects.get().done) == (Job.State.DONE, PEOPLE)


def test_items_have_a_picture_and_a_page(client: Client) -> None:
    run()
    item = Item.objects.order_by("id").first()
    assert item is not None
    picture = client.get(f"/demo/items/{item.pk}.svg")
    assert picture.status_code == 200
    assert picture["Content-Type"] == "image/svg+xml"
    assert item.image_url.endswith(f"/demo/items/{item.pk}.svg")
    assert escape(item.name).encode() in client.get(f"/demo/items/{item.pk}").content


def test_other_items_have_no_public_page(client: Client) -> None:
    Item.objects.create(id="COF-900", name="Secret", created_at=UNTIL, updated_at=UNTIL)
    assert client.get("/demo/items/COF-900").status_code == 404
    assert client.get("/demo/items/XYZ-001.svg").status_code == 404
