"""Sorting by ranks, beside Arrow's own sort of the same table."""

import numpy as np
import pyarrow as pa
import pytest

from toolkit.cube.order import in_order


@pytest.mark.parametrize("seed", range(6))
def test_rows_are_in_the_order_of_arrow(seed):
    """Texts beyond ASCII, small and very large numbers, also below zero; in several chunks."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 3_000))
    parts = [
        pa.table({
            "arm": pa.array(rng.choice(["stream", "isolated", "", "é", "z", "Z"], m), pa.string()),
            "seed": pa.array(rng.integers(-3, 3, m), pa.int32()),
            "wide": pa.array(rng.integers(-(2**62), 2**62, m) // (2**60 if seed % 2 else 1), pa.int64()),
            "bucket": pa.array(rng.integers(0, 2**63 - 1, m), pa.int64()),
            "n": pa.array(np.arange(m)),
        })
        for m in (n, n // 2)
    ]  # fmt: skip
    table = pa.concat_tables(parts)
    keys = list(rng.permutation(["arm", "seed", "wide", "bucket"]))
    assert in_order(table, keys).equals(table.sort_by([(key, "ascending") for key in keys]))


def test_equal_rows_stay_as_they_are():
    table = pa.table({"key": ["b", "a", "b", "a"], "n": [1, 2, 3, 4]})
    assert in_order(table, ["key"])["n"].to_pylist() == [2, 4, 1, 3]
