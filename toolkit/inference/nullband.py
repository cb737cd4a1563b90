"""How much forgetting since the best stage would luck with the test items show, if nothing were lost?

The plug-in maximum on drawn items (`draws`), each stage's loss centred on zero: all that is left is the maximum's
appetite for luck. Values inside the band need no explanation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from toolkit.cube.scores import Scores
from toolkit.inference.draws import drawn_scores

DRAWS = 4_000


def null_band(
    scores: Scores, arm: str, tasks: Sequence[str], *, level: float, draws: int = DRAWS, random_seed: int = 0
) -> tuple[float, float, float]:
    """Lower end, mean and upper end of the plug-in max-forgetting, meaned over `tasks`, under no forgetting."""
    a, last = scores.arms.index(arm), len(scores.stages) - 1
    total = np.zeros(draws)
    for j, R in drawn_scores(scores, arm, draws=draws, random_seed=random_seed):
        if scores.tasks[j] not in tasks:
            continue
        since = slice(j + 1, last + 1)
        luck = R[:, :, since] - scores.mean[a, :, since, j]
        luck = luck[:, np.isfinite(scores.mean[a, :, since, j]).all(-1)]
        total += (luck[..., :-1] - luck[..., -1:]).max(-1).mean(-1)
    null = total / len(tasks)
    low, high = np.nanquantile(null, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(np.nanmean(null)), float(high)
