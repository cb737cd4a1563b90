"""What does an accuracy matrix saved by NumPy say: rows after each experience, a column for each evaluated?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from toolkit.errors import LogRejected
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.avalanche_csv import Scored
from toolkit.logs.shown import shown

SUFFIXES = (".npy", ".txt", ".csv")


def read_matrices(file: Path, where: str, account: Account) -> list[list[Scored]]:
    """The scores in an array [stage, experience], or in each of an array [run, stage, experience].

    One row more than experiences: the first is before any training. A triangle of zeros above the diagonal is
    what the array was made of, not a measurement. Raises LogRejected for anything else, pickled objects included.
    """
    try:
        array = np.load(file, allow_pickle=False) if file.suffix == ".npy" else _text(file)
        array = np.asarray(array, dtype=float)
    except (OSError, ValueError, TypeError, EOFError, MemoryError):
        raise LogRejected(
            f"{shown(where)}: no array of numbers (pickled objects are not read); "
            "save it by numpy.save or numpy.savetxt"
        ) from None
    runs = array[None] if array.ndim == 2 else array
    if runs.ndim != 3 or 0 in runs.shape or runs.shape[1] - runs.shape[2] not in (0, 1):
        raise LogRejected(
            f"{shown(where)}: an array of {' x '.join(map(str, array.shape))} is no accuracy matrix; its rows are the "
            "stages, its columns the experiences, as many as rows or one less"
        )
    return [_scored(run, where, account) for run in runs]


def _text(file: Path) -> np.ndarray:
    with file.open(encoding="utf-8", errors="replace") as stream:
        delimiter = "," if "," in stream.readline() else None
    return np.loadtxt(file, delimiter=delimiter, ndmin=2)


def _scored(matrix: np.ndarray, where: str, account: Account) -> list[Scored]:
    first = 0 if matrix.shape[0] > matrix.shape[1] else 1
    later = np.triu(np.ones_like(matrix), first).astype(bool)
    unmeasured = bool(later.any()) and not matrix[later].any()
    if unmeasured:
        account.left_out("zeros", "above the diagonal of a matrix: not evaluated yet", where, int(later.sum()))
    return [
        Scored(i + 1, i + first, j, float(value))
        for (i, j), value in np.ndenumerate(matrix)
        if not (unmeasured and later[i, j])
    ]
