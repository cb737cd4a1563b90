"""What is one study of the calibration, and one line of its table?

A study draws data with a known truth, hands them to the toolkit's own functions, and says for each of its lines
whether the answer was right. Lines that share their data belong to one study.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from toolkit.inference.agreement import Coefficient
from toolkit.inference.interval import Interval

Kind = Literal["coverage", "size", "false alarms", "power", "share", "bias", "identity"]
Generator = np.random.Generator

LEVEL = 0.95
ALPHA = 1 - LEVEL
DIFFERENCE = (-1.0, 1.0)  # bounds of a difference of two scores in [0, 1]


@dataclass(frozen=True)
class Outcome:
    """What one replicate says of one line.

    value: 1 for covered, rejected or flagged, 0 for not, a share between where a replicate has several chances,
        for bias the estimate minus the truth; nan where the method refused to answer
    width: of the interval; nan where there is none, or an infinite one
    """

    value: float
    width: float = math.nan


REFUSED = Outcome(math.nan)


@dataclass(frozen=True)
class Line:
    """What one line of the table measures, and between which ends it must lie.

    scope: what the interval generalises to; method: what makes it; nominal: what it claims, None for no claim
    negative: a method that is known to be wrong, which the study must find out
    refusals: the largest share of replicates in which the method may refuse to answer
    """

    what: str
    scope: str
    method: str
    band: tuple[float, float]
    kind: Kind = "coverage"
    nominal: float | None = LEVEL
    negative: bool = False
    refusals: float = 0.0


@dataclass(frozen=True)
class Study:
    """A name, its lines, and what draws one replicate: one outcome a line, from a random generator.

    divisor: how many times fewer replicates are run, where one is expensive
    """

    name: str
    lines: tuple[Line, ...]
    replicate: Callable[[Generator], Sequence[Outcome]]
    divisor: int = 1


def covers(found: Interval | Coefficient, truth: float) -> Outcome:
    """Whether the interval holds the truth; a refusal where there is no interval."""
    if found.low is None or found.high is None:
        return REFUSED
    return ends_cover(found.low, found.high, truth)


def ends_cover(low: float, high: float, truth: float) -> Outcome:
    """Whether the truth lies between the ends."""
    return Outcome(float(low <= truth <= high), high - low if math.isfinite(high - low) else math.nan)


def excludes(found: Interval, truth: float) -> Outcome:
    """Whether the interval denies the truth: a rejection."""
    outcome = covers(found, truth)
    return replace(outcome, value=1 - outcome.value)
