"""The API of predictors and scores: what stands, why, scored anew, and who may not."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cdp.common.clock import utc_now
from cdp.profiles.models import Profile
from scoring import runs
from scoring.models import Predictor, Score
from tests.factories import a_token
from tests.scoring.scores.made import a_predictor, a_version, shop
from tests.taking_in import NOW, identify, take_in, track

pytestmark = pytest.mark.django_db
ADA = "profiles/email:u3@example.com/scores"


class Api:
    """A program with a token."""

    def __init__(self, *scopes: str) -> None:
        self.headers = {"Authorization": f"Bearer {a_token(*scopes)[1]}"}
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, expect: int = 200, **query: Any) -> Any:
        answer = self.client.get(f"/api/{path}", query, headers=self.headers)
        assert answer.status_code == expect, answer.content
        return answer.json()

    def post(self, path: str, expect: int = 200) -> Any:
        answer = self.client.post(f"/api/{path}", headers=self.headers)
        assert answer.status_code == expect, answer.content
        return answer.json()


@pytest.fixture
def api() -> Api:
    return Api("scores:read", "scores:write")


@pytest.fixture
def predictor() -> Predictor:
    shop(10)
    found = a_predictor(name="Buys soon")
    job = runs.start([found], by=None, now=NOW)
    assert job is not None
    runs.work(job.pk, clock=lambda: NOW)
    return found


def test_scores_as_they_stand_with_reasons_on_request(api: Api, predictor: Predictor) -> None:
    [told] = api.get(ADA)["results"]
    score = Score.objects.get(profile_id=Profile.objects.get(traits__email="u3@example.com").pk)
    assert told == {
        "predictor": predictor.pk,
        "name": "Buys soon",
        "kind": "purchase",
        "value": score.value,
        "percentile": score.percentile,
        "band": score.band,
        "is_cold": False,
        "expected_at": None,
        "earliest_at": None,
        "latest_at": None,
        "version": predictor.active_id,
        "scored_at": "2026-03-01T12:00:00Z",
    }
    [with_reasons] = api.get(ADA, reasons=1)["results"]
    reasons = with_reasons.pop("reasons")
    assert with_reasons == told
    assert "ordered 3 times" in [one["words"] for one in (*reasons["raises"], *reasons["lowers"])]
    assert api.get(ADA, reasons=0)["results"] == [told]


def test_scored_anew_it_sees_what_happened_since(api: Api, predictor: Predictor) -> None:
    [before] = api.get(ADA)["results"]
    now = utc_now()
    take_in(
        [track("u3", "Order Completed", at=now, properties={"order_id": f"n{k}", "total": 5}) for k in range(3)],
        now=now,
    )
    [after] = api.post(ADA)["results"]
    assert after["value"] > before["value"]
    assert after["scored_at"] > before["scored_at"]
    assert api.get(ADA)["results"] == [after]
    assert Score.objects.filter(scored_at=NOW).count() == 9


def test_it_is_the_same_number_that_everybody_would_get(api: Api, predictor: Predictor) -> None:
    [told] = api.post(ADA)["results"]
    at = Score.objects.latest("scored_at").scored_at + timedelta(seconds=1)
    job = runs.start([predictor], by=None, now=at)
    assert job is not None
    runs.work(job.pk, clock=lambda: at)
    assert api.get(ADA)["results"][0]["value"] == pytest.approx(told["value"], abs=1e-6)


def test_who_is_not_asked_any_more_loses_the_score(api: Api, predictor: Predictor) -> None:
    asked = {"kind": "event", "name": "Order Completed", "op": "at_least", "value": 4}
    Predictor.objects.filter(pk=predictor.pk).update(population={"version": 1, "root": asked})
    assert api.post(ADA)["results"] == []
    assert len(api.post("profiles/email:u4@example.com/scores")["results"]) == 1
    assert Score.objects.count() == 9


def test_a_version_is_used_for_single_people_once_everybody_has_it(api: Api, predictor: Predictor) -> None:
    old = predictor.active_id
    newer = a_version(predictor)
    assert api.post(ADA)["results"][0]["version"] == old
    at = utc_now() + timedelta(seconds=1)
    job = runs.start([predictor], by=None, now=at)
    assert job is not None
    runs.work(job.pk, clock=lambda: at)
    assert api.get(ADA)["results"][0]["version"] == newer.pk


def test_predictors_and_their_versions(api: Api, predictor: Predictor) -> None:
    a_predictor(name="Old", archived_at=NOW)
    [listed] = api.get("predictors")["results"]
    assert (listed["id"], listed["name"], listed["version"]) == (predictor.pk, "Buys soon", predictor.active_id)
    whole = api.get(f"predictors/{predictor.pk}")
    assert listed.items() <= whole.items()
    [version] = whole["versions"]
    assert (version["id"], version["is_useful"]) == (predictor.active_id, True)
    assert (whole["latest_run"]["people"], sum(whole["latest_run"]["bands"].values())) == (10, 10)


def test_people_without_scores_have_none(api: Api, predictor: Predictor) -> None:
    take_in([identify("nothing", traits={"email": "nothing@example.com"})])
    assert api.get("profiles/email:nothing@example.com/scores")["results"] == []
    assert api.post("profiles/email:nothing@example.com/scores")["results"] == []


def test_mistakes_are_told(api: Api, predictor: Predictor) -> None:
    api.get("profiles/email:nobody@example.com/scores", 404)
    api.post("profiles/email:nobody@example.com/scores", 404)
    assert api.get(ADA, 400, reasons="yes")["errors"][0]["place"] == "reasons"
    assert api.get(ADA, 400, why=1)["errors"][0]["place"] == "why"
    api.get("predictors/0", 404)
    api.get("predictors/x", 404)
    api.get("predictors", 400, limit=0)


def test_who_may_not(predictor: Predictor) -> None:
    reader, other = Api("scores:read"), Api("profiles:read", "segments:write")
    reader.get(ADA)
    reader.post(ADA, 403)
    for path in (ADA, "predictors", f"predictors/{predictor.pk}"):
        other.get(path, 403)
        assert Client().get(f"/api/{path}").status_code == 401
    other.post(ADA, 403)
