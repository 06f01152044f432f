"""Two versions compared in words."""

from typing import Any

import pytest

from campaigns.library.difference import difference
from tests.campaigns.library.cases import GOLD, content, text

A, B, C = text("a", "Dear *you*"), text("b", "More"), text("c", "Last")


@pytest.mark.parametrize(
    ("old", "new", "added", "removed", "changed"),
    [
        (content(A), content(A), [], [], []),
        (content(A), content(A, B), ["Text “More”"], [], []),
        (content(A, B), content(B), [], ["Text “Dear you”"], []),
        (content(A), content(A | {"text": "Hello"}), [], [], ["Text “Hello”: its words changed"]),
        (content(A), content(A | {"when": GOLD}), [], [], ["Text “Dear you”: a condition was added"]),
        (content(A | {"when": GOLD}), content(A), [], [], ["Text “Dear you”: the condition was removed"]),
        (
            content(A | {"when": GOLD}),
            content(A | {"when": GOLD, "else": B}),
            [],
            [],
            ["Text “Dear you”: the others get something now"],
        ),
        (content(A, B, C), content(B, C, A), [], [], ["Text “Dear you” moved"]),
        (content(A), content(A, subject="Bye"), [], [], ["Subject: “Hello” became “Bye”"]),
        (
            content(A),
            content({"id": "d", "kind": "columns", "columns": [[A], [B]]}),
            ["Columns", "Text “More”"],
            [],
            [],
        ),
        (content(A), content(A) | {"look": {"accent": "#ff0000"}}, [], [], ["Look: colour of buttons and links"]),
        ("nonsense", content(), ["Footer “Our shop, Main Street 1”"], [], ["Subject: “” became “Hello”"]),
    ],
)
def test_it_says_what_changed(old: Any, new: Any, added: list[str], removed: list[str], changed: list[str]) -> None:
    found = difference(old, new)
    assert (found.added, found.removed, found.changed) == (added, removed, changed)
    assert found.is_none == (not added and not removed and not changed)
