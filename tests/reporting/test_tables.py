"""Does estimates.csv hold every number in full, and nothing that a spreadsheet would run?"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from toolkit.reporting.tables import estimates_csv, write_parquet
from toolkit.results import Change, Estimate


def test_rows_read_back_as_they_were() -> None:
    hostile = '=HYPERLINK("http://x")\n,\''
    estimate = Estimate(
        quantity="backward_transfer",
        axis="forgetting",
        task=hostile,
        value=-0.1 + 1e-17,
        low=-1 / 3,
        n={"items": 40, "seeds": 5},
        reason="@needs",
        change=Change(against="-1", value=1e-300),
    )
    (row,) = csv.DictReader(io.StringIO(estimates_csv([estimate])))
    assert row["id"] == estimate.id
    assert float(row["value"]) == estimate.value
    assert float(row["low"]) == -1 / 3
    assert row["high"] == ""
    assert row["task"] == "'" + hostile
    assert row["reason"] == "'@needs"
    assert (row["change_against"], float(row["change_value"])) == ("'-1", 1e-300)
    assert row["n"] == "items=40 seeds=5"


def test_parquet_holds_the_same_with_types(tmp_path: Path) -> None:
    """Numbers are numbers, absent ones null, infinite ends infinite; the rows are those of the CSV."""
    import pyarrow.parquet as pq

    estimate = Estimate(
        quantity="retention_half_life", axis="forgetting", value=4.0, low=2.0, high=math.inf, n={"seeds": 5}
    )
    write_parquet(
        [estimate, estimate.model_copy(update={"value": None, "reason": "needs items"})], tmp_path / "e.parquet"
    )
    rows = pq.read_table(tmp_path / "e.parquet").to_pylist()
    assert [row["value"] for row in rows] == [4.0, None]
    assert rows[0]["high"] == math.inf
    assert rows[0]["n"] == "seeds=5"
    assert list(rows[0]) == estimates_csv([estimate]).splitlines()[0].split(",")
