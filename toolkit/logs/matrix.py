"""Whether a CSV file is a bare matrix of scores, stages down and tasks across, and what it is as a log.

This is how continual-learning papers and tools leave their results: a row after each task learned, a column a
task evaluated, an empty cell where nothing was measured.
"""

from __future__ import annotations

import csv
import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.files import find_files
from toolkit.logs.rows import csv_header, csv_rows, open_bytes
from toolkit.logs.shown import shown
from toolkit.logs.synonyms import meaning_of

_MOST_ROWS = 10_000
_INDEX = ("", "unnamed: 0", "index", "after", "after_task", "trained_on")


@dataclass(frozen=True)
class Matrix:
    """A matrix of scores: scores[i][j] after stages[i] on tasks[j], NaN where empty, in the run of seeds[i]."""

    tasks: tuple[str, ...]
    stages: tuple[int, ...]
    seeds: tuple[int, ...]
    scores: tuple[tuple[float, ...], ...]


def read_matrix(file: Path) -> Matrix | None:
    """The matrix in a CSV file, or None where it is none.

    A column called like a stage numbers the rows. Without one, rows are stages 1, 2, ... in their order, or
    0, 1, ... where there is one more of them than tasks (the first is before any task); a first column that
    names the tasks says after which task each row was measured.
    """
    if not file.name.lower().endswith(".csv"):
        return None
    cells = cells_of(file)
    if cells is None:
        return None
    names, rows = cells
    if not 0 < len(rows) <= _MOST_ROWS or any(not fields for fields in rows):
        return None
    return matrix_of(names, rows)


def cells_of(file: Path) -> tuple[list[str], list[Sequence[str]]] | None:
    """The header and the rows of a CSV file, a broken row as an empty one; None where names repeat or there is one."""
    size = file.stat().st_size
    with open_bytes(file, size) as stream:
        names, delimiter = csv_header(stream, frozenset())
    if len(names) < 2 or len(set(names)) < len(names):
        return None
    with open_bytes(file, size) as stream:
        return list(names), [row.fields for row in csv_rows(stream, len(names), delimiter, whole=True)]


def find_matrix(folder: Path) -> Path | None:
    """The only CSV file of `folder` that is a matrix; None where there are other evaluations or several such."""
    evaluations = find_files(folder).tables.get("evaluations", ())
    if any(file.path != folder / "evaluations.csv" for file in evaluations):
        return None
    if evaluations:
        return evaluations[0].path if read_matrix(evaluations[0].path) is not None else None
    found = [path for path in sorted(folder.glob("*.csv")) if path.is_file() and read_matrix(path) is not None]
    return found[0] if len(found) == 1 else None


def convert_matrix(file: Path, folder: Path) -> Path:
    """Write the matrix in `file` as `folder`/evaluations.csv (stage, task, score, seed); its path.

    The original stays beside; where it is itself called evaluations.csv it becomes evaluations.matrix.csv.
    Raises LogRejected where the file is no matrix, UsageError where something else would be overwritten.
    """
    matrix = read_matrix(file)
    if matrix is None:
        raise LogRejected(
            f"{shown(file, 300)}: no matrix of scores (a row a stage, a column a task, numbers alone); "
            "write a table with the columns stage, task and score instead"
        )
    target = folder / "evaluations.csv"
    if target.exists():
        if not target.samefile(file):
            raise UsageError(f"{shown(target, 300)}: is there already; move it away before converting")
        keep = folder / "evaluations.matrix.csv"
        if keep.exists():
            raise UsageError(f"{shown(keep, 300)}: is there already; move it away before converting")
        os.link(file, keep)  # a link, so that the name stays taken until the new file replaces it
    handle, name = tempfile.mkstemp(dir=folder, prefix=".evaluations-", suffix=".csv")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["stage", "task", "score", "seed"])
            for stage, seed, scores in zip(matrix.stages, matrix.seeds, matrix.scores, strict=True):
                measured = zip(matrix.tasks, scores, strict=True)
                writer.writerows([stage, task, repr(s), seed] for task, s in measured if not math.isnan(s))
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
    return target


def matrix_of(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Matrix | None:
    """The matrix in the cells of a table, or None where they are none; see `read_matrix`."""
    meanings = [meaning_of("evaluations", name) for name in names]
    if {"score", "task", "item", "answer"} & set(meanings):
        return None
    seeds = _whole_numbers(rows, meanings.index("seed")) if "seed" in meanings else [0] * len(rows)
    labels = next((i for i, meaning in enumerate(meanings) if meaning == "stage"), None)
    if labels is None and names[0].strip().lower() in _INDEX:
        labels = 0
    if labels is None and any(_number(fields[0]) is None for fields in rows):
        labels = 0  # a first column of words: the task after which each row was measured
    columns = [i for i in range(len(names)) if i != labels and meanings[i] != "seed"]
    tasks = tuple(names[i] for i in columns)
    cells = [tuple(_number(fields[i]) for i in columns) for fields in rows]
    scores = tuple(tuple(cell for cell in row if cell is not None) for row in cells)
    if len(tasks) < 2 or any(len(row) < len(tasks) for row in scores):
        return None
    stages = _stages(rows, labels, names, tasks)
    if seeds is None or stages is None or len(set(zip(seeds, stages, strict=True))) < len(rows):
        return None
    return Matrix(tasks, tuple(stages), tuple(seeds), scores)


def _stages(
    rows: Sequence[Sequence[str]], labels: int | None, names: Sequence[str], tasks: Sequence[str]
) -> list[int] | None:
    if labels is not None:
        numbers = _whole_numbers(rows, labels)
        if numbers is not None:
            # An unnamed index of a data frame counts from 0, whether or not there was a stage 0.
            index = names[labels].strip().lower() in _INDEX[:3]
            shift = 1 if index and min(numbers) == 0 and max(numbers) < len(tasks) else 0
            return [number + shift for number in numbers]
        words = [fields[labels].strip() for fields in rows]
        if set(words) <= set(tasks):
            return [tasks.index(word) + 1 for word in words]
    first = 0 if len(rows) == len(tasks) + 1 else 1
    return list(range(first, first + len(rows)))


def _whole_numbers(rows: Sequence[Sequence[str]], column: int) -> list[int] | None:
    numbers = [_number(fields[column]) for fields in rows]
    if any(n is None or not n.is_integer() or n < 0 for n in numbers):
        return None
    return [int(n) for n in numbers if n is not None]


def _number(text: str) -> float | None:
    if text.strip().lower() in ("", "na", "n/a", "nan", "-", "null", "none"):
        return math.nan
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
