"""Random rules over the random people of histories.py."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.cdp.rules.histories import CAMPAIGNS, CLUSTERS, ITEMS, MAILED, NAMES, SEGMENTS, TOPICS

Rule = dict[str, Any]
Drawn = st.SearchStrategy[Any]
UNIT = st.sampled_from(["hour", "day", "week", "month"])
NUMBER_OPS = ["more_than", "at_least", "less_than", "at_most"]
PATTERNS = ["^r", "O$", "^.{3}$", "[a-e]+d|\\d", "(r|d)+e", "^dark\\s", "ro(m|b)[^i]?$"]
BETWEEN_TWO = [*(f"{no}{op}" for op in ("contains", "starts_with", "ends_with") for no in ("", "not_")), *NUMBER_OPS]
COMPARED = st.sampled_from(["is", "is_not", *BETWEEN_TWO])
DAY = st.sampled_from(["2026-02-20", "2026-03-01", "2026-03-05"])
MAYBE_OWN = {"zone": st.sampled_from(["own", "deployment"])}


def made(optional: Mapping[str, Drawn] | None = None, /, **members: Any) -> Drawn:
    fixed = {name: one if isinstance(one, st.SearchStrategy) else st.just(one) for name, one in members.items()}
    return st.fixed_dictionaries(fixed, optional=dict(optional or {}))


def span() -> dict[str, Any]:
    return {"amount": st.integers(1, 9), "unit": UNIT}


def ordered(low: str, high: str, values: Drawn) -> Drawn:
    return st.tuples(values, values).map(lambda two: {low: min(two), high: max(two)})


def windows() -> Drawn:
    between = ordered("from", "to", st.integers(0, 9)).filter(lambda one: one["from"] < one["to"])
    return st.one_of(
        made(kind="ever"),
        *(made(kind=kind, **span()) for kind in ("last", "before", "next")),
        st.tuples(between, UNIT).map(lambda two: {"kind": "between", **two[0], "unit": two[1]}),
        ordered("from", "to", DAY).map(lambda days: {"kind": "dates", **days}),
        made(kind="dates", **dict[str, Any]({"from": DAY})),
        made(kind="dates", to=DAY),
        made(
            MAYBE_OWN,
            kind="calendar",
            amount=st.integers(1, 4),
            unit=st.sampled_from(["day", "week", "month", "year"]),
        ),
    )


def fixed_tests(texts: list[Any], numbers: list[Any], lists: list[Any]) -> Drawn:
    scalar = st.sampled_from([*texts, *numbers, True])
    some_text = st.sampled_from([one for one in texts if isinstance(one, str)])
    return st.one_of(
        made(op=st.sampled_from(["is", "is_not"]), value=scalar),
        made(op=st.sampled_from(["one_of", "none_of"]), value=st.lists(scalar, min_size=1, max_size=3)),
        made(
            op=st.sampled_from([f"{no}{op}" for op in ("contains", "starts_with", "ends_with") for no in ("", "not_")]),
            value=some_text.flatmap(lambda one: st.sampled_from([one, one[:3], one[-2:]])),
        ),
        made(
            op=st.sampled_from([*NUMBER_OPS, "longer_than", "shorter_than", "has_exactly"]),
            value=st.sampled_from([0, 1, *numbers]),
        ),
        made(
            op=st.sampled_from(["contains_any", "contains_none"]),
            value=st.lists(st.sampled_from(["ED", "o", "%", "_", "R", "30"]), min_size=1, max_size=2),
        ),
        made(op=st.sampled_from(["entry_contains", "no_entry_contains"]), value=st.sampled_from(["E", "5", "x", "%"])),
        made(op=st.sampled_from(["matches", "not_matches"]), value=st.sampled_from(PATTERNS)),
        made(op=st.just("in_month"), value=st.lists(st.integers(1, 12), min_size=1, max_size=4)),
        made(op=st.just("on_day"), value=st.lists(st.integers(1, 31), min_size=1, max_size=9)),
        ordered("value", "to", st.sampled_from(numbers)).map(lambda two: {"op": "between", **two}),
        made(op=st.sampled_from(["is_set", "is_not_set"])),
        made(op=st.sampled_from(["before", "after", "on"]), value=DAY),
        ordered("value", "to", DAY).map(lambda two: {"op": "between_dates", **two}),
        made(
            op=st.sampled_from(["has_any", "has_all", "has_none", "has_not_all"]),
            value=st.lists(st.sampled_from(lists), min_size=1, max_size=2),
        ),
    )


RELATIVE = made(op=st.sampled_from(["within_last", "within_next", "before_last", "after_next"]), **span())
TRAIT_NAME = st.sampled_from(["city", "age", "vip", "tags", "renews", "unknown", "colour", "points"])
OTHER = made(op=COMPARED, trait=TRAIT_NAME) | made(
    op=COMPARED, other_property=st.sampled_from(["color", "size", "tags", "liked", "none"])
)
TRAIT = st.tuples(
    TRAIT_NAME,
    st.one_of(
        made(op=COMPARED, trait=TRAIT_NAME),
        fixed_tests(["Rome", "oslo", "30"], [20, 30, 30.5], ["red", "blue", 5]),
        RELATIVE,
    ),
).map(lambda two: {"kind": "trait", "name": two[0], **two[1]}) | RELATIVE.map(
    lambda test: {"kind": "trait", "name": "renews", **test}
)
PROPERTY_TEST = fixed_tests(["red", "Dark Red", "2"], [1, 2, 2.5], ["x", "y"])
PROPERTY = st.tuples(st.sampled_from(["color", "size", "tags", "due", "liked"]), PROPERTY_TEST | OTHER).map(
    lambda two: {"property": two[0], **two[1]}
)
TIMELY = st.sampled_from([*NUMBER_OPS, "is", "is_not"])
TEXT_OPS = st.sampled_from(["is", "is_not", "contains", "not_starts_with", "ends_with"])
COLUMN = st.one_of(
    made(column="item", op=TEXT_OPS, value=st.sampled_from(list(ITEMS))),
    made(column="category", op=TEXT_OPS, value=st.sampled_from(["shoes", "hats", "s"])),
    made(
        column="brand",
        op=st.sampled_from(["one_of", "none_of"]),
        value=st.lists(st.sampled_from(["Acme", "Bolt"]), min_size=1),
    ),
    made(column=st.sampled_from(["item", "value", "brand"]), op=st.sampled_from(["is_set", "is_not_set"])),
    made(column="value", op=st.sampled_from([*NUMBER_OPS, "is", "is_not"]), value=st.sampled_from([0, 10, 20])),
    made(column=st.sampled_from(["month", "day", "weekday", "hour"]), op=TIMELY, value=st.sampled_from([1, 3, 12, 18])),
    made(column=st.sampled_from(["weekday", "hour"]), op=st.just("one_of"), value=st.just([0, 6, 7])),
    made(column="date", op=st.sampled_from(["is", "is_not"]), value=DAY),
    made(
        column=st.sampled_from(["brand", "category", "date"]),
        op=st.sampled_from(["contains_any", "contains_none"]),
        value=st.just(["B", "hat", "-01"]),
    ),
    made(column="category", op=st.sampled_from(["matches", "not_matches"]), value=st.just("^s.*s$|a")),
    st.tuples(OTHER, st.sampled_from(["brand", "category", "item"]))
    .map(lambda two: {"column": two[1], **two[0]})
    .filter(lambda one: one["op"] not in NUMBER_OPS),
    st.tuples(OTHER, st.sampled_from(["value", "hour"]))
    .map(lambda two: {"column": two[1], **two[0]})
    .filter(lambda one: one["op"] in (*NUMBER_OPS, "is", "is_not")),
)
WHERE = st.lists(st.one_of(PROPERTY, COLUMN), max_size=2)
LIMIT = st.one_of(
    made(op=st.sampled_from([*NUMBER_OPS, "exactly"]), value=st.sampled_from([0, 1, 2, 3, 10, 20, -5])),
    made(op="zero"),
    ordered("value", "to", st.integers(-2, 30)).map(lambda two: {"op": "between", **two}),
)
NUMERIC = st.sampled_from([{"column": "value"}, {"property": "size"}])
ANY_FIELD = st.sampled_from(
    [{"column": one} for one in ("value", "item", "category", "brand", "date", "weekday")]
    + [{"property": one} for one in ("color", "tags")]
)
HAPPENING = made({"where": WHERE, "window": windows()}, name=st.sampled_from(NAMES))
MEASURED: Drawn = st.one_of(
    st.just({}),
    made(measure="count"),
    made({"of": NUMERIC}, measure=st.sampled_from(["sum", "avg", "min", "max"])),
    made(measure="distinct", of=ANY_FIELD),
)


def joined(*parts: Drawn, **more: Any) -> Drawn:
    return st.tuples(*parts).map(lambda found: {**more, **{key: one[key] for one in found for key in one}})


EVENT = joined(HAPPENING, MEASURED, LIMIT, kind="event")
END = joined(
    HAPPENING,
    made(measure=st.sampled_from(["first", "last"])),
    st.one_of(
        PROPERTY.map(lambda one: {**one, "of": {"property": one["property"]}}),
        COLUMN.map(lambda one: {**one, "of": {"column": one["column"]}}),
    ).map(lambda one: {key: value for key, value in one.items() if key not in ("property", "column")}),
    kind="event",
)
WITHIN = made(amount=st.integers(1, 9), unit=st.sampled_from(["hour", "day", "week"]))
STEP = made({"where": WHERE, "did": st.booleans(), "within": WITHIN}, name=st.sampled_from(NAMES))
SEQUENCE = st.tuples(
    made({"where": WHERE}, name=st.sampled_from(NAMES)), st.lists(STEP, min_size=1, max_size=3), windows()
).map(lambda three: {"kind": "sequence", "steps": [three[0], *three[1]], "window": three[2]})
ITEM_VALUES = {"item": list(ITEMS), "category": ["shoes", "hats"], "brand": ["Acme", "Bolt"]}
ITEM = joined(
    made({"window": windows()}, name=st.sampled_from(NAMES)),
    st.sampled_from(list(ITEM_VALUES)).flatmap(
        lambda by: made(by=by, values=st.lists(st.sampled_from(ITEM_VALUES[by]), min_size=1, max_size=2))
    ),
    st.just({}) | made(measure=st.sampled_from(["times", "quantity", "value", "items"])),
    st.just({}) | LIMIT,
    kind="item",
)
ANNIVERSARY = st.one_of(
    made(MAYBE_OWN, kind="anniversary", name="birthday", op=st.sampled_from(["today", "this_month"])),
    made(
        MAYBE_OWN,
        kind="anniversary",
        name="birthday",
        op=st.sampled_from(["within_next", "within_last", "in_days"]),
        days=st.integers(1, 70),
    ),
)
INTERVAL = made(
    {"least": st.integers(2, 4)},
    kind="interval",
    name=st.sampled_from(NAMES),
    times=st.sampled_from([0.5, 1, 1.5, 3]),
)
SAMPLE = (
    ordered("from", "to", st.integers(0, 100))
    .filter(lambda two: two["from"] < two["to"])
    .flatmap(lambda two: made(kind="sample", seed=st.sampled_from(["a", "b"]), **two))
)
NUMBERS = st.one_of(
    made(kind="trait", name="age"),
    joined(HAPPENING, MEASURED, kind="event"),
)
SIDE = {"side": st.sampled_from(["top", "bottom"])}
CUT = st.one_of(
    made(SIDE, kind="percentile", of=NUMBERS, percent=st.sampled_from([1, 10, 25, 50, 99.5])),
    made(SIDE, kind="top", of=NUMBERS, count=st.integers(1, 50)),
)
WINDOW = made(kind="event", name=st.sampled_from(NAMES), op=st.just("zero"), window=windows())
WHERE_ONE = made(
    kind="event",
    name=st.sampled_from(NAMES),
    op=st.just("zero"),
    where=st.lists(PROPERTY | COLUMN, min_size=1, max_size=1),
)
SEEN = st.tuples(
    st.sampled_from(["first", "last"]),
    st.one_of(
        made(op=st.sampled_from(["within_last", "before_last"]), **span()),
        made(op=st.sampled_from(["before", "after", "on"]), value=DAY),
        ordered("value", "to", DAY).map(lambda two: {"op": "between_dates", **two}),
    ),
).map(lambda two: {"kind": "seen", "which": two[0], **two[1]})
ALIKE = st.tuples(HAPPENING, st.lists(joined(MEASURED, LIMIT, kind="event"), min_size=2, max_size=3)).map(
    lambda drawn: {"kind": "all", "of": [{**drawn[0], **one} for one in drawn[1]]}
)
"""Several conditions on the same events."""

LEAVES: dict[str, Drawn] = {
    "seen": SEEN,
    "where": WHERE_ONE,
    "window": WINDOW,
    "event": EVENT,
    "end": END,
    "trait": TRAIT,
    "sequence": SEQUENCE,
    "item": ITEM,
    "anniversary": ANNIVERSARY,
    "interval": INTERVAL,
    "sample": SAMPLE,
}
SEGMENT = st.one_of(
    made(kind="segment", id=st.sampled_from(SEGMENTS), op=st.sampled_from(["in", "not_in"])),
    made(
        kind="segment",
        id=st.sampled_from(SEGMENTS),
        op=st.sampled_from(["entered_within", "in_for", "left_within"]),
        **span(),
    ),
)
OVERLAP = joined(
    made(segments=st.lists(st.sampled_from(SEGMENTS), min_size=2, max_size=3, unique=True)), LIMIT, kind="overlap"
)
TOPIC = st.sampled_from(TOPICS)
CHANNEL = st.sampled_from(["email", "phone"])
SAID = st.sampled_from(["granted", "not_granted", "denied", "unknown"])
CONSENT = st.one_of(
    made(kind="consent", op=SAID, purpose="post"),
    made(kind="consent", op=SAID, topic=TOPIC),
    made({"topic": TOPIC}, kind="consent", op=st.sampled_from(["reachable", "not_reachable"]), channel=CHANNEL),
    made(kind="consent", op=st.sampled_from(["suppressed", "not_suppressed"]), channel=CHANNEL),
)
CLUSTER = st.lists(st.sampled_from(CLUSTERS), min_size=1, max_size=3, unique=True).map(
    lambda some: {"kind": "cluster", "id": 1, "in": some}
)
PROBABILITY = st.sampled_from([0, 0.1, 0.5, 0.75, 0.9, 1])
SCORE = st.one_of(
    made(kind="score", id=1, op=st.sampled_from([*NUMBER_OPS, "exactly"]), value=PROBABILITY),
    ordered("value", "to", PROBABILITY).map(lambda two: {"kind": "score", "id": 1, "op": "between", **two}),
    made(kind="score", id=st.sampled_from([2, 3]), op=st.sampled_from(NUMBER_OPS), value=st.integers(-5, 60)),
    made(
        kind="score",
        id=st.sampled_from([1, 2, 3]),
        op="in_band",
        bands=st.lists(st.sampled_from(["low", "medium", "high"]), min_size=1, max_size=2, unique=True),
    ),
    made(kind="score", id=3, op=st.sampled_from(["expected_within", "overdue"]), **span()),
)
MESSAGE = made(
    {"campaign": st.sampled_from(CAMPAIGNS), "window": windows()},
    kind="message",
    op=st.sampled_from([*MAILED, *(f"not_{one}" for one in MAILED)]),
)
KEPT: dict[str, Drawn] = {
    "message": MESSAGE,
    "segment": SEGMENT,
    "overlap": OVERLAP,
    "consent": CONSENT,
    "score": SCORE,
    "cluster": CLUSTER,
}
"""Leaves that look up in the database what they name."""
TREE = st.recursive(
    st.one_of(*LEAVES.values()),
    lambda nodes: st.one_of(
        made(kind="not", of=nodes),
        made(kind=st.sampled_from(["all", "any"]), of=st.lists(nodes, min_size=1, max_size=3)),
    ),
    max_leaves=4,
)
