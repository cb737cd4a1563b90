"""How tests write small stream folders, in every format, and read them back as plain rows."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from toolkit.cube import reduce_stream
from toolkit.logs.read import CheckedLog, read_stream

Row = dict[str, Any]


def config(folder: Path, text: str = "", tasks: Sequence[str] = ("alpha", "beta", "gamma")) -> None:
    """A stream.toml with these tasks; `text` stands before [[tasks]]."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = "".join(f'[[tasks]]\nname = "{task}"\n' for task in tasks)
    (folder / "stream.toml").write_text(f'name = "test"\n{text}\n{listed}', encoding="utf-8")


def evaluations(n: int = 4, stages: int = 4, tasks: Sequence[str] = ("alpha", "beta", "gamma")) -> list[Row]:
    """A full log: every item of every task at every stage, with scores that differ."""
    return [
        {"stage": stage, "task": task, "item": f"{task}-{i}", "score": (stage + i + len(task)) % 2, "seed": 0}
        for stage in range(stages)
        for task in tasks
        for i in range(n)
    ]


def jsonl_bytes(rows: Sequence[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def csv_bytes(rows: Sequence[Row], end: str = "\n", delimiter: str = ",") -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, names, lineterminator=end, delimiter=delimiter)
    writer.writeheader()
    for row in rows:
        writer.writerow({k: json.dumps(v) if isinstance(v, list) else v for k, v in row.items()})
    return file.getvalue().encode()


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write rows in the format that the file's name asks for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = path.name.removesuffix(".gz").removesuffix(".zst")
    if plain.endswith(".parquet"):
        names = list(dict.fromkeys(name for row in rows for name in row))
        pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), path)
        return
    data = csv_bytes(rows) if plain.endswith(".csv") else jsonl_bytes(rows)
    if path.name.endswith(".gz"):
        data = gzip.compress(data)
    if path.name.endswith(".zst"):
        data = pa.Codec("zstd").compress(data, asbytes=True)
    path.write_bytes(data)


def rows_of(log: CheckedLog, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Rows of a checked table, all columns unless some are named."""
    return log.connection.execute(f"SELECT {', '.join(columns) or '*'} FROM {table}").fetchall()


def rejected(log: CheckedLog) -> list[tuple[str, int, str]]:
    """(file, number, reason) of every rejected row."""
    return [(row.file, row.number, row.reason) for row in log.ledger.rejected()]


def everything(folder: Path) -> tuple[Any, ...]:
    """All that is known of a log: checked rows, rejected rows, cube, ledger, notices and facts."""
    with read_stream(folder, enforce_limit=False) as log:
        cube = reduce_stream(log, max_buckets=4)
        rows = log.connection.execute("SELECT * FROM evaluations").fetchall()
        return sorted(rows, key=repr), rejected(log), cube.tables, cube.meta
