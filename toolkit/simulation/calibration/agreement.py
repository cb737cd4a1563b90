"""Do the intervals of agreement beyond chance cover?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.inference.agreement import agreement_intervals, by_cluster, coefficients
from toolkit.simulation.calibration.study import LEVEL, Generator, Line, Outcome, Study, covers

Floats = npt.NDArray[np.float64]

PREVALENCE, ITEMS = 0.3, 100
CORRELATION, LENIENCE = 0.8, 0.2  # of the two raters' latent margins; how far the second rates higher


def shares() -> Floats:
    """P[first, second]: how often two raters use each pair of the categories, by quadrature over what they share."""
    z, weights = special.roots_legendre(400)
    z, density = 8 * z, 8 * weights * np.exp(-32 * z**2) / np.sqrt(2 * np.pi)
    cut, own = special.ndtri(PREVALENCE), np.sqrt(1 - CORRELATION)
    yes = [special.ndtr((np.sqrt(CORRELATION) * z + shift - cut) / own) for shift in (0.0, LENIENCE)]
    first, second = (np.stack([1 - p, p]) for p in yes)
    return np.asarray((first[:, None] * second[None] * density).sum(-1))


def _study() -> Study:
    P = shares()
    truth = {name: float(value) for name, value in coefficients(P * 1e9).items()}
    names = {"agreement": "raw agreement", "cohen_kappa": "Cohen's kappa", "gwet_ac1": "Gwet's AC1",
             "krippendorff_alpha": "Krippendorff's alpha"}  # fmt: skip

    def replicate(rng: Generator) -> Sequence[Outcome]:
        pair = rng.choice(4, size=ITEMS, p=P.ravel())
        C = by_cluster(pair // 2, pair % 2, np.ones(ITEMS), np.arange(ITEMS))
        found = agreement_intervals(C, LEVEL)
        return [covers(found[name], truth[name]) for name in names]

    lines = tuple(
        Line(f"{text}, {ITEMS} items, prevalence {PREVALENCE:g}", "items", "item jackknife on Fisher's z, t",
             (0.93, 0.985), refusals=0.0 if name == "agreement" else 0.01)
        for name, text in names.items()
    )  # fmt: skip
    return Study("agreement", lines, replicate)


STUDIES = (_study(),)
