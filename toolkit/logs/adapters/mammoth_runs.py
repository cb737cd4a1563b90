"""Which runs do the lines of a `logs.pyd` hold: arguments, seed, and accuracies by task and stage?"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.mammoth_literals import read_dictionary
from toolkit.logs.adapters.numbers import number

_CELL = re.compile(r"accuracy_(\d{1,4})_task_?(\d{1,4})")
_MEAN = re.compile(r"accmean_task_?(\d{1,4})")
_SUMMARIES = ("forward_transfer", "backward_transfer", "forgetting")
_LARGEST_SEED = 2**31 - 1
_ROUNDING = 1e-6  # of a mean in percent


@dataclass(frozen=True)
class Run:
    """One line: its number, what it was run with, its arm and seed, scores[i][j] and their means by row i."""

    line: int
    arguments: Mapping[str, str]
    arm: str
    seed: int | None
    scores: Mapping[int, Mapping[int, float | None]]
    means: Mapping[int, float | None]
    by_epoch: bool


def read_runs(file: Path, account: Account) -> Iterator[Run]:
    """Every run with scores by task; lines that cannot be read, other runs and summaries are counted."""
    with file.open(encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                values = read_dictionary(line)
            except ValueError as error:
                account.left_out("lines", str(error), f"{file.name}, line {number}")
                continue
            run = _run(number, values)
            if run.scores:
                yield run
            else:
                account.left_out("runs", "without scores by task (accuracy_J_taskI)", f"{file.name}, line {number}")
            summaries = sum(values.get(name) is not None for name in _SUMMARIES) + len(run.means)
            account.left_out("summary values", "means, transfer and forgetting are computed anew", n=summaries)


def _run(line: int, values: Mapping[str, object]) -> Run:
    scores: dict[int, dict[int, float | None]] = {}
    means: dict[int, float | None] = {}
    arguments: dict[str, str] = {}
    for key, value in values.items():
        if cell := _CELL.fullmatch(key):
            scores.setdefault(int(cell[2]), {})[int(cell[1])] = number(value)
        elif mean := _MEAN.fullmatch(key):
            means[int(mean[1])] = number(value)
        elif key not in _SUMMARIES:
            arguments[key] = repr(value)
    seed = number(values.get("seed"))
    usable = seed is not None and seed.is_integer() and 0 <= seed <= _LARGEST_SEED
    joint = bool(values.get("joint")) and len(scores) == 1
    return Run(
        line,
        arguments,
        "joint" if joint else "stream",
        int(seed) if seed is not None and usable else None,
        scores,
        means,
        bool(values.get("eval_epochs")),
    )


def filled(row: Mapping[int, float | None], mean: float | None, i: int) -> int:
    """How many cells of a row were measured, where zeros may have been appended."""
    cells = [row[j] for j in sorted(row)]
    if len(cells) <= 1 or cells[-1] != 0.0 or (mean is not None and same_mean(row, mean)):
        return len(cells)
    for n in range(1, len(cells)):
        start = {j: row[j] for j in sorted(row)[:n]}
        if all(cell == 0.0 for cell in cells[n:]) and (same_mean(start, mean) if mean is not None else n == i):
            return n
    return len(cells)


def same_mean(row: Mapping[int, float | None], mean: float | None) -> bool:
    """Whether `mean` is the mean of a row, as far as that can be said."""
    values = [value for value in row.values() if value is not None]
    if mean is None or len(values) < len(row):
        return True
    return math.isclose(sum(values) / len(values), mean, rel_tol=_ROUNDING, abs_tol=_ROUNDING)
