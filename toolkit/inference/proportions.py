"""Which intervals hold for few binary items: Wilson for one proportion, Tango and Newcombe for differences of two."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from toolkit.inference.quantiles import z_quantile


def wilson(successes: float, n: float, level: float) -> tuple[float, float]:
    """Wilson's score interval for a proportion (Wilson 1927); n may be an effective size."""
    z = z_quantile(level)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At the edges rounding may leave 1e-17 where the limit is 0 or 1.
    return (0.0 if successes == 0 else float(centre - half)), (1.0 if successes == n else float(centre + half))


def newcombe(first: tuple[float, float], second: tuple[float, float], level: float) -> tuple[float, float]:
    """Newcombe's hybrid score interval for the difference of two independent proportions (Newcombe 1998, method 10).

    first, second: (successes, n) each.
    """
    p, q = first[0] / first[1], second[0] / second[1]
    (l1, u1), (l2, u2) = wilson(*first, level), wilson(*second, level)
    below, above = np.hypot(p - l1, u2 - q), np.hypot(u1 - p, q - l2)
    return float(p - q - below), float(p - q + above)


def tango(n10: int, n01: int, n: int, level: float) -> tuple[float, float]:
    """Tango's score interval for the difference of two paired proportions, (n10 - n01) / n (Tango 1998).

    n10, n01: items right in the first or in the second condition only; n: all items.
    """
    z = z_quantile(level)

    def score(delta: float) -> float:
        # Restricted maximum-likelihood estimate of the share of n01, Tango 1998, equation 6.
        a = 2.0 * n
        b = -n10 - n01 + (2.0 * n - n10 + n01) * delta
        c = -n01 * delta * (1 - delta)
        q = (np.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
        difference = n10 - n01 - n * delta
        variance = n * (2 * q + delta * (1 - delta))
        if variance <= 0 or difference == 0:
            return float(np.sign(difference)) * (np.inf if difference else 0.0)
        return float(difference / np.sqrt(variance))

    value = (n10 - n01) / n
    low = -1.0 if n01 == n else _where(score, z, -1.0, value)
    high = 1.0 if n10 == n else _where(score, -z, value, 1.0)
    return low, high


def mcnemar(n10: int, n01: int) -> float:
    """Exact two-sided p-value of no difference between two paired proportions (McNemar 1947; binomial).

    n10, n01: items right in the first or in the second condition only.
    """
    return float(min(1.0, 2 * special.bdtr(min(n10, n01), n10 + n01, 0.5)))


def _where(score: Callable[[float], float], target: float, left: float, right: float) -> float:
    """Where the score, which falls from left to right, passes the target: bisection to the last digit."""
    for _ in range(60):
        middle = (left + right) / 2
        left, right = (middle, right) if score(middle) > target else (left, middle)
    return (left + right) / 2
