"""Scores as messages see them, and who uses what."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Campaign, Template
from scoring.models import Predictor, Score
from scoring.set_up import archive
from scoring.tokens import Told, scores_of
from scoring.uses import StillUsed, predictor_uses
from segments.models import Segment
from segments.uses import uses_of
from tests.cast import Cast
from tests.scoring.scores.made import a_predictor
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db


def rule(leaf: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "root": {"kind": "all", "of": [{"kind": "not", "of": leaf}]}}


def a_segment(name: str, leaf: dict[str, Any]) -> Segment:
    return Segment.objects.create(name=name, rule=rule(leaf), created_at=NOW, changed_at=NOW)


def of_score(predictor: Predictor) -> dict[str, Any]:
    return {"kind": "score", "id": predictor.pk, "op": "in_band", "bands": ["high"]}


def test_many_people_take_one_statement() -> None:
    one, two, old = a_predictor(name="Buys"), a_predictor(name="Next"), a_predictor(archived_at=NOW)
    at = NOW + timedelta(days=3)
    for profile_id, predictor, expected in ((1, one, None), (1, two, at), (2, one, None), (2, old, None)):
        Score.objects.create(
            profile_id=profile_id,
            predictor_id=predictor.pk,
            value=0.5,
            percentile=70,
            band="medium",
            expected_at=expected,
            model_id=1,
            scored_at=NOW,
        )
    with CaptureQueriesContext(connection) as queries:
        found = scores_of([1, 2, 3], now=NOW)
    assert len(queries) == 1
    buys, following = Told(one.pk, 0.5, 70, "medium", None), Told(two.pk, 0.5, 70, "medium", at)
    assert found == {1: {"Buys": buys, "Next": following}, 2: {"Buys": buys}, 3: {}}
    assert scores_of([1], now=NOW - timedelta(days=1)) == {1: {}}
    assert scores_of([], now=NOW) == {}


def test_a_segment_knows_the_predictors_that_ask_about_it() -> None:
    of_people, of_target, unused = (
        a_segment(name, {"kind": "event", "name": "A", "op": "zero"}) for name in ("People", "Target", "Unused")
    )
    predictor = a_predictor(
        kind="rule",
        population=rule({"kind": "segment", "id": of_people.pk, "op": "in"}),
        target=rule({"kind": "segment", "id": of_target.pk, "op": "in"}),
    )
    found = uses_of([of_people.pk, of_target.pk, unused.pk])
    for segment in (of_people, of_target):
        assert [(one.kind, one.name) for one in found[segment.pk]] == [("Predictor", predictor.name)]
    assert found[unused.pk] == []


def test_a_predictor_in_use_is_not_put_away(client: Client, cast: Cast) -> None:
    used, free = a_predictor(), a_predictor()
    naming = a_segment("Likely", of_score(used))
    block = {"kind": "text", "text": "x", "condition": rule(of_score(used))}
    template = Template.objects.create(name="T", content={"blocks": [block]}, created_at=NOW, changed_at=NOW)
    Campaign.objects.create(name="Spring", template=template, created_at=NOW).included.set([naming])
    assert sorted((one.kind, one.name) for one in predictor_uses(used)) == [
        ("Campaign", "Spring"),
        ("Segment", "Likely"),
    ]
    with pytest.raises(StillUsed, match=r"“Likely”.*“Spring”|“Spring”.*“Likely”"):
        archive(used, now=NOW)
    client.force_login(cast.mara)
    answer = client.post(reverse("scoring:archive", args=[used.pk]), follow=True)
    assert "Not archived. It is used by “Likely”, “Spring”" in answer.content.decode()
    client.post(reverse("scoring:archive", args=[free.pk]))
    assert [one.archived_at is None for one in Predictor.objects.filter(pk__in=[used.pk, free.pk]).order_by("pk")] == [
        True,
        False,
    ]


def test_an_archived_segment_uses_nothing() -> None:
    predictor = a_predictor()
    segment = a_segment("Old", of_score(predictor))
    Segment.objects.filter(pk=segment.pk).update(archived_at=NOW)
    archive(predictor, now=NOW)
    predictor.refresh_from_db()
    assert predictor.archived_at == NOW
