"""Does the distance of samples from human ones grow without end along the rounds, or does it level off?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from toolkit.analyses.estimates import named
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.round_cells import together
from toolkit.analyses.round_distances import RoundDistances
from toolkit.inference.growth import ACCUMULATED, FEWEST, Growth, fit_growth
from toolkit.inference.ladder import interval
from toolkit.inference.metaregression import meta_regression
from toolkit.inference.quantiles import t_quantile
from toolkit.inference.statistic import Statistic
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]
TOO_FEW = f"needs samples with embeddings, and human ones beside them, at {FEWEST} stages or more"
NO_SPREAD = "needs distances that vary between seeds or samples"
STRAIGHT = "the distance does not level off within these rounds: no limit can be told"


def divergence_growth(evidence: Evidence, arm: str, distances: RoundDistances) -> list[Estimate]:
    """Slope per stage of the squared MMD; its limit were it to saturate; which course foretells rounds better; a bound.

    Several seeds: slope of each, t over seeds. One seed: meta-regression on stage. Where every stage is a new task,
    the order of the tasks and the passing of rounds cannot be told apart.
    """
    base = Estimate(quantity="divergence_growth", axis="generation", arm=arm, level=evidence.level,
                    unit="index per stage")  # fmt: skip
    seeds, stages, d, variances = _by_round(distances)
    if len(stages) < FEWEST:
        return [base.model_copy(update={"reason": TOO_FEW})]
    n = {"stages": len(stages), "seeds": len(seeds)}
    mean = d.mean(0)
    if len(seeds) > 1:  # few seeds say little of a single round: one variance for all rounds
        variances = np.full(len(stages), float(d.var(axis=0, ddof=1).mean()) / len(seeds))
    if not (variances > 0).all():
        return [base.model_copy(update={"reason": NO_SPREAD})]
    rounds = stages - stages.min() + 1
    fits = {
        "linear": fit_growth(rounds, mean, variances, "linear"),
        "saturating": fit_growth(rounds, mean, variances, "saturating", level=evidence.level),
    }
    return [
        e.model_copy(update={"n": n})
        for e in (
            _slope(base, seeds, stages, d, variances),
            _limit(base.model_copy(update={"unit": "index", "group": "model=saturating"}), fits["saturating"]),
            _compared(base, fits),
            _bound(base, float(mean[0])),
        )
    ]


def _by_round(distances: RoundDistances) -> tuple[tuple[int, ...], Floats, Floats, Floats]:
    """Seeds, stages, mean distance over the tasks of each, [seed, stage], and its variance [stage] with one seed."""
    parts = distances.of("mmd")
    seeds, stages = sorted({m.cell.seed for m in parts}), sorted({m.cell.stage for m in parts})
    found = [
        [together([m for m in parts if (m.cell.seed, m.cell.stage) == (seed, stage)]) for stage in stages]
        for seed in seeds
    ]
    d = np.array([[a.value for a in row] for row in found])
    return tuple(seeds), np.array(stages, dtype=float), d, np.array([a.variance for a in found[0]])


def _slope(base: Estimate, seeds: tuple[int, ...], stages: Floats, d: Floats, variances: Floats) -> Estimate:
    x = stages - stages.mean()
    if len(seeds) > 1:
        statistic = Statistic(seeds, d @ x / (x @ x))
        result = interval([statistic], level=base.level, bounds=(-np.inf, np.inf))
        return named(base, result).model_copy(
            update={"method": "least-squares slope of the squared MMD in each seed, t over seeds"}
        )
    fit = meta_regression(d[0], variances, np.column_stack([np.ones_like(x), x]))
    low, high = fit.interval(1, base.level)
    return base.model_copy(update={
        "value": float(fit.coefficients[1]), "low": low, "high": high, "se": float(fit.errors[1]),
        "df": float(fit.df), "scope": "tasks",
        "method": "random-effects meta-regression of the squared MMD on stage, Knapp-Hartung t",
    })  # fmt: skip


def _limit(base: Estimate, fit: Growth) -> Estimate:
    if fit.limit is None or fit.limit_low is None or fit.limit_high is None or not np.isfinite(fit.limit):
        return base.model_copy(update={"reason": STRAIGHT})
    low, high = max(fit.limit_low, 0.0), max(fit.limit_high, 0.0)
    if (low, high) == (0.0, np.inf):  # any limit at all will do
        return base.model_copy(update={"value": max(fit.limit, 0.0), "reason": STRAIGHT})
    return base.model_copy(update={
        "value": max(fit.limit, 0.0), "low": low, "high": high, "scope": "tasks",
        "method": "limit c of c (1 - exp(-r k)), profile of the weighted squares, rounds taken as independent",
    })  # fmt: skip


def _compared(base: Estimate, fits: Mapping[str, Growth]) -> Estimate:
    """By how many per cent a saturating course foretells a round left out worse than a line; below zero better."""
    own, other = fits["saturating"].prediction, fits["linear"].prediction
    base = base.model_copy(update={"group": "part=prediction,model=saturating", "unit": "%"})
    rounds, mean = len(own), float(other.mean())
    if mean <= 0:
        return base.model_copy(update={"reason": "a line foretells every round exactly"})
    ratio = float(own.mean()) / mean
    each = (own - ratio * other) / mean  # what each round adds to the ratio of means
    value = 100 * (ratio - 1)
    half = 100 * t_quantile(base.level, rounds - 1) * float(each.std(ddof=1)) / rounds**0.5
    return base.model_copy(update={
        "value": value, "low": value - half, "high": value + half, "scope": "tasks",
        "method": "squared error of a round left out, against a straight line; t over rounds",
    })  # fmt: skip


def _bound(base: Estimate, first: float) -> Estimate:
    return base.model_copy(update={
        "group": "part=bound,regime=accumulate", "unit": "index", "value": ACCUMULATED * max(first, 0.0),
        "method": "π²/6 times the distance of the first round (Gerstgrasser et al. 2024)",
        "reason": "a bound where all data are kept, not an estimate: it has no interval",
    })  # fmt: skip
