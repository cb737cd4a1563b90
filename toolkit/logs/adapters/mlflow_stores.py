"""Which runs does an MLflow store hold, with which metrics, parameters and tags? Read without MLflow.

Three stores: the folder `mlruns` (a file a metric, parameter and tag), the database behind `sqlite:///mlflow.db`
(opened for reading alone), and the CSV of `mlflow.search_runs`, which holds the last value of each metric alone.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from toolkit.errors import LogRejected
from toolkit.logs.adapters.account import Account
from toolkit.logs.rows import csv_header, csv_rows, open_bytes
from toolkit.logs.shown import shown

_STATUS = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
_META = re.compile(r"^(\w+):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True)
class Point:
    """One value of a metric: its step, its time in milliseconds, and the value as written."""

    step: int
    time: int
    value: str


@dataclass
class Run:
    """One run: ids, how it ended, when it began, parameters and tags, and metrics in the order of logging."""

    run: str
    experiment: str
    name: str
    status: str
    deleted: bool
    start: int
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, list[Point]] = field(default_factory=dict)


def read_runs(source: Path, account: Account) -> list[Run]:
    """All runs of the store at `source`, the deleted among them, in the order in which they began.

    Raises LogRejected where it is no store that can be read.
    """
    if source.is_dir():
        runs = list(_of_folder(source, account))
        database = next(iter(sorted(source.glob("*.db"))), None)
        if not runs and database is not None:
            runs = _of_database(database)
    else:
        with source.open("rb") as stream:
            is_database = stream.read(len(_SQLITE)) == _SQLITE
        runs = _of_database(source) if is_database else list(_of_table(source, account))
    if not runs:
        raise LogRejected(
            f"{shown(source, 300)}: no MLflow run in it; give mlruns, mlflow.db, or the CSV of mlflow.search_runs"
        )
    return sorted(runs, key=lambda run: (run.start, run.run))


def _of_folder(source: Path, account: Account) -> Iterator[Run]:
    for meta in sorted(source.rglob("meta.yaml")):
        said = _meta(meta)
        if "run_id" not in said and "run_uuid" not in said:
            continue  # of an experiment, not of a run
        folder = meta.parent
        run = Run(
            run=said.get("run_id") or said["run_uuid"],
            experiment=said.get("experiment_id", ""),
            name=said.get("run_name", ""),
            status=_STATUS.get(said.get("status", ""), said.get("status", "")),
            deleted=said.get("lifecycle_stage") == "deleted" or ".trash" in folder.relative_to(source).parts,
            start=int(said["start_time"]) if said.get("start_time", "").isdecimal() else 0,
            params=_texts(folder / "params"),
            tags=_texts(folder / "tags"),
        )
        for file in _files(folder / "metrics"):
            name = file.relative_to(folder / "metrics").as_posix()
            run.metrics[name] = list(_points(file, name, account))
        yield run


def _meta(path: Path) -> dict[str, str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return {key: value.strip("'\"") for key, value in _META.findall(text)}


def _texts(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8", errors="replace")[:1000]
        for file in _files(folder)
    }


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def _points(file: Path, name: str, account: Account) -> Iterator[Point]:
    with file.open(encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, 1):
            parts = line.split()
            if not parts:
                continue
            step = parts[2] if len(parts) > 2 else "0"  # old stores know of no steps
            whole = line.endswith("\n")
            if len(parts) < 2 or not whole or not parts[0].isdecimal() or not step.lstrip("-").isdecimal():
                account.left_out("values", "cut or unreadable line", f"metrics/{name}, line {number}")
                continue
            yield Point(int(step), int(parts[0]), parts[1])


def _of_database(path: Path) -> list[Run]:
    where = f"file:{quote(str(path.resolve()))}?mode=ro"
    try:
        connection = sqlite3.connect(where, uri=True)
        try:
            rows = connection.execute(
                "SELECT run_uuid, experiment_id, name, status, lifecycle_stage, start_time FROM runs"
            ).fetchall()
            runs = {
                row[0]: Run(row[0], str(row[1]), row[2] or "", row[3] or "", row[4] == "deleted", row[5] or 0)
                for row in rows
            }
            for table, kept in (("params", "params"), ("tags", "tags")):
                for run, key, value in connection.execute(f"SELECT run_uuid, key, value FROM {table}"):
                    if run in runs:
                        getattr(runs[run], kept)[key] = str(value)
            points = connection.execute(
                "SELECT run_uuid, key, step, timestamp, value, is_nan FROM metrics ORDER BY timestamp, step"
            )
            for run, key, step, time, value, is_nan in points:
                if run in runs:
                    point = Point(step or 0, time, "nan" if is_nan else repr(value))
                    runs[run].metrics.setdefault(key, []).append(point)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise LogRejected(
            f"{shown(path, 300)}: no MLflow database that can be read ({shown(error)}); "
            "give the file of mlflow's sqlite:/// store"
        ) from None
    return list(runs.values())


def _of_table(path: Path, account: Account) -> Iterator[Run]:
    size = path.stat().st_size
    with open_bytes(path, size) as stream:
        names, delimiter = csv_header(stream, frozenset({"run_id", "status"}))
    if "run_id" not in names:
        raise LogRejected(f"{shown(path, 300)}: no column run_id; give the CSV of mlflow.search_runs(...).to_csv(...)")
    with open_bytes(path, size) as stream:
        for number, row in enumerate(csv_rows(stream, len(names), delimiter, whole=True)):
            if row.state != "whole":
                account.left_out("runs", "cut or unreadable line", f"{path.name}, line {row.line}")
                continue
            yield _table_run(dict(zip(names, row.fields, strict=True)), number)


def _table_run(cells: Mapping[str, str], number: int) -> Run:
    def part(kind: str) -> dict[str, str]:
        start = f"{kind}."
        return {name[len(start) :]: value for name, value in cells.items() if name.startswith(start) and value}

    tags = part("tags")
    return Run(
        run=cells["run_id"],
        experiment=cells.get("experiment_id", ""),
        name=tags.get("mlflow.runName", ""),
        status=cells.get("status", ""),
        deleted=cells.get("lifecycle_stage") == "deleted",
        start=-number,  # search_runs gives the newest first
        params=part("params"),
        tags=tags,
        metrics={name: [Point(0, 0, value)] for name, value in part("metrics").items()},
    )
