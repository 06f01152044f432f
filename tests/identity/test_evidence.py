"""Evidence as people read it: odds, the waterfall, likeness of values, bridges of a group."""

import pytest

from identity.evidence import Likeness, Waterfall, bits_of, odds, percent, read, start_words, waterfall
from identity.likeness import likeness, parts
from identity.picture import find_bridges

LIKE = [
    {"field": "prior", "bits": -10.0},
    {"field": "first name", "level": 6, "label": "the same", "bits": 8.0, "a": "Ann", "b": "Ann"},
    {"field": "place", "level": 1, "label": "elsewhere", "bits": -2.0, "a": "Bern", "b": "Basel"},
    {"field": "phone", "level": 3, "label": "one digit apart", "bits": 9.0, "a": "1", "b": "2"},
    {"field": "household", "bits": -1.0},
]


@pytest.mark.parametrize(
    ("bits", "words"),
    [(0.0, "1 : 1"), (1.0, "2 : 1"), (-1.0, "1 : 2"), (12.3, "5,000 : 1"), (-13.3, "1 : 10,000"), (0.5, "1.4 : 1")],
)
def test_odds(bits: float, words: str) -> None:
    assert odds(bits) == words


def test_odds_of_any_size_are_said() -> None:
    assert odds(5_000).endswith(" : 1")


@pytest.mark.parametrize(("share", "bits"), [(0.5, 0.0), (0.99, 6.63), (0.01, -6.63)])
def test_the_threshold_in_bits(share: float, bits: float) -> None:
    assert bits_of(share) == pytest.approx(bits, abs=0.01)


def test_nothing_is_certain() -> None:
    assert percent(0.99999) == "99.9 %"


def test_a_prior_is_a_share_of_random_pairs() -> None:
    assert start_words(-10.0) == "of 1,000 random pairs, one is one person"


def drawn() -> Waterfall:
    return waterfall(LIKE, weight=4.0, probability=0.941, thresholds=(("ask", 0.5), ("merge", 0.99)))


def test_each_bar_begins_where_the_last_ended() -> None:
    chart = drawn()
    assert [bar.kind for bar in chart.bars] == ["start", "up", "down", "up", "down", "sum"]
    start, first, against, for_it, rest, total = chart.bars
    assert start.x + start.width == pytest.approx(chart.zero_x, abs=0.02)
    assert first.x == pytest.approx(start.x, abs=0.02)
    assert against.x + against.width == pytest.approx(first.x + first.width, abs=0.02)
    assert for_it.x == pytest.approx(against.x, abs=0.02)
    assert rest.x == pytest.approx(total.x + total.width, abs=0.02)
    assert "relatives" in rest.words
    assert all(bar.x >= 0 and bar.x + bar.width <= 100 for bar in chart.bars)


def test_the_threshold_stands_where_its_bits_are() -> None:
    ask, merge = drawn().marks
    assert ask.x == pytest.approx(drawn().zero_x, abs=0.01)
    assert merge.x > ask.x


def test_what_was_compared_is_same_similar_or_different_by_its_words() -> None:
    prior, compared = read(LIKE)
    assert prior == -10
    assert [one.likeness for one in compared] == [Likeness.SAME, Likeness.DIFFERENT, Likeness.SIMILAR]


def test_evidence_that_says_nothing_is_no_crash() -> None:
    chart = waterfall([], weight=0.0, probability=0.5, thresholds=())
    assert [bar.kind for bar in chart.bars] == ["start", "sum"]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Zoë", "zoe", Likeness.SAME),
        ("+41 79 123", "+4179123", Likeness.SAME),
        ("Müller", "Mueller", Likeness.SIMILAR),
        ("Ann", "Anne", Likeness.SIMILAR),
        ("Ann", "Bob", Likeness.DIFFERENT),
        ("7", "8", Likeness.DIFFERENT),
        ("—", "…", Likeness.DIFFERENT),
        ("Ann", "", Likeness.ONE_SIDED),
        ("", "", Likeness.ONE_SIDED),
    ],
)
def test_likeness(a: str, b: str, expected: Likeness) -> None:
    assert likeness(a, b) is expected


@pytest.mark.parametrize(
    ("a", "b"), [("Smith", "Smyth"), ("+41 79 1", "+41791"), ("Straße", "Strasse"), ("", "x"), ("İ", "i")]
)
def test_parts_are_the_values_again_and_only_differences_are_marked(a: str, b: str) -> None:
    left, right = parts(a, b)
    assert ("".join(part.text for part in left), "".join(part.text for part in right)) == (a, b)
    assert all(any(map(str.isalnum, part.text)) for part in (*left, *right) if part.is_marked)
    if a == "Smith":
        assert [part.text for part in left if part.is_marked] == ["i"]


def edge(text: str) -> tuple[str, str]:
    a, b = text.split("-")
    return a, b


@pytest.mark.parametrize(
    ("edges", "bridges"),
    [
        ("r1-r2", {"r1-r2"}),
        ("r1-r2 r2-r3 r1-r3", set()),
        ("r1-r2 r2-r3 r1-r3 r3-r4 r4-r5 r5-r6 r4-r6", {"r3-r4"}),
        ("r1-ia r2-ia", {"r1-ia", "r2-ia"}),
        ("r1-ia r2-ia r1-ib r2-ib", set()),
        ("r1-r2 r1-ialone", {"r1-r2"}),
        ("r1-r2 r1-r2", set()),
        ("r1-ia r2-ia r3-ia", set()),
        ("r1-ia r2-ia r3-ib r4-ib r2-r4", {"r2-r4"}),
        ("r1-ia r2-ia r2-ib r3-ib r3-ic r4-ic", {"r2-ib", "r3-ib"}),
        ("r1-r2 r2-r3", {"r1-r2", "r2-r3"}),
    ],
)
def test_bridges(edges: str, bridges: set[str]) -> None:
    assert find_bridges([edge(one) for one in edges.split()]) == {frozenset(edge(one)) for one in bridges}
