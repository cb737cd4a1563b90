"""What `--engine spark` refuses before any session is opened."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.logs.streams import Row, config, evaluations, write
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


_ROWS: dict[str, Row] = {
    "feedback": {"stage": 1, "task": "alpha", "item": "alpha-1", "source": "human", "rater": "ann", "score": 1.0},
    "samples": {"stage": 1, "task": "alpha", "sample": "s"},
}


@pytest.mark.parametrize(
    ("table", "column", "value", "wanted"),
    [
        ("feedback", "source", 1.5, "text or whole numbers"),
        ("feedback", "attr_day", date(2024, 1, 1), "text or whole numbers"),
        ("feedback", "attr_when", datetime(2024, 1, 1), "text or whole numbers"),
        ("feedback", "probability", Decimal("0.5"), "DOUBLE, whole numbers or text"),
        ("feedback", "abstained", [True], "DOUBLE, whole numbers or text"),
        ("samples", "embedding", "[1.0]", "a list of FLOAT or DOUBLE"),
        ("samples", "embedding", [1], "a list of FLOAT or DOUBLE"),
        ("samples", "embedding", [[1.0]], "a list of FLOAT or DOUBLE"),
        ("samples", "parents", "s0", "a list of text"),
        ("samples", "text", {"en": "a"}, "text or whole numbers"),
    ],
)
def test_other_tables_may_be_refused_too(table: str, column: str, value: Any, wanted: str, tmp_path: Path) -> None:
    config(tmp_path)
    row = _ROWS[table] | {column: value}
    other = _ROWS["feedback"] if table == "samples" else None
    write(tmp_path / f"{table}.parquet", [row])
    if other is not None:
        write(tmp_path / "feedback.jsonl", [other])
    said = rf"\A{table}.parquet: column '{column}' has the type .+; write {wanted}, or run without --engine spark\Z"
    with pytest.raises(LogRejected, match=said):
        read_stream(tmp_path, elsewhere=_place())


@pytest.mark.parametrize("formats", [("jsonl",), ("csv",), ("parquet", "csv")])
def test_other_tables_in_other_formats_are_left_to_duckdb(formats: tuple[str, ...], tmp_path: Path) -> None:
    config(tmp_path)
    for ending in formats:
        write(tmp_path / "feedback" / f"part.{ending}", [_ROWS["feedback"] | {"item": ending}])
    with read_stream(tmp_path, elsewhere=_place()) as log:
        assert {item for (item,) in log.connection.sql("select item from feedback").fetchall()} == set(formats)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda name: None if name == "pyspark" else object())
    with pytest.raises(UsageError, match=r"needs pyspark, not installed here: pip install 'streamreview\[spark\]'"):
        spark_session.need_packages()
