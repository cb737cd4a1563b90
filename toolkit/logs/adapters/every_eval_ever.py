"""What do records of Every Eval Ever say as a stream log: one JSON a model and run, JSON lines of its samples?

The records know models and dates, not stages. Stages come from --stages (by evaluation id, model id, model name or
day), else from the checkpoints in model ids, else from the times at which one model was evaluated. Scores
are brought to [0, 1], higher better, by the bounds and the direction that each record states.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit.errors import LogRejected
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record, evaluation
from toolkit.logs.adapters.every_eval_ever_records import Result, read_records
from toolkit.logs.adapters.every_eval_ever_samples import SampleReader, cells
from toolkit.logs.adapters.every_eval_ever_stages import place_runs
from toolkit.logs.adapters.sourcefiles import called, files_in
from toolkit.logs.adapters.stages import Place
from toolkit.logs.shown import shown

_ROUNDING = 1e-6


def read(source: Path, options: Options, account: Account) -> Converted:
    """Every record below `source`, and the samples of `*.jsonl` whose evaluation is among the records."""
    files = files_in(source, lambda name: name.endswith((".json", ".jsonl")))
    records = [file for file in files if file.suffix == ".json"]
    results = read_records(records, source, options.setting("metric"), account)
    if not results:
        raise LogRejected(
            f"{shown(source, 300)}: no record of Every Eval Ever in it; "
            f"{'; '.join(account.lines()[:1]) or 'give the folder of the JSON records'}"
        )
    placed = place_runs(results, options, account)
    hints = Hints(metric="brought to [0, 1], higher better", score_range=(0, 1))
    hints.models = {f"stage_{place.stage}": result.model for result, place in placed}
    samples = [file for file in files if file.suffix == ".jsonl"]
    return Converted(_records(placed, samples, source, account), hints)


def _records(
    placed: Sequence[tuple[Result, Place]], samples: Sequence[Path], source: Path, account: Account
) -> Iterator[Record]:
    reader = SampleReader(placed, account)
    for file in samples:
        yield from reader.rows(file, called(file, source))
    differ = 0
    taken: dict[tuple[object, ...], float] = {}
    for i, (result, place) in enumerate(placed):
        score = result.scale.fraction(result.score)
        seen = reader.read.get(i)
        if seen is not None and seen.scored:
            account.left_out("means", "of samples that are scored one by one")
            differ += score is not None and not math.isclose(seen.total / seen.scored, score, abs_tol=_ROUNDING)
            continue
        task = place.task or result.task
        cell = (task, *cells(place).items())
        if score is None or cell in taken:
            account.left_out("results", "of one task at one stage, after the first", result.where)
            continue
        taken[cell] = score
        yield evaluation(task=task, score=score, n=result.n, sd=result.sd, **cells(place))
    if differ:
        account.warn(f"{differ} times the mean of the samples is not the score of the record: are samples missing?")


ADAPTER = Adapter(
    "every-eval-ever",
    "records of Every Eval Ever (schema 0.2): JSON, and JSON lines of samples; stages by --stages",
    read,
    {"metric": "the metric that is the score, by its id, name or description, where a task has several"},
)
