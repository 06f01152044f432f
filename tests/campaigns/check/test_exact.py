"""Every number of a check is what one counts by hand in everybody's mail, made one by one as it is sent."""

import re
from collections import Counter
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.check import run as running
from campaigns.check.lots import first_of
from campaigns.check.result import result_of
from campaigns.content.compose import compose, press_for
from campaigns.content.press import About, Made
from campaigns.models import Campaign, Check
from cdp.rules.tree import UTC
from tests.campaigns.bulk.mails import recipient
from tests.campaigns.check.making import BASE, a_campaign, checked, content, text, viewers
from tests.cdp.rules.test_oracle import quick
from tests.cdp.rules.test_rules import rule, trait
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
numbers = count()

CITIES = ("Rome", "Oslo", None)
PEOPLE = {
    f"p{n}": {"city": CITIES[n % 3], "age": None if n % 4 == 0 else n * 10, "nick": "" if n % 2 else f"N{n}"}
    for n in range(9)
}
RULES = st.sampled_from(
    [
        trait("city", "is", "Rome"),
        trait("city", "is_set"),
        trait("city", "is", "Nowhere"),
        trait("age", "at_least", 40),
        trait("age", "is_not_set"),
        trait("nick", "contains", "N"),
    ]
)
VALUES = st.sampled_from(["city", "age", "nick", "nothing_of_the_kind", "profile.city"])
FILTERS = st.sampled_from(
    ["", ' | default: "INSTEAD"', ' | upcase | default: "INSTEAD"', ' | default: "instead" | upcase', ' | default: ""']
)
EXPRESSIONS = st.builds("{{{{ {}{} }}}}".format, VALUES, FILTERS)
LIQUID = st.one_of(
    EXPRESSIONS.map(lambda one: f"«{one}»"),
    EXPRESSIONS.map(lambda one: f"{{% if city %}}«{one}»{{% endif %}}"),
    EXPRESSIONS.map(lambda one: f"{{% for n in (1..2) %}}«{one}»{{% endfor %}}"),
    FILTERS.map(lambda one: f"{{% assign who = nick{one} %}}«{{{{ who }}}}»"),
)


@st.composite
def blocks(draw: Any, *, depth: int = 2) -> dict[str, Any]:
    """A text, perhaps for some only, perhaps with another for the others; or columns that hold two such."""
    name = f"b{next(numbers)}"
    if depth and draw(st.booleans()):
        columns = [[draw(blocks(depth=0))], [draw(blocks(depth=0))]]
        made: dict[str, Any] = {"id": name, "kind": "columns", "columns": columns}
    else:
        made = text(name, f"{name}{draw(LIQUID)}{name}")
    if draw(st.booleans()):
        made["when"] = rule(draw(RULES))
        if draw(st.booleans()):
            made["else"] = draw(blocks(depth=0))
    return made


SUBJECTS = st.one_of(
    LIQUID.map("subject{}subject".format),
    st.builds(
        lambda first, second, when: {"cases": [{"when": rule(when), "then": f"one{first}"}], "else": f"two{second}"},
        LIQUID, LIQUID, RULES,
    ),
)  # fmt: skip


def by_hand(campaign: Campaign, ids: list[int]) -> dict[int, Made]:
    about = About(BASE, UTC, campaign="C", is_tracked=False)
    press = press_for(campaign.template.content, about=about, now=NOW)
    made = compose(press, [recipient(one) for one in ids], now=NOW, rehearsal=True)
    return {one.recipient.profile_id: one for one in made if isinstance(one, Made)}


def seen_by_hand(text: str, name: str) -> str | None:
    """How the one token of a text is seen; the worst of a loop."""
    found = re.search(f"{name}(.*?){name}", text)
    if found is None:
        return None
    printed = re.findall("«(.*?)»", found[1])
    if not printed:
        return "unread"
    return "nothing" if "" in printed else "fallback" if "INSTEAD" in printed else "value"


def test_branches_and_tokens_of_everybody_are_as_counted_in_their_mails() -> None:
    ids = sorted(viewers(**PEOPLE).values())
    campaign = a_campaign(content(text("a", "x")))
    looked_at: Counter[str] = Counter()

    @settings(quick, max_examples=40)
    @given(st.lists(blocks(), min_size=1, max_size=4), SUBJECTS)
    def check(drawn: list[dict[str, Any]], subject: Any) -> None:
        campaign.template.content = content(*drawn, subject=subject)
        campaign.template.save()
        with patch.object(running, "LOT", 4):
            found = checked(campaign)
        made = by_hand(campaign, ids)
        assert found.counts["allowed"] == found.reached == len(made) == len(ids)
        same_branches(found, made)
        looked_at.update(same_tokens(found, made))
        sums_hold(found)

    check()
    assert min(looked_at[how] for how in ("value", "fallback", "nothing", "unread")) > 5


def same_branches(found: Check, made: dict[int, Made]) -> None:
    expected = Counter(
        f"branch:{key}:{number}" for one in made.values() for key, number in one.rendered.branches.items()
    )
    assert {key: n for key, n in found.counts.items() if key.startswith("branch:")} == expected
    for key in expected:
        _, split, number = key.split(":")
        those = [who for who, one in made.items() if one.rendered.branches.get(split) == int(number)]
        assert first_of(found, [key], most=100) == sorted(those)


def same_tokens(found: Check, made: dict[int, Made]) -> Counter[str]:
    looked_at: Counter[str] = Counter()
    for number, token in enumerate(result_of(found).tokens):
        if not token.place.startswith("blocks."):
            continue
        name = token.place.split(".")[1]
        expected = Counter(seen_by_hand(one.rendered.text, name) for one in made.values())
        for how in ("value", "fallback", "nothing", "unread"):
            n = found.counts.get(f"token:{number}:{how}", 0)
            # A token that a condition or a loop names is none that is printed: each text prints one.
            assert n == expected[how], (token, how)
            looked_at[how] += n
    return looked_at


def sums_hold(found: Check) -> None:
    """The branches of a split are all who reach it."""
    for split in result_of(found).splits:
        inside = [f"branch:{key}:{number}" for key, number in split.inside][-1:] or ["allowed"]
        branches = [found.counts.get(f"branch:{split.key}:{n}", 0) for n in range(len(split.branches))]
        assert sum(branches) == found.counts.get(inside[0], 0)
