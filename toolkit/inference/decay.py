"""How fast does what was learned fade: a rate per stage, and the stages after which half of it is left?

Each task's scores from arrival on are q_t exp(-rate x(age)), with a level q_t of its own: exponential decay has
x = age, a power law x = log(1 + age), and no decay a rate of zero. A task's rate solves the quasi-Poisson score;
the mean rate and its interval are those of a random-effects model over tasks (Knapp & Hartung 2003), because early
tasks are followed for many stages and late ones for a few. A half-life comes from inverting the rate's interval,
whose end may be infinite: an interval made on the scale of the half-life covers nothing when nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from toolkit.inference.metaregression import meta_regression
from toolkit.inference.quantiles import t_quantile

Floats = npt.NDArray[np.float64]
Shape = Literal["exponential", "power", "constant"]
SHAPES: tuple[Shape, ...] = ("exponential", "power", "constant")
FEWEST = 3
LONGEST = 1e6  # stages: what takes longer to halve does not decay


@dataclass(frozen=True)
class Decay:
    """A fitted curve of retention.

    rate: mean over tasks, per stage (exponential) or per unit of log(1 + age) (power); se, df: over tasks;
    tasks: how many have two ages or more; prediction: [task], deviance of each when the rate is fitted without it
    """

    shape: Shape
    rate: float
    se: float
    df: int
    tasks: int
    prediction: Floats

    def rate_interval(self, level: float) -> tuple[float, float]:
        """Confidence interval of the rate."""
        half = t_quantile(level, self.df) * self.se
        return self.rate - half, self.rate + half

    @property
    def half_life(self) -> float:
        """Stages until half of the score at arrival is left; infinite where the rate is not above zero."""
        return self._half_life(self.rate)

    def half_life_interval(self, level: float) -> tuple[float, float]:
        """The rate's interval, inverted; the upper end, and even the lower, may be infinite."""
        low, high = self.rate_interval(level)
        return self._half_life(high), self._half_life(low)

    def _half_life(self, rate: float) -> float:
        if rate <= 0:
            return float("inf")
        halvings = float(np.log(2)) / rate
        if self.shape == "power":
            halvings = float(np.expm1(min(halvings, 700.0)))
        return halvings if halvings < LONGEST else float("inf")

    def curve(self, age: Floats) -> Floats:
        """Share of the score at arrival that is left at these ages."""
        return np.exp(-self.rate * _moved(age, self.shape))


def fit_decay(curves: Floats, shape: Shape = "exponential") -> Decay:
    """Fit one rate to curves[task, age], scores from arrival (age 0) on, nan where not evaluated.

    Raises ValueError with fewer than three tasks of two ages or more, or a curve whose scores are not above zero.
    """
    curves = np.asarray(curves, dtype=float)
    curves = curves[np.isfinite(curves).sum(1) > 1]
    tasks = len(curves)
    if tasks < FEWEST:
        raise ValueError(f"needs at least {FEWEST} tasks that were evaluated again after their arrival")
    if not (curves[:, 0] > 0).all() or np.nanmin(curves) < 0:
        raise ValueError("needs scores above zero at arrival: shares of nothing do not decay")
    x = _moved(np.arange(curves.shape[1], dtype=float), shape)
    if shape == "constant":
        rate, se, without = 0.0, 0.0, np.zeros(tasks)
    else:
        each, variance = _by_task(curves, x)
        rate, se = _mean_rate(each, variance)
        keep = ~np.eye(tasks, dtype=bool)
        without = np.array([_mean_rate(each[row], variance[row])[0] for row in keep])
    prediction = np.array([_deviance(curve, x, r) for curve, r in zip(curves, without, strict=True)])
    return Decay(shape, rate, se, tasks - 1, tasks, prediction)


def _mean_rate(each: Floats, variance: Floats) -> tuple[float, float]:
    fit = meta_regression(each, variance)
    return float(fit.coefficients[0]), float(fit.errors[0])


def _by_task(curves: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Each task's rate and the variance of its estimate, [task]; the dispersion is that of all tasks together."""
    rates, information, scatter, spare = [], [], 0.0, 0
    for curve in curves:
        here = np.isfinite(curve)
        y, at = curve[here], x[here]
        rate = _rate(y, at)
        expected, centred = _fitted(y, at, rate)
        rates.append(rate)
        information.append(float((expected * centred**2).sum()))
        scatter += float(((y - expected) ** 2 / expected).sum())
        spare += len(y) - 2
    dispersion = max(scatter / max(spare, 1), 1e-12)
    return np.array(rates), dispersion / np.array(information)


def _moved(age: Floats, shape: Shape) -> Floats:
    return np.log1p(age) if shape == "power" else age


def _fitted(y: Floats, x: Floats, rate: float) -> tuple[Floats, Floats]:
    """Expected scores at a rate, their level fitted, and x centred with them as weights; [age] each."""
    e = np.exp(-rate * (x - x[0]))
    return y.sum() * e / e.sum(), x - (e * x).sum() / e.sum()


def _rate(y: Floats, x: Floats) -> float:
    """Root of one task's profile score, by Newton's method in bounded steps."""
    rate = 0.0
    for _ in range(100):
        expected, centred = _fitted(y, x, rate)
        step = float(np.clip((expected - y) @ centred / (expected @ centred**2), -0.5, 0.5))
        rate += step
        if abs(step) < 1e-12:
            break
    return rate


def _deviance(curve: Floats, x: Floats, rate: float) -> float:
    """Quasi-Poisson deviance of one task's scores at a given rate, its level fitted, per score."""
    here = np.isfinite(curve)
    y = curve[here]
    expected, _ = _fitted(y, x[here], rate)
    ratio = np.where(y > 0, y / expected, 1.0)
    return float(2 * (y * np.log(ratio) - (y - expected)).sum() / len(y))
