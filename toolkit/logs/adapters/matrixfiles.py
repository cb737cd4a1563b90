"""What does one CSV file with a matrix of scores hold: scores by stage and task, and tasks learned alone?"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.logs.matrix import Matrix, cells_of, matrix_of

_ALONE = re.compile(r"(isolated|independent|single([_ -]?task)?|alone)([_ -].*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """One file: its name, the matrix in it, and the scores of tasks learned alone by seed and task.

    tasks: in order of arrival. Where the rows are named after the tasks that they follow, that is their order.
    """

    name: str
    matrix: Matrix | None
    alone: tuple[tuple[int, str, float], ...]
    tasks: tuple[str, ...]

    def finite(self) -> list[float]:
        """All scores of the file."""
        rows = self.matrix.scores if self.matrix is not None else ()
        return [score for row in rows for score in row if not math.isnan(score)] + [score for *_, score in self.alone]


def read_sheet(path: Path, name: str) -> Sheet | None:
    """The matrix in a CSV file; None where it is none."""
    cells = cells_of(path)
    if cells is None:
        return None
    names, rows = cells
    if all(_is_number(field) for field in names):
        rows = [names, *rows]
        names = [f"task-{number}" for number in range(1, len(names) + 1)]
    if not rows or any(not fields for fields in rows):
        return None
    apart = [fields for fields in rows if any(_ALONE.fullmatch(field.strip()) for field in fields)]
    matrix = matrix_of(names, [fields for fields in rows if fields not in apart]) if len(apart) < len(rows) else None
    lone = matrix_of(names, [_unlabelled(fields) for fields in apart]) if apart else None
    if _ALONE.fullmatch(path.stem) and matrix is not None:
        return Sheet(name, None, _alone(matrix), matrix.tasks)
    if matrix is None and lone is None:
        return None
    alone = _alone(lone) if lone is not None else ()
    if matrix is None:
        return Sheet(name, None, alone, lone.tasks if lone is not None else ())
    order = _order_of_rows(names, rows, matrix)
    return Sheet(name, _restaged(matrix, order), alone, order)


def _alone(matrix: Matrix) -> tuple[tuple[int, str, float], ...]:
    """Of each seed its only row, or the diagonal where there is a row for each task."""
    found = []
    for seed in sorted(set(matrix.seeds)):
        rows = [(s, r) for s, k, r in zip(matrix.stages, matrix.seeds, matrix.scores, strict=True) if k == seed]
        for place, task in enumerate(matrix.tasks):
            scores = [row[place] for stage, row in rows if len(rows) == 1 or stage == place + 1]
            found += [(seed, task, score) for score in scores if not math.isnan(score)]
    return tuple(found)


def _order_of_rows(names: Sequence[str], rows: Sequence[Sequence[str]], matrix: Matrix) -> tuple[str, ...]:
    labels = [fields[0].strip() for fields in rows if fields[0].strip() in matrix.tasks]
    once = list(dict.fromkeys(labels))
    return tuple(once) if names[0] not in matrix.tasks and set(once) == set(matrix.tasks) else matrix.tasks


def _restaged(matrix: Matrix, order: tuple[str, ...]) -> Matrix:
    """The matrix with the stages that follow where rows, named after tasks, come in another order than columns."""
    if order == matrix.tasks:
        return matrix
    stages = tuple(order.index(matrix.tasks[stage - 1]) + 1 for stage in matrix.stages)
    return Matrix(matrix.tasks, stages, matrix.seeds, matrix.scores)


def _unlabelled(fields: Sequence[str]) -> list[str]:
    return ["" if _ALONE.fullmatch(field.strip()) else field for field in fields]


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and ("." in text or "e" in text.lower())
    except ValueError:
        return False
