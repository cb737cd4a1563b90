"""Does the interval of Krippendorff's alpha cover where raters have left out a third of the ratings?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.inference.ratings import rating_interval
from toolkit.inference.ratingsums import Definition
from toolkit.simulation.calibration.study import LEVEL, Generator, Line, Outcome, Study, covers

Floats = npt.NDArray[np.float64]

ITEMS, RATERS, MISSING = 100, 3, 0.3
ALIKE = 0.6  # correlation of two raters' scores of one item
CUTS = special.ndtri([0.2, 0.5, 0.8])  # between four classes


def nominal_alpha(alike: float, cuts: Floats) -> float:
    """1 - observed / expected disagreement of two raters whose latent scores correlate, by quadrature over the item.

    cuts: of the latent score, between classes. For many items (Krippendorff 2011 with n - 1 as n).
    """
    z, weights = special.roots_legendre(400)
    z, density = 8 * z, 8 * weights * np.exp(-32 * z**2) / np.sqrt(2 * np.pi)
    below = special.ndtr(
        (np.concatenate([[-np.inf], cuts, [np.inf]])[:, None] - np.sqrt(alike) * z) / np.sqrt(1 - alike)
    )
    given = np.diff(below, axis=0)  # chance of each class, given the item
    agreed, shares = ((given**2).sum(0) * density).sum(), (given * density).sum(1)
    return float(1 - (1 - agreed) / (1 - (shares**2).sum()))


def _study() -> Study:
    truths = (nominal_alpha(ALIKE, CUTS), ALIKE)

    def replicate(rng: Generator) -> Sequence[Outcome]:
        item, own = rng.standard_normal((ITEMS, 1)), rng.standard_normal((ITEMS, RATERS))
        scores = np.sqrt(ALIKE) * item + np.sqrt(1 - ALIKE) * own
        classes = np.searchsorted(CUTS, scores).astype(float)
        missing = rng.random(scores.shape) < MISSING
        return (
            _alpha(np.where(missing, np.nan, classes), "nominal", truths[0]),
            _alpha(np.where(missing, np.nan, scores), "interval", truths[1]),
            # A rating left out is no rating: as a class of its own it makes raters look apart.
            _alpha(np.where(missing, len(CUTS) + 1.0, classes), "nominal", truths[0]),
        )

    told = f"Krippendorff's alpha, {RATERS} raters of {ITEMS} items, {MISSING:.0%} missing".replace("%", " %")
    method = "item jackknife on Fisher's z, t"
    lines = (
        Line(f"{told}, four classes", "items", method, (0.93, 0.985)),
        Line(f"{told}, interval distance", "items", method, (0.93, 0.985)),
        Line("four classes, missing ratings as a class of their own", "items", method, (0.0, 0.80), negative=True),
    )
    return Study("missing-ratings", lines, replicate)


def _alpha(ratings: Floats, definition: Definition, truth: float) -> Outcome:
    return covers(rating_interval(ratings, "krippendorff_alpha", definition, level=LEVEL), truth)


STUDIES = (_study(),)
