"""What do Avalanche's logs say as a stream log: its CSVLogger's folders, or accuracy matrices saved as arrays?

Each folder or matrix is one run, so several are seeds. Experiences keep the names of Avalanche's metrics (Exp000,
...): the id of the experience, not a task label, which several may share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.avalanche_csv import Scored, read_evaluations
from toolkit.logs.adapters.avalanche_matrix import SUFFIXES, read_matrices
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record, evaluation
from toolkit.logs.adapters.sourcefiles import called, files_in
from toolkit.logs.shown import shown

_LOG = "eval_results.csv"


def read(source: Path, options: Options, account: Account) -> Converted:
    """Every run in `source`: an eval_results.csv, an array, or a folder of either, nested as it likes."""
    repeated = options.setting("repeated", "reject")
    if repeated not in ("reject", "last"):
        raise UsageError(f"--set repeated={shown(repeated)}: reject or last")
    runs = [run for file in _files(source, account) for run in _read(file, source, repeated, account)]
    scores = [row for run in runs for row in run]
    if not scores:
        raise LogRejected(f"{shown(source, 300)}: no accuracy in it; {'; '.join(account.lines()[:2])}")
    fractions = all(not row.accuracy > 1 for row in scores)
    if not fractions:
        account.warn("some accuracies are above 1, where Avalanche's lie between 0 and 1: see that the scale fits")
    hints = Hints(
        tasks=[task_name(i) for i in range(max(max(row.experience + 1, row.stage) for row in scores))],
        evidence="by Avalanche's experience numbers",
        sure=True,
        metric="accuracy",
        score_range=(0, 1) if fractions else None,
    )
    return Converted(_records(runs, options.setting("arm") or None), hints)


def task_name(experience: int) -> str:
    """The task of an experience, as in the names of Avalanche's metrics."""
    return f"Exp{experience:03d}"


def _files(source: Path, account: Account) -> list[Path]:
    found = files_in(source, lambda name: name.endswith(SUFFIXES))
    logs = [file for file in found if file.name == _LOG]
    account.left_out("files", f"beside {_LOG}", n=len(found) - len(logs) if logs else 0)
    return logs or found


def _read(file: Path, source: Path, repeated: str, account: Account) -> list[list[Scored]]:
    where = called(file, source)
    if _is_log(file):
        return [read_evaluations(file, where, account, repeated)]
    return read_matrices(file, where, account)


def _is_log(file: Path) -> bool:
    """Whether the first line is a header, as the logger writes one in any version."""
    if file.suffix == ".npy":
        return False
    with file.open(encoding="utf-8", errors="replace") as stream:
        start = stream.readline(1000)
    return file.name == _LOG or "eval_exp" in start


def _records(runs: Sequence[Sequence[Scored]], arm: str | None) -> Iterator[Record]:
    for seed, run in enumerate(runs):
        for row in run:
            yield evaluation(stage=row.stage, task=task_name(row.experience), score=row.accuracy, seed=seed, arm=arm)


ADAPTER = Adapter(
    "avalanche",
    "Avalanche's CSVLogger folders, or accuracy matrices saved by NumPy; several runs are seeds",
    read,
    {
        "arm": "the arm of these runs, as in arm=joint; stream where not given",
        "repeated": "last takes the last of several accuracies of one experience at one stage; reject (default) none",
    },
)
