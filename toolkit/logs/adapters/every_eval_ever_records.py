"""Which results do JSON records of Every Eval Ever hold: model, task, score and its scale?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.errors import UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.jsonfiles import read_object
from toolkit.logs.adapters.numbers import number
from toolkit.logs.adapters.sourcefiles import called
from toolkit.logs.shown import listed, shown

_METRIC = ("metric_id", "metric_name", "evaluation_description")


@dataclass(frozen=True)
class Scale:
    """Bounds and direction of a metric, as the record states them; None where it states no finite bounds."""

    low: float | None
    high: float | None
    lower_is_better: bool

    def fraction(self, score: float) -> float | None:
        """`score` in [0, 1], higher better; None where that cannot be said, or it is outside its bounds."""
        low, high = (0.0, 1.0) if self.low is None or self.high is None else (self.low, self.high)
        if not high > low or not low <= score <= high or (self.lower_is_better and self.low is None):
            return None
        part = (score - low) / (high - low)
        return 1 - part if self.lower_is_better else part

    @property
    def width(self) -> float:
        """How much a whole unit of the fraction is on this scale."""
        return 1.0 if self.low is None or self.high is None else self.high - self.low


@dataclass(frozen=True)
class Result:
    """One score of one model: ids, when, what was evaluated and how, and where it stands in the source."""

    where: str
    evaluation: str
    model: str
    model_name: str
    date: str
    name: str
    dataset: str
    metric: str
    score: float
    scale: Scale
    n: int | None
    sd: float | None
    task: str = ""


def read_records(files: Sequence[Path], source: Path, metric: str, account: Account) -> list[Result]:
    """All results with a number, with the name of their task.

    A task is called after the evaluation, and after the dataset too where several datasets share that name (as
    with evaluations that are called after their scorer). Raises UsageError where a task has several metrics.
    """
    results = [result for file in files for result in _of_file(file, source, account)]
    if metric:
        wanted = [result for result in results if result.metric == metric]
        account.left_out("results", f"of another metric than {shown(metric)}", n=len(results) - len(wanted))
        results = wanted
    datasets: dict[str, set[str]] = {}
    for result in results:
        datasets.setdefault(result.name, set()).add(result.dataset)
    named = [replace(r, task=r.name if len(datasets[r.name]) == 1 else f"{r.dataset}/{r.name}") for r in results]
    metrics: dict[str, set[str]] = {}
    for result in named:
        metrics.setdefault(result.task, set()).add(result.metric)
    task = next((task for task, several in metrics.items() if len(several) > 1), None)
    if task is not None:
        raise UsageError(
            f"import: task {shown(task)!r} has several metrics ({listed(sorted(metrics[task]), 6)}); "
            "choose with --set metric=..."
        )
    return named


def _of_file(file: Path, source: Path, account: Account) -> Iterator[Result]:
    where = called(file, source)
    record = read_object(file, where, account)
    if record is None:
        return
    model = record.get("model_info")
    if not isinstance(record.get("evaluation_results"), list) or not isinstance(model, dict) or "id" not in model:
        account.left_out("files", "no record of Every Eval Ever (model_info.id, evaluation_results)", where)
        return
    for entry in record["evaluation_results"]:
        try:
            yield _result(entry, record, model, where)
        except (KeyError, TypeError, AttributeError):
            account.left_out("results", "without a name, a metric or a score", where)
        except ValueError as error:
            account.left_out("results", str(error), where)


def _result(entry: Mapping[str, Any], record: Mapping[str, Any], model: Mapping[str, Any], where: str) -> Result:
    config = entry["metric_config"]
    scale = Scale(number(config.get("min_score")), number(config.get("max_score")), bool(config["lower_is_better"]))
    details = entry["score_details"]
    score = number(details["score"])
    if score is None:
        raise ValueError("without a finite score")
    if config.get("has_unknown_level") and score == -1:
        raise ValueError("of an unknown level (-1)")
    if scale.fraction(score) is None:
        raise ValueError("outside the bounds that their metric states, or lower is better and no bounds are stated")
    said = details.get("uncertainty") or {}
    n, sd = said.get("num_samples"), number(said.get("standard_deviation"))
    return Result(
        where=where,
        evaluation=str(record.get("evaluation_id", "")),
        model=str(model["id"]),
        model_name=str(model.get("name", "")),
        date=str(entry.get("evaluation_timestamp") or record.get("evaluation_timestamp") or ""),
        name=str(entry["evaluation_name"]),
        dataset=str(entry["source_data"].get("dataset_name", "")),
        metric=str(next((config[key] for key in _METRIC if config.get(key)), "")),
        score=score,
        scale=scale,
        n=n if isinstance(n, int) and n > 0 else None,
        sd=sd / scale.width if sd is not None and sd >= 0 else None,
    )
