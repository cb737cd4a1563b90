"""Score matrices from plain arrays, so that tests state their data and not a file format."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from toolkit.cube.cube import Cube, CubeMeta
from toolkit.cube.scores import Scores, TaskSums
from toolkit.logs.config import StreamConfig


def scores_from_items(y: npt.ArrayLike, *, arms: tuple[str, ...] = ("stream",), shared_items: bool = False) -> Scores:
    """Scores of y[arm, seed, stage, task, item]; nan rows were not evaluated. Items are their own clusters."""
    y = np.asarray(y, dtype=float)
    n_arms, seeds, _, tasks, items = y.shape
    assert n_arms == len(arms)
    sums = []
    for j in range(tasks):
        cells = y[:, :, :, j, :]
        keys = np.arange(items) if shared_items else np.arange(items) + j * items
        sums.append(TaskSums(keys, np.isfinite(cells).astype(float), np.nan_to_num(cells)))
    n = np.isfinite(y).sum(-1)
    mean = np.where(n > 0, np.nansum(y, -1) / np.maximum(n, 1), np.nan)
    known = y[np.isfinite(y)]
    binary = bool(np.isin(known, (0, 1)).all())
    return Scores(arms, tuple(range(seeds)), tuple(f"task {j + 1}" for j in range(tasks)), mean, n, tuple(sums), binary)


def scores_from_matrix(R: npt.ArrayLike, *, arms: tuple[str, ...] = ("stream",)) -> Scores:
    """Scores of R[arm, seed, stage, task] without items."""
    R = np.asarray(R, dtype=float)
    tasks = tuple(f"task {j + 1}" for j in range(R.shape[3]))
    return Scores(arms, tuple(range(R.shape[1])), tasks, R, np.zeros(R.shape, int), (None,) * len(tasks), False)


def counts(scores: Scores) -> dict[str, int]:
    """Items by task."""
    return {t: 0 if s is None else len(s.keys) for t, s in zip(scores.tasks, scores.sums, strict=True)}


def config(tasks: int, **fields: object) -> StreamConfig:
    """A configuration with tasks `task 1`, `task 2`, ...; regulated ones by name in `regulated`."""
    regulated = fields.pop("regulated", ())
    listed = [
        {"name": f"task {j + 1}", "risk": "regulated" if f"task {j + 1}" in regulated else "standard"}
        for j in range(tasks)
    ]
    return StreamConfig.model_validate({"name": "built", "tasks": listed, **fields})


def cube_from_scores(scores: Scores, settings: StreamConfig | None = None, judgements: pa.Table | None = None) -> Cube:
    """A cube that holds these scores, as the reduction would write them."""
    rows: dict[str, list[object]] = {
        k: [] for k in ("arm", "seed", "stage", "task", "bucket", "n", "total", "total_sq")
    }
    cells: dict[str, list[object]] = {k: [] for k in ("arm", "seed", "stage", "task", "n", "mean", "sd")}
    for j, task in enumerate(scores.tasks):
        sums = scores.sums[j]
        for a, s, k in np.argwhere(np.isfinite(scores.mean[..., j])):
            place = {"arm": scores.arms[a], "seed": scores.seeds[s], "stage": int(k), "task": task}
            if sums is None:
                cell = {"n": None, "mean": float(scores.mean[a, s, k, j]), "sd": None}
                for name, value in (place | cell).items():
                    cells[name].append(value)
                continue
            for b in np.flatnonzero(sums.n[a, s, k]):
                total = round(float(sums.total[a, s, k, b]) * 1e9)
                square = round(float(sums.total[a, s, k, b]) ** 2 * 1e9)
                row = {"bucket": int(sums.keys[b]), "n": 1, "total": total, "total_sq": square}
                for name, value in (place | row).items():
                    rows[name].append(value)
    tables = {}
    if rows["arm"]:
        tables["sums"] = pa.table(rows).append_column("task_order", pa.array(["default"] * len(rows["arm"])))
    if cells["arm"]:
        made = pa.table({**cells, "n": pa.array(cells["n"], pa.int64())})
        tables["cells"] = made.append_column("task_order", pa.array(["default"] * len(cells["arm"])))
    tables["counts"] = pa.table({"task": list(counts(scores)), "items": list(counts(scores).values())})
    if judgements is not None:
        tables["judgements"] = judgements
    meta = CubeMeta(
        config=settings or config(len(scores.tasks)), ledger={}, notices=(), inputs=(), fingerprint="test",
        newest=dt.datetime(2026, 11, 1, tzinfo=dt.UTC), tables=("evaluations",),
    )  # fmt: skip
    return Cube(meta, tables)


def judgements(rows: pd.DataFrame) -> pa.Table:
    """A judgements table as the reduction writes it, from the columns that a test cares for."""
    defaults: dict[str, object] = {
        "arm": "stream", "seed": 0, "stage": 1, "task": "task 1", "target": "answer", "form": "scalar",
        "criterion": None, "score": np.nan, "label": None, "probability": np.nan, "abstained": False,
    }  # fmt: skip
    frame = rows.assign(**{name: value for name, value in defaults.items() if name not in rows})
    if "cluster" not in frame:
        frame = frame.assign(cluster=frame["item"])
    return pa.Table.from_pandas(frame, preserve_index=False)


def sample_rows(rows: pd.DataFrame) -> pa.Table:
    """A table of kept samples as the reduction writes it, from the columns that a test cares for.

    `embedding`: [row] lists of floats; `words`: [row] lists of whole numbers; None where a sample has none.
    """
    defaults: dict[str, object] = {
        "arm": "stream", "seed": 0, "stage": 1, "task": "task 1", "sample": np.arange(len(rows)), "origin": "synthetic",
        "accepted": True, "target_label": None, "parsed_label": None, "verified_label": None, "parse_ok": True,
        "text": None, "characters": None, "cell_size": len(rows),
    }  # fmt: skip
    frame = rows.assign(**{name: value for name, value in defaults.items() if name not in rows})
    lists = {"embedding": pa.float32(), "words": pa.int32()}
    table = pa.Table.from_pandas(frame.drop(columns=[n for n in lists if n in frame]), preserve_index=False)
    for name, kind in lists.items():
        column = list(frame[name]) if name in frame else [None] * len(frame)
        table = table.append_column(name, pa.array(column, pa.list_(kind)))
    return table


def cube_from_tables(settings: StreamConfig, **tables: pa.Table) -> Cube:
    """A cube of these tables alone."""
    meta = CubeMeta(
        config=settings, ledger={}, notices=(), inputs=(), fingerprint="test",
        newest=dt.datetime(2026, 11, 1, tzinfo=dt.UTC), tables=(),
    )  # fmt: skip
    return Cube(meta, tables)


def cube_from_items(
    y: npt.ArrayLike,
    *,
    arms: tuple[str, ...] = ("stream",),
    clusters: npt.ArrayLike | None = None,
    settings: StreamConfig | None = None,
) -> Cube:
    """A cube of y[arm, seed, stage, task, item], right 1, wrong 0, not evaluated nan, with items followed over stages.

    clusters: [item] number of the cluster within its task; by default each item is its own.
    """
    y = np.asarray(y, dtype=float)
    tasks, items = y.shape[3:]
    own = np.arange(items) if clusters is None else np.asarray(clusters)
    names = np.array([f"task {j + 1}" for j in range(tasks)])
    a, s, k, j, i = np.nonzero(np.isfinite(y))
    rows = pd.DataFrame({"arm": np.array(arms)[a], "seed": s, "stage": k, "task": names[j], "item": i})
    rows = rows.assign(
        task_order="default", arrival=j + 1, bucket=own[i] + j * items, right=y[a, s, k, j, i].astype(int)
    )
    key = ["arm", "task_order", "seed", "task", "item"]
    both = rows[rows["stage"] == rows["arrival"]].merge(rows[rows["stage"] > rows["arrival"]], on=key)
    was, is_now = both["right_x"], both["right_y"]
    counted = {"both": was * is_now, "lost": was * (1 - is_now), "gained": (1 - was) * is_now}
    pairs = both[key].assign(stage=both["stage_y"], bucket=both["bucket_x"], **counted)
    pairs["neither"] = (1 - was) * (1 - is_now)
    sums = rows.assign(n=1, total=rows["right"] * 10**9, total_sq=rows["right"] * 10**9)
    followed = _recurrence(y, arms, own, names) if "isolated" in arms else []
    tables = {
        "sums": _summed(sums, ["stage", "bucket"], ["n", "total", "total_sq"]),
        "pairs": _summed(pairs, ["stage", "bucket"], ["both", "lost", "gained", "neither"]),
        "counts": pa.table({"task": names, "items": [items] * tasks, "clusters": [len(np.unique(own))] * tasks}),
    }
    if followed:
        frame = pd.concat(followed).assign(arm="stream", task_order="default")
        counts = ["at_risk", "wrong_again", "isolated_wrong"]
        tables["recurrence"] = _summed(frame, ["stage", "group", "bucket"], counts)
    return cube_from_tables(settings or config(tasks), **tables)


def _summed(frame: pd.DataFrame, more: list[str], counts: list[str]) -> pa.Table:
    grouped = frame.groupby(["arm", "task_order", "seed", "task", *more], as_index=False)[counts].sum()
    return pa.Table.from_pandas(grouped, preserve_index=False)


def _recurrence(y: np.ndarray, arms: tuple[str, ...], own: np.ndarray, names: np.ndarray) -> list[pd.DataFrame]:
    """Items right when last asked, by whether they were ever wrong since arrival, at each stage from arrival + 2 on."""
    stream, isolated = y[arms.index("stream")], y[arms.index("isolated")]
    found = []
    for j in range(y.shape[3]):
        alone = isolated[:, j + 1, j]
        ever_wrong, last = np.zeros(alone.shape, bool), np.full(alone.shape, np.nan)
        for k in range(j + 1, y.shape[2]):
            now = stream[:, k, j]
            if k >= j + 3:
                s, i = np.nonzero((last == 1) & np.isfinite(now) & np.isfinite(alone))
                found.append(pd.DataFrame({
                    "seed": s, "stage": k, "task": names[j], "group": np.where(ever_wrong[s, i], "fixed", "never"),
                    "bucket": own[i] + j * y.shape[4], "at_risk": 1, "wrong_again": (now[s, i] == 0).astype(int),
                    "isolated_wrong": (alone[s, i] == 0).astype(int),
                }))  # fmt: skip
            ever_wrong |= now == 0
            last = np.where(np.isfinite(now), now, last)
    return found
