"""At which level must each of several intervals along stages or ages be drawn, so that all hold together?

Max-T on drawn items: neighbouring stages are scored on the same items and err together, so that less is needed
than Bonferroni's correction asks for (Westfall & Young 1993). Only the items' correlation is used; a few seeds
say too little of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from toolkit.inference.draws import drawn_influence
from toolkit.inference.statistic import Statistic, stacked_influence

DRAWS = 4_000


def bonferroni(level: float, count: int) -> float:
    """The level at which each of `count` intervals holds, so that all of them do at `level`."""
    return 1 - (1 - level) / max(count, 1)


def max_t_level(statistics: Sequence[Statistic], level: float, *, random_seed: int = 0, draws: int = DRAWS) -> float:
    """The level for each of these statistics, between `level` and Bonferroni's; that of Bonferroni without items."""
    statistics = [statistic for statistic in statistics if statistic.seeds]
    strictest = bonferroni(level, len(statistics))
    stacked = stacked_influence(statistics)
    if stacked is None or len(statistics) < 2:
        return strictest
    influence, keys = stacked
    error = np.sqrt((influence**2).sum(0))
    moving = error > 0
    if not moving.any():
        return strictest
    deviations = drawn_influence(influence[:, moving] / error[moving], keys, draws=draws, random_seed=random_seed)
    critical = float(np.quantile(np.abs(deviations).max(1), level))
    return float(np.clip(1 - 2 * special.ndtr(-critical), level, strictest))
