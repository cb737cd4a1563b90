"""How much sooner does experience reach a threshold, when some runs never reach it within the budget?

Restricted mean: a run that does not reach the threshold counts with the whole common budget, so that what was
never reached counts too; leaving such runs out would make the slow arm look fast. The interval is t over tasks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import Interval, p_of
from toolkit.inference.quantiles import t_quantile

Floats = npt.NDArray[np.float64]
FEWEST = 3


def time_to_threshold(steps: Floats, scores: Floats, threshold: float) -> float:
    """The step at which scores[step] first reach the threshold, by linear interpolation; infinite where never.

    A curve whose first score is there already takes its first step.
    """
    reached = np.flatnonzero(scores >= threshold)
    if not len(reached):
        return float("inf")
    k = int(reached[0])
    if k == 0:
        return float(steps[0])
    share = (threshold - scores[k - 1]) / (scores[k] - scores[k - 1])
    return float(steps[k - 1] + share * (steps[k] - steps[k - 1]))


def curve_area(steps: Floats, scores: Floats, budget: float) -> float:
    """Mean height of the curve from its first step to the budget, by trapezoids (share of budget on the axis)."""
    inside = steps < budget
    at = np.append(steps[inside], budget)
    height = np.interp(at, steps, scores)
    width = at[-1] - at[0]
    return float(np.trapezoid(height, at) / width) if width > 0 else float(height[-1])


def saved(stream_times: Floats, isolated_times: Floats, budget: Floats) -> Floats:
    """Steps saved [task, seed]: the isolated arm's restricted time minus the stream's.

    stream_times, isolated_times: [task, seed], infinite where never reached; budget: [task], common to both.
    """
    limit = np.asarray(budget, dtype=float)[:, None]
    return np.minimum(isolated_times, limit) - np.minimum(stream_times, limit)


def samples_saved(stream_times: Floats, isolated_times: Floats, budget: Floats, *, level: float) -> Interval:
    """Mean over tasks of the steps saved, with t over tasks (scope `tasks`); arguments as in `saved`."""
    stream_times, isolated_times = np.asarray(stream_times, dtype=float), np.asarray(isolated_times, dtype=float)
    each = saved(stream_times, isolated_times, budget)
    tasks, seeds = each.shape
    limit = np.asarray(budget, dtype=float)[:, None]
    censored = int((stream_times > limit).sum() + (isolated_times > limit).sum())
    n = {"tasks": tasks, "seeds": seeds, "censored": censored}
    by_task = each.mean(1)
    value = float(by_task.mean())
    if tasks < FEWEST:
        return Interval(value, None, None, None, None, n, reason=f"needs learning curves of at least {FEWEST} tasks")
    variance, df = float(by_task.var(ddof=1)) / tasks, tasks - 1.0
    if variance == 0:
        reason = "all tasks save the same to the last digit, which says nothing of how they vary"
        return Interval(value, None, None, None, None, n, reason=reason)
    half = t_quantile(level, df) * float(np.sqrt(variance))
    method = "restricted mean up to the common budget, t over tasks"
    return Interval(value, value - half, value + half, "tasks", method, n, variance, df, p_of(value, variance, df))
