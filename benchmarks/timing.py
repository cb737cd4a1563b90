"""How long does each of several ways take, measured in turns so that a noisy machine is fair to all?"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """Wall-clock seconds of one way: the median over the turns, and its smallest and largest."""

    way: str
    median: float
    fastest: float
    slowest: float


def in_turns(ways: Mapping[str, Callable[[], object]], *, turns: int) -> list[Timed]:
    """Run every way once a turn, and time it."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(turns):
        for way, run in ways.items():
            start = time.perf_counter()
            run()
            seconds[way].append(time.perf_counter() - start)
    return [Timed(way, statistics.median(s), min(s), max(s)) for way, s in seconds.items()]


def as_table(title: str, timed: list[Timed]) -> str:
    """A Markdown table; the first way is ours, and the ratio says how many times as long each other takes."""
    ours = timed[0].median
    lines = [f"## {title}", "", "| way | median s | fastest | slowest | ratio |", "|---|---|---|---|---|"]
    lines += [
        f"| {t.way} | {t.median:.2f} | {t.fastest:.2f} | {t.slowest:.2f} | {t.median / ours:.1f} |" for t in timed
    ]
    return "\n".join(lines) + "\n"
