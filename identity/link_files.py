"""Files in, files out: any CSV file of people, or two, to groups and weighed pairs."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cdp.connectors.tables import Form, recognise, rows
from identity.columns import Kind, kind_of
from identity.linking import Linked, Options, link
from identity.values import Collector, Values, nothing

SAMPLES = 300
AT_ONCE = 10_000
"""Rows turned into columns at a time."""
LEAST_PROBABLE = 0.001
"""Pairs below are not written: nobody would look at them, and there are very many."""
GROUPS, PAIRS = "groups.csv", "pairs.csv"


class BadRequest(ValueError):
    """The files, columns and kinds that were named do not fit together."""


@dataclass(frozen=True, slots=True)
class Request:
    files: Sequence[Path]
    id_column: str
    ignore: Sequence[str] = ()
    kinds: Mapping[str, Kind] | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of all files, ordered by file and id, so that the order of the rows in a file does not count."""

    file: NDArray[np.int8]
    ids: Sequence[str]
    columns: Mapping[str, tuple[Kind, Values]]


def read(request: Request) -> Records:
    forms = [recognise(path) for path in request.files]
    _check(request, [form.headers for form in forms])
    tables = [_table(request, path, form) for path, form in zip(request.files, forms, strict=True)]
    columns = {name: column.values for name, column in tables[0].columns.items()}
    kinds = {name: column.kind for name, column in tables[0].columns.items()}
    for table in tables[1:]:
        done = len(next(iter(columns.values())).codes) if columns else 0
        names = _matched(tables[0].columns, table.columns)
        added = {names[header]: column for header, column in table.columns.items()}
        kinds |= {name: column.kind for name, column in added.items() if name not in kinds}
        nobody, none = nothing(done), nothing(len(table.ids))
        columns = {
            name: columns.get(name, nobody).followed_by(added[name].values if name in added else none) for name in kinds
        }
    file = [number for number, table in enumerate(tables) for _ in table.ids]
    ids = [id_ for table in tables for id_ in table.ids]
    order = _canonical(file, ids, list(columns.values()))
    return Records(
        np.array(file, np.int8)[order],
        [ids[i] for i in order],
        {name: (kinds[name], values.rows(order)) for name, values in columns.items()},
    )


@dataclass(frozen=True, slots=True)
class Column:
    kind: Kind
    values: Values


@dataclass(frozen=True, slots=True)
class Table:
    ids: Sequence[str]
    columns: Mapping[str, Column]


def _table(request: Request, path: Path, form: Form) -> Table:
    wanted = [name for name in form.headers if name != request.id_column and name not in request.ignore]
    takers = [(Collector(), form.headers.index(name)) for name in wanted]
    id_at = form.headers.index(request.id_column)
    ids: list[str] = []
    cells = (row.cells for row in rows(path, form))
    while some := list(islice(cells, AT_ONCE)):
        across = list(zip(*some, strict=True))
        ids += map(str.strip, across[id_at])
        for collector, at in takers:
            collector.add(across[at])
    said = request.kinds or {}
    columns = {}
    for name, (collector, _) in zip(wanted, takers, strict=True):
        values = collector.values()
        columns[name] = Column(said.get(name) or kind_of(name, _samples(values)), values)
    return Table(ids, columns)


def _matched(first: Mapping[str, Column], second: Mapping[str, Column]) -> dict[str, str]:
    """Which column of the first file each of the second goes with: the one of its name, else the first free one of its
    kind, else none. Columns of free text and numbers go by their names alone."""
    names = {header: header for header in second if header in first}
    for header, column in second.items():
        free = (
            name for name, other in first.items()
            if other.kind is column.kind and name not in names.values() and column.kind not in _BY_NAME_ALONE
        )  # fmt: skip
        if header not in names:
            names[header] = next(free, header)
    return names


_BY_NAME_ALONE = frozenset({Kind.TEXT, Kind.NUMBER, Kind.IGNORE})


def link_files(request: Request, *, out: Path, options: Options) -> Linked:
    records = read(request)
    options.tell(f"{len(records.ids):,} records")
    for header, (kind, _) in records.columns.items():
        options.tell(f"{header}: {kind}")
    linked = link(records.columns, file=records.file, options=options)
    out.mkdir(parents=True, exist_ok=True)
    names = file_names(request.files)
    _write(out / GROUPS, ("file", "id", "group"), _group_rows(records, linked, names))
    _write(out / PAIRS, _PAIR_COLUMNS, _pair_rows(records, linked, names, options))
    return linked


def decisions(linked: Linked, options: Options) -> NDArray[np.str_]:
    """link: the two are in one group. review: likely, yet not merged by itself. no: neither."""
    together = linked.group[linked.a] == linked.group[linked.b]
    likely = linked.probability >= options.review
    return np.where(together, "link", np.where(likely, "review", "no"))


def file_names(files: Sequence[Path]) -> list[str]:
    """Names without folders; with them if they would be the same."""
    names = [path.name for path in files]
    return names if len(set(names)) == len(names) else [str(path) for path in files]


_PAIR_COLUMNS = ("file_a", "id_a", "file_b", "id_b", "weight", "probability", "decision")


def _check(request: Request, headers: Sequence[Sequence[str]]) -> None:
    for path, there in zip(request.files, headers, strict=True):
        if request.id_column not in there:
            raise BadRequest(f"{path.name} has no column {request.id_column!r}. It has: {', '.join(there)}.")
    known = {header for there in headers for header in there}
    for name in (*request.ignore, *(request.kinds or {})):
        if name not in known:
            raise BadRequest(f"No file has a column {name!r}. There are: {', '.join(sorted(known))}.")


def _canonical(file: list[int], ids: list[str], columns: Sequence[Values]) -> NDArray[np.int64]:
    """By file and id; rows of one id by what they say."""

    def says(row: int) -> tuple[str, ...]:
        return tuple(str(v.words[v.codes[row]]) if v.codes[row] >= 0 else "" for v in columns)

    keys = list(zip(file, ids, strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    if any(keys[one] == keys[two] for one, two in pairwise(order)):
        order.sort(key=lambda row: (keys[row], says(row)))
    return np.array(order, np.int64)


def _samples(values: Values) -> list[str]:
    """Evenly over the values in alphabetical order: the same ones whatever the order of the rows."""
    ordered = sorted(values.words.tolist())
    return ordered[:: max(len(ordered) // SAMPLES, 1)]


def _group_rows(records: Records, linked: Linked, names: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Groups are numbered from 1 in the order of their first records."""
    number: dict[int, int] = {}
    for file, id_, group in zip(records.file.tolist(), records.ids, linked.group.tolist(), strict=True):
        yield names[file], id_, number.setdefault(group, len(number) + 1)


def _pair_rows(
    records: Records, linked: Linked, names: Sequence[str], options: Options
) -> Iterator[tuple[str, str, str, str, str, str, str]]:
    probability = linked.probability
    decided = decisions(linked, options)
    told = np.flatnonzero((probability >= LEAST_PROBABLE) | (decided == "link"))
    file, ids = records.file.tolist(), records.ids
    for pair in told.tolist():
        a, b = int(linked.a[pair]), int(linked.b[pair])
        yield (
            names[file[a]], ids[a], names[file[b]], ids[b],
            f"{linked.weight[pair]:.2f}", f"{probability[pair]:.6f}", str(decided[pair]),
        )  # fmt: skip


def _write(path: Path, headers: Sequence[str], lines: Iterator[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(headers)
        writer.writerows(lines)
