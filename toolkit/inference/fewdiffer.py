"""How far apart can two sides be where hardly a cluster has shown them to differ?

A bootstrap redraws what was seen: where two sides agree in every cluster, all its draws are zero, and twelve items
would prove two distributions equal. What twelve items can prove is that few of all items differ, by Clopper & Pearson
(1934), for none of n the rule of three; and distributions that differ in a share p of their mass are at most so far
apart as such a share can be moved.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from toolkit.inference.permutation import TwoSamples

FEW = 5
Farthest = Callable[[float], float]


def farthest_js(share: float) -> float:
    """Jensen-Shannon divergence in nats, at most the total variation times log 2 (Lin 1991)."""
    return share * float(np.log(2))


def farthest_mmd(share: float) -> float:
    """Squared MMD of a kernel between 0 and 1: two point masses without resemblance."""
    return 2 * share**2


def farthest_energy(reach: float) -> Farthest:
    """Energy distance on a scale whose ends lie `reach` apart: twice the integral of the squared difference."""
    return lambda share: 2 * share**2 * reach


def bound_where_few_differ(samples: TwoSamples, level: float, farthest: Farthest) -> float:
    """One-sided upper bound of a distance, from the share of clusters in which two paired sides differ.

    Zero, which bounds nothing from below, where samples are not paired or five clusters and more differ: then there
    is something to resample.
    """
    if not samples.paired:
        return 0.0
    differ, clusters = differing(samples), samples.clusters
    if differ >= FEW:
        return 0.0
    share = 1.0 if differ == clusters else float(special.betaincinv(differ + 1, clusters - differ, level))
    return farthest(share)


def differing(samples: TwoSamples) -> int:
    """In how many clusters of paired samples the sides are not alike."""
    return int((np.abs(samples.signed).sum(1) > 0).sum())
