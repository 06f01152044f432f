"""The home page and the search box, for those who may and those who may not."""

import pytest
from django.urls import reverse

from cdp.events import shapes
from cdp.profiles.models import Profile
from segments.models import Segment
from tests.cast import Cast
from tests.taking_in import NOW, identify, take_in, track

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada_known() -> Profile:
    take_in(
        [identify("u-7", traits={"email": "ada@example.com", "name": "Ada Byron"}), track("u-7", "Order Completed")]
    )
    shapes.fold(now=NOW)
    return Profile.objects.get()


def found(cast: Cast, who: str, text: str) -> str:
    return cast.client(who).get(reverse("search"), {"q": text}).content.decode()


def test_people_are_found_by_the_beginning_of_any_identifier(cast: Cast, ada_known: Profile) -> None:
    for text in ("ADA@ex", "u-7"):
        page = found(cast, "vic", text)
        assert "Ada Byron" in page
        assert reverse("profiles:detail", args=[ada_known.uuid]) in page


def test_segments_and_pages_are_found_by_name(cast: Cast, ada_known: Profile) -> None:
    Segment.objects.create(name="Big spenders", rule={}, created_at=NOW, changed_at=NOW)
    assert "Big spenders" in found(cast, "mara", "spend")
    assert reverse("events:quarantine") in found(cast, "ada", "quaran")
    assert "Nothing found" in found(cast, "ada", "zebra")


def test_pages_that_one_may_not_open_are_not_found(cast: Cast) -> None:
    assert reverse("accounts:team") in found(cast, "ada", "team")
    assert reverse("accounts:team") not in found(cast, "vic", "team")


def test_percent_signs_are_not_wildcards(cast: Cast, ada_known: Profile) -> None:
    assert "Ada Byron" not in found(cast, "ada", "%")


def test_the_home_page_counts_what_there_is(cast: Cast, ada_known: Profile) -> None:
    page = cast.client("vic").get("/").content.decode()
    assert ">1<" in page
