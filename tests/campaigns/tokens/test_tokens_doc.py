"""docs/tokens.md says what holds."""

import re
from pathlib import Path

import pytest

from campaigns.content.meanings import FIELDS, ITEM, LEADING, RFM, ROOTS, Resolved
from campaigns.content.paste import convert
from campaigns.content.problems import problems_of
from tests.campaigns.tokens.known import VOCABULARY

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "tokens.md").read_text()
PASTED = re.findall(r"^\| `([^`]+)`.* \| `([^`]+)` \|$", TEXT, re.MULTILINE)
REFUSED = re.findall(r"`([^`]+)`", TEXT.split("Refused, among others: ")[1].split("\n\n")[0])


def test_the_example_is_right() -> None:
    (example,) = re.findall(r"```liquid\n(.*?)```", TEXT, re.DOTALL)
    content = {"version": 2, "subject": "Hi", "blocks": [{"id": "b", "kind": "text", "text": example}]}
    assert problems_of(content, vocabulary=VOCABULARY) == []


@pytest.mark.parametrize(
    "name",
    [*ROOTS, *(one for one in LEADING if one != "rfm"), *(f"rfm.{one}" for one in RFM), *ITEM]
    + [field for fields in FIELDS.values() for field in fields],
)
def test_all_that_can_be_said_is_documented(name: str) -> None:
    assert re.search(rf"`[^`]*\b{name}\b[^`]*`", TEXT)


@pytest.mark.parametrize("path", re.findall(r"^\| `([a-z_.]+)`", TEXT, re.MULTILINE))
def test_what_is_documented_can_be_said(path: str) -> None:
    assert isinstance(VOCABULARY.resolve(tuple(path.split("."))), Resolved)


@pytest.mark.parametrize(("pasted", "becomes"), [(a, b) for a, b in PASTED if a.startswith(("{", "*", "%"))])
def test_what_is_pasted_becomes_what_is_said(pasted: str, becomes: str) -> None:
    assert convert(pasted.replace("\\|", "|")).text == becomes.replace("\\|", "|")


@pytest.mark.parametrize("pasted", [one for one in REFUSED if one.startswith(("{", "*"))])
def test_what_is_refused_is_refused(pasted: str) -> None:
    assert convert(pasted).problems
