"""Have generated samples lost the tails and the spread that human ones have?

Tail mass: which share of the generated samples is at least as unusual as the rarest twentieth of human ones. Human
samples are cut into folds; each fold and the generated samples are scored against the other folds only, so that both
meet a reference that does not contain them, and a generated sample's place among the scores of the fold is a smoothed
conformal p-value (Vovk, Gammerman & Shafer 2005). Where nothing was lost the share is .05 in expectation at any number
of samples, ties or none.

Spread: log variance, and its median over dimensions. The mean variance is a martingale when a model is fitted to its
own samples, and stays near one while nearly every direction collapses (Shumailov et al. 2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.inference.kernels import distances
from toolkit.inference.proportions import wilson
from toolkit.inference.quantiles import t_quantile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TAIL = 0.05
FOLDS = 5
NEIGHBOURS = 5
DRAWS = 200
FEWEST = 20  # samples on either side


@dataclass(frozen=True)
class Against:
    """A number of generated samples measured against human ones.

    variance: from drawing both sides anew; human_variance: the part of it that drawing human samples adds, which
    training runs with the same human samples share; synthetic, human: samples that stand behind it
    """

    value: float
    variance: float
    human_variance: float
    synthetic: int
    human: int

    def share_interval(self, level: float) -> tuple[float, float]:
        """Of a share: Wilson's interval at the number of samples that the variance is worth.

        Where hardly any sample or nearly all are counted, what one sample more would make of the share decides.
        """
        one = 1 / self.synthetic
        near = min(max(self.value, one), 1 - one)
        worth = self.synthetic if self.variance <= 0 else min(near * (1 - near) / self.variance, self.synthetic)
        return wilson(self.value * worth, worth, level)

    def t_interval(self, level: float) -> tuple[float, float]:
        """value +- t se, with the degrees of freedom of the smaller side."""
        half = t_quantile(level, min(self.synthetic, self.human) - 1) * float(np.sqrt(self.variance))
        return self.value - half, self.value + half


def tail_mass(synthetic: Floats, human: Floats, *, tail: float = TAIL, random_seed: int = 0) -> Against:
    """Share of synthetic[sample, dimension] at least as unusual as the rarest `tail` of human[sample, dimension].

    Unusual: mean distance to the five nearest human samples of the other folds, a nearest-neighbour density
    (Loftsgaarden & Quesenberry 1965), so that several modes, as several labels have, do no harm.
    Raises ValueError with fewer than twenty samples on a side.
    """
    _check(len(synthetic), len(human))
    folds = _folds(len(human))
    to_human, within = distances(synthetic, human), distances(human, human)
    scored = []
    for fold in range(FOLDS):
        reference = np.flatnonzero(folds != fold)
        scored.append((
            _nearest(to_human[:, reference]), _nearest(within[np.ix_(np.flatnonzero(folds == fold), reference)])
        ))  # fmt: skip
    return _tail(scored, tail, random_seed)


def label_tail_mass(synthetic: Ints, human: Ints, *, tail: float = TAIL, random_seed: int = 0) -> Against:
    """The same of labels (or words) [sample], whole numbers from 0: unusual is what the other folds rarely contain.

    Raises ValueError with fewer than twenty samples on a side.
    """
    _check(len(synthetic), len(human))
    folds = _folds(len(human))
    size = int(max(synthetic.max(), human.max())) + 1
    scored = []
    for fold in range(FOLDS):
        rarity = -np.bincount(human[folds != fold], minlength=size).astype(float)
        scored.append((rarity[synthetic], rarity[human[folds == fold]]))
    return _tail(scored, tail, random_seed)


def in_tail(scores: Floats, calibration: Floats, tail: float = TAIL) -> Floats:
    """[sample] from 0 to 1: how surely each score is among the largest `tail` of what `calibration` was drawn from.

    The chance that a smoothed conformal p-value, (greater + U (equal + 1)) / (n + 1), is at most `tail`: its mean is
    `tail` exactly where scores and calibration are exchangeable.
    """
    above, equal = _placed(scores, calibration)
    return np.clip((tail * (len(calibration) + 1) - above) / (equal + 1), 0.0, 1.0)


def _placed(scores: Floats, calibration: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    ordered = np.sort(calibration)
    not_below = np.searchsorted(ordered, scores, side="left")
    beyond = np.searchsorted(ordered, scores, side="right")
    return len(ordered) - beyond, beyond - not_below


def _folds(size: int) -> npt.NDArray[np.intp]:
    return np.arange(size) % FOLDS


def _check(synthetic: int, human: int) -> None:
    if min(synthetic, human) < FEWEST:
        raise ValueError(f"needs at least {FEWEST} synthetic and human samples, got {synthetic} and {human}")


def _nearest(between: Floats) -> Floats:
    """[sample]: mean of the smallest distances to the reference, rounded so that equal samples tie."""
    nearest = np.partition(between, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    return np.round(nearest.mean(1), 9)


def _tail(scored: list[tuple[Floats, Floats]], tail: float, random_seed: int) -> Against:
    each = np.mean([in_tail(s, c, tail) for s, c in scored], axis=0)
    rng = np.random.default_rng(random_seed)
    drawn = np.mean([_redrawn(s, c, tail, rng) for s, c in scored], axis=0)
    human = float(drawn.var(ddof=1))
    size = len(each)
    variance = float(each.var(ddof=1)) / size + human
    return Against(float(each.mean()), variance, human, size, sum(len(c) for _, c in scored))


def _redrawn(scores: Floats, calibration: Floats, tail: float, rng: np.random.Generator) -> Floats:
    """[draw]: the share when the calibration scores are drawn again with replacement."""
    size = len(calibration)
    above, equal = _placed(scores, calibration)
    weights = rng.multinomial(size, np.full(size, 1 / size), size=DRAWS)  # of the scores, largest first
    total = np.concatenate([np.zeros((DRAWS, 1)), weights.cumsum(1)], axis=1)
    places, counts = np.unique(np.column_stack([above, equal]), axis=0, return_counts=True)
    greater = total[:, places[:, 0]]
    ties = total[:, places.sum(1)] - greater
    share: Floats = np.clip((tail * (size + 1) - greater) / (ties + 1), 0.0, 1.0) @ counts / len(scores)
    return share


def log_variance(points: Floats) -> Floats:
    """[dimension]: unbiased log variance of normal points[sample, dimension]; -inf where they do not vary.

    (n - 1) s^2 / sigma^2 is chi-square, so E log s^2 = log sigma^2 + psi((n-1)/2) - log((n-1)/2).
    """
    half = (len(points) - 1) / 2
    variance = points.var(axis=0, ddof=1)
    with np.errstate(divide="ignore"):
        return np.log(variance) - special.psi(half) + np.log(half)


def median_log_variance(synthetic: Floats, human: Floats, *, random_seed: int = 0) -> Against:
    """Median over dimensions of the log variance of synthetic[sample, dimension] minus that of human ones.

    Both sides are cut to the smaller one's number of samples: the error of each dimension's difference is then
    symmetric around zero where nothing was lost. Dimensions, not the human principal directions: these fit the human
    sample's own noise, along them any other sample is narrower. Dimensions in which human samples do not vary are left
    out. Variance by bootstrap of samples. Raises ValueError with fewer than twenty samples on a side, and where
    there is no dimension of variance, or most are without variance on the synthetic side.
    """
    _check(len(synthetic), len(human))
    size = min(len(synthetic), len(human))
    moving = human[:size].std(axis=0) > 1e-9 * max(float(np.abs(human).max()), 1e-300)
    if not moving.any():
        raise ValueError("the human samples' embeddings are all the same")
    sides = [side[:size, moving] - human[:size, moving].mean(0) for side in (synthetic, human)]
    value = float(np.median(log_variance(sides[0]) - log_variance(sides[1])))
    if not np.isfinite(value):
        raise ValueError("most dimensions of the synthetic samples do not vary at all")
    rng = np.random.default_rng(random_seed)
    observed = [log_variance(side) for side in sides]
    drawn = [_drawn_log_variance(side, rng) for side in sides]
    both = np.median(drawn[0] - drawn[1], axis=1)
    by_human = np.median(observed[0] - drawn[1], axis=1)
    growth = size / (size - 1)
    variances = [float(part.var(ddof=1)) * growth for part in (both, by_human)]
    return Against(value, variances[0], min(variances), size, size)


def _drawn_log_variance(points: Floats, rng: np.random.Generator) -> Floats:
    """[draw, dimension]: log variance of samples drawn with replacement, least where they do not vary."""
    size = len(points)
    weights = rng.multinomial(size, np.full(size, 1 / size), size=DRAWS).astype(float)
    mean, square = weights @ points / size, weights @ points**2 / size
    return np.log(np.maximum(square - mean**2, 1e-300))
