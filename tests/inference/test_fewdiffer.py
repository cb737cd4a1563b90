"""Is a distance bounded honestly where judge and people differ in hardly an item?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon
from statsmodels.stats.proportion import proportion_confint

from toolkit.inference.fewdiffer import (
    bound_where_few_differ,
    differing,
    farthest_energy,
    farthest_js,
    farthest_mmd,
)
from toolkit.inference.kernels import ENERGY, gaussian
from toolkit.inference.permutation import two_samples
from toolkit.inference.twosample import compare, js_measure, kernel_measure


def judged(n, differ, rng=None):
    """n items scored 0 or 1 by people; a judge who differs in the first `differ` of them."""
    human = np.arange(n) % 2 if rng is None else rng.integers(0, 2, n)
    judge = human.copy()
    judge[:differ] = 1 - judge[:differ]
    return two_samples(judge, human, (np.arange(n), np.arange(n)))


@pytest.mark.parametrize(("n", "differ"), [(12, 0), (12, 4), (40, 1), (300, 0)])
def test_the_share_is_clopper_and_pearsons(n, differ):
    """One-sided, and zero where five differ: then there is something to resample."""
    want = proportion_confint(differ, n, alpha=0.1, method="beta")[1]
    assert bound_where_few_differ(judged(n, differ), 0.95, lambda share: share) == pytest.approx(want, rel=1e-9)
    if differ == 0:
        assert want == pytest.approx(1 - 0.05 ** (1 / n))  # the rule of three
    assert differing(judged(n, differ)) == differ
    assert bound_where_few_differ(judged(n, 5), 0.95, lambda share: share) == 0


def test_nothing_lies_farther_than_the_farthest():
    """Distances of random distributions, by SciPy, against the mass in which they differ; attained by two points."""
    rng = np.random.default_rng(0)
    points = np.linspace(0, 4, 7)
    kernel = np.exp(-((points[:, None] - points) ** 2))
    for _ in range(200):
        p, q = rng.dirichlet(np.full(7, 0.3), 2)
        share = np.abs(p - q).sum() / 2
        assert jensenshannon(p, q) ** 2 <= farthest_js(share) + 1e-12
        assert stats.energy_distance(points, points, p, q) ** 2 <= farthest_energy(4)(share) + 1e-12
        assert (p - q) @ kernel @ (p - q) <= farthest_mmd(share) + 1e-12
    assert stats.energy_distance([0], [4]) ** 2 == pytest.approx(farthest_energy(4)(1.0))
    assert jensenshannon([1, 0], [0, 1]) ** 2 == pytest.approx(farthest_js(1.0))


@pytest.mark.parametrize(("measure", "farthest"), [
    (js_measure, farthest_js), (kernel_measure(ENERGY), farthest_energy(1.0)),
    (kernel_measure(gaussian(1.0)), farthest_mmd),
])  # fmt: skip
def test_items_that_all_agree_prove_no_equality(measure, farthest):
    """Twelve of twelve alike: the bootstrap alone says that nothing lies between them."""
    samples = judged(12, 0)
    assert compare(samples, measure).upper == pytest.approx(0, abs=0.02)
    assert compare(samples, measure, farthest=farthest).upper == pytest.approx(farthest(1 - 0.05 ** (1 / 12)))
    many = judged(200, 60)
    assert compare(many, measure, farthest=farthest).upper == compare(many, measure).upper


def test_the_bound_covers_where_the_bootstrap_alone_does_not():
    """Of all items the judge turns one in eight from wrong to right; fifteen are seen."""
    rng = np.random.default_rng(1)
    measure, held = kernel_measure(ENERGY), np.zeros(2)
    truth = 2 * (0.5 * 0.25) ** 2  # the mean score moves by an eighth; twice the squared difference of two Bernoullis
    for r in range(200):
        human = rng.integers(0, 2, 15)
        judge = np.where(rng.random(15) < 0.25, 1, human)
        samples = two_samples(judge, human, (np.arange(15), np.arange(15)))
        for place, farthest in enumerate((None, farthest_energy(1.0))):
            found = compare(samples, measure, permutations=199, draws=199, farthest=farthest, random_seed=r)
            held[place] += found.upper >= truth
    assert held[1] / 200 >= 0.93
    assert held[0] < held[1]
