"""Newcomers get a score by the way events take, marked as one of hardly known people; merged people are rescored."""

from datetime import timedelta

import numpy as np
import pytest

from cdp.common.clock import utc_now
from cdp.events import inbox
from cdp.pipeline import drain_inbox
from cdp.profiles.models import Profile, Touched
from cdp.rules.tree import UTC
from scoring import runs, waiting
from scoring.cold import Newcomer, NewcomerRates
from scoring.models import Predictor, Score
from scoring.tasks import score_waiting
from segments.models import Membership
from segments.refresh import refresh_changes, refresh_fully
from segments.save import create
from tests.scoring.scores.made import a_model, a_predictor, a_version, shop
from tests.taking_in import NOW, identify, source, take_in, track

pytestmark = pytest.mark.django_db
RATES = NewcomerRates(0.2, {("Product Viewed",): 0.1, ("Order Completed", "web", True): 0.9})


@pytest.fixture
def predictor() -> Predictor:
    """Everybody was scored by it once."""
    shop(20)
    found = a_predictor()
    a_version(found, a_model(cold=RATES))
    score_everybody(found)
    Touched.objects.filter(reader=waiting.READER).delete()
    return found


def score_everybody(*predictors: Predictor) -> None:
    job = runs.start(predictors, by=None, now=NOW)
    assert job is not None
    runs.work(job.pk, clock=lambda: NOW)


def follow() -> int:
    return sum(iter(lambda: waiting.score_newcomers(now=NOW), 0))


def person(email: str) -> Profile:
    return Profile.objects.get(traits__email=email)


def test_one_event_is_enough_and_the_score_says_so(predictor: Predictor) -> None:
    take_in([track("new", "Product Viewed"), track("u1", "Product Viewed")])
    assert follow() == 1  # those who do what they did before cost nothing
    found = Score.objects.get(is_cold=True)
    assert found.value == pytest.approx(0.1)
    ranks = Score.objects.exclude(is_cold=True).values_list("value", flat=True)
    assert found.percentile == pytest.approx(100 * sum(one <= 0.1 for one in ranks) / 20, abs=0.25)
    assert found.model_id == predictor.active_id


def test_it_is_the_rate_of_newcomers_like_them(predictor: Predictor) -> None:
    take_in(
        [
            track("a", "Order Completed", context={"traits": {"email": "a@example.com"}}, properties={"order_id": "1"}),
            track("b", "Order Completed", properties={"order_id": "2"}),
        ]
    )
    follow()
    assert sorted(Score.objects.filter(is_cold=True).values_list("value", flat=True)) == [0.2, 0.9]
    assert RATES.rates([Newcomer("Order Completed", "web", True)]) == np.array([0.9])


def test_who_was_told_of_first_and_did_something_later_is_scored_then(predictor: Predictor) -> None:
    take_in([identify("late", traits={"email": "late@example.com"})])
    follow()
    assert not Score.objects.filter(is_cold=True).exists()
    take_in([track("late", "Product Viewed")])
    follow()
    assert Score.objects.get(is_cold=True).profile_id == person("late@example.com").pk


def test_a_newcomer_is_in_the_segment_at_once(predictor: Predictor) -> None:
    leaf = {"kind": "score", "id": predictor.pk, "op": "at_most", "value": 0.15}
    segment = create("Unlikely", rule={"version": 1, "root": leaf}, by=None, now=NOW)
    refresh_fully(segment.pk, now=NOW, zone=UTC)
    take_in([track("new", "Product Viewed")])
    follow()
    later = NOW + timedelta(seconds=1)
    while refresh_changes(now=later, zone=UTC):
        pass
    assert Membership.objects.filter(
        segment_id=segment.pk, profile_id=Score.objects.get(is_cold=True).profile_id
    ).exists()


def test_who_comes_with_a_history_is_read_a_little_later(predictor: Predictor) -> None:
    take_in([track("old", "Order Completed", properties={"order_id": f"h{k}", "total": 9}) for k in range(6)])
    follow()
    newest = Profile.objects.latest("pk")
    assert not Score.objects.filter(profile_id=newest.pk).exists()
    assert waiting.score_later(now=NOW) == 1
    found = Score.objects.get(profile_id=newest.pk)
    assert not found.is_cold
    assert waiting.score_later(now=NOW) == 0


