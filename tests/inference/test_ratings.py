"""Coefficients of ratings with missing cells: published values, other packages' records, definitions by pairs."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa

from toolkit.inference.agreement import agreement_intervals, by_cluster
from toolkit.inference.ratings import minority, rating_coefficient, rating_interval

ORACLES = Path(__file__).parents[1] / "oracles"
RECORDED = json.loads((ORACLES / "ratings.json").read_text())
TWO = json.loads((ORACLES / "agreement.json").read_text())
NAN = np.nan

# Krippendorff's 3 coders x 15 units.
TEXTBOOK = np.array([
    [NAN, NAN, NAN, NAN, NAN, 3, 4, 1, 2, 1, 1, 3, 3, NAN, 3],
    [1, NAN, 2, 1, 3, 3, 4, 3, NAN, NAN, NAN, NAN, NAN, NAN, NAN],
    [NAN, NAN, 2, 1, 3, 4, 4, NAN, 2, 1, 1, 3, 3, NAN, 4],
]).T  # fmt: skip

ALL = [
    *[("krippendorff_alpha", definition) for definition in ("nominal", "ordinal", "interval", "ratio")],
    *[
        (kind, definition)
        for kind in ("gwet_ac", "cohen_kappa", "agreement")
        for definition in ("nominal", "linear", "quadratic", "ordinal")
    ],
]


def recorded():
    return np.array([[NAN if x is None else x for x in row] for row in RECORDED["ratings"]])


def noisy(seed=0, n=60, raters=3, missing=0.25):
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, n)
    ratings = np.where(rng.random((n, raters)) < 0.5, truth[:, None], rng.integers(1, 6, (n, raters))).astype(float)
    ratings[rng.random(ratings.shape) < missing] = NAN
    return ratings


@pytest.mark.parametrize(
    ("definition", "value"),
    [("nominal", 0.691358), ("ordinal", 0.806721), ("interval", 0.810845), ("ratio", 0.808944)],
)
def test_alpha_of_the_textbook_matrix(definition, value):
    """Published to six digits."""
    assert rating_coefficient(TEXTBOOK, "krippendorff_alpha", definition) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("kind", ["krippendorff_alpha", "gwet_ac", "agreement"])
def test_missing_ratings_as_in_other_packages(kind):
    """krippendorff and irrCAC on 40 items by four raters, three tenths missing, some items with one rating."""
    for definition, value in RECORDED[kind].items():
        if kind == "agreement":  # irrCAC's share agrees within an item, then over items, as AC does
            counted = np.isfinite(recorded()).sum(1)
            pairs = recorded()[counted >= 2]
            assert rating_coefficient(pairs, kind, definition) == pytest.approx(value, abs=1e-10), definition
        else:
            assert rating_coefficient(recorded(), kind, definition) == pytest.approx(value, abs=1e-10), definition


@pytest.mark.parametrize("definition", ["nominal", "linear", "quadratic"])
def test_kappa_of_two_raters_as_in_psych_and_statsmodels(definition):
    ratings = np.column_stack([TWO["a"], TWO["b"]])
    value = rating_coefficient(ratings, "cohen_kappa", definition)
    assert value == pytest.approx(TWO["kappa"][definition], abs=1e-12)
    C = by_cluster(TWO["a"], TWO["b"], np.ones(len(ratings)), np.zeros(len(ratings)))[0]
    power = {"nominal": None, "linear": "linear", "quadratic": "quadratic"}[definition]
    assert value == pytest.approx(cohens_kappa(C, wt=power).kappa, abs=1e-12)


def test_alpha_equals_its_definition_by_pairs_of_values():
    """1 - mean squared difference within items over that of all pairs of values, pairs of an item over m - 1."""
    ratings = noisy()
    pairable = [row[np.isfinite(row)] for row in ratings if np.isfinite(row).sum() > 1]
    values = np.concatenate(pairable)
    within = sum(sum((a - b) ** 2 for a, b in itertools.permutations(row, 2)) / (len(row) - 1) for row in pairable)
    every = sum((a - b) ** 2 for a, b in itertools.permutations(values, 2)) / (len(values) - 1)
    assert rating_coefficient(ratings, "krippendorff_alpha", "interval") == pytest.approx(1 - within / every, abs=1e-12)


def test_two_raters_with_weights_agree_with_the_confusion_table():
    """The nominal coefficients of a weighted table, with their intervals by cluster."""
    rng = np.random.default_rng(4)
    a = rng.integers(0, 3, 80)
    b = np.where(rng.random(80) < 0.6, a, rng.integers(0, 3, 80))
    weight, cluster = rng.uniform(1, 4, 80), np.arange(80) // 2
    table = agreement_intervals(by_cluster(a, b, weight, cluster), 0.95)
    names = {"cohen_kappa": "cohen_kappa", "gwet_ac": "gwet_ac1", "krippendorff_alpha": "krippendorff_alpha"}
    for kind, name in names.items():
        found = rating_interval(np.column_stack([a, b]), kind, level=0.95, weight=weight, cluster=cluster)
        want = table[name]
        assert (found.value, found.low, found.high) == pytest.approx((want.value, want.low, want.high), abs=1e-12)


@pytest.mark.parametrize(("kind", "definition"), ALL)
def test_the_interval_is_that_of_leaving_out_clusters_one_by_one(kind, definition):
    """t(clusters - 1) on Fisher's z around the coefficient, each cluster left out by hand."""
    ratings, cluster = noisy(1), np.arange(60) // 3
    ratings[:2] = 1, 5, 3  # every category stays when any cluster leaves
    ratings[3:5] = [[2, 4, 1], [5, 1, 4]]
    found = rating_interval(ratings, kind, definition, level=0.9, cluster=cluster)
    groups = [
        g for g in range(20) if (np.isfinite(ratings[cluster == g]).sum(1) > (0 if kind == "gwet_ac" else 1)).any()
    ]
    without = np.array([rating_coefficient(ratings[cluster != g], kind, definition) for g in groups])
    G = len(groups)
    se = np.sqrt((G - 1) / G * ((without - without.mean()) ** 2).sum())
    value = rating_coefficient(ratings, kind, definition)
    half = stats.t.ppf(0.95, G - 1) * se / (1 - value**2)
    ends = np.tanh([np.arctanh(value) - half, np.arctanh(value) + half])
    assert (found.low, found.high) == pytest.approx(tuple(ends), abs=1e-9)


