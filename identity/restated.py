"""Columns that say again what others say: a full name beside its parts, a year of birth beside the date. To count them
would count one piece of evidence twice."""

from collections.abc import Mapping, Sequence

import numpy as np

from identity.columns import Kind
from identity.values import Values

LOOKED_AT = 500
MOSTLY = 0.7
"""So many of the records that tell the column have all of its words in their other columns."""


def restated(
    others: Mapping[str, tuple[Kind, Values]], of: Mapping[Kind, Sequence[Values]], births: Values | None
) -> frozenset[str]:
    """Names of those of `others` (free texts and numbers) that only repeat columns `of` a kind of their own."""
    said = [values for columns in of.values() for values in columns]
    return frozenset(
        name for name, (kind, values) in others.items()
        if (kind in (Kind.TEXT, Kind.NUMBER) and _repeats(values, said, births))
        or (kind is Kind.NUMBER and births is not None and _is_age(values, births))
    )  # fmt: skip


def _repeats(column: Values, said: Sequence[Values], births: Values | None) -> bool:
    records = _some(column)
    found = 0
    for record in records:
        known = {word for values in said if (code := values.codes[record]) >= 0 for word in values.words[code].split()}
        if births is not None and (code := births.codes[record]) >= 0:
            day = births.words[code]
            known |= {day[:4], day[4:6], day[6:], day[4:6].lstrip("0"), day[6:].lstrip("0")}
        found += known.issuperset(column.words[column.codes[record]].split())
    return found >= MOSTLY * max(len(records), 1)


def _is_age(column: Values, births: Values) -> bool:
    """The number and the year of birth make the same year, give or take one."""
    records = [record for record in _some(column) if births.codes[record] >= 0]
    if not records:
        return False
    years = [
        round(float(column.words[column.codes[record]].replace(",", "."))) + int(births.words[births.codes[record]][:4])
        for record in records
    ]
    middle = int(np.median(years))
    return sum(abs(year - middle) <= 1 for year in years) >= MOSTLY * len(years)


def _some(column: Values) -> list[int]:
    told = np.flatnonzero(column.is_told)
    return told[:: max(len(told) // LOOKED_AT, 1)].tolist()  # type: ignore[no-any-return]
