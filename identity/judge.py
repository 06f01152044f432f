"""Weighs pairs of given records, named by their ids, by the parameters in force."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdp.common.copying import Cursor
from identity import cluster, match_models
from identity.candidates import FLOOR, Pair, Weighted
from identity.features import Features
from identity.linking import Scorer
from identity.matching import Records, evidence, grown, scorer, weighed
from identity.reading import read_apart
from identity.record_values import Compared, Table
from identity.rules import Fuzzy
from identity.weigh import Floats


@dataclass(frozen=True, slots=True)
class Judge:
    """`ids` of the records ascend; a row is a place among them."""

    ids: Records
    scorer: Scorer
    features: Features
    fuzzy: Fuzzy
    model_id: int | None

    @classmethod
    def of(cls, cursor: Cursor, values: Mapping[int, Compared], fuzzy: Fuzzy) -> "Judge | None":
        """None if the records have nothing in common that could be compared."""
        table = Table(fuzzy.kinds)
        table.add({record_id: values[record_id] for record_id in sorted(values)})
        active = match_models.active(cursor)
        records = _how_many(cursor)
        known = grown(active.known, records=records) if active.known else None
        counts, apart = match_models.term_counts(cursor), read_apart(cursor, table.ids)
        made = scorer(table, known, counts=counts, apart=apart, records=records)
        return cls(np.array(table.ids, np.int64), *made, fuzzy, active.id) if made else None

    def rows(self, pairs: Collection[Pair]) -> tuple[Records, Records]:
        """Those of which both records are here, as rows."""
        both = np.array(sorted(pairs), np.int64).reshape(-1, 2)
        both = both[np.isin(both, self.ids).all(axis=1)]
        a, b = np.searchsorted(self.ids, both).T
        return a, b

    def weigh(self, pairs: Collection[Pair]) -> list[Weighted]:
        """Those that are worth keeping."""
        a, b = self.rows(pairs)
        if not len(a):
            return []
        found = weighed(self.scorer, a, b)
        keep = np.flatnonzero(found.probability >= FLOOR)
        return self.told(a[keep], b[keep], found.weight[keep], found.may_merge[keep])

    def told(self, a: Records, b: Records, weight: Floats, may_merge: NDArray[np.bool_]) -> list[Weighted]:
        """Pairs of rows with all that speaks for and against them."""
        lines = evidence(self.scorer, self.features, a, b)
        odds = np.round(1 / (1 + np.exp2(-weight)), 6).tolist()
        bits, may = np.round(weight, 3).tolist(), may_merge.tolist()
        pairs = zip(self.ids[a].tolist(), self.ids[b].tolist(), strict=True)
        return [Weighted(pair, bits[i], odds[i], may[i], lines[i]) for i, pair in enumerate(pairs)]

    def together(self, likely: Collection[Pair]) -> dict[Pair, float]:
        """Of pairs that are probable enough to be linked, those that are of one group when all its pairs are heard."""
        a, b = self.rows(likely)
        if not len(a):
            return {}
        line = np.log2(self.fuzzy.link / (1 - self.fuzzy.link))

        def judge(one: Records, two: Records) -> cluster.Pairs:
            told = weighed(self.scorer, one, two)
            return cluster.Pairs(one, two, told.weight, told.may_merge & (told.weight >= line), told.is_barred)

        chosen = judge(a, b)
        group = cluster.groups(chosen, size=len(self.ids), judge=judge, largest=self.fuzzy.largest)
        same = np.flatnonzero((group[a] == group[b]) & chosen.is_link)
        pairs = zip(self.ids[a[same]].tolist(), self.ids[b[same]].tolist(), strict=True)
        return dict(zip(pairs, np.round(chosen.weight[same], 3).tolist(), strict=True))


def _how_many(cursor: Cursor) -> int:
    """Records, as far as PostgreSQL knows."""
    cursor.execute("select greatest(reltuples, 0)::bigint from pg_class where oid = 'profiles_record'::regclass")
    return int(cursor.fetchone()[0])
