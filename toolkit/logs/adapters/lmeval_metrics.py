"""Which value of a task's results is its score, on which scale, and does higher mean better?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PREFERRED = ("acc", "exact_match", "em", "pass@1", "acc_norm", "f1", "multiple_choice_accuracy", "rougeL", "bleu")
LOWER_IS_BETTER = frozenset({
    "ppl", "perplexity", "word_perplexity", "byte_perplexity", "bits_per_byte", "likelihood_diff",
    "likelihood_difference", "pct_stereotype", "brier_score", "ter", "wer", "loss", "toxicity",
})  # fmt: skip
BINARY = frozenset({"acc", "acc_norm", "exact_match", "em", "pct_stereotype", "acc_mutual_info"})
_NO_METRIC = frozenset({"alias", "name", "sample_len", "sample_count", "samples", " "})


@dataclass(frozen=True)
class Cell:
    """One value: its metric, filter (empty in the old layout), score and standard error (None: not given)."""

    metric: str
    filter: str
    score: float
    stderr: float | None


def cells_of(result: Mapping[str, Any]) -> list[Cell]:
    """The values of one task, keys as `acc,none` and `acc_stderr,none` or, in old files, `acc` and `acc_stderr`."""
    cells = []
    for key, value in result.items():
        metric, _, kind = str(key).partition(",")
        if metric in _NO_METRIC or metric.endswith("_stderr") or isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            error = result.get(f"{metric}_stderr,{kind}" if kind else f"{metric}_stderr")
            number = float(error) if isinstance(error, int | float) and not isinstance(error, bool) else None
            cells.append(Cell(metric, kind, float(value), number))
    return cells


def higher_is_better(metric: str, said: Mapping[str, Any]) -> bool:
    """What the results say of the metric, else what is known of it; a metric nobody knows counts as higher."""
    told = said.get(metric)
    return told if isinstance(told, bool) else metric not in LOWER_IS_BETTER


def metric_of(results: Sequence[Mapping[str, bool]], wanted: str) -> str | None:
    """The metric of a task in all its results, each given as metric -> whether higher is better.

    wanted: the user's choice. Else the first of the usual ones, else the most frequent, of those for which
    higher is better; None where there is none.
    """
    counts = Counter(name for result in results for name, higher in result.items() if wanted or higher)
    if wanted:
        return wanted if counts[wanted] else None
    most = max(counts.values(), default=0)
    whole = [name for name in counts if counts[name] == most]
    return next((name for name in PREFERRED if name in whole), whole[0] if whole else None)


def filter_of(filters: Sequence[str], wanted: str) -> str | None:
    """The user's choice of the filters of a metric, else `none`, else the first; None where it is not there."""
    if wanted:
        return wanted if wanted in filters else None
    return "none" if "none" in filters else next(iter(filters), None)


def items_behind(score: float, stderr: float | None) -> int | None:
    """How many right-or-wrong items have this mean and standard error: n = p (1 - p) / se^2 + 1; None if none fits.

    The standard error of a mean of 0 and 1 with the sample variance, as the harness computes it.
    """
    if not stderr or not 0 < score < 1:
        return None
    n = score * (1 - score) / stderr**2 + 1
    whole = round(n)
    right = round(score * whole)
    fits = abs(n - whole) < 1e-4 * whole and abs(right - score * whole) < 1e-4 * whole
    return whole if whole > 1 and fits else None
