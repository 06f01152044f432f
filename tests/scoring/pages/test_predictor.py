"""The page of a predictor: what it says of its quality, of people now, and what one can do from there."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cdp.accounts.models import AuditEntry
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.profiles.models import Profile
from cdp.rules.parse import parse
from cdp.rules.sets import matching
from scoring.jobs import KIND, new_job
from scoring.models import Predictor, Score
from scoring.quality import Quality
from scoring.today import short, today
from tests.cast import Cast
from tests.factories import NOW
from tests.scoring.pages.laid import a_predictor, a_quality, a_version, scored
from tests.segments.laid import a_segment, people

pytestmark = pytest.mark.django_db


def page(client: Client, predictor: Predictor, part: str = "") -> str:
    answer = client.get(f"/predictions/{predictor.pk}/{part}")
    assert answer.status_code == 200
    return answer.content.decode()


def rule_in(url: str) -> dict[str, Any]:
    """The rule that a link to a new segment carries."""
    found: dict[str, Any] = json.loads(parse_qs(urlsplit(url).query)["rule"][0])
    return found


def test_its_quality_is_told_in_plain_words(cast: Cast) -> None:
    predictor = a_predictor()
    a_version(predictor)
    text = page(cast.client("vic"), predictor)
    assert "Of 100 pairs of one who bought and one who did not, it ranks 81 rightly" in text
    assert "knowing only when they were last active, 70" in text
    assert "400 of 2,000 people bought" in text
    assert "High confidence" in text
    assert "days since the last order" in text
    assert "gradient boosting" in text
    assert "recency_days" not in text


def test_one_that_is_no_better_than_a_guess_says_so_and_is_not_used(cast: Cast) -> None:
    predictor = a_predictor()
    a_version(
        predictor, in_use=False, is_useful=False, is_confident=False, quality=a_quality(auc=0.55), verdict="Not used."
    )
    text = page(cast.client("vic"), predictor)
    assert "Not better than a guess: not in use" in text
    assert "it ranks 55 rightly" in text
    assert "High confidence" not in text


def test_amounts_and_dates_have_words_of_their_own(cast: Cast) -> None:
    value = a_predictor("Spends", kind="value", days=90)
    a_version(value, quality=Quality(people=900, happened=300, mae=31.2, mae_baseline=44.0, rank_correlation=0.48))
    text = page(cast.client("vic"), value)
    assert "31.20 EUR" in text
    assert "saying what they spent in the days before is off by 44.00 EUR" in text
    order = a_predictor("Next", kind="next_order", days=90)
    a_version(order, quality=Quality(people=900, happened=300, mae=9.5, mae_baseline=12.0, covered=0.81))
    text = page(cast.client("vic"), order)
    assert "each person’s own usual gap is off by 12.0 days" in text
    assert "81 %" in text


def test_the_threshold_counts_the_people_of_the_segment_it_makes(cast: Cast) -> None:
    predictor = a_predictor()
    a_version(predictor)
    ids = people(300)
    scored(predictor, ids)
    Profile.objects.filter(pk=ids[7]).update(merged_into=ids[8])
    answer = cast.client("mara").get(f"/predictions/{predictor.pk}/now/")
    curve = answer.context["curve"]
    assert curve["steps"][0][1] == 299
    for threshold, n, expected in curve["steps"]:
        rule = {
            "version": 1,
            "root": {
                "kind": "all",
                "of": [{"kind": "score", "id": predictor.pk, "op": "at_least", "value": threshold}],
            },
        }
        found = matching(parse(rule), ids, now=utc_now()) - {ids[7]}
        assert len(found) == n > 0
        values = Score.objects.filter(predictor_id=predictor.pk, profile_id__in=found).values_list("value", flat=True)
        assert expected == pytest.approx(sum(values), abs=0.006)
    first = answer.context["first"]
    assert rule_in(answer.context["segment_url"])["root"]["of"][0]["value"] == first.threshold
    assert f"Make segment of these <span data-make-count>{first.people}</span> people" in answer.content.decode()
    assert sum(bar.people for bar in answer.context["picture"].bars) == 299


def test_with_one_score_or_none_the_slider_has_its_words(cast: Cast) -> None:
    predictor = a_predictor()
    a_version(predictor)
    assert "Nobody has a score yet" in page(cast.client("vic"), predictor, "now/")
    scored(predictor, people(1))
    assert [step.people for step in today(predictor).steps] == [1]
    assert "1</div>" in page(cast.client("vic"), predictor, "now/")


@pytest.mark.parametrize(
    ("value", "cut"),
    [(0.123456, 0.123), (0.9999, 0.999), (1234.5, 1230.0), (0.0, 0.0), (0.000123987, 0.000123), (-5.678, -5.68)],
)
def test_thresholds_are_short_and_never_above_the_score(value: float, cut: float) -> None:
    assert short(value) == cut <= value


def test_next_orders_are_counted_as_the_rule_of_the_segment_counts_them(cast: Cast) -> None:
    predictor = a_predictor("Next", kind="next_order", days=90)
    a_version(predictor)
    ids = people(120)
    scored(predictor, ids, now=utc_now(), scale=100)
    soon = cast.client("mara").get(f"/predictions/{predictor.pk}/now/").context["soon"]
    assert [one["days"] for one in soon] == [7, 14, 30]
    for one in soon:
        assert one["people"] == len(matching(parse(rule_in(one["url"])), ids, now=utc_now())) > 0


def test_two_predictors_make_a_segment_of_valuable_people_about_to_leave(cast: Cast) -> None:
    value, leaves = a_predictor("Spends", kind="value", days=90), a_predictor("Leaves", kind="lapse", days=90)
    ids = people(200)
    for seed, predictor in enumerate((value, leaves)):
        a_version(predictor)
        scored(predictor, ids, seed=seed)
    for predictor in (value, leaves):
        [one] = cast.client("mara").get(f"/predictions/{predictor.pk}/").context["combinations"]
        assert one.title == "High value and likely to leave"
        assert one.people == len(matching(parse(rule_in(one.url)), ids, now=utc_now())) > 0


def test_people_of_a_band_open_and_become_a_segment(cast: Cast) -> None:
    predictor = a_predictor()
    a_version(predictor)
    ids = people(100)
    scored(predictor, ids)
    answer = cast.client("mara").get(f"/predictions/{predictor.pk}/people/?band=high")
    n = answer.context["n"]
    assert n == len(matching(parse(rule_in(answer.context["segment_url"])), ids, now=utc_now())) > 0
    values = [score.value for score, _ in answer.context["lines"]]
    assert values == sorted(values, reverse=True)
    everybody = cast.client("mara").get(f"/predictions/{predictor.pk}/people/")
    second = cast.client("mara").get(f"/predictions/{predictor.pk}/people/?after={everybody.context['page'].next}")
    assert everybody.context["n"] == 100 == len(everybody.context["lines"]) + len(second.context["lines"])
    assert cast.client("mara").get(f"/predictions/{predictor.pk}/people/?band=none").status_code == 422


def test_a_double_click_trains_once_and_archived_ones_not_at_all(cast: Cast) -> None:
    predictor = a_predictor()
    client = cast.client("mara")
    for _ in range(2):
        assert client.post(f"/predictions/{predictor.pk}/train/").status_code == 302
    assert Job.objects.filter(kind=KIND).count() == 1
    client.post(f"/predictions/{predictor.pk}/archive/")
    Job.objects.update(state=Job.State.DONE)
    told = client.post(f"/predictions/{predictor.pk}/train/", follow=True).content.decode()
    assert "Not trained: it is archived" in told
    assert Job.objects.count() == 1
    assert "is back" in client.post(f"/predictions/{predictor.pk}/restore/", follow=True).content.decode()
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["trained predictor", "trained predictor", "archived predictor", "restored predictor"]


def test_a_training_tells_its_step_and_can_be_cancelled(cast: Cast) -> None:
    predictor = a_predictor()
    job = new_job(predictor, title="Training “Buys”", by=None, now=NOW)
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, done=40, total=100, started_at=NOW, heartbeat_at=NOW, checkpoint={"step": "Measuring"}
    )
    text = page(cast.client("vic"), predictor)
    assert "Measuring" in text
    assert "40 %" in text
    assert "Training …" not in text
    assert "Training …" in page(cast.client("mara"), predictor)
    assert "Stopping" in cast.client("mara").post(f"/predictions/jobs/{job.pk}/stop/").content.decode()
    job.refresh_from_db()
    assert job.is_cancel_requested
    Job.objects.update(state=Job.State.CANCELLED)
    assert cast.client("vic").get(f"/predictions/jobs/{job.pk}/")["HX-Refresh"] == "true"
    assert cast.client("vic").post(f"/predictions/jobs/{job.pk}/stop/").status_code == 403


def test_versions_can_be_taken_back_but_never_useless_ones(cast: Cast) -> None:
    predictor = a_predictor()
    first, second = a_version(predictor), a_version(predictor)
    useless = a_version(predictor, in_use=False, is_useful=False, is_confident=False)
    client = cast.client("mara")
    text = page(client, predictor, "versions/")
    assert "did not prove useful" in text
    assert "Use version 1?" in text
    assert "Use version 2?" not in text
    told = client.post(f"/predictions/{predictor.pk}/versions/{first.number}/use/", follow=True).content.decode()
    assert "Version 1 is in use" in told
    predictor.refresh_from_db()
    assert predictor.active == first
    assert Job.objects.get(kind="scoring").params["models"] == {str(predictor.pk): first.pk}
    told = client.post(f"/predictions/{predictor.pk}/versions/{useless.number}/use/", follow=True).content.decode()
    assert "did not prove better than a simple guess" in told
    predictor.refresh_from_db()
    assert predictor.active == first
    assert AuditEntry.objects.get(verb="chose version of predictor").details == {"version": 1}
    assert second.pk != first.pk


@pytest.mark.parametrize("part", ["", "now/", "people/", "versions/", "edit/"])
def test_what_is_not_there_is_not_found(cast: Cast, part: str) -> None:
    assert cast.client("mara").get(f"/predictions/999999/{part}").status_code == 404


def test_its_pages_cost_the_same_queries_however_many_people(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    predictor = a_predictor()
    for _ in range(25):
        a_version(predictor)
    scored(predictor, people(300))
    client = cast.client("mara")
    page(client, predictor)
    for part, most in (("", 22), ("people/", 14), ("versions/", 12), ("now/", 12)):
        with django_assert_max_num_queries(most):
            page(client, predictor, part)


def test_who_uses_it_is_told_and_keeps_it_from_being_archived(cast: Cast) -> None:
    predictor = a_predictor()
    a_version(predictor)
    rule = {"kind": "score", "id": predictor.pk, "op": "in_band", "bands": ["high"]}
    a_segment("Likely", rule={"version": 1, "root": rule})
    client = cast.client("mara")
    assert "Likely" in page(client, predictor)
    told = client.post(f"/predictions/{predictor.pk}/archive/", follow=True).content.decode()
    assert "It is used by “Likely”" in told
    predictor.refresh_from_db()
    assert predictor.archived_at is None
