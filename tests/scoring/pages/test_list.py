"""The list of predictors: what it says of each, filters, ready-made ones, what it costs."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cdp.accounts.models import AuditEntry
from cdp.common.models import Job
from scoring.jobs import new_job
from scoring.models import Predictor
from scoring.starters import STARTERS
from tests.cast import Cast
from tests.factories import NOW
from tests.scoring.pages.laid import a_predictor, a_version, scored
from tests.segments.laid import people

pytestmark = pytest.mark.django_db
LIST = "/predictions/"


def shown(client: Client, query: str = "") -> list[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200
    return [line.predictor.name for line in answer.context["lines"]]


def test_it_costs_the_same_queries_however_many_predictors(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ids = people(3)
    for n in range(55):
        predictor = a_predictor(f"{n:03}", kind="event", event_name="Sign Up")
        a_version(predictor)
        if n < 5:
            scored(predictor, ids)
    client = cast.client("mara")
    client.get(LIST)
    with django_assert_max_num_queries(14):
        assert len(shown(client)) == 50


def test_each_predictor_says_its_health_in_a_word(cast: Cast) -> None:
    a_version(a_predictor("A"))
    a_version(a_predictor("B"), is_confident=False)
    a_version(a_predictor("C"), is_confident=False, is_simple=True)
    a_version(a_predictor("D"), in_use=False, is_useful=False, is_confident=False)
    a_version(a_predictor("E"), in_use=False, is_useful=False, is_confident=False, estimator="")
    a_predictor("F")
    training = a_predictor("G")
    new_job(training, title="Training", by=None, now=NOW)
    failed = a_predictor("H")
    job = new_job(failed, title="Training", by=None, now=NOW)
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, error="MemoryError: too little")
    lines = cast.client("vic").get(LIST).context["lines"]
    assert {line.predictor.name: line.health.word for line in lines} == {
        "A": "High confidence",
        "B": "Useful",
        "C": "Simple model, little data",
        "D": "Not better than a guess: not in use",
        "E": "Too little data: not in use",
        "F": "Not trained yet",
        "G": "Training for the first time",
        "H": "Training failed",
    }
    assert lines[-1].problem == "Its latest training failed: MemoryError: too little"


def test_filters(cast: Cast) -> None:
    a_version(a_predictor("Buys"))
    a_predictor("Spends", kind="value", problem="People behave differently now.")
    a_predictor("Old", archived_at=NOW)
    client = cast.client("vic")
    assert shown(client) == ["Buys", "Spends"]
    assert shown(client, "?q=spe") == ["Spends"]
    assert shown(client, "?kind=value") == ["Spends"]
    assert shown(client, "?state=used") == ["Buys"]
    assert shown(client, "?state=unused") == ["Spends"]
    assert shown(client, "?state=problem") == ["Spends"]
    assert shown(client, "?state=archived") == ["Old"]
    assert "No predictor fits these filters" in client.get(LIST + "?q=zzz").content.decode()
    assert client.get(LIST + "?after=damaged").status_code == 400


def test_one_click_makes_a_ready_made_one_and_begins_to_train_it_once(cast: Cast) -> None:
    client = cast.client("mara")
    assert set(client.get(LIST).context["starters"]) == set(STARTERS)
    for _ in range(2):
        answer = client.post("/predictions/starters/leaves/")
        predictor = Predictor.objects.get()
        assert answer["Location"] == f"/predictions/{predictor.pk}/"
    assert (predictor.kind, predictor.days, predictor.created_by) == ("lapse", 90, cast.mara)
    assert Job.objects.filter(kind="predictor").count() == 1
    assert [entry.verb for entry in AuditEntry.objects.filter(target="Leaves")] == ["created predictor"]
    assert "leaves" not in client.get(LIST).context["starters"]
    assert client.post("/predictions/starters/nothing/").status_code == 404


def test_who_may_only_look_is_offered_nothing_to_begin(cast: Cast) -> None:
    page = cast.client("vic").get(LIST).content.decode()
    assert "A marketer can set one up" in page
    assert "Start “" not in page
    assert cast.client("vic").post("/predictions/starters/buys/").status_code == 403
