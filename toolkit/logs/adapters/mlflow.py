"""What do MLflow's runs say as a stream log: which metric is the score of which task, at which stage and seed?

MLflow knows metrics, steps and runs. A metric whose name holds a task is its score (`acc/billing`,
`eval_billing_accuracy`, or as --set metric= says); a run is a stage where a parameter or tag says which, or
--stages does, else the steps of the metrics in their order are the stages; a parameter or tag `seed` is the seed,
else runs are numbered, stages of one parent run together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record, evaluation
from toolkit.logs.adapters.mlflow_places import PARENT, Placed, placed_run, points_by_stage, seeds_of, stages_of_steps
from toolkit.logs.adapters.mlflow_stores import Point, Run, read_runs
from toolkit.logs.adapters.numbers import read_number
from toolkit.logs.shown import listed, shown

_SCORES = "acc(?:uracy)?"
_USUAL = (
    re.compile(rf"(?:eval|test|val)?[_/.]?{_SCORES}[_/.](?P<task>.+)", re.IGNORECASE),
    re.compile(rf"(?:(?:eval|test|val)[_/.])?(?P<task>.+?)[_/.]{_SCORES}", re.IGNORECASE),
)
_NO_TASKS = frozenset(
    [
        "train",
        "training",
        "val",
        "valid",
        "validation",
        "eval",
        "test",
        "dev",
        "mean",
        "avg",
        "average",
        "macro",
        "micro",
        "overall",
        "total",
        "all",
        "best",
    ]
)


def read(source: Path, options: Options, account: Account) -> Converted:
    """All finished runs of a store, or those of one experiment."""
    pattern = _pattern(options.setting("metric"))
    placed = []
    for run in _usable(read_runs(source, account), options, account):
        points = _points(run, pattern, account)
        one = placed_run(run, points, options, account) if points else None
        if one is not None:
            placed.append(one)
        elif not points:
            account.left_out("runs", "without a metric that names a task", run.name or run.run)
    if not placed:
        raise LogRejected(
            f"{shown(source, 300)}: no metric of a finished run names a task (as acc/billing does); "
            f"say how with --set metric=eval_{{task}}_accuracy; {'; '.join(account.lines()[:2])}"
        )
    return Converted(_records(placed, options, account), Hints(metric="MLflow's metrics named after tasks"))


def _pattern(text: str) -> tuple[re.Pattern[str], ...]:
    if not text:
        return _USUAL
    if text.count("{task}") != 1:
        raise UsageError(f"--set metric={shown(text)}: write the metric's name with {{task}} in the task's place")
    before, after = text.split("{task}")
    return (re.compile(f"{re.escape(before)}(?P<task>.+){re.escape(after)}"),)


def _usable(runs: Sequence[Run], options: Options, account: Account) -> Iterator[Run]:
    wanted = options.setting("experiment")
    unfinished = options.setting("unfinished", "no")
    if unfinished not in ("yes", "no"):
        raise UsageError(f"--set unfinished={shown(unfinished)}: yes or no")
    parents = {run.tags[PARENT] for run in runs if PARENT in run.tags}
    experiments = sorted({run.experiment for run in runs if not run.deleted})
    if not wanted and len(experiments) > 1:
        several = f"{len(experiments)} experiments ({listed(experiments)})"
        raise UsageError(f"import: {several}; choose with --set experiment=ID")
    for run in runs:
        if wanted and run.experiment != wanted:
            account.left_out("runs", f"of another experiment than {shown(wanted)}", run.run)
        elif run.deleted:
            account.left_out("runs", "deleted", run.run)
        elif run.status not in ("", "FINISHED") and unfinished == "no":
            why = f"{shown(run.status).lower()}, not finished (--set unfinished=yes takes them)"
            account.left_out("runs", why, run.run)
        elif run.run in parents and not run.metrics:
            account.left_out("runs", "parents of others, without metrics", run.run)
        else:
            yield run


def _points(run: Run, pattern: Sequence[re.Pattern[str]], account: Account) -> dict[str, list[Point]]:
    """The values of each task's metric."""
    points: dict[str, list[Point]] = {}
    for name, values in run.metrics.items():
        match = next((m for p in pattern if (m := p.fullmatch(name))), None)
        if match is None:
            account.left_out("metrics", "whose names hold no task", name)
        elif pattern is _USUAL and match["task"].lower() in _NO_TASKS:
            account.left_out("metrics", "named after a split or a mean, not a task", name)
        elif points.setdefault(match["task"], values) is not values:
            raise UsageError(
                f"import: two metrics of task {shown(match['task'])!r}, the second {shown(name)!r}; "
                "say which with --set metric=NAME with {task} in it"
            )
    return points


def _records(placed: Sequence[Placed], options: Options, account: Account) -> Iterator[Record]:
    """Every value once; of runs with the same seed, arm and stage the one begun last counts."""
    seeds = seeds_of(placed, options)
    by_step = stages_of_steps(placed, options, account)
    cells: dict[tuple[str | None, int, int, str], tuple[Run, Point]] = {}
    for one in placed:
        for task, points in one.points.items():
            for stage, point in points_by_stage(one, points, by_step, account):
                cell = (one.arm(options), seeds[one.run.run], stage, task)
                if cell in cells:
                    why = "of a run before the last with the same seed and stage"
                    account.left_out("values", why, cells[cell][0].name or cells[cell][0].run)
                cells[cell] = (one.run, point)
    for (arm, seed, stage, task), (_, point) in cells.items():
        yield evaluation(stage=stage, task=task, score=read_number(point.value), seed=seed, arm=arm)


ADAPTER = Adapter(
    "mlflow",
    "MLflow runs: mlruns, mlflow.db, or the CSV of search_runs",
    read,
    {
        "metric": "the name of the metric with {task} in the task's place, as in metric=eval_{task}_accuracy",
        "stage": "the parameter or tag that says a run's stage (default stage); without one the step is the stage",
        "seed": "the parameter or tag that says a run's seed (default seed)",
        "arm": "the parameter or tag that says a run's arm (default arm)",
        "experiment": "the id of one experiment, where the store holds several",
        "unfinished": "yes takes runs that failed, were killed or still run; no (the default) counts and leaves them",
    },
)