def test_ordinal_alpha_takes_ranks_and_interval_alpha_values():
    """Stretching the scale leaves the ordinal coefficient as it is, and moves the interval one."""
    ratings = noisy(2)
    stretched = ratings**3
    same = rating_coefficient(ratings, "krippendorff_alpha", "ordinal")
    assert rating_coefficient(stretched, "krippendorff_alpha", "ordinal") == pytest.approx(same, abs=1e-12)
    other = rating_coefficient(ratings, "krippendorff_alpha", "interval")
    assert abs(rating_coefficient(stretched, "krippendorff_alpha", "interval") - other) > 0.01


def test_intervals_cover_with_missing_ratings():
    """Four raters of right and wrong, prevalence .3, 100 items, 30 % of the ratings missing.

    Control that must fail: every item counted four times."""
    rng = np.random.default_rng(3)

    def draw(n):
        truth = rng.random(n) < 0.3
        ratings = (truth[:, None] ^ (rng.random((n, 4)) < 0.1)).astype(float)
        ratings[rng.random((n, 4)) < 0.3] = NAN
        return ratings

    many = draw(400_000)
    kinds = ("krippendorff_alpha", "gwet_ac", "cohen_kappa")
    true = {kind: rating_coefficient(many, kind) for kind in kinds}
    hits, narrow, replicates = dict.fromkeys(kinds, 0), 0, 400
    for _ in range(replicates):
        ratings = draw(100)
        for kind in kinds:
            found = rating_interval(ratings, kind, level=0.95)
            hits[kind] += found.low is not None and found.low <= true[kind] <= found.high
        half = rating_interval(np.tile(ratings, (4, 1)), "krippendorff_alpha", level=0.95)
        narrow += half.low <= true["krippendorff_alpha"] <= half.high
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    for kind in kinds:
        assert 0.93 - error <= hits[kind] / replicates <= 0.985 + error, (kind, hits[kind] / replicates)
    assert narrow / replicates < 0.8


def test_what_cannot_be_estimated_says_why():
    few = np.r_[np.zeros((95, 2)), np.ones((5, 2))]
    assert "fewer than 10" in rating_interval(few, "krippendorff_alpha", level=0.95).reason
    assert minority(few) == 5
    alone = np.full((20, 3), NAN)
    alone[:, 0] = np.arange(20) % 5
    assert "two ratings" in rating_interval(alone, "gwet_ac", level=0.95).reason
    with pytest.raises(ValueError, match="different values"):
        rating_coefficient(np.random.default_rng(0).random((100, 2)), "cohen_kappa")
    with pytest.raises(ValueError, match="ratio"):
        rating_coefficient(few - 1, "krippendorff_alpha", "ratio")
    with pytest.raises(ValueError, match="no interval"):
        rating_coefficient(few, "cohen_kappa", "interval")
    with pytest.raises(ValueError, match="no linear"):
        rating_coefficient(few, "krippendorff_alpha", "linear")
