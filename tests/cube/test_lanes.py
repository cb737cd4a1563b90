"""Counting bits in lanes, beside counting them one by one with NumPy, in DuckDB."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from toolkit.cube.lanes import Lanes


@pytest.mark.parametrize("rows", [1, 200, 255, 256, 5_000])
@pytest.mark.parametrize("bits", [range(1), range(1, 11), range(62)])
def test_lanes_count_every_bit(rows, bits):
    """A third of the rows at random; all rows have bit 5, so that a lane is as full as it may be."""
    rng = np.random.default_rng(rows)
    masks = rng.integers(0, 1 << 62, rows) & rng.integers(0, 1 << 62, rows) | 32
    lanes = Lanes.of(rows)
    with duckdb.connect() as connection:
        connection.register("masked", pa.table({"mask": pa.array(masks, pa.int64())}))
        (sums,) = connection.execute(f"select {', '.join(lanes.sums('mask', bits))} from masked").fetchall()
    found = [int(count) for count in lanes.counts([np.int64(number) for number in sums], bits)]
    assert found == [int((masks >> bit & 1).sum()) for bit in bits]
    assert len(sums) == -(-len(bits) // lanes.several)


def test_a_few_hundred_items_are_counted_seven_bits_at_a_time():
    assert Lanes.of(255) == Lanes(8, 7)
    assert Lanes.of(256) == Lanes(9, 6)
    assert Lanes.of(2**40).several == 1
