"""Logs that grow by files: what tests of incremental reading write, and what they compare it with."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

from tests.logs.streams import Row, config, write
from toolkit.cube import Cube, reduce_stream
from toolkit.cube.grown import Grown, reduce_grown
from toolkit.cube.state import State, load_state, save_state
from toolkit.logs import read_stream

BUCKETS = 8
TASKS = ("alpha", "beta", "gamma")
ORDERS = '[orders]\nother = ["gamma", "alpha", "beta"]\n'


class Growing:
    """A stream folder whose files are made unreadable once they were read, beside one that keeps them as they were."""

    def __init__(self, folder: Path, text: str = "", tasks: tuple[str, ...] = TASKS, orders: bool = True) -> None:
        self.folder = folder
        self.state: State | None = None
        for place in (self.live, self.whole):
            config(place, text, tasks)
            with (place / "stream.toml").open("a") as file:
                file.write(ORDERS if orders else "")
        self.same_times("stream.toml")

    @classmethod
    def again(cls, folder: Path, place: Path) -> Growing:
        """A copy of a log that was read."""
        shutil.copytree(folder, place, dirs_exist_ok=True)
        log = cls.__new__(cls)
        log.folder, log.state = place, load_state(place / "states")
        return log

    @property
    def live(self) -> Path:
        """The folder that is read as far as needed."""
        return self.folder / "live"

    @property
    def whole(self) -> Path:
        """The folder that is read in full."""
        return self.folder / "whole"

    def same_times(self, name: str) -> None:
        """Let a file of both folders have the same time."""
        shutil.copystat(self.live / name, self.whole / name)

    def add(self, name: str, rows: list[Row]) -> None:
        """A file more, or in place of one."""
        write(self.whole / name, rows)
        self.add_bytes(name, (self.whole / name).read_bytes())

    def add_bytes(self, name: str, data: bytes) -> None:
        """A file more, or in place of one, byte for byte."""
        for place in (self.live, self.whole):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
        self.same_times(name)

    def read(self, max_buckets: int = BUCKETS) -> Grown:
        """Read the folder as far as needed, compare with reading all of it, and spoil what was read."""
        grown = reduce_grown(self.live, self.state, cache=self.folder / "cache", max_buckets=max_buckets)
        same(grown.cube, read_whole(self.whole, max_buckets))
        self.state = None
        if grown.state is not None:  # as it is after it was stored
            shutil.rmtree(self.folder / "states", ignore_errors=True)
            save_state(grown.state, self.folder / "states")
            self.state = load_state(self.folder / "states")
            self.spoil()
        return grown

    def spoil(self) -> None:
        """Fill every file of evaluations with zeros, keeping its size and times."""
        for path in self.live.rglob("*"):
            if path.is_file() and "evaluations" in path.relative_to(self.live).parts[0]:
                status = path.stat()
                path.write_bytes(bytes(status.st_size))
                os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def restore(self) -> None:
        """Files of evaluations as they were written."""
        shutil.copytree(self.whole, self.live, dirs_exist_ok=True)


def read_whole(folder: Path, max_buckets: int = BUCKETS) -> Cube:
    """The cube of a log that is read in full."""
    with read_stream(folder) as log:
        return reduce_stream(log, max_buckets=max_buckets)


def same(got: Cube, want: Cube) -> None:
    """Two cubes are equal: tables with their types, ledger, notices, facts, inputs."""
    assert got.tables.keys() == want.tables.keys()
    for name, table in want.tables.items():
        assert got.tables[name].schema.equals(table.schema, check_metadata=True), name
        assert got.tables[name].equals(table), name
    assert got.meta.notices == want.meta.notices
    assert got.meta == want.meta
    assert got.meta.model_dump_json() == want.meta.model_dump_json()


def scored(rng: random.Random, settings: dict[str, Any], stages: range, arms: tuple[str, ...]) -> list[Row]:
    """Rows of these stages and arms."""
    rows: list[Row] = []
    for order in settings["orders"]:
        for arm in arms:
            for seed in range(2):
                for stage in stages:
                    for task in TASKS:
                        rows += _cell(rng, settings, arm, order, seed, stage, task)
    if rng.random() < 0.5:
        rng.shuffle(rows)
    return rows


def _cell(
    rng: random.Random, settings: dict[str, Any], arm: str, order: str, seed: int, stage: int, task: str
) -> list[Row]:
    rows: list[Row] = []
    for step in rng.choice([[1.0, 2.0], [None, 5.0], [3.0]]) if settings["steps"] else [None]:
        where: Row = {"arm": arm, "order": order, "seed": seed, "stage": stage, "task": task, "step": step}
        if rng.random() < settings["means"]:
            rows.append(
                {**where, "score": rng.random(), "n": rng.choice([None, 40]), "cluster": rng.choice(["x", "c0"])}
            )
            if rng.random() < 0.5:
                continue
        # Items appear at later stages too, so that clusters outgrow the buckets.
        for i in range(4 + 3 * stage):
            if rng.random() < settings["gaps"]:
                continue
            score = rng.randint(0, 1) if task in settings["binary"] else round(rng.random(), 3)
            cluster = f"c{i // 2}" if settings["clusters"] else None
            rows.append({**where, "item": f"{task}-{i}", "score": float(score), "cluster": cluster})
    return rows


def settings_of(rng: random.Random) -> dict[str, Any]:
    """What kind of log it is."""
    return {
        "orders": rng.choice([("default",), ("default", "other")]),
        "steps": rng.random() < 0.4,
        "means": rng.choice([0, 0, 0.2]),
        "gaps": rng.choice([0, 0.2]),
        "binary": [task for task in TASKS if rng.random() < 0.7],
        "clusters": rng.random() < 0.5,
    }


def feedback(rng: random.Random, rows: list[Row]) -> list[Row]:
    """Judgements of some answers, by a person and a judge."""
    items = [row for row in rows if row.get("item")]
    return [
        {"stage": row["stage"], "task": row["task"], "item": row["item"], "seed": row["seed"], "arm": row["arm"],
         "source": source, "rater": rater, "score": float(rng.randint(0, 1))}
        for row in {(r["stage"], r["task"], r["item"], r["seed"], r["arm"]): r for r in items[:60]}.values()
        for source, rater in (("human", "ann"), ("synthetic", "judge"))
    ]  # fmt: skip


def joined(grown: Grown, read: int, kept: int) -> None:
    """So many files were opened, and so many were not."""
    assert (grown.read, grown.kept, grown.why) == (read, kept, None)
    assert grown.state is not None, grown.lost


def cells(tasks: list[int], stages: range) -> list[Row]:
    """Two items of each task."""
    return [
        {"stage": k, "task": f"t{j}", "item": f"{j}{i}", "score": (i + j + k) % 2}
        for k in stages for j in tasks for i in range(2)
    ]  # fmt: skip


def day(stage: int, tasks: str = "alpha beta gamma", **more: object) -> list[Row]:
    """Rows of a stage."""
    rows: list[Row] = [{"task": "alpha", "item": f"a{i}", "score": i % 2} for i in range(8)]
    rows += [{"task": "gamma", "item": f"g{i}", "score": i / 10} for i in range(8)]
    rows.append({"task": "beta", "score": 0.5})
    return [{"stage": stage, **row, **more} for row in rows if row["task"] in tasks.split()]
