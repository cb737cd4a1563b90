"""What is the best guess of each task's effect, given how all tasks' effects spread?

Empirical Bayes with the correction of Morris (1983) for the estimated variance between tasks; for display beside
the raw estimates, never instead of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.metaregression import meta_regression
from toolkit.inference.quantiles import z_quantile

Floats = npt.NDArray[np.float64]
FEWEST = 4


@dataclass(frozen=True)
class Shrunk:
    """Shrunken effects, their standard errors, and how far each was drawn to the mean (0 to 1); all [task]."""

    values: Floats
    errors: Floats
    shrinkage: Floats

    def ends(self, level: float) -> tuple[Floats, Floats]:
        """Intervals of the shrunken effects, [task] each."""
        half = z_quantile(level) * self.errors
        return self.values - half, self.values + half


def morris(y: Floats, variance: Floats) -> Shrunk:
    """Shrink y[task], with known variances [task], towards their weighted mean (Morris 1983, section 4).

    Raises ValueError with fewer than four tasks, for which the correction is not defined.
    """
    tasks = len(y)
    if tasks < FEWEST:
        raise ValueError(f"needs at least {FEWEST} tasks, got {tasks}")
    tau2 = meta_regression(y, variance).tau2
    weights = 1 / (variance + tau2)
    share = weights / weights.sum()
    mean = float(share @ y)
    B = (tasks - 3) / (tasks - 1) * variance / (variance + tau2)
    spread = 2 / (tasks - 3) * B**2 * (y - mean) ** 2  # from not knowing tau^2
    return Shrunk((1 - B) * y + B * mean, np.sqrt(variance * (1 - (1 - share) * B) + spread), B)
