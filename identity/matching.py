"""Weighs pairs of a few records by what was learned from all of them: the same levels, weights and guards as a full
pass, so that a new record is judged as the full pass would judge it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity import weigh
from identity.columns import Kind
from identity.compare import Comparer, Field
from identity.features import Features, comparers, features
from identity.learn import NOTHING, Correction, corrected
from identity.levels import SCALES
from identity.linking import Apart, Comparison, Scorer, Shared
from identity.normalize.phones import tail
from identity.record_values import Table
from identity.values import MISSING, Values
from identity.weigh import Floats, Model, Universe

Records = NDArray[np.int64]
ANY_FILLED = 1e-12
FEWEST_RECORDS = 1_000
"""Before anything was learned, records are judged as if there were at least so many."""
PRIOR, HOUSEHOLD = "prior", "household"
"""Pieces of evidence that are no field: what is known before looking, and that relatives share what they share."""
FREQUENT = 2
"""Values that fewer people have are not kept: what is not kept is taken for one person's own."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was learned from all records: `names` of the fields of `model`, and of how many people a value is told."""

    names: tuple[str, ...]
    model: Model
    totals: Mapping[str, int]
    """Field and level (`first name/6`) → people who have any value of it."""
    records: int
    correction: Correction = NOTHING
    """What decisions taught beside `model`."""


TermCounts = Callable[[str, Sequence[str]], Mapping[str, int]]
"""(field/level, values) → value → people. Values that few have are missing."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Pairs, the rows of a table, with `levels` and `bits` per field."""

    a: Records
    b: Records
    weight: Floats
    may_merge: NDArray[np.bool_]
    is_barred: NDArray[np.bool_]

    @property
    def probability(self) -> Floats:
        return 1 / (1 + np.exp2(-self.weight))


def scorer(
    table: Table, known: Known | None, *, counts: TermCounts, apart: Apart | None = None, records: int = 0
) -> tuple[Scorer, Features] | None:
    """For the records of the table; None if they have nothing in common to compare. Without anything `known` the
    shipped parameters weigh, for so many `records` in all."""
    size = len(table.ids)
    of = features(table.columns(), size=size, fewest=ANY_FILLED)
    parts = [part for part in comparers(of) if known is None or _is_known(part, known)]
    compare = Comparison(parts, np.zeros(size, np.int8))
    if not compare.fields:
        return None
    if known is None:
        everybody = max(records, size, FEWEST_RECORDS)
        universe = Universe(np.array([everybody * (everybody - 1) / 2.0]), everybody)
        model = weigh.shipped([field.kind for field in compare.fields], universe)
        return Scorer(compare, model, [[] for _ in compare.fields], apart=apart), of
    model = _rows(known, compare.fields)
    shared = [_shared(known, of, field, counts) for field in compare.fields]
    return Scorer(compare, model, shared, apart=apart), of


def weighed(of: Scorer, a: Records, b: Records) -> Weighed:
    weight, may, barred = of.of(of.table.levels(a, b), a, b)
    return Weighed(a, b, weight, may & ~barred, barred)


def evidence(of: Scorer, features_: Features, a: Records, b: Records) -> list[list[dict[str, Any]]]:
    """Of each pair what was compared, the prior first; the bits add up to the weight. `learned` is the part that
    stewards' decisions added."""
    if not len(a):
        return []
    levels = of.table.levels(a, b)
    bits = of.each(levels, a)
    prior = np.log2(of.model.prior[of.table.stratum(a, b)])
    rest = weigh.match_weight(of.model, bits, of.model.prior[of.table.stratum(a, b)]) - prior - bits.sum(axis=1)
    moved = np.zeros_like(bits) if of.model.shift is None else weigh.looked_up(of.model.shift, levels)
    fields = of.table.fields
    texts = [_texts(features_, field, a, b) for field in fields]
    found = []
    for pair in range(len(a)):
        lines: list[dict[str, Any]] = [{"field": PRIOR, "bits": round(float(prior[pair]), 2)}]
        for i, field in enumerate(fields):
            level = int(levels[pair, i])
            if level:
                line = {
                    "field": field.name,
                    "level": level,
                    "label": SCALES[field.kind].labels[level - 1],
                    "bits": round(float(bits[pair, i] + moved[pair, i]), 2),
                    "a": texts[i][0][pair],
                    "b": texts[i][1][pair],
                }
                lines.append(line | ({"learned": round(float(moved[pair, i]), 2)} if moved[pair, i] else {}))
        if abs(rest[pair]) >= 0.05:
            lines.append({"field": HOUSEHOLD, "bits": round(float(rest[pair]), 2)})
        found.append(lines)
    return found


