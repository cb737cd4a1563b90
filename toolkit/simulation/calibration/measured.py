"""What did the replicates of one line give, and does it lie where it must?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.simulation.calibration.study import Line, Study

Floats = npt.NDArray[np.float64]

TOLERANCE = 2.6  # Monte Carlo errors: a true value at the edge of its band fails once in 200 lines


@dataclass(frozen=True)
class Measured:
    """A line with its result.

    value, error: mean over the replicates that were answered, and its Monte Carlo error; nan without any
    width: mean width of the finite intervals; nan without any; refused: share of replicates that were refused
    """

    study: str
    line: Line
    replicates: int
    value: float
    error: float
    width: float
    refused: float

    @property
    def ok(self) -> bool:
        """Whether the value lies in the band widened by the Monte Carlo error, and few enough were refused.

        A negative control may refuse as often as it likes.
        """
        low, high = self.line.band
        inside = low - self._allowance(low) <= self.value <= high + self._allowance(high)
        return inside and (
            self.line.negative or self.refused <= self.line.refusals + TOLERANCE * self._binomial(self.line.refusals)
        )

    def _allowance(self, edge: float) -> float:
        """How far beyond this edge chance may take a method that lies on it."""
        error = self.error if self.line.kind == "bias" else max(self.error, self._binomial(edge))
        return TOLERANCE * error if math.isfinite(error) else 0.0

    def _binomial(self, share: float) -> float:
        return math.sqrt(share * (1 - share) / self.replicates)


def measured(study: Study, outcomes: Floats) -> tuple[Measured, ...]:
    """The study's lines with their results; outcomes[replicate, line, value and width]."""
    return tuple(_one(study.name, line, outcomes[:, place]) for place, line in enumerate(study.lines))


def _one(study: str, line: Line, outcomes: Floats) -> Measured:
    values, widths = outcomes.T
    answered = values[np.isfinite(values)]
    finite = widths[np.isfinite(widths)]
    count = len(answered)
    return Measured(
        study,
        line,
        replicates=len(values),
        value=float(answered.mean()) if count else math.nan,
        error=float(answered.std(ddof=1)) / math.sqrt(count) if count > 1 else math.nan,
        width=float(finite.mean()) if len(finite) else math.nan,
        refused=1 - count / len(values),
    )
