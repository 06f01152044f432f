"""What the apps above add to a person's page: segments, predictions, mails; nothing for those who may not."""

import pytest
from django.urls import reverse

from campaigns.models import Campaign, Delivery, Template
from cdp.profiles.models import Profile
from scoring.models import Predictor, Score
from segments.models import Membership, Segment
from tests.cast import Cast
from tests.scoring.scores.made import a_version
from tests.taking_in import NOW, identify, take_in

pytestmark = pytest.mark.django_db

PANELS = ("segments:of_person", "scoring:of_person", "campaigns:of_person")


@pytest.fixture
def person() -> Profile:
    take_in([identify("ada", traits={"email": "ada@example.com"})])
    return Profile.objects.get()


def panel(cast: Cast, name: str, person: Profile) -> str:
    return cast.client("vic").get(reverse(name, args=[person.uuid])).content.decode()


def test_segments_since_when(cast: Cast, person: Profile) -> None:
    segment = Segment.objects.create(name="Regulars", rule={}, created_at=NOW, changed_at=NOW)
    Membership.objects.create(profile_id=person.pk, segment_id=segment.pk, entered_at=NOW)
    page = panel(cast, "segments:of_person", person)
    assert "Regulars" in page
    assert NOW.isoformat()[:10] in page


def test_scores_with_their_percentile(cast: Cast, person: Profile) -> None:
    predictor = Predictor.objects.create(name="Buys soon", event_name="Order Completed", days=30, created_at=NOW)
    version = a_version(predictor)
    Score.objects.create(
        profile_id=person.pk,
        predictor_id=predictor.pk,
        value=0.824,
        percentile=94.0,
        band="high",
        model_id=version.pk,
        scored_at=NOW,
    )
    page = panel(cast, "scoring:of_person", person)
    assert "0.82" in page
    assert "higher than 94 %" in page


def test_mails_and_why_one_was_not_sent(cast: Cast, person: Profile) -> None:
    segment = Segment.objects.create(name="All", rule={}, created_at=NOW, changed_at=NOW)
    template = Template.objects.create(name="T", content={}, created_at=NOW, changed_at=NOW)
    campaign = Campaign.objects.create(name="Spring", template=template, created_at=NOW)
    campaign.included.set([segment])
    Delivery.objects.create(
        profile_id=person.pk,
        campaign_id=campaign.pk,
        occurrence="once",
        state=Delivery.State.SKIPPED,
        reason=Delivery.Reason.NO_CONSENT,
        planned_at=NOW,
    )
    page = panel(cast, "campaigns:of_person", person)
    assert "Spring" in page
    assert "no consent to this topic" in page


@pytest.mark.parametrize("name", PANELS)
def test_a_person_without_anything_and_nobody_at_all(cast: Cast, person: Profile, name: str) -> None:
    assert cast.client("vic").get(reverse(name, args=[person.uuid])).status_code == 200
    nobody = reverse(name, args=["00000000-0000-0000-0000-000000000000"])
    assert cast.client("vic").get(nobody).status_code == 404
    assert cast.client("stranger").get(reverse(name, args=[person.uuid])).status_code in (302, 403)
