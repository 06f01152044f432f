"""What is known of people and of how many, from a sample: for token pickers, and to say what a token leaves empty."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from django.db import connection

from cdp.common.clock import stopwatch
from cdp.common.copying import numbers

MOST = 2_500
"""People looked at: shares are right to within 2 of 100."""
LOOKED_AT = 300
"""Values of a trait that tell its type and an example."""
LONGEST_EXAMPLE = 40
FEW = 0.0002
"""The share taken for a trait that nobody in the sample has."""
KEPT_S = 30.0
GOLDEN = 0.6180339887498949
"""Multiples of it, modulo 1, spread evenly and never fall in step with how ids were given."""
NOTHING: tuple[Any, ...] = (None, "", [], {})
Path = tuple[str, ...]
_traits = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True)
class SampledTrait:
    """`path` has two parts for a member of a trait that is an object."""

    path: Path
    type: str
    """number, text, date, boolean, list or object."""
    filled: float
    """Share of people with a value, 0 to 1."""
    example: Any = None
    """A value that several people have: nobody's own."""


@dataclass(frozen=True)
class Sample:
    people: int
    is_everybody: bool
    traits: tuple[SampledTrait, ...]
    """The most filled first."""
    computed: Mapping[int, float]
    """Id → share of people with a value; the same for the next two."""
    predictors: Mapping[int, float]
    clusterings: Mapping[int, float]
    buyers: float
    carts: float
    rare: dict[str, SampledTrait | None] = field(default_factory=dict, compare=False)
    """Names that nobody in the sample has and that were looked for among all → the trait, if anybody has it."""


_counts = {
    "computed": "select trait_id, count(*) from analytics_computedvalue where profile_id = any(%s::bigint[])"
    " and coalesce(number::text, text, at::text, list::text) is not null group by 1",
    "predictors": "select predictor_id, count(*) from scoring_score where profile_id = any(%s::bigint[]) group by 1",
    "clusterings": "select clustering_id, count(*) from scoring_clustermember where profile_id = any(%s::bigint[])"
    " group by 1",
    "events": "select name, count(*) from events_eventstate where profile_id = any(%s::bigint[])"
    " and name in ('Order Completed', 'Product Added') group by 1",
}


def read_sample() -> Sample:
    """Six statements, of people spread evenly over all who are alive."""
    rows, is_everybody = _people()
    if not rows:
        return Sample(0, is_everybody, (), {}, {}, {}, 0.0, 0.0)
    ids = [row[0] for row in rows]
    found: dict[str, dict[Any, float]] = {}
    with connection.cursor() as cursor:
        for name, sql in _counts.items():
            cursor.execute(sql, [numbers(ids)])
            found[name] = {key: n / len(ids) for key, n in cursor.fetchall()}
    return Sample(
        people=len(ids),
        is_everybody=is_everybody,
        traits=_sampled_traits([text for _, text in rows]),
        computed=found["computed"],
        predictors=found["predictors"],
        clusterings=found["clusterings"],
        buyers=found["events"].get("Order Completed", 0.0),
        carts=found["events"].get("Product Added", 0.0),
    )


class _Kept:
    """One sample, for as long as it is fresh enough for somebody who types."""

    sample: Sample | None = None
    age_s: Callable[[], float] = staticmethod(lambda: KEPT_S)


def sample_lately() -> Sample:
    """At most half a minute old."""
    if _Kept.sample is None or _Kept.age_s() >= KEPT_S:
        _Kept.sample, _Kept.age_s = read_sample(), stopwatch()
    return _Kept.sample


def forget() -> None:
    _Kept.sample = None


def rare(names: Sequence[str]) -> SampledTrait | None:
    """The trait of one of these names that somebody has, though no one in the sample does. Reads all people once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select traits::text from profiles_profile where merged_into is null and traits ?| %s limit 1",
            [list(names)],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    traits = _traits.decode(row[0])
    name = next(one for one in names if one in traits)
    return replace(_sampled((name,), [traits[name]], 1), filled=FEW)


def _people() -> tuple[list[tuple[int, str]], bool]:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(min(id), 1), coalesce(max(id), 0) from profiles_profile")
        low, high = cursor.fetchone()
        span = high - low + 1
        chosen: Iterable[int] = range(low, high + 1)
        if span > MOST:
            chosen = {low + int(n * GOLDEN % 1 * span) for n in range(MOST)}
        cursor.execute(
            "select id, traits::text from profiles_profile where id = any(%s::bigint[]) and merged_into is null",
            [numbers(chosen)],
        )
        return cursor.fetchall(), span <= MOST


def _sampled_traits(texts: Sequence[str]) -> tuple[SampledTrait, ...]:
    values: dict[Path, list[Any]] = {}
    for text in texts:
        for path, value in _flat(_traits.decode(text)):
            known = values.setdefault(path, [])
            if value not in NOTHING:
                known.append(value)
    found = [_sampled(path, some, len(texts)) for path, some in values.items()]
    return tuple(sorted(found, key=lambda one: (-one.filled, one.path)))


def _flat(traits: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    for name, value in traits.items():
        yield (name,), value
        if isinstance(value, dict):
            yield from (((name, key), inner) for key, inner in value.items())


def _sampled(path: Path, values: Sequence[Any], people: int) -> SampledTrait:
    some = values[:LOOKED_AT]
    kinds = Counter(map(_type, some))
    plain = Counter(value for value in some if isinstance(value, str | int | float) and _is_short(value))
    value, n = plain.most_common(1)[0] if plain else (None, 0)
    kind = kinds.most_common(1)[0][0] if kinds else "text"
    return SampledTrait(path, kind, len(values) / people, value if n > 1 else None)


def _is_short(value: Any) -> bool:
    return not isinstance(value, str) or len(value) <= LONGEST_EXAMPLE


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "date" if is_day(value) else "text"
    return "list" if isinstance(value, list) else "object"


def is_day(text: str) -> bool:
    """Whether it begins as a day of ISO 8601 does."""
    return (
        len(text) >= 10
        and text[4] == text[7] == "-"
        and text[:4].isdigit()
        and text[5:7].isdigit()
        and text[8:10].isdigit()
        and (len(text) == 10 or text[10] in "T ")
    )
