"""What `--engine spark` refuses before any session is opened."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.logs.streams import config, evaluations, write
from toolkit.cube import spark_session
from toolkit.cube.spark_read import OnSpark
from toolkit.errors import LogRejected, UsageError
from toolkit.logs import read_stream


def _place() -> OnSpark:
    return OnSpark(None)  # type: ignore[arg-type]  # what is refused is refused before it is asked


@pytest.mark.parametrize("name", ["evaluations.jsonl", "evaluations/part.csv"])
def test_other_formats_than_parquet(name: str, tmp_path: Path) -> None:
    config(tmp_path)
    write(tmp_path / name, evaluations())
    with pytest.raises(
        LogRejected, match=r"evaluations.*reads evaluations from Parquet alone; .* without --engine spark"
    ):
        read_stream(tmp_path, elsewhere=_place())


@pytest.mark.parametrize(
    ("column", "value"),
    [("item", 1.5), ("item", date(2024, 1, 1)), ("task", Decimal("1.5")), ("score", [1.0]), ("score", Decimal("0.5"))],
)
def test_types_that_both_may_read_differently(column: str, value: Any, tmp_path: Path) -> None:
    config(tmp_path)
    write(tmp_path / "evaluations.parquet", [{**row, column: value} for row in evaluations()])
    with pytest.raises(LogRejected, match=rf"evaluations.parquet: column '{column}' has the type "):
        read_stream(tmp_path, elsewhere=_place())


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda name: None if name == "pyspark" else object())
    with pytest.raises(UsageError, match=r"needs pyspark, not installed here: pip install 'streamreview\[spark\]'"):
        spark_session.need_packages()
