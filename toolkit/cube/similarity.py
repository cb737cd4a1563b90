"""How alike are two tasks: what similarity.csv says, else what the embeddings of their samples say?"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.errors import LogRejected
from toolkit.results import Notice


def similarity_file(folder: Path, tasks: list[str]) -> tuple[pa.Table | None, list[Notice]]:
    """Read similarity.csv (task, other, similarity), None where there is none.

    Pairs of tasks that the stream does not know are noted. Raises LogRejected where a column or number is missing.
    """
    path = folder / "similarity.csv"
    if not path.exists():
        return None, []
    rows: list[tuple[str, str, float]] = []
    unknown = 0
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = {"task", "other", "similarity"} - set(reader.fieldnames or ())
        if missing:
            raise LogRejected(f"{path}: no column {sorted(missing)[0]!r}; similarity.csv needs task, other, similarity")
        for row in reader:
            try:
                value = float(row["similarity"])
            except (TypeError, ValueError):
                value = math.nan
            if not math.isfinite(value):
                raise LogRejected(
                    f"{path}, line {reader.line_num}: similarity {row['similarity']!r} is no number; correct it"
                )
            if row["task"] in tasks and row["other"] in tasks:
                rows.append((row["task"], row["other"], value))
            else:
                unknown += 1
    notices = []
    if unknown:
        message = f"{unknown} rows of similarity.csv name a task that stream.toml does not list and are not used"
        notices.append(Notice(code="similarity-unknown-task", message=message))
    return _table(rows), notices


def similarity_of_samples(rows: pa.Table, tasks: Sequence[str], embedded: int) -> tuple[pa.Table | None, list[Notice]]:
    """Cosine between the mean embeddings of every two tasks' accepted samples, None where fewer than two have any.

    rows: `sample_rows` of a cube; embedded: of how many samples of a cell embeddings are kept. Samples of arm
    `stream` where that has some, each weighted by how many of its cell it stands for. With three tasks or more the
    mean over the tasks' means is taken away first: embeddings of one model share a large common part, which would
    make any two tasks alike. Two tasks would then be exact opposites, so they are compared as they are.
    """
    rows = rows.filter(pc.and_(pc.is_valid(rows["embedding"]), pc.fill_null(rows["accepted"], True)))
    of_stream = rows.filter(pc.equal(rows["arm"], "stream"))
    rows = of_stream if of_stream.num_rows else rows
    means = {task: _mean(here, embedded) for task in tasks if (here := rows.filter(pc.equal(rows["task"], task)))}
    if len(means) < 2:
        return None, []
    common = np.mean(list(means.values()), axis=0) if len(means) > 2 else 0.0
    found = []
    for task, other in ((a, b) for a in means for b in means if a != b):
        a, b = means[task] - common, means[other] - common
        scale = float(np.linalg.norm(a) * np.linalg.norm(b))
        if scale > 0:
            found.append((task, other, float(np.clip(a @ b / scale, -1.0, 1.0))))
    after = " after the mean over the tasks is taken away" if len(means) > 2 else ""
    message = (
        f"No similarity.csv: similarity between tasks is the cosine between the mean embeddings of the accepted "
        f"samples of each{after}."
    )
    return _table(found), [Notice(code="similarity-of-samples", message=message)]


def _mean(rows: pa.Table, embedded: int) -> npt.NDArray[np.float64]:
    vectors = pc.list_flatten(rows["embedding"]).to_numpy().reshape(rows.num_rows, -1)
    size = rows["cell_size"].to_numpy()
    weight = size / np.minimum(size, embedded)
    return np.asarray(weight @ vectors / weight.sum(), dtype=np.float64)


def _table(rows: Sequence[tuple[str, str, float]]) -> pa.Table:
    names, others, values = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table({
        "task": pa.array(names, pa.string()),
        "other": pa.array(others, pa.string()),
        "similarity": pa.array(values, pa.float64()),
    })  # fmt: skip
