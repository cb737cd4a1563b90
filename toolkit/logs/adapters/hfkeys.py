"""Which task and metric does a key of the Trainer's results name, and which entries of its history hold any?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PREFERRED = ("exact_match", "accuracy", "acc", "f1")
_SUFFIXED = re.compile(r"(?:predict|test|eval)_(\w+?)_for_(.+)")
_PREFIXED = re.compile(r"(?:predict|test|eval)_(.+)")
_OTHER = ("runtime", "samples", "samples_per_second", "steps_per_second", "loss", "global_step", "gen_len", "steps")


@dataclass(frozen=True)
class Value:
    """One value: of which task (None: that of the folder), which metric, at which step (None: the end)."""

    task: str | None
    metric: str
    score: float
    step: float | None


def values_of(content: Mapping[str, Any], metric: str | None) -> Iterator[Value]:
    """Every value of a task in a results file or in a trainer_state.json.

    metric: what `eval_<task>_<metric>` ends in; without one the usual names are tried.
    """
    history = content.get("log_history")
    entries = history if isinstance(history, list) else [content]
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        step = entry.get("step") if history is not None else None
        for key, value in entry.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            named = _named(str(key), metric)
            if named is not None:
                yield Value(*named, float(value), float(step) if isinstance(step, int | float) else None)


def _named(key: str, metric: str | None) -> tuple[str | None, str] | None:
    suffixed = _SUFFIXED.fullmatch(key)
    if suffixed is not None:
        return suffixed[2], suffixed[1]
    prefixed = _PREFIXED.fullmatch(key)
    if prefixed is None or any(prefixed[1] == name or prefixed[1].endswith(f"_{name}") for name in _OTHER):
        return None
    for known in (metric,) if metric else PREFERRED:
        if prefixed[1] == known:
            return None, prefixed[1]
        if prefixed[1].endswith(f"_{known}"):
            return prefixed[1].removesuffix(f"_{known}"), known or ""
    return None
