"""The search box, for those who may and those who may not."""

import pytest
from django.urls import reverse

from campaigns.models import Offer
from cdp.events import shapes
from cdp.profiles.models import Profile
from scoring.models import Predictor
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


def test_predictors_and_offers_are_found_by_name(cast: Cast) -> None:
    Predictor.objects.create(name="Will buy tea", days=30, created_at=NOW)
    Offer.objects.create(key="tea", name="Tea for two", created_at=NOW, changed_at=NOW)
    page = found(cast, "vic", "tea")
    assert "Will buy tea" in page and "Tea for two" in page
