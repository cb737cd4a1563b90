"""Which generated samples are at hand row by row, and which human ones stand beside them?

The cube keeps a simple random sample of each cell (arm, seed, stage, task, human or not, accepted or not), in the
order of a hash: its first n rows are themselves a simple random sample, of any size up to what was kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from toolkit.cube import Cube

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Side = Literal["accepted", "rejected", "generated", "human"]
NO_ROWS = "needs samples: one row a generated sample, with its text, its embedding or its labels"


@dataclass(frozen=True)
class SampleSet:
    """Some kept samples.

    frame: [row] arm, seed, stage, task, sample (hash of its id), origin, accepted, target_label, parsed_label,
        verified_label, parse_ok, text (absent where it is not to be shown), characters (length of the text),
        cell_size (rows of its cell in the log), attr_*
    embedding: [row, dimension] float32, nan rows where a sample has none; None where no sample has one
    words: [row] the words of its text as numbers that mean the same in all rows; None where no sample has a text
    """

    frame: pd.DataFrame
    embedding: npt.NDArray[np.float32] | None
    words: tuple[npt.NDArray[np.int32], ...] | None

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> SampleSet:
        """These rows, by mask or by number."""
        at = np.flatnonzero(rows) if rows.dtype == bool else rows
        return SampleSet(
            self.frame.iloc[at],
            None if self.embedding is None else self.embedding[at],
            None if self.words is None else tuple(self.words[i] for i in at),
        )

    def of(self, *, side: Side | None = None, **fields: object) -> SampleSet:
        """The rows of one side whose columns have these values: of(side="accepted", task="billing", stage=2).

        A sample without `accepted` counts as accepted, one without `origin` as synthetic; an edited one is synthetic.
        """
        chosen: npt.NDArray[np.bool_] = np.ones(len(self), dtype=bool)
        if side is not None:
            chosen = self._sides[side]
        for name, value in fields.items():
            chosen = np.logical_and(chosen, (self.frame[name] == value).to_numpy(dtype=bool))
        return self.take(chosen)

    @cached_property
    def _sides(self) -> dict[str, npt.NDArray[np.bool_]]:
        human = (self.frame["origin"] == "human").fillna(False).to_numpy(dtype=bool)
        accepted = self.frame["accepted"].astype("boolean").fillna(True).to_numpy(dtype=bool)
        return {"human": human, "generated": ~human, "accepted": ~human & accepted, "rejected": ~human & ~accepted}

    @cached_property
    def embedded(self) -> SampleSet:
        """The rows that have an embedding."""
        if self.embedding is None:
            return self.take(np.zeros(len(self), dtype=bool))
        return self.take(np.asarray(np.isfinite(self.embedding).all(axis=1), dtype=bool))


def kept_samples(cube: Cube, arm: str = "stream") -> SampleSet | None:
    """The kept samples of one arm, human ones included; None where the log has none."""
    import pyarrow.compute as pc

    table = cube.table("sample_rows")
    if table is None:
        return None
    table = table.filter(pc.equal(table["arm"], arm))
    if not table.num_rows:
        return None
    frame = table.drop_columns([name for name in ("embedding", "words") if name in table.column_names]).to_pandas()
    return SampleSet(frame, _embeddings(table), _words(table))


def _embeddings(table: pa.Table) -> npt.NDArray[np.float32] | None:
    column = table["embedding"].combine_chunks() if "embedding" in table.column_names else None
    if column is None or column.null_count == len(column):
        return None
    lengths = np.diff(column.offsets.to_numpy())
    given = lengths > 0
    if column.null_count:
        given &= ~column.is_null().to_numpy(zero_copy_only=False)
    found = np.full((len(column), int(lengths.max())), np.nan, dtype=np.float32)
    found[given] = column.flatten().to_numpy(zero_copy_only=False).reshape(int(given.sum()), -1)
    return found


def _words(table: pa.Table) -> tuple[npt.NDArray[np.int32], ...] | None:
    column = table["words"].combine_chunks() if "words" in table.column_names else None
    if column is None or column.null_count == len(column):
        return None
    values, ends = column.values.to_numpy(zero_copy_only=False), column.offsets.to_numpy()
    return tuple(values[a:b] for a, b in pairwise(ends))
