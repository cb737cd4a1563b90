"""What a run says about the engine that reduced its log."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.logs.streams import config, evaluations, write
from toolkit.errors import UsageError
from toolkit.reporting.cubes import cube_key
from toolkit.reporting.pages import _engine
from toolkit.reporting.plan import checked
from toolkit.reporting.request import Request


def test_an_unknown_engine_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    config(tmp_path)
    write(tmp_path / "evaluations.parquet", evaluations())
    with pytest.raises(UsageError, match="--engine 'sparx': choose one of duckdb, spark"):
        checked(Request(tmp_path, engine="sparx"))
    assert checked(Request(tmp_path))[0].engine == "duckdb"


@pytest.mark.parametrize(
    ("engine", "shown"), [("duckdb", "duckdb 1.4.0"), ("spark", "spark 4.3.0"), ("older", "older")]
)
def test_the_page_names_the_engine_with_its_version(engine: str, shown: str) -> None:
    provenance: Any = SimpleNamespace(engine=engine, packages={"duckdb": "1.4.0", "pyspark": "4.3.0"})
    assert _engine(provenance) == shown


def test_cubes_of_two_engines_are_cached_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"duckdb": {"duckdb": "1.4.0"}, "spark": {"pyspark": "4.3.0"}}
    monkeypatch.setattr("toolkit.reporting.cubes.engine_versions", versions.__getitem__)
    assert cube_key("log", "spark") != cube_key("log") == cube_key("log", "duckdb")
