"""Decisions become corrections of the parameters in force, and show in the evidence of what is weighed next."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from identity import match_models, teaching
from identity.decisions import read_decisions
from identity.learn import FEWEST
from identity.models import Candidate, MatchModel
from identity.rules import Fuzzy
from tests.identity.matching import ADA, ADA_AGAIN, apply_rules, candidates, comes, match_everybody, take_in_all
from tests.identity.test_full_pass import SHOP
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def decide(*, count: int) -> None:
    """E-mail addresses turn out to be shared: whoever agrees in one is not the same, all others are."""
    made = []
    for i in range(count):
        is_same, has_email = i % 2 == 0, i % 2 == 1
        fields = [("last name", 6 if is_same else 1), ("phone", 4 if is_same else 1), ("e-mail", 5 if has_email else 1)]
        lines = [{"field": "prior", "bits": -12.0}, *({"field": name, "level": level} for name, level in fields)]
        made.append(
            Candidate(
                record_a=10_000 + i, record_b=20_000 + i, weight=2.0, probability=0.8, evidence=lines,
                state="same" if is_same else "different", decided_by="user:1", decided_at=LATER, found_at=NOW,
            )
        )  # fmt: skip
    Candidate.objects.bulk_create(made)


def test_enough_decisions_correct_the_model_in_force() -> None:
    take_in_all(SHOP[:60])
    match_everybody()
    before = MatchModel.objects.get(is_active=True)
    assert teaching.learn_if_due(now=LATER) is None
    decide(count=FEWEST * 3)
    learned = teaching.learn_if_due(now=LATER + timedelta(minutes=1))
    assert learned is not None
    assert learned.is_used
    after = MatchModel.objects.get(is_active=True)
    assert after.pk != before.pk
    assert after.parameters["shift"]["e-mail"]["5"] < -1
    assert after.learned_from["decisions"] == FEWEST * 3
    assert after.learned_from["keys"] == before.learned_from["keys"]
    with connection.cursor() as cursor:
        known = match_models.active(cursor).known
    assert known is not None
    assert known.correction == learned.correction
    assert teaching.learn_if_due(now=LATER + timedelta(minutes=2)) is None


def test_corrections_stay_over_a_full_pass_and_are_told_apart_in_the_evidence() -> None:
    take_in_all(SHOP[:60])
    decide(count=FEWEST * 3)
    job = match_everybody()
    assert (job.result["decisions"], job.result["is_corrected"]) == (FEWEST * 3, True)
    told = [one for one in Candidate.objects.filter(decided_at=None) for line in one.evidence if line.get("learned")]
    assert told
    for one in told:
        assert sum(line["bits"] for line in one.evidence) == pytest.approx(one.weight, abs=0.15)


def test_what_decisions_added_is_no_part_of_the_default_they_are_learned_against() -> None:
    Candidate.objects.create(
        record_a=1, record_b=2, weight=5.0, probability=0.97, state="same", decided_at=NOW, found_at=NOW,
        evidence=[{"field": "prior", "bits": -10}, {"field": "e-mail", "level": 5, "bits": 15, "learned": -3}],
    )  # fmt: skip
    with connection.cursor() as cursor:
        (one,) = read_decisions(cursor)
    assert (one.weight, one.levels, one.is_same) == (8.0, {"e-mail": 5}, True)


def test_the_command_matches_everybody(capsys: pytest.CaptureFixture[str]) -> None:
    apply_rules(Fuzzy(link=0.9999999, review=0.3))
    comes("a", ADA)
    comes("b", ADA_AGAIN)
    Candidate.objects.all().delete()
    call_command("match")
    assert "2 records, 0 links" in capsys.readouterr().out
    assert set(candidates()) == {("anon:a", "anon:b")}
