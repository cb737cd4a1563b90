"""Does the mean by people's measure cover where few labels correct a judge's scores of many items?

Items, people and judge are normal on a latent scale, on which the judge correlates .9 (Likert .8) with people and is
too kind; the share that people call right, or their mean on five steps, is then known in closed form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.inference.ppi import Corrected, ppi_mean
from toolkit.inference.ppi_design import ppi_design
from toolkit.simulation.calibration.study import REFUSED, Generator, Line, Outcome, Study, ends_cover

Floats = npt.NDArray[np.float64]
Draw = Callable[[Generator, int], tuple[Floats, Floats]]

JUDGED = 2000  # items that nobody labelled
CUTS = np.array([-2.0, -1.2, -0.4, 0.6])
LIKERT = 1.0 + float(special.ndtr(-CUTS).sum())
SHARE, SCALE = (0.0, 1.0), (1.0, 5.0)
BAND = (0.92, 0.975)
GATED = "gated PPI++"


def _binary(share: float, *, hard: bool) -> Draw:
    """People's 0 or 1 and a judge's, who names the class (hard) or its chance."""
    centre = special.ndtri(share)

    def draw(rng: Generator, size: int) -> tuple[Floats, Floats]:
        latent, noise = rng.standard_normal((2, size))
        margin = centre + 0.3 + 0.9 * latent + np.sqrt(1 - 0.81) * noise
        return (centre + latent > 0).astype(float), (margin > 0).astype(float) if hard else special.ndtr(margin)

    return draw


def _steps(latent: Floats) -> Floats:
    return 1.0 + (latent[:, None] > CUTS).sum(1)


def likert(rng: Generator, size: int) -> tuple[Floats, Floats]:
    """People's steps and a judge's, of five; people's mean is `LIKERT`."""
    latent, noise = rng.standard_normal((2, size))
    return _steps(latent), _steps(0.4 + 0.8 * latent + 0.6 * noise)


def covered(found: Corrected, truth: float) -> Outcome:
    """Whether the corrected mean's interval holds the truth."""
    if found.low is None or found.high is None:
        return REFUSED
    return ends_cover(found.low, found.high, truth)


def _plain(
    name: str, told: str, draw: Draw, labels: int, truth: float, bounds: tuple[float, float] = SHARE,
    *, control: bool = False,
) -> Study:  # fmt: skip
    """Labels drawn at random; the control is PPI++ as published, which trusts a judge whose errors go unseen."""

    def replicate(rng: Generator) -> Sequence[Outcome]:
        y, f = draw(rng, JUDGED + labels)
        gates = (True, False) if control else (True,)
        return [
            covered(ppi_mean(y[:labels], f[:labels], f[labels:], bounds=bounds, gate=gate), truth) for gate in gates
        ]

    lines = [Line(f"mean from {labels} human labels, {told}", "items", GATED, BAND)]
    if control:
        lines.append(Line("the same", "items", "PPI++ without the gate", (0.0, 0.80), negative=True))
    return Study(name, tuple(lines), replicate)


def _clustered(passages: int, seen: int, each: int) -> Study:
    """Whole passages of items are labelled; people and judge have passages in common."""
    cluster = np.repeat(np.arange(passages), each)
    size = passages * each

    def replicate(rng: Generator) -> Sequence[Outcome]:
        latent = 0.8 * rng.standard_normal(passages)[cluster] + 0.6 * rng.standard_normal(size)
        own = 0.5 * rng.standard_normal(passages)[cluster] + 0.8 * rng.standard_normal(size)
        f = special.ndtr(0.3 + 0.6 * latent + own)
        y = np.where(cluster < seen, (latent > -0.3).astype(float), np.nan)
        truth = float(special.ndtr(0.3))
        return (
            covered(ppi_design(y, f, clusters=cluster, bounds=SHARE), truth),
            covered(ppi_design(y, f, bounds=SHARE), truth),
        )

    lines = (
        Line(f"mean from {seen} of {passages} passages of {each} items, labelled whole", "items",
             f"{GATED}, sums by passage", BAND),
        Line("the same", "items", f"{GATED}, passages forgotten", (0.0, 0.88), negative=True),
    )  # fmt: skip
    return Study("few-labels-clustered", lines, replicate)


def _stratified(size: int, drawn: tuple[int, ...]) -> Study:
    """Labels by quintiles of the judge's scores, most where it is low; people's marks fall faster than the judge's."""
    shares = np.arange(1, len(drawn)) / len(drawn)

    def replicate(rng: Generator) -> Sequence[Outcome]:
        y, f = likert(rng, size)
        # Ties of the judge's five steps are broken at random, so that strata have known and equal sizes.
        stratum = np.searchsorted(shares * size, np.argsort(np.lexsort((rng.random(size), f))), side="right")
        hidden, chance = np.full(size, np.nan), np.ones(size)
        for h, n in enumerate(drawn):
            here = np.flatnonzero(stratum == h)
            at = rng.choice(here, n, replace=False)
            hidden[at], chance[at] = y[at], n / len(here)
        return (
            covered(ppi_design(hidden, f, chance=chance, strata=stratum.astype(str), bounds=SCALE), LIKERT),
            covered(
                ppi_design(hidden, f, chance=chance, strata=stratum.astype(str), bounds=SCALE, population=True),
                float(y.mean()),
            ),
            covered(ppi_design(hidden, np.full(size, 3.0), bounds=SCALE), LIKERT),
        )

    told = (
        f"mean from {sum(drawn)} human labels of {size}, drawn by quintiles of the judge's scores with unequal chances"
    )
    lines = (
        Line(told, "items", f"{GATED}, chances and strata known", BAND),
        Line("the same, of these very items", "items", f"{GATED}, chances and strata known, fixed population", BAND),
        Line("the same", "items", "t, labels as if drawn evenly, no judge", (0.0, 0.88), negative=True),
    )
    return Study("few-labels-stratified", lines, replicate)


STUDIES = (
    _plain("few-labels-20", "60 % right, the judge gives chances", _binary(0.6, hard=False), 20, 0.6),
    _plain("few-labels-50", "80 % right, the judge names classes", _binary(0.8, hard=True), 50, 0.8),
    _plain("few-labels-high", "95 % right, the judge gives chances", _binary(0.95, hard=False), 50, 0.95),
    _plain("few-labels-likert", "five steps", likert, 50, LIKERT, SCALE),
    _plain("few-labels-rare", "95 % right, the judge names classes", _binary(0.95, hard=True), 20, 0.95, control=True),
    _clustered(100, 25, 8),
    _stratified(1000, (20, 14, 10, 10, 6)),
)
