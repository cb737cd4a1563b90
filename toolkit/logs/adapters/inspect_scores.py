"""What number is a score of Inspect's, and what did one item score over its epochs?

Letters and words are numbers as Inspect's `value_to_float` makes them: C 1, P 0.5, I and N 0, yes and true 1, no
and false 0. Epochs are trials of one item, so an item's score is what the log's own reducer made of them, and
their mean where the log says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_WORDS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_PLAIN = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


@dataclass
class Trials:
    """The scores of one item by one scorer over its epochs, and its answer and target where there is one epoch."""

    scores: list[float] = field(default_factory=list)
    missing: int = 0
    answer: str | None = None
    truth: str | None = None

    def mean(self) -> float | None:
        """Over the epochs that have a score."""
        return math.fsum(self.scores) / len(self.scores) if self.scores else None


def to_number(value: Any, key: str = "") -> float | None:
    """A score's value as a number, of an object the entry `key` (empty: its first); None where it is none."""
    if isinstance(value, Mapping):
        return to_number(value.get(key) if key else next(iter(value.values()), None))
    if isinstance(value, bool | int | float):
        return float(value) if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    if value in _WORDS or value.lower() in _PLAIN:
        return _WORDS.get(value, _PLAIN.get(value.lower()))
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def trials_of(samples: Iterable[Mapping[str, Any]], scorer: str, key: str) -> dict[str, Trials]:
    """The trials of each item, by its id, in the order of the log."""
    items: dict[str, Trials] = {}
    for sample in samples:
        trials = items.setdefault(str(sample.get("id")), Trials())
        scores = sample.get("scores")
        score = scores.get(scorer) if isinstance(scores, dict) else None
        number = to_number(score.get("value"), key) if isinstance(score, dict) else None
        if number is None:
            trials.missing += 1
            continue
        trials.scores.append(number)
        answer, truth = score.get("answer") if isinstance(score, dict) else None, sample.get("target")
        once = len(trials.scores) == 1
        trials.answer = answer if once and isinstance(answer, str) else None
        trials.truth = truth if once and isinstance(truth, str) else None
    return items


def reduced(reductions: Iterable[Mapping[str, Any]], scorer: str, reducer: str, key: str) -> dict[str, float]:
    """The score of each item that the log's reducer made; empty where there is none, or not one for each item."""
    for reduction in reductions:
        if reduction.get("scorer") != scorer or (reduction.get("reducer") or "") != reducer:
            continue
        found = {}
        for sample in reduction.get("samples") or ():
            number = to_number(sample.get("value"), key) if isinstance(sample, dict) else None
            if number is not None:
                found[str(sample.get("sample_id"))] = number
        return found
    return {}
