"""What a pattern may be: whatever is accepted means in PostgreSQL what it means in Python, and is fast."""

import re
import time

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.rules.patterns import BadPattern, check_pattern

PIECES = ["a", "b", "A", "1", " ", "é", "-", ".", "^", "$", "|", "(", ")", "(?:", "[", "]", "[^", "*", "+", "?", "{2}"]
PIECES += [
    "{1,2}",
    "{2,}",
    "{",
    "}",
    ",",
    "\\",
    "\\d",
    "\\w",
    "\\s",
    "\\D",
    "\\1",
    "\\b",
    "(?=",
    "***",
    "[:",
    "a-b",
    "x",
]
TEXTS = ["", "a", "aab b", "B1-é", "(a)", "a{2}", "x\\1|^", "]-[", "abAB 1212", "é", "..", "a,b:*?"]


def is_accepted(pattern: str) -> bool:
    try:
        check_pattern(pattern)
    except BadPattern:
        return False
    return True


@pytest.mark.django_db
@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@pytest.mark.filterwarnings("ignore:Possible")
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join).filter(is_accepted))
def test_what_is_accepted_means_the_same_in_the_database(pattern: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select t ~* %s from unnest(%s::text[]) t", [pattern, TEXTS])
        found = [row[0] for row in cursor.fetchall()]
    expected = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    assert found == [expected.search(text) is not None for text in TEXTS]


@pytest.mark.parametrize(
    "pattern",
    [
        "", "a|", "()", "(a", "a)", "[a", "[]a]", "[z-a]", "[[:alpha:]]", "*a", "a**", "a+??", "^*", "a{", "a{,2}",
        "a{3,2}", "a{0}", "a{256}", "(?=a)", "(?!a)", "(?i)a", "(a)\\1", "\\bword", "a\\", "***=a", "a" * 201,
        "(a{200}){200}", "((a{50}){50}b){2}", "(" * 11 + "a" + ")" * 11,
    ],
)  # fmt: skip
def test_what_is_no_pattern_or_too_much_is_refused(pattern: str) -> None:
    assert not is_accepted(pattern)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "pattern", ["(a*)*b", "(a|a)*b", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", "(a?){50}a{50}"]
)
def test_patterns_that_ruin_other_engines_are_fast(pattern: str) -> None:
    check_pattern(pattern)
    with connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = '3s'")
        begun = time.perf_counter()
        cursor.execute("select repeat('a', 20000) || '!' ~* %s, repeat('x', 20000) ~* %s", [pattern, pattern])
    assert time.perf_counter() - begun < 3
