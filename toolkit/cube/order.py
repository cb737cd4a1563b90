"""How is a table sorted by several keys, most of them texts with few values, in a small part of `sort_by`'s time?

Each text is compared once, and stands for its rank from then on; neighbouring keys make one number where they fit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]


def in_order(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The rows in ascending order of `keys`, which are texts or whole numbers without nulls; equal ones as they are."""
    if not table.num_rows:
        return table
    numbers: list[Ints] = []
    size = 1 << 63  # of the values that the last number can have
    for key in keys:
        values = _ranks(table[key])
        least = int(values.min())
        count = int(values.max()) - least + 1
        if size * count < 1 << 63:
            numbers[-1] = numbers[-1] * count + (values - least)
            size *= count
        else:
            numbers.append(values)
            size = count if least == 0 else 1 << 63
    return table.take(np.lexsort(numbers[::-1]))


def _ranks(column: pa.ChunkedArray) -> Ints:
    """Whole numbers themselves; of texts the place of each among the different ones."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column.to_numpy().astype(np.int64)
    encoded = column.combine_chunks().dictionary_encode()
    rank = np.empty(len(encoded.dictionary), np.int64)
    rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(rank))
    return rank[encoded.indices.to_numpy()]
