"""The features of everybody who is grouped, in a file without a name: a million people need no more memory than one
chunk of them, and the tables are read once."""

import tempfile
from collections.abc import Iterator
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, FeatureTable, Numbers

CHUNK = 50_000
Ids = NDArray[np.int64]


class Pool:
    def __init__(self) -> None:
        self.columns: tuple[Column, ...] = ()
        self.n = 0
        self._ids, self._values = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ids.close()
        self._values.close()

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def add(self, table: FeatureTable) -> None:
        self.columns = table.numeric
        self._ids.write(table.profile_ids.astype(np.int64).tobytes())
        self._values.write(table.values.astype(np.float32).tobytes())
        self.n += len(table)

    def chunks(self) -> Iterator[tuple[Ids, Numbers]]:
        """(profile ids, (people, columns)) in the order in which they came."""
        for start in range(0, self.n, CHUNK):
            yield self._ids_at(start, CHUNK), self._values_at(start, CHUNK)

    def sample(self, most: int, *, seed: int) -> tuple[Ids, Numbers]:
        """Drawn without putting back; everybody, if they are no more than that."""
        if self.n <= most:
            return self._ids_at(0, self.n), self._values_at(0, self.n)
        rows = np.sort(np.random.default_rng(seed).choice(self.n, most, replace=False))
        ids, values = [], []
        for start in range(0, self.n, CHUNK):
            inside = rows[(rows >= start) & (rows < start + CHUNK)] - start
            ids.append(self._ids_at(start, CHUNK)[inside])
            values.append(self._values_at(start, CHUNK)[inside])
        return np.concatenate(ids), np.concatenate(values)

    def _ids_at(self, start: int, size: int) -> Ids:
        self._ids.seek(8 * start)
        return np.frombuffer(self._ids.read(8 * size), dtype=np.int64)

    def _values_at(self, start: int, size: int) -> Numbers:
        width = len(self.columns)
        self._values.seek(4 * width * start)
        found = np.frombuffer(self._values.read(4 * width * size), dtype=np.float32)
        return found.reshape(-1, width).astype(np.float64)
