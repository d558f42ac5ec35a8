"""Which keys a file has shown already, in flat memory: sorted runs of 64-bit hashes kept on disk."""

import tempfile
from typing import Any

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I32 = npt.NDArray[np.int32]


class SeenKeys:
    """Remembers the first line of each key hash; runs double in size, as a log-structured merge does."""

    def __init__(self) -> None:
        self._runs: list[tuple[U64, I32]] = []

    def first_lines(self, hashes: U64, lines: I32) -> I32:
        """Tell for each key the line that showed it first in this file, 0 when it is new; remember the new ones."""
        order = np.lexsort((lines, hashes))
        ordered, at = hashes[order], lines[order]
        starts = np.ones(len(ordered), dtype=bool)
        starts[1:] = ordered[1:] != ordered[:-1]
        firsts = at[np.maximum.accumulate(np.where(starts, np.arange(len(ordered)), 0))]
        seen = np.where(starts, 0, firsts).astype(np.int32)
        for run_hashes, run_lines in self._runs:
            where = np.searchsorted(run_hashes, ordered)
            where[where == len(run_hashes)] = 0
            hit = run_hashes[where] == ordered
            seen[hit] = run_lines[where][hit]
        self._remember(ordered[seen == 0], at[seen == 0])
        result = np.empty_like(seen)
        result[order] = seen
        return result

    def _remember(self, hashes: U64, lines: I32) -> None:
        if not len(hashes):
            return
        while self._runs and len(self._runs[-1][0]) <= 2 * len(hashes):
            old_hashes, old_lines = self._runs.pop()
            merged = np.concatenate([old_hashes, hashes])
            order = np.argsort(merged, kind="stable")
            hashes, lines = merged[order], np.concatenate([old_lines, lines])[order]
        self._runs.append((self._on_disk(hashes), self._on_disk(lines)))

    @staticmethod
    def _on_disk(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Keep an array in a file without a name: it goes when the process goes, however that ends."""
        with tempfile.TemporaryFile() as file:
            values.tofile(file)
            file.flush()
            return np.memmap(file, dtype=values.dtype, mode="r")
