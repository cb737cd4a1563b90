"""New people rating new items: the crossed variance against sandwich, lme4 and statsmodels, and what it covers."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.regression.linear_model import WLS

from toolkit.inference.raters import raters_interval, two_way

RECORDED = json.loads((Path(__file__).parents[1] / "oracles" / "raters.json").read_text())
WIDE = (-9.0, 9.0)


def influence_of(y, w):
    y, w = np.asarray(y), np.asarray(w)
    return w * (y - w @ y / w.sum()) / w.sum()


def seen(rng, items, raters, design):
    """Who rated what: item and rater of each rating."""
    if design == "full":
        here = np.ones((items, raters), dtype=bool)
    elif design == "two of them":
        here = np.argsort(rng.random((items, raters)), axis=1) < 2
    elif design == "uneven":
        here = rng.random((items, raters)) < np.linspace(0.2, 0.9, raters)
    else:  # one
        here = np.arange(raters) == rng.integers(0, raters, items)[:, None]
    return np.nonzero(here)


def test_the_parts_are_those_of_sandwich_for_an_incomplete_weighted_design():
    """R's vcovCL, HC0 without adjustment: by item, by rater, by both, and the two-way covariance of the mean."""
    data = RECORDED["incomplete"]
    got = two_way(influence_of(data["y"], data["w"]), data["item"], data["rater"])
    assert (got.items, got.raters, got.both) == pytest.approx((data["items"], data["raters"], data["both"]), rel=1e-10)
    assert got.items + got.raters - got.both == pytest.approx(data["variance"], rel=1e-10)


def test_the_two_way_covariance_is_that_of_statsmodels():
    """cov_type="cluster" with two columns of groups, no correction."""
    rng = np.random.default_rng(1)
    item, rater = seen(rng, 50, 4, "uneven")
    y, w = rng.normal(size=len(item)) + rng.normal(size=4)[rater], rng.uniform(0.5, 3, len(item))
    groups = {"groups": np.column_stack([item, rater]), "use_correction": False}
    fit = WLS(y, np.ones(len(y)), weights=w).fit(cov_type="cluster", cov_kwds=groups)
    got = two_way(influence_of(y, w), item, rater)
    assert got.items + got.raters - got.both == pytest.approx(float(fit.cov_params()[0, 0]), rel=1e-8)


def test_a_complete_design_is_the_crossed_analysis_of_variance():
    """lme4's variance of the mean with random items and raters (REML, complete design), and mean squares by hand."""
    data = RECORDED["complete"]
    got = raters_interval(data["y"], data["w"], data["item"], data["rater"], level=0.95, bounds=WIDE)
    assert got.value == pytest.approx(data["mean"], rel=1e-9)
    assert got.variance == pytest.approx(data["variance"], rel=1e-6)
    table = np.asarray(data["y"]).reshape(4, 40)  # [rater, item]
    rest = table - table.mean(0) - table.mean(1)[:, None] + table.mean()
    residual = (rest**2).sum() / (3 * 39) / 160
    assert got.items == pytest.approx(table.mean(0).var(ddof=1) / 40)
    assert got.raters == pytest.approx(table.mean(1).var(ddof=1) / 4)
    assert got.residual == pytest.approx(residual)
    assert got.variance == pytest.approx(got.items + got.raters - residual)


def test_people_who_differ_far_more_than_items_leave_t_over_people():
    """Almost all variance between four people: Student's t of their means."""
    rng = np.random.default_rng(2)
    means = np.array([0.0, 1.0, 3.0, 7.0])
    item, rater = seen(rng, 30, 4, "full")
    y = means[rater] + 1e-4 * rng.normal(size=len(item))
    got = raters_interval(y, np.ones(len(y)), item, rater, level=0.95, bounds=(-50, 50))
    want = stats.ttest_1samp(means, 0).confidence_interval()
    assert (got.low, got.high) == pytest.approx((want.low, want.high), abs=1e-3)
    assert got.df == pytest.approx(3, abs=1e-3)


def test_unequal_shares_take_the_factor_and_freedom_of_simulated_sums():
    """One person has half of all ratings: the part of people is unbiased, and as variable as its df says."""
    rng = np.random.default_rng(3)
    share = np.array([0.5, 0.2, 0.2, 0.1])
    rater = np.repeat(np.arange(4), (100 * share).astype(int))
    effects = rng.normal(size=(100_000, 4))
    sums = ((share * (effects - (effects @ share)[:, None])) ** 2).sum(1)
    got = raters_interval(effects[0][rater], np.ones(100), np.arange(100), rater, level=0.95, bounds=WIDE)
    factor = got.raters / sums[0]
    assert factor * sums.mean() == pytest.approx((share**2).sum(), rel=0.015)
    many = raters_interval(
        np.repeat(effects[0], 1000), np.repeat(share, 1000), np.tile(np.arange(1000), 4),
        np.repeat(np.arange(4), 1000), level=0.95, bounds=WIDE,
    )  # fmt: skip
    assert many.df == pytest.approx(2 * sums.mean() ** 2 / sums.var(), rel=0.04)
    assert many.df < 3


