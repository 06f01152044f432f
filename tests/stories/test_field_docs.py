"""The examples of the field as docs write them."""

import re
from pathlib import Path

import pytest

from cdp.rules.parse import parse
from cdp.rules.to_english import to_english
from scoring.models import Cluster, Clustering, Predictor
from tests.stories.fielded import DOC, documented, section
from tests.taking_in import NOW

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = range(1, 15)


@pytest.mark.django_db
@pytest.mark.parametrize("number", NUMBERS)
def test_every_rule_on_the_page_says_what_is_quoted(number: int) -> None:
    for pk, name, kind in ((1, "Buys in 30 days", "purchase"), (2, "Next order", "next_order")):
        Predictor.objects.create(pk=pk, name=name, kind=kind, days=30, created_at=NOW)
    ways = Clustering.objects.create(pk=1, name="Ways to shop", features=[], created_at=NOW)
    for pk, name in ((1, "Bargain seekers"), (2, "Frequent buyers")):
        Cluster.objects.create(pk=pk, clustering=ways, name=name)
    found = documented(number)
    assert [to_english(parse(rule)) for rule, _ in found] == [words for _, words in found]
    assert found
    assert section(number).count('"version": 1') == len(found)


def test_every_example_names_a_test_that_there_is() -> None:
    named = re.findall(r"\[`(test_(\d+)_\w+)`\]\(\.\./(tests/stories/\w+\.py)\)", DOC)
    assert [int(number) for _, number, _ in named] == list(NUMBERS)
    for test, _, file in named:
        assert f"def {test}(" in (ROOT / file).read_text()
