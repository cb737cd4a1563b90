"""What do Mammoth's `logs.pyd` say, one line a run, as a stream log?

`accuracy_J_taskI` is the accuracy in percent on task J after learning task I. Runs are seeds, joint training is
the arm `joint`. When Mammoth also computes forgetting, it fills the scores of tasks not yet evaluated up with
zeros before it writes them; those zeros are told from scores by `accmean_taskI` and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record, evaluation
from toolkit.logs.adapters.mammoth_runs import Run, filled, read_runs, same_mean
from toolkit.logs.adapters.sourcefiles import called, files_in
from toolkit.logs.shown import listed, shown

_OF_THE_RUN = re.compile(
    r"seed|class_order|(cpu_|gpu_|conf_|wandb|nowand|notes|device|debug|csv_log|tensorboard|verbose|non_verbose|num_workers|"
    r"(save|load)check|ckpt|output|base_path|results_path|checkpoint_path|start_from|stop_after).*"
)


def read(source: Path, options: Options, account: Account) -> Converted:
    """Every run of one `logs.pyd`; a folder must hold just one, since each is another setting or model."""
    file = _one_file(source)
    chosen = [run for run in read_runs(file, account) if _wanted(run, options.setting("where"), account)]
    if not chosen:
        raise LogRejected(
            f"{shown(file.name)}: no run with scores by task (accuracy_J_taskI); "
            f"{'; '.join(account.lines()[:2]) or 'give a logs.pyd that Mammoth wrote'}"
        )
    for arm in sorted({run.arm for run in chosen}):
        _one_configuration([run for run in chosen if run.arm == arm])
    tasks = max(j for run in chosen for row in run.scores.values() for j in row)
    hints = Hints(
        tasks=[_name(j) for j in range(1, tasks + 1)],
        evidence="by Mammoth's task numbers",
        sure=True,
        metric="accuracy in percent",
        score_range=(0, 100),
    )
    return Converted(_records(chosen, account), hints)


def _one_file(source: Path) -> Path:
    if source.is_file():
        return source
    both = files_in(source, lambda name: name in ("logs.pyd", "mean_accs.csv"))
    found = [file for file in both if file.suffix == ".pyd"]
    if not found:
        raise LogRejected(
            f"{shown(called(both[0], source))}: means over tasks alone, of which no matrix can be made; "
            "give the logs.pyd of a later version of Mammoth"
        )
    if len(found) > 1:
        names = [path.parent.relative_to(source).as_posix() for path in found]
        raise UsageError(
            f"{shown(source, 300)}: {len(found)} logs.pyd, each of another setting, dataset or model "
            f"({listed(names, 6)}); import one of these folders"
        )
    return found[0]


def _wanted(run: Run, where: str, account: Account) -> bool:
    for condition in filter(None, (part.strip() for part in where.split(","))):
        key, equals, value = condition.partition("=")
        if not equals:
            raise UsageError(f"--set where={shown(where)}: write where=lr=0.1,n_epochs=5")
        if run.arguments.get(key.strip(), "").strip("'\"") != value.strip():
            account.left_out("runs", f"not {shown(condition)}", f"line {run.line}")
            return False
    return True


def _one_configuration(runs: Sequence[Run]) -> None:
    shared = set.intersection(*(set(run.arguments) for run in runs))
    different = sorted(
        key for key in shared if not _OF_THE_RUN.fullmatch(key) and len({run.arguments[key] for run in runs}) > 1
    )
    if different:
        example = f"{different[0]}={runs[-1].arguments[different[0]]}".replace("'", "")
        raise UsageError(
            f"import: runs with different {listed(different, 6)} stand in one logs.pyd, so they are no seeds of one "
            f"pipeline; choose with --set where={shown(example)}"
        )


def _records(runs: Sequence[Run], account: Account) -> Iterator[Record]:
    means_differ = 0
    for run, seed in _seeds(runs, account):
        last: dict[int, tuple[dict[int, float | None], int]] = {}
        for i in sorted(run.scores):
            row = run.scores[i]
            measured = filled(row, run.means.get(i), i)
            padded = len(row) - measured
            account.left_out("zeros", "filled up by Mammoth for tasks not evaluated yet", f"line {run.line}", padded)
            kept = {j: row[j] for j in sorted(row)[:measured]}
            means_differ += not same_mean(kept, run.means.get(i))
            stage = max(kept) if run.by_epoch or run.arm == "joint" else i
            if stage in last:
                account.left_out("scores", "between epochs; the last of a stage is used", n=len(last[stage][0]))
            last[stage] = (kept, i)
        for stage, (kept, _) in last.items():
            for j, score in kept.items():
                yield evaluation(stage=stage, task=_name(j), score=score, seed=seed, arm=_arm(run))
    if means_differ:
        account.warn(f"{means_differ:,} times accmean_taskI is not the mean of the scores behind it")


def _arm(run: Run) -> str | None:
    return run.arm if run.arm != "stream" else None


def _seeds(runs: Sequence[Run], account: Account) -> Iterator[tuple[Run, int]]:
    """Runs with their seeds: those they were run with, else their number; of a repeated one the last run."""
    for arm in sorted({run.arm for run in runs}):
        members = [run for run in runs if run.arm == arm]
        if any(run.seed is None for run in members):
            if len(members) > 1:
                account.warn("runs without a seed are numbered in the order of their lines")
            yield from ((run, k) for k, run in enumerate(members))
            continue
        latest = {run.seed: run for run in members}
        again = len(members) - len(latest)
        account.left_out("runs", "of a seed that was run again later (a restart); the last is used", n=again)
        yield from ((run, seed) for seed, run in latest.items() if seed is not None)


def _name(j: int) -> str:
    return f"task {j}"


ADAPTER = Adapter(
    "mammoth",
    "Mammoth's logs.pyd (one file: results/SETTING/DATASET/MODEL); runs become seeds",
    read,
    {"where": "only runs with these arguments, as in where=lr=0.1,n_epochs=5"},
)
