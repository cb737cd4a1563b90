"""What does a population of test items, answered by models trained anew, score on average?

An answer is right with probability expit(m + u), m what the condition does, u the sum of normal effects of the
item and of the training run; the population's mean is E expit(N(m, sd^2)).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(101)
NODES: Floats = _NODES
WEIGHTS: Floats = _WEIGHTS / _WEIGHTS.sum()


def mean_share(logit: npt.ArrayLike, sd: float) -> Floats:
    """E expit(N(logit, sd^2)) by Gauss-Hermite quadrature, in the shape of `logit`; exact to about 1e-9."""
    logits = np.asarray(logit, dtype=float)[..., None] + sd * NODES
    return (special.expit(logits) * WEIGHTS).sum(-1)


def probit_share(mean: npt.ArrayLike) -> Floats:
    """P(N(mean, 1) > 0), in the shape of `mean`: the population's score in probit models of unit variance."""
    return special.ndtr(np.asarray(mean, dtype=float))
