"""Spark against DuckDB: the same log gives the same cube, to the last row of every table."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, nan
from pathlib import Path
from typing import Any

import duckdb
import pytest

pytest.importorskip("pyspark", reason="PySpark comes with the extra `spark`")
pytest.importorskip("sqlglot", reason="SQLGlot comes with the extra `spark`")

from tests.cube.spark_logs import LOGS
from tests.cube.spark_settings import QUICK
from tests.cube.spark_tables import TABLES
from toolkit.cube import reduce_stream
from toolkit.cube.spark import SparkEngine
from toolkit.cube.spark_read import reduce_on_spark
from toolkit.cube.spark_session import open_session
from toolkit.errors import RunFailed
from toolkit.logs import read_stream
from toolkit.reporting.cubes import fetch_cube

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas", "ignore::ResourceWarning")


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[Any]:
    """A session for the whole file."""
    from pyspark.sql import SparkSession

    settings = QUICK | {"spark.log.level": "ERROR"}
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    yield session
    session.stop()


@pytest.mark.slow
@pytest.mark.parametrize("name", [*LOGS, *TABLES])
def test_the_cube_is_the_same(name: str, tmp_path: Path) -> None:
    (LOGS | TABLES)[name](tmp_path)
    with read_stream(tmp_path) as log:
        expected = reduce_stream(log)
    found = reduce_on_spark(tmp_path)
    assert found.meta == expected.meta
    assert found.tables.keys() == expected.tables.keys()
    for table, rows in expected.tables.items():
        assert found.tables[table].equals(rows), table


_TEXTS = [
    None, "", " ", "Ünït 7", "1_000", " 1.5 ", "1.5f", "1d", "0x1F", "1e3", "inf", "-Infinity", "+1.5", ".5", "5.",
    "1 000", "\t1\n", "NaN", "+inf", "１", "1e", "--1", "1,5", "-nan", "1.e5", "1__0", "_1", "1_.5", "1e1_0", "NA\n",
    "a'b\\n%", "n/a", "true", "yeſ", "CRİTIQUE", "ΟΔΟΣ ΣΑΣ", "a\u0301\U0001f642x", "北京北京",
    "1e308", "1e309", "-0", "9007199254740993", "0.1", "2.5", "-2.5", "1e-320",
]  # fmt: skip
_OF_TEXT = (
    "cast(md5_number_lower(t) >> 1 as bigint)", "cast(md5_number_lower(t) & (512 - 1) as bigint)", "nullif(t, '')",
    "try_cast(t as double)", r"regexp_full_match(t, '(?i)\s*(na|n/a|nan|null|none)?\s*')", "lower(trim(t))",
    "case when try_cast(t as double) = floor(try_cast(t as double)) "
    "then try_cast(try_cast(t as double) as integer) end",
    "t = 'a''b\\n%'", "lower(t)", "length(t)", "left(t, 3)", "md5(t)", "regexp_full_match(t, '(?i)yes')",
    "list_contains(['NaN', '1d'], t)", "'no ' || row_number() over (order by t)",
)  # fmt: skip
_NUMBERS = [None, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994, 1 / 3, 0.1234567895, 4503599627370497.5, 1e15 + 0.5]
_OF_ALL_NUMBERS = (
    "isfinite(x)", "isnan(x) is true", "x is not distinct from null", "x not between 0.0::double and 1.0::double",
    "floor(x)", "try_cast(floor(x) as integer)",
)  # fmt: skip
_OF_NUMBERS = (
    *_OF_ALL_NUMBERS, "round(x)", "cast(round(x * 1000) as bigint)", "cast(abs(round(x)) as bigint) >> 2",
    "cast(round(x) as bigint) // 7", "~cast(round(x) as bigint) & 6", "bit_count(cast(abs(round(x)) as bigint))",
    "round(x)::hugeint * 3 = 0",
)  # fmt: skip
_LISTS = [
    None, [], [1.0], [None, 2.0], [nan], [inf, -inf], [1e300, 3.4028235e38, 3.4028236e38, -1e300],
    [0.1, 0.2, 0.3, -0.0], [1e-40, 1e-50, 1 / 3],
]  # fmt: skip
_OF_LISTS = (
    "try_cast(l as float[])", "array_length(l)", "list_count(l)", "list_count(try_cast(l as float[]))",
    "list_sum(l)", "isfinite(list_sum(try_cast(l as float[])))",
)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "kind", "column", "expressions"),
    [
        (_TEXTS, "varchar", "t", _OF_TEXT),
        (_NUMBERS, "double", "x", _OF_NUMBERS),
        ([None, nan, inf, -inf, 1e300, -1e300], "double", "x", _OF_ALL_NUMBERS),
        (_LISTS, "double[]", "l", _OF_LISTS),
    ],
)
def test_expressions_have_the_same_values(
    values: list[Any], kind: str, column: str, expressions: tuple[str, ...]
) -> None:
    connection = duckdb.connect(":memory:")
    connection.execute(f"create table given (place integer, {column} {kind})")
    connection.executemany("insert into given values (?, ?)", [list(pair) for pair in enumerate(values)])
    engine = SparkEngine(open_session(), connection)
    engine._bring("given")
    engine.hold("there", engine.session.table("given"))
    columns = ", ".join(f"{one} as e{i}" for i, one in enumerate(expressions))
    expected = connection.execute(f"select place, {columns} from given order by place").fetchall()
    found = engine.execute(f"select place, {columns} from there order by place").fetchall()
    for i, expression in enumerate(expressions, start=1):
        assert list(map(repr, (row[i] for row in found))) == list(map(repr, (row[i] for row in expected))), expression


def test_a_damaged_file_is_one_line_and_nothing_is_cached(tmp_path: Path) -> None:
    stream = tmp_path / "stream"
    LOGS["grouped"](stream)
    file = stream / "evaluations.parquet"
    data = bytearray(file.read_bytes())
    data[4:200] = bytes(196)  # the first pages; the end of the file, which tells what is in it, is whole
    file.write_bytes(data)
    with pytest.raises(RunFailed, match=r"\ASpark, [a-z_ ]+: .+; see Spark's own log for more\Z"):
        fetch_cube(stream, tmp_path / "cube", log_fingerprint="none", cache=tmp_path / "cache", engine="spark")
    assert not (tmp_path / "cube").exists()
    assert not (tmp_path / "cache").exists()