def test_who_was_merged_is_scored_as_the_one_they_are_now(predictor: Predictor) -> None:
    orders = [
        track("", "Order Completed", anonymousId=f"visitor{n % 2}", properties={"order_id": f"v{n}", "total": 9})
        for n in range(4)
    ]
    take_in([identify("", anonymousId="visitor0", traits={"email": "v@example.com"}), *orders])
    score_everybody(predictor)
    before = {one.pk: Score.objects.get(profile_id=one.pk).value for one in Profile.objects.order_by("-pk")[:2]}
    take_in([identify("", anonymousId="visitor1", traits={"email": "v@example.com"})])
    [survivor] = Profile.objects.filter(pk__in=before, merged_into=None)
    follow()
    later = NOW + timedelta(seconds=5)
    assert waiting.score_later(now=later)
    found = Score.objects.get(profile_id=survivor.pk)
    assert found.scored_at == later and found.value > max(before.values())
    [loser] = before.keys() - {survivor.pk}
    assert Score.objects.get(profile_id=loser).scored_at == NOW  # asleep, as it was


def test_the_next_scoring_of_everybody_replaces_the_cold_score(predictor: Predictor) -> None:
    take_in([track("new", "Product Viewed")])
    follow()
    score_everybody(predictor)
    assert not Score.objects.filter(is_cold=True).exists()
    assert Score.objects.count() == 21


def test_a_cold_score_takes_no_other_score_away(predictor: Predictor) -> None:
    """Of a second predictor the person has one already, of the first none."""
    take_in([track("new", "Product Viewed")])
    second = a_predictor()
    score_everybody(second)
    newest = Profile.objects.latest("pk")
    kept = Score.objects.get(profile_id=newest.pk, predictor_id=second.pk)
    follow()
    assert Score.objects.get(profile_id=newest.pk, predictor_id=predictor.pk).is_cold
    again = Score.objects.get(profile_id=newest.pk, predictor_id=second.pk)
    assert (again.value, again.is_cold) == (kept.value, False)


def test_without_a_scoring_of_everybody_nobody_is_scored() -> None:
    take_in([track("new", "Product Viewed")])
    a_predictor()
    assert follow() == 1
    assert not Score.objects.exists()
    assert not Touched.objects.filter(reader__startswith="scores").exists()


def test_people_outside_the_population_get_no_cold_score(predictor: Predictor) -> None:
    predictor.population = {
        "version": 1,
        "root": {"kind": "event", "name": "Order Completed", "op": "at_least", "value": 1},
    }
    predictor.save()
    take_in([track("new", "Product Viewed"), track("buyer", "Order Completed", properties={"order_id": "b"})])
    follow()
    assert Score.objects.filter(is_cold=True).count() == 1


def test_by_the_tasks_as_they_run(predictor: Predictor) -> None:
    """The pipeline's task leaves a row for whom there is something to do, and the next task does it."""
    inbox.put(source().pk, [track("new", "Product Viewed", at=utc_now())], now=utc_now(), lane="live")
    drain_inbox.apply()
    assert waiting.is_waiting()
    score_waiting.apply()
    assert not waiting.is_waiting()
    assert Score.objects.filter(is_cold=True).count() == 1
    inbox.put(source().pk, [track("new", "Product Viewed", at=utc_now())], now=utc_now(), lane="live")
    drain_inbox.apply()
    assert not waiting.is_waiting()


def test_time_alone_brings_people_in_and_out_of_a_segment_of_expected_orders(predictor: Predictor) -> None:
    following = a_predictor(kind=Predictor.Kind.NEXT_ORDER)
    expected = {
        profile_id: NOW + timedelta(days=days)
        for profile_id, days in zip(
            Profile.objects.order_by("pk").values_list("pk", flat=True), (2, 7, 12), strict=False
        )
    }
    for profile_id, at in expected.items():
        Score.objects.create(
            profile_id=profile_id,
            predictor_id=following.pk,
            value=1,
            percentile=50,
            band="low",
            expected_at=at,
            model_id=1,
            scored_at=NOW,
        )
    leaf = {"kind": "score", "id": following.pk, "op": "expected_within", "amount": 7, "unit": "day"}
    segment = create("Soon", rule={"version": 1, "root": leaf}, by=None, now=NOW)
    refresh_fully(segment.pk, now=NOW, zone=UTC)
    second, moments = timedelta(seconds=1), []
    for day in range(13):
        for at in (NOW + timedelta(days=day) - second, NOW + timedelta(days=day)):
            if at >= NOW:
                while refresh_changes(now=at, zone=UTC):
                    pass
                found = set(Membership.objects.filter(segment_id=segment.pk).values_list("profile_id", flat=True))
                assert found == {pk for pk, due in expected.items() if at < due <= at + timedelta(days=7)}
                moments.append(len(found))
    assert set(moments) == {0, 1, 2}