def key_of(field: str, level: int) -> str:
    return f"{field}/{level}"


def model_to_json(known: Known) -> dict[str, Any]:
    model = known.model
    fields = [
        {
            "name": name,
            "kind": str(model.kinds[i]),
            "m": _row(model.m[i], model.kinds[i]),
            "u": _row(model.u[i], model.kinds[i]),
        }
        for i, name in enumerate(known.names)
    ]
    return {
        "fields": fields,
        "prior": model.prior.tolist(),
        "relatives": model.relatives,
        "totals": dict(known.totals),
        "records": known.records,
        "shift": {
            name: {str(level): bits for level, bits in of.items()} for name, of in known.correction.shift.items()
        },
    }


def model_from_json(raw: Mapping[str, Any]) -> Known:
    fields = raw["fields"]
    kinds = tuple(Kind(one["kind"]) for one in fields)
    m, u = (_filled([one[name] for one in fields], 1.0) for name in ("m", "u"))
    model = Model(kinds, m, u, np.array(raw["prior"], float), float(raw["relatives"]))
    shift = {name: {int(level): bits for level, bits in of.items()} for name, of in raw["shift"].items()}
    correction = Correction(shift)
    return Known(tuple(one["name"] for one in fields), model, raw["totals"], int(raw["records"]), correction)


def grown(known: Known, *, records: int) -> Known:
    """Among more records two are less likely one person: as many doubles per record, over more pairs."""
    times = known.records / max(records, known.records, 1)
    prior, relatives = known.model.prior * times, known.model.relatives * times
    return replace(known, model=replace(known.model, prior=prior, relatives=relatives))


def _is_known(part: Comparer, known: Known) -> bool:
    return all(field.name in known.names for field in part.fields)


def _rows(known: Known, fields: Sequence[Field]) -> Model:
    names = [field.name for field in fields]
    rows = [known.names.index(name) for name in names]
    model, kinds = known.model, tuple(known.model.kinds[row] for row in rows)
    return corrected(Model(kinds, model.m[rows], model.u[rows], model.prior, model.relatives), names, known.correction)


def _shared(known: Known, of: Features, field: Field, counts: TermCounts) -> list[Shared]:
    found = []
    for level, codes in field.terms:
        key = key_of(field.name, level)
        if key in known.totals:
            present, rows = np.unique(codes, return_index=True)
            present, rows = present[present >= 0], rows[present >= 0]
            texts = term_texts(of, field, level, rows)
            told = counts(key, sorted(set(texts)))
            people = np.ones(int(codes.max(initial=0)) + 1, np.int64)
            people[present] = [told.get(text, 1) for text in texts]
            found.append(Shared(level, codes, people, known.totals[key]))
    return found


def term_texts(of: Features, field: Field, level: int, rows: Records) -> list[str]:
    """The values of these records by which the level's rarity counts."""
    columns = _columns(of, field)
    if field.kind is Kind.ADDRESS:
        area = of.parts.zip or of.parts.city
        whole = [part for part in (of.parts.street, of.parts.house, area) if part]
        columns = whole if level == SCALES[Kind.ADDRESS].top or not area else [area]
    texts = [_said(columns[: None if field.kind is Kind.ADDRESS else 1], row) for row in rows.tolist()]
    return [tail(text) for text in texts] if field.kind is Kind.PHONE else texts


def _texts(of: Features, field: Field, a: Records, b: Records) -> tuple[list[str], list[str]]:
    """What the two sides of each pair say, in the form in which it was compared."""
    columns = _columns(of, field)
    one, two = ([_said(columns, row) for row in side.tolist()] for side in (a, b))
    return one, two


def _columns(of: Features, field: Field) -> list[Values]:
    if field.kind is Kind.FIRST_NAME and of.first:
        return [of.first]
    if field.kind is Kind.LAST_NAME and of.last:
        return [of.last]
    if field.kind is Kind.ADDRESS:
        parts = of.parts
        return [part for part in (parts.house, parts.street, parts.zip, parts.city) if part]
    return list(of.of[field.kind]) if field.kind in of.of else [of.others[field.name][1]]


def _said(columns: Sequence[Values], row: int) -> str:
    return " ".join(str(one.words[one.codes[row]]) for one in columns if one.codes[row] != MISSING)


def _row(values: Floats, kind: Kind) -> list[float]:
    return [float(value) for value in values[: SCALES[kind].top + 1]]


def _filled(rows: Sequence[Sequence[float]], rest: float) -> Floats:
    out = np.full((len(rows), max(map(len, rows))), rest)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out
