"""Do as many labels as the plan asks for reach the wanted precision as often as the plan says?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scipy import special

from toolkit.inference.labels import SURE, labels_needed
from toolkit.inference.ppi import Corrected, ppi_mean
from toolkit.simulation.calibration.fewlabels import SCALE, likert
from toolkit.simulation.calibration.study import REFUSED, Generator, Line, Outcome, Study

ITEMS = 4000
SLACK = 1.05  # an interval so much wider than wanted still meets the target


def _study(pilot: int, target: float, *, control: bool = False) -> Study:
    """A pilot of labels says how many are needed; as many are then drawn from new items.

    control: also plans that take the pilot's residual variance for the truth, which undoes the upper bound.
    """
    df = pilot - 2
    shrink = float(special.chdtri(df, SURE)) / df

    def replicate(rng: Generator) -> Sequence[Outcome]:
        found = _corrected(rng, pilot)
        plans = [found]
        if control:
            plans.append(replace(found, residual_variance=found.residual_variance * shrink))
        return [_met(rng, labels_needed(plan, target).labels, target) for plan in plans]

    lines = [
        Line(f"labels planned from {pilot} for {target:g} of four points to each side: half-width within "
             f"{SLACK:g} times that", "items", "upper 80 % bound of the residual variance", (0.78, 0.97),
             kind="share", nominal=SURE),
        Line("the same", "items", "the pilot's residual variance", (0.0, 0.72), kind="share", nominal=SURE,
             negative=True),
    ]  # fmt: skip
    return Study(f"planned-labels-{pilot}", tuple(lines[: 1 + control]), replicate)


def _corrected(rng: Generator, labels: int) -> Corrected:
    y, f = likert(rng, ITEMS)
    return ppi_mean(y[:labels], f[:labels], f[labels:], bounds=SCALE)


def _met(rng: Generator, labels: int | None, target: float) -> Outcome:
    """Whether the interval with so many labels is narrow enough."""
    if labels is None:
        return REFUSED
    found = _corrected(rng, labels)
    if found.low is None or found.high is None:
        return REFUSED
    width = found.high - found.low
    return Outcome(float(width / 2 <= SLACK * target), width)


STUDIES = (_study(30, 0.15, control=True), _study(100, 0.1))
