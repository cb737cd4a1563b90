"""How often does a monitor raise a false alarm at any of its looks?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import t_ends
from toolkit.inference.sequential import confidence_sequence, obrien_fleming, spending_interval
from toolkit.simulation.calibration.study import ALPHA, DIFFERENCE, LEVEL, Generator, Line, Outcome, Study

Floats = npt.NDArray[np.float64]
Path = Callable[[Generator, int], Floats]

MEAN, DISCORDANT = 0.05, 0.3  # of an item's difference to the baseline: -1, 0 or 1


def _constant(rng: Generator, looks: int) -> Floats:
    return np.full(looks, MEAN)


def _wave(rng: Generator, looks: int) -> Floats:
    return MEAN + 0.08 * np.sin(np.linspace(0, 3, looks))


def _restless(rng: Generator, looks: int) -> Floats:
    return MEAN + 0.06 * rng.standard_normal(looks)


def _ever(low: Floats, high: Floats, truth: Floats) -> Outcome:
    """Whether any look's interval misses; the width at the last."""
    return Outcome(float(((truth < low) | (truth > high)).any()), float(high[-1] - low[-1]))


def _fresh(name: str, looks: int, items: int, path: Path) -> Study:
    """Fresh items at each look, all of them counted together: the running mean and its target."""
    n = np.arange(1, looks + 1) * items
    bounds = obrien_fleming(looks, ALPHA)
    constant = path is _constant

    def replicate(rng: Generator) -> Sequence[Outcome]:
        expected = path(rng, looks)
        u = rng.random((looks, items))
        share = (DISCORDANT + expected[:, None]) / 2
        x = np.where(u < share, 1.0, np.where(u < DISCORDANT, -1.0, 0.0))
        truth = expected.cumsum() / np.arange(1, looks + 1)
        mean = x.sum(1).cumsum() / n
        variance = ((x**2).sum(1).cumsum() - n * mean**2) / (n - 1)
        low, high = confidence_sequence(n, mean, np.sqrt(variance), ALPHA, n_opt=5.0 * items)
        outcomes = [_ever(low, high, truth)]
        if constant:
            error = np.sqrt(variance / n)
            outcomes.append(_ever(mean - bounds * error, mean + bounds * error, truth))
            ends = [t_ends(m, e**2, k - 1.0, LEVEL, DIFFERENCE) for m, e, k in zip(mean, error, n, strict=True)]
            low, high = np.array(ends).T
            outcomes.append(_ever(low, high, truth))
        return outcomes

    what = f"{looks} looks at {items} fresh items each, {'a constant' if constant else 'a drifting'} effect"
    lines = [Line(what, "items", "confidence sequence", (0.0, 0.05), kind="false alarms", nominal=ALPHA)]
    if constant:
        lines += [
            Line("the same", "items", "O'Brien-Fleming bounds", (0.0, 0.06), kind="false alarms", nominal=ALPHA),
            Line("the same", "items", "ordinary t at every look", (0.12, 1.0), kind="false alarms", nominal=ALPHA,
                 negative=True),
        ]  # fmt: skip
    return Study(name, tuple(lines), replicate)


def _again(looks: int, items: int) -> Study:
    """The same items scored again at each look, against the same baseline: nothing has changed."""

    def replicate(rng: Generator) -> Sequence[Outcome]:
        item = np.sqrt(0.6) * rng.standard_normal(items)
        right = 0.8 + item + np.sqrt(0.4) * rng.standard_normal((looks + 1, items)) > 0
        change = right[1:].astype(float) - right[0]
        mean, error = change.mean(1), change.std(1, ddof=1) / np.sqrt(items)
        ends = [
            spending_interval(float(m), float(e), items - 1.0, k, ALPHA)
            for k, (m, e) in enumerate(zip(mean, error, strict=True), start=1)
        ]
        low, high = np.array(ends).T
        return (_ever(low, high, np.zeros(looks)),)

    line = Line(f"{looks} looks at the same {items} items, nothing changes", "items", "alpha spending, t", (0.0, 0.06),
                kind="false alarms", nominal=ALPHA)  # fmt: skip
    return Study(f"looks-{looks}-again", (line,), replicate)


STUDIES = (
    _fresh("looks-12", 12, 100, _constant),
    _fresh("looks-50", 50, 50, _constant),
    _fresh("looks-12-drifting", 12, 100, _wave),
    _fresh("looks-50-drifting", 50, 50, _restless),
    _again(12, 200),
)
