"""By which factor do the odds of a wrong answer change with each stage since a task was learned?

Three models of the same scores: cluster-robust for these tasks, over tasks for new ones, and a mixed model with
items, tasks and seeds as random effects.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from toolkit.analyses.estimates import named
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.families import SCOPE_TASKS
from toolkit.analyses.measure import needs_arm
from toolkit.cube import Scores
from toolkit.inference.interval import Interval
from toolkit.inference.ladder import interval
from toolkit.inference.odds import log_odds_difference, log_odds_per_stage
from toolkit.inference.odds_by_tasks import log_odds_by_tasks
from toolkit.inference.statistic import Statistic
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]
MIXED = "model=mixed"
FEWEST_EACH = 30  # right and wrong answers, below which the mixed model's likelihood has false maxima
MOST_ROWS = 200_000


def odds(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """The odds ratio of a wrong answer for each further stage; 1 is no change."""
    base = Estimate(quantity="forgetting_odds_per_stage", axis="forgetting", arm=arm, level=evidence.level,
                    unit="odds ratio per stage")  # fmt: skip
    scores = evidence.scores
    if scores is None or arm not in scores.arms:
        return [base.model_copy(update={"reason": needs_arm(arm)})]
    statistic = log_odds_per_stage(scores, arm, items=evidence.items)
    if isinstance(statistic, str):
        return [base.model_copy(update={"reason": statistic})]
    for_these = interval([statistic], level=evidence.level, bounds=(-np.inf, np.inf))
    for_new = log_odds_by_tasks(scores, arm, evidence.level)
    mixed = mixed_model(scores, arm, evidence.level)
    found = [_as_odds(base, for_these, "binomial GLM with task effects, "), *_against(evidence, scores, base)]
    if for_new.low is not None:
        found.append(_as_odds(base.model_copy(update={"group": SCOPE_TASKS}), for_new))
    if not isinstance(mixed, str):
        found.append(_as_odds(base.model_copy(update={"group": MIXED}), mixed, "binomial mixed model, "))
    return found


def _against(evidence: Evidence, scores: Scores, base: Estimate) -> list[Estimate]:
    """The ratio of this arm's odds ratio to that of each other arm which was followed over stages too."""
    found = []
    for other in scores.arms:
        statistic = None if other == base.arm else _difference(scores, base.arm or "", other, evidence.items)
        if statistic is not None:
            result = interval([statistic], level=base.level, bounds=(-np.inf, np.inf))
            against = base.model_copy(update={"against": other})
            found.append(_as_odds(against, result, "binomial GLM, interaction of arm and age, "))
    return found


def _difference(scores: Scores, arm: str, other: str, items: dict[str, int]) -> Statistic | None:
    statistic = log_odds_difference(scores, arm, other, items=items)
    return None if isinstance(statistic, str) or not statistic.seeds else statistic


def _as_odds(base: Estimate, result: Interval, model: str = "") -> Estimate:
    """Log odds of a right answer as the odds ratio of a wrong one: the ends change places."""
    low, high = (None if end is None else float(np.exp(-end)) for end in (result.high, result.low))
    value = float(np.exp(-result.value)) if np.isfinite(result.value) else float("nan")
    method = None if result.method is None else f"{model}{result.method}"
    shown = replace(result, value=value, low=low, high=high, method=method, variance=None, df=None, parts=None)
    return named(base, shown)


def mixed_model(scores: Scores, arm: str, level: float) -> Interval | str:
    """Log odds of a right answer per stage with items, tasks and seeds as crossed random effects; or why not.

    Its interval is Wald's: for these and like items, tasks and seeds, were they many.
    """
    from toolkit.inference.mixed import fit_binomial_mixed

    table = _answers(scores, arm)
    right, n = table["right"], table["n"]
    if len(right) == 0 or not scores.binary:
        return "needs item-level scores of 0 or 1"
    if min(right.sum(), (n - right).sum()) < FEWEST_EACH:
        return f"needs at least {FEWEST_EACH} right and as many wrong answers"
    if len(right) > MOST_ROWS:
        return f"more than {MOST_ROWS:,} rows of items"
    factors = {name: table[name].astype(np.int64) for name in ("item", "task", "seed")}
    factors = {name: codes for name, codes in factors.items() if np.ptp(codes) > 0}
    X = np.column_stack([np.ones(len(right)), table["age"]])
    try:
        fit = fit_binomial_mixed(right, n, X, factors)
    except ValueError as error:
        return str(error)
    if not fit.converged:
        return "the mixed model did not converge"
    low, high = fit.interval(1, level)
    spread = ", ".join(f"{name} {sd:.2f}" for name, sd in fit.sds.items())
    counts = {"items": len(np.unique(factors["item"])), "seeds": len(np.unique(table["seed"])),
              "tasks": len(np.unique(table["task"]))}  # fmt: skip
    method = f"Laplace; sd on the logit scale: {spread}"
    return Interval(float(fit.coefficients[1]), low, high, "tasks", method, counts)


def _answers(scores: Scores, arm: str) -> dict[str, Floats]:
    """One row an item, seed and stage from arrival on: item, task, seed, age, n, right; all [row]."""
    a, last = scores.arms.index(arm), len(scores.stages) - 1
    parts = []
    for j, sums in enumerate(scores.sums):
        if sums is None or j + 1 >= last:
            continue
        n, right = sums.n[a, :, j + 1 :], sums.total[a, :, j + 1 :]  # [seed, stage, item]
        s, age, b = np.nonzero(n)
        parts.append(np.column_stack([sums.keys[b], np.full(len(s), j), s, age, n[s, age, b], right[s, age, b]]))
    rows = np.concatenate(parts) if parts else np.empty((0, 6))
    names = ("item", "task", "seed", "age", "n", "right")
    table = dict(zip(names, rows.T, strict=True))
    return table | {"item": np.unique(table["item"], return_inverse=True)[1].astype(float)}
