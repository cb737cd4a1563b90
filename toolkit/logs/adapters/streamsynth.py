"""What do the logs of StreamSynth's reference code say: synthesised samples, evaluations, rewards?

Samples become samples, evaluations evaluations of the synthesis itself (was the answer JSON, as the code measures),
rewards feedback by rules. See the modules of each kind for what the code overwrites.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters import streamsynth_evaluations, streamsynth_rewards, streamsynth_samples
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record
from toolkit.logs.adapters.streamsynth_files import Found, find
from toolkit.logs.shown import listed, shown


def read(source: Path, options: Options, account: Account) -> Converted:
    """Every file below `source`; the tasks arrive in the order of --tasks, else as their first samples were made."""
    metric = options.setting("metric", streamsynth_evaluations.METRICS[0])
    if metric not in streamsynth_evaluations.METRICS:
        raise UsageError(f"--set metric={shown(metric)}: one of {listed(streamsynth_evaluations.METRICS)}")
    found = list(find(source, options, account))
    if not found:
        raise LogRejected(
            f"{shown(source, 300)}: no samples, evaluations or rewards of StreamSynth's code in it; "
            f"{'; '.join(account.lines()[:2]) or 'give the folder of its outputs'}"
        )
    if not any(
        file.kind == "rewards" or (file.kind == "evaluations" and file.place.stage is not None) for file in found
    ):
        account.warn("there are samples alone: a stream log also needs evaluations of known stages, or feedback")
    order, evidence = _order(found, options)
    hints = Hints(tasks=order, evidence=evidence, sure=evidence != "as they first appear in the source", metric=metric)
    if any(file.kind == "evaluations" for file in found):
        hints.score_range = (0, 1)
    stages = {task: i for i, task in enumerate(order, 1)}
    return Converted(_records(found, stages, metric, account), hints)


def _order(found: Sequence[Found], options: Options) -> tuple[list[str], str]:
    tasks = list(dict.fromkeys(file.task for file in found))
    if options.tasks:
        return [*options.tasks, *(task for task in tasks if task not in options.tasks)], "as --tasks says"
    began: dict[str, str] = {}
    for file in found:
        if file.kind == "samples" and (time := streamsynth_samples.first_time(file.content)):
            began[file.task] = min(time, began.get(file.task, time))
    if began.keys() == set(tasks) and len(set(began.values())) == len(tasks):
        return sorted(tasks, key=lambda task: began[task]), "by the time of the first sample of each"
    return tasks, "as they first appear in the source"


def _records(found: Sequence[Found], stages: Mapping[str, int], metric: str, account: Account) -> Iterator[Record]:
    for file in found:
        stage = file.place.stage if file.place.stage is not None else stages[file.task]
        if file.kind == "samples":
            yield from streamsynth_samples.rows(file, stage, account)
        elif file.kind == "rewards":
            yield from streamsynth_rewards.rows(file, stage, account)
        elif file.place.stage is None:
            why = "no stage: put them in folders stage-1, stage-2, ..., or say it with --stages (columns file, stage)"
            account.left_out("evaluations", why, file.where, len(file.content["results"]))
        else:
            yield from streamsynth_evaluations.rows(file, stage, metric, account)


ADAPTER = Adapter(
    "streamsynth",
    "outputs of StreamSynth's reference code: synthesised samples, evaluations, rewards",
    read,
    {"metric": "valid_json (the default, what the code measures) or label (does the answer carry the label asked for)"},
)
