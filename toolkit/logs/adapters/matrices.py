"""How is a plain matrix of scores imported: a row a stage, a column a task, a file a seed?

What is read of one file is what `streamreview init` reads of it. Besides: several files are seeds, a row or a
file called isolated holds the tasks learned alone, a file of numbers alone has no header, fractions and percent
are told apart, and zeros that fill the upper triangle are no scores.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record, evaluation
from toolkit.logs.adapters.matrixfiles import Sheet, read_sheet
from toolkit.logs.adapters.sourcefiles import called, files_in
from toolkit.logs.shown import listed, shown


def _read(source: Path, options: Options, account: Account) -> Converted:
    sheets: list[Sheet] = []
    for path in files_in(source, lambda name: name.lower().endswith(".csv")):
        sheet = read_sheet(path, called(path, source))
        if sheet is None:
            account.left_out("files", "no matrix of scores (a row a stage, a column a task)", called(path, source))
        else:
            sheets.append(sheet)
    streams = [sheet for sheet in sheets if sheet.matrix is not None]
    if not streams:
        raise LogRejected(
            f"{shown(source, 300)}: no matrix of scores in it (a CSV with a row a stage, a column a task, numbers "
            "alone); for a table with columns like stage, task and score use: streamreview import table"
        )
    if options.setting("zeros") not in ("", "keep"):
        raise UsageError("--set zeros: the only value is keep")
    sheets = _same_scale(sheets, account)
    if options.setting("zeros") != "keep":
        sheets = [_without_filling(sheet, account) for sheet in sheets]
    hints = Hints(tasks=list(options.tasks or streams[0].tasks), evidence="by the matrix's own order", sure=True)
    if any(score > 1 for sheet in sheets for score in sheet.finite()):
        hints.score_range, hints.metric = (0, 100), "percent"
    return Converted(_records(sheets, hints.tasks, account), hints)


def _records(sheets: Sequence[Sheet], order: Sequence[str], account: Account) -> Iterator[Record]:
    arrival = {task: number for number, task in enumerate(order, 1)}
    streams = [sheet for sheet in sheets if sheet.matrix is not None]
    if len(streams) > 1 and not any(_has_seeds(sheet) for sheet in streams):
        account.warn(f"{len(streams)} files are read as seeds 0, 1, ... in this order: {_names(streams)}.")
    for sheet in sheets:
        alike = [other for other in sheets if (other.matrix is None) == (sheet.matrix is None)]
        shift = 0 if _has_seeds(sheet) else alike.index(sheet)
        for seed, task, score in sheet.alone:
            if task in arrival:
                yield evaluation(stage=arrival[task], task=task, score=score, arm="isolated", seed=seed + shift)
            else:
                account.left_out("cells", "a task learned alone that no stream has", f"{sheet.name}, {task}")
        matrix = sheet.matrix
        for i, stage in enumerate(matrix.stages if matrix is not None else ()):
            for j, task in enumerate(matrix.tasks if matrix is not None else ()):
                score = matrix.scores[i][j] if matrix is not None else math.nan
                if not math.isnan(score) and matrix is not None:
                    yield evaluation(stage=stage, task=task, score=score, seed=matrix.seeds[i] + shift)


def _has_seeds(sheet: Sheet) -> bool:
    return any(seed for seed, *_ in sheet.alone) or (sheet.matrix is not None and any(sheet.matrix.seeds))


def _same_scale(sheets: list[Sheet], account: Account) -> list[Sheet]:
    """Files in percent and files in fractions, all in percent."""
    fractions = [sheet for sheet in sheets if max(sheet.finite(), default=2) <= 1]
    if not fractions or len(fractions) == len(sheets):
        return sheets
    account.warn(f"No score above 1 in {_names(fractions)}, but in the others: taken as fractions, times 100.")
    return [_times_100(sheet) if sheet in fractions else sheet for sheet in sheets]


def _times_100(sheet: Sheet) -> Sheet:
    alone = tuple((seed, task, 100 * score) for seed, task, score in sheet.alone)
    if sheet.matrix is None:
        return replace(sheet, alone=alone)
    scores = tuple(tuple(100 * score for score in row) for row in sheet.matrix.scores)
    return replace(sheet, alone=alone, matrix=replace(sheet.matrix, scores=scores))


def _without_filling(sheet: Sheet, account: Account) -> Sheet:
    """The sheet without cells of tasks to come where all of them hold the same 0 or -1: nobody measured these."""
    matrix = sheet.matrix
    if matrix is None:
        return sheet
    place = {task: number for number, task in enumerate(sheet.tasks, 1)}
    ahead = {(i, j) for i, stage in enumerate(matrix.stages) for j, t in enumerate(matrix.tasks) if place[t] > stage}
    values = {matrix.scores[i][j] for i, j in ahead if not math.isnan(matrix.scores[i][j])}
    measured = [s for i, row in enumerate(matrix.scores) for j, s in enumerate(row) if (i, j) not in ahead]
    if len(ahead) < 2 or values not in ({0.0}, {-1.0}) or not any(score > 0 for score in measured):
        return sheet
    filling = values.pop()
    account.left_out(
        "cells",
        f"{filling:g} in every cell of a task to come: taken as not measured (--set zeros=keep takes them as scores)",
        sheet.name,
        sum(matrix.scores[i][j] == filling for i, j in ahead),
    )
    scores = tuple(
        tuple(math.nan if (i, j) in ahead else score for j, score in enumerate(row))
        for i, row in enumerate(matrix.scores)
    )
    return replace(sheet, matrix=replace(matrix, scores=scores))


def _names(sheets: Sequence[Sheet]) -> str:
    return listed([sheet.name for sheet in sheets], 6)


ADAPTER = Adapter(
    "matrix",
    "plain CSV matrices: a row a stage, a column a task, a file a seed",
    _read,
    {"zeros": "keep: zeros in all cells of tasks to come are scores, not filling"},
)
