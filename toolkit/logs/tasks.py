"""In which order the tasks of a stream arrived, where stream.toml does not say so.

Names sort by themselves only where there is no doubt: equal but for their numbers, and ending in one
(task-1, task-2, ..., task-10). Anything else would be a guess, and the order of tasks decides every number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from toolkit.errors import LogRejected
from toolkit.logs.config import StreamConfig, Task
from toolkit.logs.shown import listed, shown

_NUMBER = re.compile(r"(\d+)", re.ASCII)


def natural_order(names: Iterable[str]) -> tuple[str, ...] | None:
    """`names` by the numbers in them, or None where that leaves room for doubt. A single name is in order."""
    unique = sorted(set(names))
    if len(unique) < 2:
        return tuple(unique)
    parts = {name: _NUMBER.split(name) for name in unique}
    same_words = len({tuple(part[::2]) for part in parts.values()}) == 1
    end_in_number = all(len(part) > 1 and part[-1] == "" for part in parts.values())
    numbers = {name: tuple(map(int, part[1::2])) for name, part in parts.items()}
    if not same_words or not end_in_number or len(set(numbers.values())) < len(unique):
        return None
    return tuple(sorted(unique, key=lambda name: numbers[name]))


def with_tasks(config: StreamConfig, names: Iterable[str], folder: Path) -> StreamConfig:
    """`config` with its tasks: those of [[tasks]], else of the default order, else `names` in natural order.

    Raises LogRejected where the order of arrival cannot be known.
    """
    if config.tasks:
        return config
    found = sorted(set(names))
    order = config.orders.get("default") or natural_order(found)
    if order is None:
        first = shown(found[0], 40)
        raise LogRejected(
            f"{shown(folder, 300)}: the order in which the tasks arrived is not known, and their names "
            f"({listed(found, 8)}) do not tell it; list them in stream.toml in order of arrival, each as "
            f'[[tasks]] and name = "{first}"; streamreview init {shown(folder, 300)} writes a draft'
        )
    for other, members in config.orders.items():
        strange = sorted(set(members) - set(order))
        if strange:
            raise LogRejected(
                f"{shown(folder / 'stream.toml', 300)}: order {shown(other)!r} names {shown(strange[0])!r}, "
                "which is no task of the default order; add it there or under [[tasks]]"
            )
    return config.model_copy(update={"tasks": tuple(Task(name=name) for name in order)})
