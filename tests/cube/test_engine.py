"""The reduction needs no more of an engine than `Engine` says, and no more relations than three."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from toolkit.cube.engine import DuckEngine
from toolkit.cube.evaluations import reduce_evaluations
from toolkit.cube.reduce import reduce_stream
from toolkit.logs import StreamConfig, read_stream
from toolkit.logs.profile import COVERING, PLACES, item_words_of, items_of, profile_of


class Narrow:
    """An engine that has the five methods and nothing else, and remembers the names that were asked for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._duck = DuckEngine(connection)
        self.left: set[str] = set()

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        return self._duck.rows(query, parameters)

    def keep(self, name: str, query: str, parameters: Mapping[str, Any] | None = None) -> None:
        self.left.add(name)
        self._duck.keep(name, query, parameters)

    def view(self, name: str, query: str) -> None:
        self._duck.view(name, query)

    def put(self, name: str, table: pa.Table) -> None:
        self.left.add(name)
        self._duck.put(name, table)

    def drop(self, *names: str) -> None:
        self.left -= set(names)
        self._duck.drop(*names)


@pytest.fixture
def stream(tmp_path):
    """Two tasks, one with scores of 0 or 1, an isolated arm, some items missing."""
    rng = np.random.default_rng(4)
    rows = [
        (arm, seed, stage, task, f"{task}{item}", float(rng.integers(0, 2)) if task == "a" else round(rng.random(), 3))
        for arm in ("stream", "isolated") for seed in range(2) for stage in range(4) for task in "ab"
        for item in range(12) if rng.random() < 0.9
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["arm", "seed", "stage", "task", "item", "score"])
    (tmp_path / "stream.toml").write_text(
        'name = "s"\n[[tasks]]\nname = "a"\n[[tasks]]\nname = "b"\n[[tasks]]\nname = "c"\n'
    )
    frame.to_parquet(tmp_path / "evaluations.parquet")
    return tmp_path, frame


def test_three_relations_and_five_methods_are_enough(stream):
    """Relations made by the documented queries over any table of rows give the tables of the cube."""
    folder, frame = stream
    with read_stream(folder) as log:
        want = reduce_stream(log).tables
        config: StreamConfig = log.config
    connection = duckdb.connect()
    connection.register("logged", frame)
    connection.execute(
        "create table evaluations as select arm, 'default' as task_order, seed::integer as seed, "
        "stage::integer as stage, task, item, item as cluster, null::double as step, score, null::bigint as n, "
        "null::double as sd from logged"
    )
    columns = set(frame.columns)
    profile = profile_of("(select *, null as problem from evaluations) as rows", columns)
    connection.execute(f"create table evaluation_cells as select * exclude problem from ({profile})")
    connection.execute(f"create table covering_cells as {COVERING}")
    places = connection.execute(PLACES).fetchall()
    connection.execute(f"create table item_words as {item_words_of('evaluations', columns, places)}")
    connection.execute(f"create table evaluation_items as {items_of()}")
    engine = Narrow(connection)
    got = reduce_evaluations(engine, config, 512)
    assert got.notices == ()
    assert got.tables["pairs"].num_rows
    assert got.tables["recurrence"].num_rows
    assert {name: table.equals(want[name]) for name, table in got.tables.items()} == dict.fromkeys(got.tables, True)
    assert engine.left == set()


def test_ids_that_do_not_tell_items_apart_are_not_relied_on(stream):
    """Were two names to share a hash, names are compared instead."""
    folder, _ = stream
    with read_stream(folder) as log:
        want = reduce_stream(log)
        log.connection.execute("create or replace table evaluation_items as select * replace (id % 3 as id) "
                               "from evaluation_items")  # fmt: skip
        assert reduce_stream(log).tables == want.tables
