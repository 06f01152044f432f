"""The language is documented whole, its examples are accepted, and its JSON Schema says what the parser says."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.leaf import OPS as MESSAGES
from cdp.rules.fields import RuleError
from cdp.rules.leaves.anniversary import OPS as ANNIVERSARIES
from cdp.rules.leaves.consent import CHANNELS
from cdp.rules.leaves.consent import OPS as CONSENTS
from cdp.rules.leaves.item import BY
from cdp.rules.leaves.item import MEASURES as ITEM_MEASURES
from cdp.rules.limit import OPS
from cdp.rules.numbers import MEASURES
from cdp.rules.operators import OPERATORS
from cdp.rules.parse import parse
from cdp.rules.references import COLUMNS
from cdp.rules.registry import kinds
from cdp.rules.schema import rule_schema
from cdp.rules.spans import UNITS
from cdp.rules.windows import KINDS
from scoring.leaf import OPS as SCORES
from segments.leaf import OPS as SEGMENTS
from tests.cdp.rules.drawing import CUT, KEPT, LEAVES, TREE
from tests.cdp.rules.histories import people, write

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "rules.md").read_text()
EXAMPLES = [json.loads(found) for found in re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)]
WORDS = [*OPERATORS, *OPS, *MEASURES, *ITEM_MEASURES, *BY, *COLUMNS, *ANNIVERSARIES, *UNITS, "first", "last"]
WORDS += [*CONSENTS, *CHANNELS, *SEGMENTS, *SCORES, *MESSAGES]


def whole(example: dict[str, Any]) -> dict[str, Any]:
    return example if "root" in example else {"version": 1, "root": example}


@cache
def validator() -> Any:
    return jsonschema_rs.validator_for(rule_schema())


def is_well_formed(rule: Any) -> bool:
    return bool(validator().is_valid(rule))


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_condition_is_documented_with_an_example(kind: str) -> None:
    assert f"### `{kind}`\n" in DOCS
    assert any(example.get("kind") == kind for example in EXAMPLES)


@pytest.mark.parametrize("word", sorted(set(WORDS)))
def test_every_word_is_documented(word: str) -> None:
    assert f"`{word}`" in DOCS


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_member_is_documented(kind: str) -> None:
    """In the row, or rows, of the condition; a test and a limit stand for theirs."""
    rows = "".join(re.findall(rf"^\| `{kind}`.*$", DOCS, re.MULTILINE))
    said = set(re.findall(r"`(\w+)`", rows)) | {"kind"}
    if "*test*" in rows:
        said |= {"op", "value", "to", "amount", "unit", "trait"}
    if "*limit*" in rows:
        said |= {"op", "value", "to"}
    variants = rule_schema()["$defs"][kind]
    found = {name for one in variants.get("anyOf", [variants]) for name in one["properties"]}
    assert found <= said


@pytest.mark.parametrize("kind", KINDS)
def test_every_window_is_documented(kind: str) -> None:
    assert f'| `{{"kind": "{kind}"' in DOCS


def test_every_documented_condition_exists() -> None:
    assert set(re.findall(r"^### `(\w+)`$", DOCS, re.MULTILINE)) == set(kinds())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.get("kind", "rule"))
def test_every_example_is_accepted(example: dict[str, Any]) -> None:
    assert is_well_formed(whole(example))
    # These look their names up.
    looked_up = ("segment", "overlap", "score", "consent", "computed", "rfm", "cluster", "message")
    if example.get("kind") not in looked_up:
        parse(whole(example))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.one_of(*LEAVES.values(), CUT, TREE))
def test_the_schema_accepts_what_the_parser_accepts(root: dict[str, Any]) -> None:
    parse(whole(root))
    assert is_well_formed(whole(root))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KEPT)
def test_the_schema_accepts_what_looks_names_up(kind: str) -> None:
    write(people(1))

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(KEPT[kind])
    def check(root: dict[str, Any]) -> None:
        parse(whole(root))
        assert is_well_formed(whole(root))

    check()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.one_of(*(one for kind, one in LEAVES.items() if kind not in ("end", "window")), CUT),
    st.sampled_from(["op", "name", "kind", "colour", "steps", "window"]),
    st.sampled_from([None, "nonsense", 7, {}, []]),
)
def test_what_is_no_rule_is_refused_by_both(root: dict[str, Any], key: str, value: Any) -> None:
    """With one member replaced by nonsense."""
    if value is None and key not in root:
        return
    spoilt = {name: one for name, one in root.items() if name != key} if value is None else {**root, key: value}
    if not is_well_formed(whole(spoilt)):
        with pytest.raises(RuleError):
            parse(whole(spoilt))
