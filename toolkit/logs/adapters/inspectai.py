"""How are logs of Inspect (UK AI Security Institute) imported: an evaluation of a checkpoint a stage?

An item is a sample; its epochs are trials, not seeds. Scores of judges can become feedback beside those of people.
Logs that did not end well, other scorers and older evaluations are left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record
from toolkit.logs.adapters.checkpoints import Evaluated, place_all
from toolkit.logs.adapters.inspect_logs import Log, read_log, samples_of
from toolkit.logs.adapters.inspect_rows import Placed, evaluations, judgements
from toolkit.logs.adapters.sourcefiles import files_in
from toolkit.logs.shown import listed, shown


def _read(source: Path, options: Options, account: Account) -> Converted:
    unfinished = options.setting("unfinished")
    if unfinished not in ("", "use"):
        raise UsageError("--set unfinished: the only value is use")
    paths = files_in(source, lambda name: name.endswith((".eval", ".json")))
    logs = [log for log in (read_log(path, source, account) for path in paths) if log is not None]
    logs = [log for log in logs if _ended(log, unfinished == "use", account)]
    model = options.setting("model")
    logs = [log for log in logs if not model or log.model == model]
    if not logs:
        why = "".join(f"; {line}" for line in account.lines()[:2])
        raise LogRejected(f"{shown(source, 300)}: no usable Inspect log{f' of {shown(model)}' if model else ''}{why}")
    tasks = list(dict.fromkeys(log.task for log in sorted(logs, key=lambda log: log.created)))
    evaluated = [Evaluated(log.names, (0.0, log.created), log.name, frozenset({log.task})) for log in logs]
    places = place_all(evaluated, len(tasks), options, account)
    placed = [Placed(log, place.cells()) for log, place in zip(logs, places, strict=True) if place is not None]
    hints = Hints(
        tasks=tasks,
        evidence="by the time of their first evaluation",
        step_unit="training steps",
        models={"evaluated": shown(logs[-1].model, 120)},
    )
    return Converted(_records(_newest(placed, account), options, hints, account), hints)


def _ended(log: Log, partial: bool, account: Account) -> bool:
    if log.status == "success":
        return True
    if partial:
        account.warn(f"{log.name} ended as {log.status!r}: the samples that it has were used.")
        return True
    account.left_out("logs", f"ended as {log.status!r} (--set unfinished=use takes the samples they have)", log.name)
    return False


def _newest(placed: Sequence[Placed], account: Account) -> list[Placed]:
    best: dict[tuple[object, ...], Placed] = {}
    for one in sorted(placed, key=lambda one: one.log.created):
        key = (*sorted(one.cells.items()), one.log.task)
        if key in best:
            account.left_out("logs", "older evaluations of the same task and checkpoint", best[key].log.name)
        best[key] = one
    return list(best.values())


def _records(placed: Sequence[Placed], options: Options, hints: Hints, account: Account) -> Iterator[Record]:
    versions: dict[str, set[str]] = {}
    for one in placed:
        log = one.log
        versions.setdefault(log.task, set()).add(str(log.spec.get("task_version", "")))
        samples = list(samples_of(log, account))
        present = list(
            dict.fromkeys(name for s in samples if isinstance(s.get("scores"), dict) for name in s["scores"])
        )
        scorer, key = _scorer(log, present, options.setting("scorer"))
        judges, people = _listed(options.setting("judges")), _listed(options.setting("people"))
        if scorer is None:
            account.left_out(
                "logs", f"without the scorer {options.setting('scorer') or 'that any sample has'}", log.name
            )
            continue
        hints.metric = hints.metric or f"{scorer}/{key}" if key else scorer
        for other in present:
            if other != scorer and other not in (*judges, *people):
                account.left_out("scorers", f"beside {scorer}, which is the score", f"{log.name}, {other}")
        yield from evaluations(one, samples, scorer, key, account)
        for source, names in (("synthetic", judges), ("human", people)):
            for name in names:
                if name.partition("/")[0] not in present:
                    continue
                yield from judgements(one, samples, name, source, account)
    mixed = sorted(task for task, known in versions.items() if len(known) > 1)
    if mixed:
        account.warn(
            f"The version of the task differs between logs for {listed(mixed, 6)}: a difference over stages may be the "
            "task's, not the model's."
        )


def _scorer(log: Log, present: Sequence[str], wanted: str) -> tuple[str | None, str]:
    """The scorer and, for scores that are objects, the entry: the user's choice, else the log's headline or first."""
    if wanted:
        name, _, key = wanted.partition("/")
        return (wanted, "") if wanted in present else (name if name in present else None, key)
    first = next((str(score.get("scorer") or score.get("name")) for score in log.scores), "")
    return (first if first in present else next(iter(present), None)), ""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


ADAPTER = Adapter(
    "inspect",
    "Inspect: .eval and .json logs, an evaluation of a checkpoint a stage",
    _read,
    {
        "scorer": "which scorer's values are scores (name, or name/entry); default: the first",
        "judges": "scorers (a,b) whose scores are also feedback of synthetic raters",
        "people": "scorers (a,b) whose scores are also feedback of people",
        "model": "which model, where logs of several lie together",
        "unfinished": "use: take the samples of logs that ended with an error or were cancelled",
    },
)
