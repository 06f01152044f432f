"""Getting started: steps tick off by what is really done, and the code holds one's own key."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cdp.accounts.keys import hash_secret
from cdp.accounts.models import AuditEntry, Source, User, WriteKey
from cdp.home import samples, start
from identity.models import Candidate
from segments.models import Segment
from tests.cast import Cast
from tests.taking_in import identify, take_in

pytestmark = pytest.mark.django_db


def done(user: User) -> list[str]:
    return [one.task.key for one in start.steps_for(user).steps if one.done]


def page(client: Client, **query: str) -> str:
    return unescape(client.get(reverse("getting_started"), query).content.decode())


def test_steps_follow_what_is_there(cast: Cast) -> None:
    now = timezone.now()
    assert done(cast.ada) == []
    take_in([identify("ada", at=now, traits={"email": "ada@example.com"})], now=now)
    assert done(cast.ada) == ["source", "event", "duplicates"]
    Candidate.objects.create(record_a=1, record_b=2, weight=3, probability=0.8, found_at=now)
    Segment.objects.create(name="All", rule={}, created_at=now, changed_at=now)
    assert done(cast.ada) == ["source", "event", "segment"]


def test_who_may_not_do_a_step_is_not_sent_there(cast: Cast) -> None:
    urls = {one.task.key: one.url for one in start.steps_for(cast.vic).steps}
    assert urls == {task.key: "" for task in start.TASKS} | {"event": reverse("getting_started") + "#send"}


def test_a_source_and_its_key_in_one_click(cast: Cast) -> None:
    answer = cast.client("ada").post(reverse("getting_started_source"), {"name": "Kiosk"}, HTTP_HX_REQUEST="true")
    text = unescape(answer.content.decode())
    [key] = set(re.findall(r"wk_[\w-]+", text))
    assert WriteKey.objects.get(source__name="Kiosk").hash == hash_secret(key)
    assert all(one.code in text for one in samples.samples(key=key, host=settings.PUBLIC_URL))
    assert AuditEntry.objects.filter(verb="created source", target="Kiosk").exists()
    assert "no-store" in answer["Cache-Control"]
    again = cast.client("ada").post(reverse("getting_started_source"), {"name": "Kiosk"}, HTTP_HX_REQUEST="true")
    assert again.status_code == 422 and "There is a source of that name" in again.content.decode()


def test_a_key_for_the_page_is_made_for_the_chosen_source(cast: Cast) -> None:
    Source.objects.create(name="Newer")
    chosen = Source.objects.create(name="Older")
    answer = cast.client("ada").post(reverse("getting_started_key"), {"source": chosen.pk})
    assert WriteKey.objects.get().source == chosen
    assert "wk_" in answer.content.decode() and "Getting started" in answer.content.decode()
    assert cast.client("ada").post(reverse("getting_started_key"), {"source": "x"}).status_code == 404


def test_others_get_the_code_with_a_place_for_the_key(cast: Cast) -> None:
    Source.objects.create(name="Shop")
    text = page(cast.client("mara"))
    assert samples.NO_KEY in text and "Make a key" not in text
    assert f"{settings.PUBLIC_URL}/v1/track" in text


def test_it_is_put_away_and_brought_back_for_oneself_alone(cast: Cast) -> None:
    mara, vic = cast.client("mara"), cast.client("vic")
    link = f'href="{reverse("getting_started")}"'
    mara.post(reverse("getting_started_hide"))
    home = mara.get("/").content.decode()
    assert "You put the first steps away" in home and home.count(link) == 1, "only the empty page leads there"
    assert "Getting started: 0 of" in vic.get("/").content.decode()
    mara.post(reverse("getting_started_show"))
    assert "Getting started: 0 of" in mara.get("/").content.decode()


def test_once_all_is_done_home_says_no_more_of_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "TASKS", ())
    assert start.for_home(cast.ada) is None and not start.is_wanted(cast.ada)
    home = cast.client("ada").get("/").content.decode()
    assert "Getting started: " not in home
    assert cast.client("ada").get(reverse("getting_started_steps"))["X-Poll-Ms"] == "0"


def test_the_steps_are_told_with_when_they_were_done(cast: Cast) -> None:
    now = timezone.now()
    take_in([identify("ada", at=now)], now=now)
    text = page(cast.client("ada"))
    assert "3 of 7 done" in text and "None found yet" in text
    assert cast.client("ada").get(reverse("getting_started_steps"))["X-Poll-Ms"] == "5000"
