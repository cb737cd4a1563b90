"""What will one further task of this kind gain? A prediction interval from the tasks so far.

The effect of a further task is the mean over tasks and training runs plus what sets tasks apart, tau^2 (Higgins,
Thompson & Spiegelhalter 2009). The mean's error is crossed, over tasks and seeds at once: what a training run does
to all tasks alike cannot be seen in how the tasks scatter, and a random-effects model that takes the tasks' errors
as independent would leave it out. For the same reason it is taken out of the tasks' variances before tau^2 is found.
The two kinds of error have few and very different degrees of freedom; they are put together as in the modified
large-sample intervals of Graybill & Wang (1980), each with a t of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import Bounds, Interval, clip
from toolkit.inference.metaregression import meta_regression
from toolkit.inference.newtasks import between_tasks, tasks_interval
from toolkit.inference.quantiles import t_quantile
from toolkit.inference.statistic import Statistic

Floats = npt.NDArray[np.float64]

_LEAST = 0.1  # of a task's variance is its own, whatever seeds seem to share


@dataclass(frozen=True)
class FurtherTask:
    """Prediction for a further task, and the tasks' own variances [task], without what all share."""

    interval: Interval
    own: Floats


def further_task(
    terms: Sequence[Sequence[Statistic]], values: Floats, variances: Floats, *, level: float, bounds: Bounds
) -> FurtherTask:
    """The prediction interval of the effect of a further task, meaned over training runs.

    terms: for each term of the effect, such as an arm with seeds of its own, its statistics by task in order of
    arrival; values, variances: [task], the effects as estimates. With one seed, what training runs share cannot be
    seen, and the interval speaks of that run alone. Raises ValueError with fewer than three tasks or variances that
    are not positive.
    """
    crossed = [tasks_interval(term, level=level, bounds=bounds) for term in terms]
    parts = [interval.parts for interval in crossed if interval.parts is not None]
    count = len(values)
    if len(parts) < len(terms):
        value, low, high = meta_regression(values, variances).prediction(np.ones(1), level)
        method = "random-effects prediction interval, t(T-2), of this training run"
        return FurtherTask(Interval(value, *clip(low, high, bounds), "tasks", method, {"tasks": count}), variances)
    shared = sum(max(part.seed_variance - part.residual_variance, 0.0) for part in parts)
    own = np.maximum(variances - shared, _LEAST * variances)
    tau2 = meta_regression(values, own).tau2
    scatter = between_tasks(values).variance
    seeds = [(part.seed_variance, interval.n["seeds"] - 1.0) for part, interval in zip(parts, crossed, strict=True)]
    pieces = [(tau2 + scatter, count - 2.0), *seeds]
    half = float(np.sqrt(sum(t_quantile(level, df) ** 2 * v for v, df in pieces)))
    value = float(values.mean())
    low, high = clip(value - half, value + half, bounds)
    method = "random effects of tasks t(T-2), and what seeds do to all tasks t(S-1), as modified large-sample bounds"
    n = {"tasks": count, "seeds": min(interval.n["seeds"] for interval in crossed)}
    return FurtherTask(Interval(value, low, high, "tasks", method, n), own)
