"""How much was lost since the best stage, without counting the luck of the best stage as a loss.

The plug-in max over l of R[l, j] - R[K, j] is biased upwards: the maximum picks lucky stages. Cross-fitting
chooses the stage on one half of the items and evaluates it on the other (ten random half splits, both ways),
which is biased downwards if at all; the interval is the bracket from the lower end of the cross-fit to the
upper end of the plug-in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from toolkit.cube.scores import Scores
from toolkit.inference.interval import Interval
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import Statistic, column_statistics, mean_of

Floats = npt.NDArray[np.float64]
SPLITS = 10


@dataclass(frozen=True)
class Bracket:
    """Both ends as statistics: what cross-fitting and what the plug-in say."""

    cross_fit: Statistic
    plug_in: Statistic

    def interval(self, *, level: float, bounds: tuple[float, float]) -> Interval:
        """Cross-fit value with the bracket [lower end of cross-fit, upper end of plug-in]."""
        inner = interval([self.cross_fit], level=level, bounds=bounds)
        outer = interval([self.plug_in], level=level, bounds=bounds)
        if inner.low is None or outer.high is None:
            return replace(inner, low=None, high=None, reason=inner.reason or outer.reason)
        method = f"bracket of cross-fit and plug-in, {inner.method}"
        return replace(inner, high=max(outer.high, inner.value), method=method)


def max_forgetting_brackets(
    scores: Scores, arm: str, *, items: dict[str, int], random_seed: int = 0
) -> dict[str, Bracket]:
    """The bracket of each task before the last; tasks without items, or too few to be halved, are left out."""
    result = {}
    a, last = scores.arms.index(arm), len(scores.stages) - 1
    for j, task in enumerate(scores.tasks):
        sums = scores.sums[j]
        arrival = j + 1
        if sums is None or arrival >= last:
            continue
        here = np.asarray(np.isfinite(scores.mean[a, :, arrival:, j]).all(-1))
        if not here.any():
            continue
        n, total = sums.n[a][here][:, arrival:], sums.total[a][here][:, arrival:]  # [seed, stage, bucket]
        crossed = _cross_fit(n, total, np.random.default_rng([random_seed, j]))
        if crossed is None:
            continue
        cross, chosen = crossed
        loss = total.sum(-1) / n.sum(-1)
        best = (loss[:, :-1] - loss[:, -1:]).argmax(1)
        weights = np.eye(loss.shape[1] - 1)[best]
        cross_fit = _weighted_loss(scores, arm, task, chosen, here, items)
        plug_in = _weighted_loss(scores, arm, task, weights, here, items)
        result[task] = Bracket(replace(cross_fit, values=cross), plug_in)
    return result


def mean_bracket(brackets: dict[str, Bracket]) -> Bracket:
    """Mean over tasks."""
    cross = mean_of([bracket.cross_fit for bracket in brackets.values()])
    return Bracket(cross, mean_of([bracket.plug_in for bracket in brackets.values()]))


def _cross_fit(n: Floats, total: Floats, rng: np.random.Generator) -> tuple[Floats, Floats] | None:
    """Values [seed], and the share of splits in which each stage was chosen [seed, stage].

    None where no split leaves items of every cell in both halves.
    """
    buckets = n.shape[-1]
    halves = np.array([rng.permutation(buckets) < buckets // 2 for _ in range(SPLITS)])
    masks = np.array([halves, ~halves]).astype(float)  # [half, split, bucket]
    sizes = np.einsum("hxb,skb->hxsk", masks, n)
    whole = (sizes > 0).all((0, 2, 3))
    if not whole.any():
        return None
    means = np.einsum("hxb,skb->hxsk", masks[:, whole], total) / sizes[:, whole]
    loss = means[..., :-1] - means[..., -1:]  # [half, split, seed, stage]
    chosen = loss.argmax(-1)
    values = np.take_along_axis(loss[::-1], chosen[..., None], -1)[..., 0]  # on the opposite half
    share = np.eye(loss.shape[-1])[chosen].mean((0, 1))
    return values.mean((0, 1)), share


def _weighted_loss(
    scores: Scores, arm: str, task: str, weights: Floats, here: npt.NDArray[np.bool_], items: dict[str, int]
) -> Statistic:
    """The loss from a weighted mean of stages [seed, stage since arrival, last left out] to the last stage."""
    full = np.zeros((len(here), weights.shape[1]))
    full[here] = weights
    j = scores.tasks.index(task)

    def metric(c: Floats, arrival: int) -> Floats:
        if arrival != j + 1:
            return np.full(c.shape[:-1], np.nan)
        loss: Floats = (c[..., arrival:-1] * full).sum(-1) - c[..., -1]
        return np.where(full.sum(-1) > 0, loss, np.nan)

    return column_statistics(scores, arm, metric, items=items, difference=True)[task]
