"""Do tests of whether two sides' scores have one distribution reject as rarely as they say where they have?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.inference.classifier import held_out_auc
from toolkit.inference.kernels import ENERGY, gaussian
from toolkit.inference.permutation import TwoSamples, two_samples
from toolkit.inference.twosample import compare, js_measure, kernel_measure
from toolkit.simulation.calibration.study import ALPHA, Generator, Line, Outcome, Study

Floats = npt.NDArray[np.float64]

PERMUTATIONS = 199
CUTS = special.ndtri(np.cumsum([0.1, 0.15, 0.25, 0.3]))  # between five steps
ALIKE = 0.6  # correlation of what a cluster's items have in common
MEASURES = {
    "Jensen-Shannon": js_measure,
    "energy distance": kernel_measure(ENERGY),
    "maximum mean discrepancy": kernel_measure(gaussian(1.0)),
}
SIZE = (0.03, 0.07)


def _steps(latent: Floats) -> Floats:
    return 1.0 + (latent[:, None] > CUTS).sum(1)


def _items(rng: Generator, clusters: int, each: int) -> tuple[npt.NDArray[np.intp], Floats]:
    """The cluster of each item, and its latent score: normal, alike within clusters."""
    cluster = np.repeat(np.arange(clusters), each)
    common, own = rng.standard_normal(clusters)[cluster], rng.standard_normal(clusters * each)
    return cluster, np.sqrt(ALIKE) * common + np.sqrt(1 - ALIKE) * own


def _rejections(rng: Generator, samples: TwoSamples) -> list[Outcome]:
    seed = int(rng.integers(2**31))
    found = [
        compare(samples, measure, permutations=PERMUTATIONS, draws=None, random_seed=seed)
        for measure in MEASURES.values()
    ]
    return [Outcome(float(one.p_value <= ALPHA)) for one in found]


def _lines(told: str, method: str) -> list[Line]:
    return [Line(f"{name}, {told}", "items", method, SIZE, kind="size", nominal=ALPHA) for name in MEASURES]


def _single(size: int) -> Study:
    """Two samples of single items."""

    def replicate(rng: Generator) -> Sequence[Outcome]:
        return _rejections(rng, two_samples(_steps(rng.standard_normal(size)), _steps(rng.standard_normal(size))))

    return Study(
        "divergence-items", tuple(_lines(f"{size} items a side, five steps", "permutation of items")), replicate
    )


def _paired(clusters: int, each: int) -> Study:
    """Both sides score the same items, which come in clusters."""

    def replicate(rng: Generator) -> Sequence[Outcome]:
        cluster, item = _items(rng, clusters, each)
        first, second = (_steps(np.sqrt(0.6) * item + np.sqrt(0.4) * rng.standard_normal(len(item))) for _ in range(2))
        return _rejections(rng, two_samples(first, second, (cluster, cluster)))

    told = f"both sides score the same items, {clusters} clusters of {each}"
    return Study("divergence-paired", tuple(_lines(told, "sides swapped, cluster by cluster")), replicate)


def _clustered(clusters: int, each: int) -> Study:
    """Each cluster of items lies on one side; the control permutes items, as if they were independent."""

    def replicate(rng: Generator) -> Sequence[Outcome]:
        cluster, item = _items(rng, 2 * clusters, each)
        first, score = cluster < clusters, _steps(item)
        whole = two_samples(score[first], score[~first], (cluster[first], cluster[~first]))
        return [*_rejections(rng, whole), *_rejections(rng, two_samples(score[first], score[~first]))]

    told = f"{clusters} clusters of {each} items a side"
    controls = [
        Line(f"{name}, {told}", "items", "permutation of items, clusters forgotten", (0.10, 1.0), kind="size",
             nominal=ALPHA, negative=True)
        for name in MEASURES
    ]  # fmt: skip
    lines = (*_lines(told, "permutation of clusters"), *controls)
    return Study("divergence-clustered", lines, replicate)


def _classifier(clusters: int, each: int) -> Study:
    """A classifier that is fitted anew for every permutation: fewer of both, folds and permutations."""

    def replicate(rng: Generator) -> Sequence[Outcome]:
        cluster = np.repeat(np.arange(2 * clusters), each)
        x = rng.standard_normal((2 * clusters, 2)).repeat(each, axis=0) + 0.5 * rng.standard_normal((len(cluster), 2))
        first = cluster < clusters
        samples = two_samples(x[first], x[~first], (cluster[first], cluster[~first]))
        found = held_out_auc(samples, folds=2, permutations=19, random_seed=int(rng.integers(2**31)))
        return [Outcome(float(found.p_value <= ALPHA))]

    line = Line(f"classifier's held-out AUC, {clusters} clusters of {each} items a side", "items",
                "fitted anew for each permutation of clusters", SIZE, kind="size", nominal=ALPHA)  # fmt: skip
    return Study("divergence-classifier", (line,), replicate, divisor=10)


STUDIES = (_single(60), _paired(40, 2), _clustered(20, 4), _classifier(12, 3))
