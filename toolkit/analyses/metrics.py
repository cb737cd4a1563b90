"""What the field's metrics of sequential learning are: short pure functions of one task's scores by stage.

Each takes c[..., stage], the scores of one task at stages 0 (before the first task) to K (after the last one
learned so far), and `arrival`, the stage at which that task was learned; leading dimensions (seed, replicate)
broadcast. The result has the leading dimensions; nan where the metric is not defined for that task. The mean
over tasks is the metric of the stream.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def _undefined(c: Floats) -> Floats:
    return np.full(c.shape[:-1], np.nan)


def _last(c: Floats) -> int:
    return c.shape[-1] - 1


def average_accuracy(c: Floats, arrival: int) -> Floats:
    """R[K, j]: score after the last stage, for tasks learned by then (Lopez-Paz & Ranzato 2017, ACC)."""
    return c[..., -1] if arrival <= _last(c) else _undefined(c)


def learning_accuracy(c: Floats, arrival: int) -> Floats:
    """R[j, j]: score right after the task was learned (Riemer et al. 2019)."""
    return c[..., arrival] if arrival <= _last(c) else _undefined(c)


def backward_transfer(c: Floats, arrival: int) -> Floats:
    """R[K, j] - R[j, j] for tasks before the last (Lopez-Paz & Ranzato 2017, BWT)."""
    return c[..., -1] - c[..., arrival] if arrival < _last(c) else _undefined(c)


def zero_shot_transfer(c: Floats, arrival: int) -> Floats:
    """R[j-1, j] - R[0, j] from the second task on (Lopez-Paz & Ranzato 2017, FWT; baseline: stage 0)."""
    return c[..., arrival - 1] - c[..., 0] if 2 <= arrival <= _last(c) else _undefined(c)


def max_forgetting(c: Floats, arrival: int) -> Floats:
    """max over l of R[l, j], j <= l < K, minus R[K, j]: the plug-in after Chaudhry et al. 2018, biased upwards."""
    if arrival >= _last(c):
        return _undefined(c)
    return c[..., arrival:-1].max(axis=-1) - c[..., -1]
