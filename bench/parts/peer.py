"""Splink on DuckDB over the bench's files, set up as its documentation recommends for people.

Several blocking rules, its own comparisons of names, dates and e-mail addresses with term frequencies, the prior from
deterministic rules, u from random pairs, m by expectation-maximisation. The threshold is the one that the truth likes
best.

    python -m bench.parts.peer FILE [FILE2]      prints one JSON object
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import splink.comparison_library as cl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from bench.parts.measured import own_peak_mb
from bench.parts.scored import Accuracy, Labels, accuracy, numbered, pairs_within
from bench.parts.shapes import ID

THREADS = 2
FLOOR = 0.01
"""Match probability from which pairs are kept."""

_NAMES = {("first", "last"), ("given_name", "surname"), ("first_name", "surname")}
_TEXT = frozenset({"middle", "address", "street", "address_1", "occupation", "birth_place"})
_EXACT = frozenset({"suffix", "state"})
_DIGITS = frozenset({"phone", "zip", "postcode", "soc_sec_id", "street_number", "age"})
_PLACES = frozenset({"city", "suburb"})
_DATES = frozenset({"dob", "date_of_birth"})

_RULES: Sequence[Sequence[str]] = (
    *(("email",), ("phone",), ("soc_sec_id",)),
    *(("first", "last", "zip"), ("last", "zip", "substr(first,1,1)"), ("first", "zip", "substr(last,1,1)")),
    *(("address", "zip"), ("first", "last", "city"), ("first", "last", "dob"), ("street", "zip")),
    *(("first", "last", "age"), ("first", "middle", "last")),
    *(("given_name", "surname", "suburb"), ("surname", "date_of_birth"), ("given_name", "date_of_birth")),
    *(("surname", "postcode"), ("given_name", "postcode"), ("address_1", "street_number")),
    *(("substr(first_name,1,3)", "substr(surname,1,4)"), ("surname", "dob"), ("first_name", "dob")),
    *(("dob", "birth_place"), ("first_name", "surname", "birth_place"), ("dob", "city"), ("last", "dob")),
    *(("surname", "birth_place", "occupation"), ("first_name", "birth_place", "occupation"), ("first", "dob")),
)
_LOOSE: Sequence[Sequence[str]] = (
    *(("first",), ("last",), ("given_name",), ("surname",), ("first_name",), ("dob",), ("date_of_birth",), ("zip",)),
    *(("postcode",), ("address",), ("street",), ("address_1",)),
)
SMALL = 5_000
"""Up to so many records single values are blocked on too and names compared as one, as in the documentation's small
examples; in larger ones that is slower and no better."""
_EM: Sequence[Sequence[str]] = (
    *(("first", "last"), ("given_name", "surname"), ("first_name", "surname"), ("email",), ("phone",), ("zip", "last")),
    *(("dob",), ("date_of_birth",), ("postcode", "street_number")),
)
_SURE: Sequence[Sequence[str]] = (
    *(("email",), ("phone", "last"), ("first", "last", "zip"), ("soc_sec_id",)),
    *(("given_name", "surname", "date_of_birth"), ("first_name", "surname", "dob"), ("first", "last", "age", "zip")),
)


def table(path: Path) -> pd.DataFrame:
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    if "name" in rows:
        parts = rows.pop("name").str.lower().str.rsplit(" ", n=1, expand=True)
        rows["first"], rows["last"] = parts[0].where(parts[1].notna(), ""), parts[1].fillna(parts[0])
    for column in rows.columns.difference([ID, "truth"]):
        cleaned = rows[column].str.strip().str.lower()
        if column in _DATES:
            cleaned = cleaned.str.replace(r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3", regex=True)
        rows[column] = cleaned.where(cleaned != "", None)
    return rows


def comparisons(columns: Sequence[str], *, is_small: bool) -> list[Any]:
    found: list[Any] = []
    for first, last in _NAMES:
        if is_small and first in columns and last in columns:
            found.append(cl.ForenameSurnameComparison(first, last))
        elif first in columns and last in columns:
            found.append(cl.NameComparison(first).configure(term_frequency_adjustments=True))
            found.append(cl.NameComparison(last).configure(term_frequency_adjustments=True))
    for column in columns:
        if column == "email":
            found.append(cl.EmailComparison(column))
        elif column in _DATES:
            found.append(cl.DateOfBirthComparison(column, input_is_string=True))
        elif column in _TEXT:
            found.append(cl.JaroWinklerAtThresholds(column, [0.92, 0.8]))
        elif column in _DIGITS:
            found.append(cl.DamerauLevenshteinAtThresholds(column, [1, 2]))
        elif column in _PLACES:
            found.append(cl.JaroWinklerAtThresholds(column, [0.92, 0.8]).configure(term_frequency_adjustments=True))
        elif column in _EXACT:
            found.append(cl.ExactMatch(column))
    return found


def rules(wanted: Sequence[Sequence[str]], columns: Sequence[str]) -> list[Any]:
    """Those whose columns are all there."""

    def column_of(part: str) -> str:
        return part.removeprefix("substr(").split(",")[0]

    return [block_on(*parts) for parts in wanted if all(column_of(part) in columns for part in parts)]


def predicted(tables: Sequence[pd.DataFrame]) -> tuple[Any, Any]:
    """The linker, and its pairs."""
    columns = [name for name in tables[0].columns if name not in (ID, "truth")]
    is_small = sum(map(len, tables)) <= SMALL
    settings = SettingsCreator(
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        unique_id_column_name=ID,
        blocking_rules_to_generate_predictions=rules((*_LOOSE, *_RULES) if is_small else _RULES, columns),
        comparisons=comparisons(columns, is_small=is_small),
    )
    connection = duckdb.connect()
    connection.execute(f"set threads = {THREADS}")
    linker = Linker(list(tables), settings, db_api=DuckDBAPI(connection))
    linker.training.estimate_probability_two_random_records_match(rules(_SURE, columns), recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in rules(_EM, columns)[:3]:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker, linker.inference.predict(threshold_match_probability=FLOOR)


def best(pairs: pd.DataFrame, ids: Sequence[str], truth: Labels) -> tuple[float, Accuracy]:
    """Over the thresholds, first in coarse steps: of the pairs themselves, or of groups by chains of links (as Splink
    groups), whichever are better."""
    place = pd.Series(np.arange(len(ids)), index=ids)
    a, b = (place.loc[pairs[f"{ID}_{side}"]].to_numpy() for side in "lr")
    weight, is_right = pairs["match_weight"].to_numpy(), truth[a] == truth[b]
    all_right = pairs_within(np.bincount(truth))

    def at(least: float) -> tuple[float, Accuracy]:
        keep = weight >= least
        alone = Accuracy(is_right[keep].mean() if keep.any() else 0.0, is_right[keep].sum() / max(all_right, 1))
        graph = coo_array((np.ones(keep.sum()), (a[keep], b[keep])), shape=(len(ids), len(ids)))
        grouped = accuracy(connected_components(graph, directed=False)[1].astype(np.int64), truth)
        return least, max(alone, grouped, key=lambda one: one.f1)

    def most(tried: Sequence[tuple[float, Accuracy]]) -> tuple[float, Accuracy]:
        return max(tried, key=lambda one: one[1].f1)

    coarse = most([at(float(least)) for least in range(-6, 70, 4)])
    return most([coarse, *(at(coarse[0] + step / 2) for step in range(-7, 8))])


def main(paths: Sequence[Path]) -> Mapping[str, float]:
    start = time.perf_counter()
    tables = [table(path) for path in paths]
    truth = [one.pop("truth") for one in tables]
    linker, pairs = predicted(tables)
    linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=0.9)
    took = time.perf_counter() - start
    peak = own_peak_mb()
    listed = pairs.as_pandas_dataframe()
    ids = [id_ for one in tables for id_ in one[ID]]
    threshold, right = best(listed, ids, numbered([who for one in truth for who in one]))
    return {
        "seconds": round(took, 2), "peak_mb": round(peak), "pairs": len(listed), "best_weight": threshold,
        **right.as_dict(),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main([Path(name) for name in sys.argv[1:]])))
