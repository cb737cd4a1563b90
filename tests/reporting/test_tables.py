"""Does estimates.csv hold every number in full, and nothing that a spreadsheet would run?"""

from __future__ import annotations

import csv
import io

from toolkit.reporting.tables import estimates_csv
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
