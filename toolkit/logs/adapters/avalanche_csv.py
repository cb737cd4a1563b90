"""What does one `eval_results.csv` of Avalanche's CSVLogger say: which accuracy after which experience?

The logger writes `training_exp` of the experience trained last (empty, None or -1 before any training), rounds to
four decimals, and writes a bare `0` for a metric that nobody monitored, where a measured zero is `0.0000`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import LogRejected
from toolkit.logs.adapters.account import Account
from toolkit.logs.rows import csv_header, csv_rows, open_bytes
from toolkit.logs.shown import listed, shown

_NEEDED = ("eval_exp", "training_exp", "eval_accuracy")
_MOST = 10_000  # experiences
_BEFORE = ("", "none", "-1")


@dataclass(frozen=True)
class Scored:
    """The accuracy on one experience after `stage` experiences were learned, and the line that says so."""

    line: int
    stage: int
    experience: int
    accuracy: float


def read_evaluations(file: Path, where: str, account: Account, repeated: str) -> list[Scored]:
    """One accuracy for each experience and stage, in the order of the file.

    Where the training experience goes back, the run was started again: what the earlier start measured from
    there on gives way. Different accuracies of one experience at one stage (several streams evaluated, which
    the file does not tell apart) are all left out, unless `repeated` is "last".
    Raises LogRejected where the columns are not those of the CSVLogger.
    """
    rows = list(_rows(file, where, account))
    return _settled(_after_restarts(rows, where, account), where, account, repeated)


def _rows(file: Path, where: str, account: Account) -> Iterator[Scored]:
    size = file.stat().st_size
    with open_bytes(file, size) as stream:
        names, delimiter = csv_header(stream, frozenset(_NEEDED))
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise LogRejected(
            f"{shown(where)}: no column {listed(missing)} (it has {listed(names, 6)}); "
            "give the eval_results.csv that Avalanche's CSVLogger wrote"
        )
    columns = [names.index(name) for name in _NEEDED]
    with open_bytes(file, size) as stream:
        for row in csv_rows(stream, len(names), delimiter, whole=False):
            at = f"{where}, line {row.line}"
            if row.state != "whole":
                account.left_out("rows", "cut or unreadable line", at)
            elif [name.strip() for name in row.fields] == names:
                account.left_out("rows", "the header again (the logger was started again)", at)
            else:
                scored = _scored(row.line, [row.fields[i].strip() for i in columns], at, account)
                if scored is not None:
                    yield scored
            if row.state == "whole" and len(names) > len(columns):
                account.left_out("cells", "losses and forgetting are no scores", n=len(names) - len(columns))


def _scored(line: int, fields: Sequence[str], at: str, account: Account) -> Scored | None:
    experience, trained, accuracy = fields
    if accuracy == "0":
        account.left_out("rows", "no accuracy was monitored (the logger then writes 0): add accuracy_metrics", at)
        return None
    try:
        stage = 0 if trained.lower() in _BEFORE else int(trained) + 1
        scored = Scored(line, stage, int(experience), float(accuracy))
    except ValueError:
        account.left_out("rows", "experience or accuracy is no number", at)
        return None
    if not (0 <= scored.stage <= _MOST and 0 <= scored.experience < _MOST and math.isfinite(scored.accuracy)):
        account.left_out("rows", "experience or accuracy is no number", at)
        return None
    return scored


def _after_restarts(rows: Sequence[Scored], where: str, account: Account) -> list[Scored]:
    kept: list[Scored] = []
    for row in rows:
        if kept and row.stage < kept[-1].stage:
            gone = sum(other.stage >= row.stage for other in kept)
            kept = [other for other in kept if other.stage < row.stage]
            why = "of a start before the last (experiences go back)"
            account.left_out("rows", why, f"{where}, line {row.line}", gone)
        kept.append(row)
    return kept


def _settled(rows: Sequence[Scored], where: str, account: Account, repeated: str) -> list[Scored]:
    cells: dict[tuple[int, int], list[Scored]] = {}
    for row in rows:
        cells.setdefault((row.stage, row.experience), []).append(row)
    settled = []
    for measured in cells.values():
        if len({row.accuracy for row in measured}) == 1 or repeated == "last":
            settled.append(measured[-1])
            account.left_out("rows", "measured again for one experience and stage", n=len(measured) - 1)
        else:
            why = "several accuracies of one experience at one stage (several streams?); --set repeated=last takes one"
            account.left_out("rows", why, f"{where}, line {measured[0].line}", len(measured))
    return settled
