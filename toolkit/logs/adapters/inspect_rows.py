"""Which rows does one Inspect log make: an evaluation an item, and judgements where scorers are raters?

The means of the items are compared with what the log reports, and a difference is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Record, evaluation, feedback
from toolkit.logs.adapters.inspect_logs import Log, reductions_of
from toolkit.logs.adapters.inspect_scores import Trials, reduced, trials_of

_CLOSE = 1e-6
_LONGEST = 200
_MEANS = ("accuracy", "mean")


@dataclass(frozen=True)
class Placed:
    """One log and where it belongs."""

    log: Log
    cells: Mapping[str, Any]


def evaluations(
    one: Placed, samples: Sequence[Mapping[str, Any]], scorer: str, key: str, account: Account
) -> Iterator[Record]:
    """An evaluation of each item; samples of one scorer, in objects of the entry `key`."""
    trials = trials_of(samples, scorer, key)
    values = _values(one.log, trials, scorer, key, account)
    total = []
    for item, trial in trials.items():
        score = values.get(item)
        account.left_out(
            "trials", "with an error or without a score of the scorer", f"{one.log.name}, {item}", trial.missing
        )
        cells: dict[str, Any] = {"item": item, "score": score}
        if score is not None:
            total.append(score)
        texts = (trial.answer, trial.truth)
        if all(text is not None and len(text) <= _LONGEST for text in texts):
            cells |= {"answer": trial.answer, "truth": trial.truth}
        yield evaluation(**one.cells, task=one.log.task, **cells)
    _compare(one.log, scorer, key, total, account)


def judgements(
    one: Placed, samples: Sequence[Mapping[str, Any]], scorer: str, source: str, account: Account
) -> Iterator[Record]:
    """The scores of a scorer as judgements; `source` is synthetic (the rater is its model) or human."""
    name, _, key = scorer.partition("/")
    model = _judge(one.log, name)
    places = {place: cell for place, cell in one.cells.items() if place in ("stage", "arm", "seed")}
    for item, trial in trials_of(samples, name, key).items():
        score = trial.mean()
        if score is None:
            account.left_out("judgements", f"samples that {name} gave no score", f"{one.log.name}, {item}")
            continue
        rater = model if model and source == "synthetic" else scorer
        yield feedback(**places, task=one.log.task, item=item, source=source, rater=rater, score=score)


def _judge(log: Log, scorer: str) -> str:
    """The model behind a scorer, where the log says so."""
    said = next((score for score in log.scores if score.get("scorer") == scorer), {})
    parameters = said.get("params")
    model = parameters.get("model") if isinstance(parameters, dict) else None
    name = model.get("model") if isinstance(model, dict) else model
    return name if isinstance(name, str) else ""


def _values(log: Log, trials: Mapping[str, Trials], scorer: str, key: str, account: Account) -> dict[str, float | None]:
    """The score of each item: the log's own reduction over epochs, else the mean of its trials."""
    reducers = list(dict.fromkeys(str(s.get("reducer") or "") for s in log.scores if s.get("scorer") == scorer))
    account.left_out(
        "reductions over epochs", f"beside {reducers[0] or 'the mean'}", log.name, len(reducers) - 1
    ) if reducers else None
    own = reduced(reductions_of(log), scorer, reducers[0] if reducers else "", key)
    return {item: own.get(item, trial.mean()) for item, trial in trials.items()}


def _compare(log: Log, scorer: str, key: str, scores: Sequence[float], account: Account) -> None:
    """Say where the mean of the items is not what the log reports."""
    for said in log.scores:
        metrics = said.get("metrics")
        if said.get("scorer") != scorer or (key and said.get("name") != key) or not isinstance(metrics, dict):
            continue
        for name in _MEANS:
            told = metrics.get(name, {}).get("value") if isinstance(metrics.get(name), dict) else None
            if isinstance(told, int | float) and scores and abs(told - math.fsum(scores) / len(scores)) > _CLOSE:
                mean = math.fsum(scores) / len(scores)
                account.warn(f"{log.name}: the mean of the items is {mean:.6g}, the log reports {name} {told:.6g}.")
        return
