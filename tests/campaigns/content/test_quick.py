"""The fast way of the usual expression gives what python-liquid gives."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError

from campaigns.content.quick import quick
from campaigns.content.sandbox import BLANK, PLAIN, Context
from campaigns.content.shown import shown

names = st.sampled_from(["a", "b", "c", "size", "first"])
paths = st.lists(names, min_size=1, max_size=3).map(".".join)
filters = st.sampled_from(
    [
        "",
        "| default: 'you'",
        "| upcase",
        "| plus: 1",
        "| join: ', '",
        "| size",
        "| first",
        "| money: 'USD'",
        "| date: '%Y'",
        "| default: 'x' | capitalize",
        "| replace: 'a', 'b' | truncate: 3",
        "| divided_by: 0",
        "| where: 'a'",
        "| pluralize: 'item', 'items'",
        "| round",
    ]
)
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**16), 10**16),
    st.floats(allow_nan=True),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000),
    st.text("ab1.<", max_size=5),
    st.just(date(2026, 11, 22)),
    st.just(Decimal("12.50")),
)
values = st.recursive(
    plain, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)), max_leaves=8
)


def told(evaluate: Any) -> str:
    try:
        return shown(evaluate())
    except LiquidError as error:
        return f"! {type(error).__name__}"


@settings(max_examples=400, deadline=None)
@given(paths, filters, st.dictionaries(names, values, max_size=4))
def test_both_ways_agree(path: str, used: str, data: dict[str, Any]) -> None:
    (node,) = PLAIN.from_string(f"{{{{ {path} {used} }}}}").nodes
    assert isinstance(node, OutputNode)
    fast = quick(node.expression)
    if fast is not None:
        assert told(lambda: fast(data)) == told(lambda: node.expression.evaluate(Context(BLANK, globals=data)))


def test_the_usual_is_fast() -> None:
    for source in ("{{ name }}", "{{ profile.city | default: 'you' }}", "{{ x | money: 'EUR' | upcase }}"):
        (node,) = PLAIN.from_string(source).nodes
        assert quick(node.expression) is not None  # type: ignore[attr-defined]