@pytest.mark.parametrize("design", ["full", "two of them", "uneven"])
@pytest.mark.parametrize(("raters", "items"), [(3, 50), (5, 100), (10, 200)])
@pytest.mark.parametrize("spread", [0.0, 0.1, 0.4])
def test_coverage_for_new_people_and_items(design, raters, items, spread):
    """Items vary by .25 and ratings by .2. The items-only interval, read as raters, is the control."""
    rng = np.random.default_rng([raters, items, int(100 * spread)])
    replicates, hits, by_items = 400, 0, 0
    for _ in range(replicates):
        item, rater = seen(rng, items, raters, design)
        y = rng.normal(0, 0.25, items)[item] + rng.normal(0, spread, raters)[rater] + rng.normal(0, 0.2, len(item))
        weight = 1 / np.bincount(item, minlength=items)[item]
        got = raters_interval(y, weight, item, rater, level=0.95, bounds=WIDE)
        hits += got.low <= 0 <= got.high
        by_items += abs(got.value) <= stats.norm.ppf(0.975) * np.sqrt(got.items)
    coverage, error = hits / replicates, 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.93 - error <= coverage <= min(0.99 + error, 1.0)
    if spread == 0.4:
        assert by_items / replicates <= 0.75
        assert coverage - by_items / replicates > 0.15


@pytest.mark.parametrize("design", ["full", "two of them"])
@pytest.mark.parametrize(("raters", "spread"), [(3, 0.8), (5, 0.8), (10, 0.3)])
def test_shares_near_one_cover_on_log_odds(design, raters, spread):
    """People differ in how often they agree with the judge, .92 on average; the plain t is recorded as control."""
    rng = np.random.default_rng([raters, int(10 * spread)])
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    truth = weights @ special.expit(3 + np.hypot(1, spread) * nodes) / weights.sum()
    replicates, hits, plain = 400, 0, 0
    for _ in range(replicates):
        item, rater = seen(rng, 150, raters, design)
        same = rng.random(len(item)) < special.expit(
            3 + rng.normal(size=150)[item] + rng.normal(0, spread, raters)[rater]
        )
        for share in (True, False):
            got = raters_interval(
                same.astype(float), np.ones(len(item)), item, rater, level=0.95, bounds=(0, 1), share=share
            )
            inside = got.low <= truth <= got.high
            hits += share and inside
            plain += not share and inside
    assert hits / replicates >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert plain <= hits


def test_seeds_are_averaged_over():
    """Two seeds of unequal size: the mean of their means, and the influence of a person over both."""
    rng = np.random.default_rng(4)
    item, rater = seen(rng, 40, 4, "full")
    first, second = rng.normal(size=len(item)), rng.normal(size=len(item)) + 1
    kept = item < 20
    got = raters_interval(
        np.r_[first, second[kept]], np.ones(len(item) + kept.sum()), np.r_[item, item[kept]],
        np.r_[rater, rater[kept]], level=0.95, bounds=WIDE, seed=np.r_[np.zeros(len(item)), np.ones(kept.sum())],
    )  # fmt: skip
    assert got.value == pytest.approx((first.mean() + second[kept].mean()) / 2)
    assert (got.clusters, got.people) == (40, 4)


def test_what_is_too_little_is_refused():
    two_people = raters_interval([0, 1, 1, 0], np.ones(4), [1, 1, 2, 2], [1, 2, 1, 2], level=0.95, bounds=WIDE)
    assert two_people.low is None
    assert "3 people" in two_people.reason
    one_item = raters_interval([0, 1, 1], np.ones(3), [1, 1, 1], [1, 2, 3], level=0.95, bounds=WIDE)
    assert "two judged items" in one_item.reason
    alike = raters_interval(np.ones(6), np.ones(6), [1, 1, 1, 2, 2, 2], [1, 2, 3] * 2, level=0.95, bounds=WIDE)
    assert (alike.value, alike.low) == (pytest.approx(1), None)
    assert "the same" in alike.reason
    with pytest.raises(ValueError, match="positive"):
        raters_interval([0, 1], [1, 0], [1, 2], [1, 2], level=0.95, bounds=WIDE)
