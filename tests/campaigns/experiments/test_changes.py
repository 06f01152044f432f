"""What a variant changes stands where it was chosen, or is refused."""

from typing import Any

import pytest

from campaigns.changes import Lost, about, changed, value_at

RULE = {
    "version": 1,
    "root": {
        "kind": "all",
        "of": [
            {"kind": "score", "id": 4, "op": "more_than", "value": 0.7},
            {
                "kind": "event",
                "name": "Product Viewed",
                "op": "at_least",
                "value": 1,
                "window": {"kind": "last", "amount": 7, "unit": "day"},
            },
        ],
    },
}
MAIL: dict[str, Any] = {
    "version": 2,
    "subject": {"cases": [{"when": RULE, "then": "Gold"}], "else": "Hi"},
    "blocks": [
        {"id": "one", "kind": "text", "text": "A"},
        {
            "id": "two",
            "kind": "columns",
            "columns": [
                [{"id": "in", "kind": "text", "text": "B", "when": RULE, "else": {"id": "or", "kind": "divider"}}],
                [{"id": "by", "kind": "spacer", "height_px": 20}],
            ],
        },
    ],
}
DAYS = ["blocks", "in", "when", "root", "of", 1, "window", "amount"]
SCORE = ["blocks", "in", "when", "root", "of", 0, "value"]


def change(place: list[Any], value: Any, **more: Any) -> dict[str, Any]:
    return {"place": place, "value": value, **more}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (DAYS, 14),
        (SCORE, 0.8),
        (SCORE, 1),
        (["subject"], "Another"),
        (["preheader"], "Look"),
        (["subject", "else"], "Hello"),
        (["subject", "cases", 0, "when", "root", "of", 0, "value"], 0.9),
        (["blocks", "by", "height_px"], 40),
        (["blocks", "one", "text"], "C"),
    ],
)
def test_a_value_is_changed_where_it_stands_and_nothing_else_is(place: list[Any], value: Any) -> None:
    mail = {**MAIL, "preheader": ""}
    made = changed(mail, [change(place, value)])
    assert value_at(made, place) == value
    assert changed(made, [change(place, value_at(mail, place))] if place != ["subject"] else []) == (
        mail if place != ["subject"] else {**mail, "subject": value}
    )
    assert value_at(mail, place) != value


def test_a_block_that_moved_is_found_by_its_id() -> None:
    inner = MAIL["blocks"][1]["columns"][0][0]
    moved = {**MAIL, "blocks": [{"id": "zero", "kind": "divider"}, inner]}
    assert value_at(changed(moved, [change(DAYS, 3)]), DAYS) == 3


@pytest.mark.parametrize(
    "one",
    [
        change(["blocks", "gone", "text"], "X"),
        change([*DAYS[:5], 2, "value"], 3),
        change([*DAYS[:5], -1, "value"], 3),
        change(["blocks", "in", "when", "root", "of", "1", "value"], 3),
        change(["blocks", "one", "when", "root", "value"], 3),
        change(DAYS, "three"),
        change(SCORE, True),
        change(["subject", "cases", 4, "then"], "X"),
        change([], 3),
        change(["nothing"], "X"),
    ],
)
def test_a_place_that_is_gone_is_an_error_that_names_it(one: dict[str, Any]) -> None:
    with pytest.raises(Lost) as lost:
        changed(MAIL, [one])
    assert lost.value.place == one["place"]


def test_another_condition_in_its_place_is_not_changed_unseen() -> None:
    seen = change(SCORE, 0.8, about=about(MAIL, SCORE))
    assert value_at(changed(MAIL, [seen]), SCORE) == 0.8
    other = changed(MAIL, [change(["blocks", "in", "when", "root", "of", 0, "id"], 5)])
    with pytest.raises(Lost):
        changed(other, [seen])
    only_number = changed(MAIL, [change(SCORE, 0.65)])
    assert value_at(changed(only_number, [seen]), SCORE) == 0.8
