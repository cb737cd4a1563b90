"""How many human labels does the judge replace, and how many would the wanted precision take?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from toolkit.inference.ppi import FEWEST_LABELS, Corrected
from toolkit.inference.quantiles import z_quantile

SURE = 0.8
MORE_JUDGED = "more judged items needed: the judge's mean over the present ones is itself too uncertain"
NO_SPREAD = "all human labels are alike, or differ from the judge alike: label more items to see how they vary"


@dataclass(frozen=True)
class Needed:
    """Labels for a target half-width; None with the reason where labels alone cannot reach it."""

    labels: int | None
    reason: str | None = None


def labels_saved(found: Corrected) -> float | None:
    """How many further labels, drawn at random, would narrow the interval as much as the judge's scores do.

    labels x (variance of the labels alone / variance with the judge - 1); below 0 where tuning the weight to few
    labels cost more than it brought; None where one of the two variances is not known.
    """
    if not (found.variance > 0 and found.human_variance > 0):
        return None
    return found.labels * (found.human_variance / found.variance - 1)


def labels_needed(
    found: Corrected, half_width: float, *, level: float = 0.95, design: float = 1.0, scale: float | None = None
) -> Needed:
    """Labels with which the corrected mean's interval reaches `half_width` to each side.

    n = z^2 v / (h^2 - z^2 lambda^2 Var(J) / N), with v the upper 80 % bound of the residual variance, from the
    chi-squared distribution, so that the target is met in about four of five cases (exactly enough would miss
    half of the time). N: items that the judge scored, and people did not label. design: variance relative to
    labels drawn independently (clusters). scale: the width of the scale, where errors may be rare and whole: the bound
    then has 2 df / (k - 1) degrees of freedom (Box 1953), k the kurtosis, at most scale^2 / variance. Raises
    ValueError unless half_width is positive.
    """
    if not half_width > 0:
        raise ValueError(f"the half-width must be positive, got {half_width}")
    df = found.labels - (2 if found.weight > 0 else 1)
    if found.labels < FEWEST_LABELS or df < 1:
        return Needed(None, f"needs human labels of at least {FEWEST_LABELS} items to see how they vary")
    if not found.residual_variance > 0:
        return Needed(None, NO_SPREAD)
    upper = _upper(found.residual_variance, df, scale)
    z2 = z_quantile(level) ** 2
    spare = half_width**2 - z2 * found.weight**2 * found.judge_variance / max(found.judged - found.labels, 1)
    if spare <= 0:
        return Needed(None, MORE_JUDGED)
    return Needed(math.ceil(z2 * upper * design / spare))


def _upper(variance: float, df: float, scale: float | None) -> float:
    """Upper 80 % bound of a variance."""
    if scale is None:
        return variance * df / float(special.chdtri(df, SURE))
    heavy = 2 * df / (max(3.0, scale**2 / variance) - 1)
    return min(variance * heavy / float(special.chdtri(heavy, SURE)), max(scale**2, variance))
