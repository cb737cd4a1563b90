"""How often does a year of scheduled looks raise an alarm: where nothing changes, and where three points are lost?

python -m tests.end_to_end.looks [--years 200] [--looks 50] [--loss 0] [--from-look 5] [--seed 0] [--jobs 2]

Each year is one release and the looks after it. A look draws new answers of the same kind of models to a large test
set, measures what was lost since arrival and its change since the release, and publishes a results.json whose sequences
go on from those that the results.json before it holds: read, advanced, assembled and written as a run does it. Left out
are notebooks, pages and the other quantities of the axis, which alarms do not read. Beside the alarms it counts what
ordinary 95 % intervals, looked at each time, would have raised.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import hashlib
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from toolkit.analyses import Evidence
from toolkit.analyses.forgetting import BACKWARD
from toolkit.analyses.measure import measure
from toolkit.cube import Cube, build_cube
from toolkit.logs import StreamLogWriter
from toolkit.notebook.run import Run
from toolkit.reporting.provenance import provenance
from toolkit.results import Results
from toolkit.review import Part, assemble, judged, save_part

TASKS = ("a", "b", "c", "d")
ITEMS, BUCKETS = 10_000, 100  # of each task; a cube folds many items into buckets
WITHIN = 8  # looks, in which a loss is to be raised
FIRST, KEPT = 0.5, 0.8  # share of right answers before and after a task was learned
SCALE = 10**9  # of the sums in a cube


@dataclass(frozen=True)
class Year:
    """The looks, from 1, at which the alarm stood and at which an ordinary interval lay below zero."""

    alarms: tuple[int, ...]
    ordinary: tuple[int, ...]


def main() -> int:
    """All years, and what share of them raised something; exit code 1 where more or less than may be."""
    parser = argparse.ArgumentParser(prog="looks")
    parser.add_argument("--years", type=int, default=200)
    parser.add_argument("--looks", type=int, default=50)
    parser.add_argument("--loss", type=float, default=0.0, help="points that earlier tasks lose, such as 0.03")
    parser.add_argument("--from-look", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    looks = min(given.looks, given.from_look + WITHIN - 1) if given.loss else given.looks
    one = partial(year, looks=looks, loss=given.loss, start=given.from_look)
    # statsmodels collects garbage at each call: what is loaded once need not be looked at again.
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn"), initializer=prepared) as pool:
        years = list(pool.map(one, [(given.seed, number) for number in range(given.years)]))
    said, good = told(years, loss=given.loss, start=given.from_look)
    sys.stdout.write(said + "\n")
    return 0 if good else 1


def told(years: Sequence[Year], *, loss: float, start: int) -> tuple[str, bool]:
    """One line for people, and whether it is as promised: at most 9 % of years without a loss, 95 % of losses."""
    total = len(years)
    if not loss:
        raised = sum(bool(y.alarms) for y in years)
        control = sum(bool(y.ordinary) for y in years)
        line = (
            f"nothing changes: {raised} of {total} years raise an alarm; ordinary 95 % intervals: {control} of {total}"
        )
        return line, raised <= 0.09 * total and control > raised
    found = sum(any(start <= look < start + WITHIN for look in y.alarms) for y in years)
    early = sum(any(look < start for look in y.alarms) for y in years)
    line = f"{100 * loss:g} points lost from look {start} on: raised within {WITHIN} looks in {found} of {total} years"
    return f"{line}, before it in {early}", found >= 0.95 * total


def year(seed: tuple[int, int], *, looks: int, loss: float, start: int) -> Year:
    """One release and `looks` looks after it; from look `start` on earlier tasks have lost `loss` more."""
    rng = np.random.default_rng(seed)
    alarms, ordinary = [], []
    with tempfile.TemporaryDirectory(prefix="looks-") as place:
        reports = Path(place) / "reports"
        base = publish(reports, drawn(shape(), rng, 0.0), None, "release", None)
        before: Published | None = base
        for look in range(1, looks + 1):
            cube = drawn(shape(), rng, loss if look >= start else 0.0)
            before = publish(reports, cube, base, f"look-{look:03}", before)
            change = next(e.change for e in before.results.estimates if e.id == before.results.axes[1].headline)
            if any(state.alarm for state in before.results.monitor):
                alarms.append(look)
            if change is not None and change.high is not None and change.high < 0:
                ordinary.append(look)
    return Year(tuple(alarms), tuple(ordinary))


@dataclass(frozen=True)
class Published:
    """A publication: its results, their hash, and the cube behind them."""

    results: Results
    sha256: str
    cube: Cube


def publish(reports: Path, cube: Cube, base: Published | None, name: str, before: Published | None) -> Published:
    """Measure, judge, advance the sequences from the publication before, assemble and write results.json."""
    folder = reports / "tickets" / (name if base is None else f"looks/{name}")
    parts = reports / ".parts" / name
    cube.save(folder / "cube")
    evidence = Evidence(cube, None if base is None else base.cube, None if base is None else base.results.release)
    run = Run(
        evidence,
        None if base is None else base.results,
        parts,
        None if before is None else reports / "tickets",
        name if base is None else "",
        folder,
    )
    estimates = judged(measure(evidence, BACKWARD, undefined="no earlier task"), cube.config)
    save_part(parts, Part(part="forgetting", estimates=estimates))
    run.save("summary")
    now = dt.datetime.now(dt.UTC)
    results = assemble(
        parts,
        cube=folder / "cube",
        release=name,
        look=base is not None,
        revision=1,
        baseline=None if base is None else base.results.release,
        provenance=provenance(
            started=now,
            finished=now,
            inputs=(),
            fingerprint=name,
            config=cube.config,
            previous_sha256=None if before is None else before.sha256,
        ),
    )
    raw = results.model_dump_json().encode()
    (folder / "results.json").write_bytes(raw)
    return Published(Results.model_validate_json(raw), hashlib.sha256(raw).hexdigest(), cube)


def prepared() -> None:
    """Load what every look needs."""
    year((0, 0), looks=1, loss=0.0, start=1)
    gc.collect()
    gc.freeze()


@cache
def shape() -> Cube:
    """The cube of a real log of the stream, whose answers every look replaces."""
    with tempfile.TemporaryDirectory(prefix="looks-") as place:
        return build_cube(write_stream(Path(place) / "stream"), Path(place) / "cube")


def write_stream(folder: Path) -> Path:
    """A log with an item a bucket."""
    folder.mkdir(parents=True)
    tasks = "".join(f'[[tasks]]\nname = "{task}"\n' for task in TASKS)
    (folder / "stream.toml").write_text(f'name = "tickets"\n{tasks}')
    with StreamLogWriter(folder) as log:
        for stage in range(len(TASKS) + 1):
            for task in TASKS:
                for item in range(BUCKETS):
                    log.evaluation(stage=stage, task=task, item=f"{task}-{item}", seed=0, score=float(item % 2))
    return folder


def drawn(empty: Cube, rng: np.random.Generator, loss: float) -> Cube:
    """The cube with new answers: of each task `ITEMS` items in as many buckets as it has, right by chance."""
    sums: Any = empty.tables["sums"].to_pandas()
    arrival = sums["task"].map({task: place for place, task in enumerate(TASKS, 1)})
    last = sums["stage"] == len(TASKS)
    right = np.where(sums["stage"] < arrival, FIRST, KEPT) - np.where(last & (arrival < len(TASKS)), loss, 0.0)
    sums["n"] = ITEMS // BUCKETS
    sums["total"] = rng.binomial(ITEMS // BUCKETS, right).astype(np.int64) * SCALE
    sums["total_sq"] = sums["total"]
    table = pa.Table.from_pandas(sums, schema=empty.tables["sums"].schema, preserve_index=False)
    return Cube(empty.meta, {"sums": table, "counts": counts(empty)})


def counts(empty: Cube) -> pa.Table:
    """As many items as there are, each a cluster of its own."""
    table: Any = empty.tables["counts"].to_pandas().assign(items=ITEMS, clusters=ITEMS)
    return pa.Table.from_pandas(table, schema=empty.tables["counts"].schema, preserve_index=False)


if __name__ == "__main__":
    sys.exit(main())
