"""Measures at one size: against all subsamples of small sets, SciPy's hypergeometric, and values by hand."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.diversity import (
    cosine_dispersion,
    distinct_share,
    kind_entropy,
    rarefied_vendi,
    squared_dispersion,
    unit_rows,
    vendi_score,
)
from toolkit.inference.duplicates import (
    groups_of_copies,
    near_texts,
    share_distinct,
    share_unlike_others,
    word_grams,
)
from toolkit.inference.novelsum import cosine_distances, novelsum, rarefied_novelsum
from toolkit.inference.rarefaction import jackknife_variance, rarefied, share_without

RNG = np.random.default_rng(3)
TEXTS = tuple(RNG.integers(0, 6, int(k)).astype(np.int32) for k in RNG.integers(3, 7, 9))
WITH_COPIES = (*TEXTS[:6], TEXTS[0], TEXTS[0], TEXTS[1])
POINTS = unit_rows(RNG.normal(size=(9, 3)))
KINDS = np.array([0, 0, 0, 1, 1, 2, 2, 2, 3])


def distinct_two(texts):
    """Distinct word pairs and all word pairs, counted one by one."""
    pairs = [tuple(text[i : i + 2]) for text in texts for i in range(len(text) - 1)]
    return len(set(pairs)), len(pairs)


def unlike(texts):
    """Share of texts of which no other has .8 of its three-word shingles, pair by pair."""
    sets = [{tuple(t[i : i + 3]) for i in range(len(t) - 2)} for t in texts]
    near = [any(i != j and len(a & b) / len(a | b) >= 0.8 for j, b in enumerate(sets)) for i, a in enumerate(sets)]
    return 1 - np.mean(near)


def miller_madow(kinds):
    counts = np.unique(kinds, return_counts=True)[1]
    return stats.entropy(counts) + (len(counts) - 1) / (2 * len(kinds))


def of_texts(function):
    return lambda at: function([WITH_COPIES[i] for i in at])


def squared(X):
    return ((X - X.mean(0)) ** 2).sum() / (len(X) - 1)


def cosine(X):
    return float(np.mean([1 - X[i] @ X[j] for i, j in combinations(range(len(X)), 2)]))


# What it is over some rows, by hand, and the closed form over the rows `at` at a size.
CLOSED = {
    "distinct": (of_texts(lambda t: len({x.tobytes() for x in t}) / len(t)),
                 lambda at, m: share_distinct(groups_of_copies([WITH_COPIES[i] for i in at]), m)),
    "unlike": (of_texts(unlike), lambda at, m: share_unlike_others(near_texts([WITH_COPIES[i] for i in at]), m)),
    "entropy": (lambda at: miller_madow(KINDS[list(at)]), lambda at, m: kind_entropy(KINDS[list(at)], m)),
    "cosine": (lambda at: cosine(POINTS[list(at)]), lambda at, m: cosine_dispersion(POINTS[list(at)], m)),
    "squared": (lambda at: squared(3 * POINTS[list(at)]), lambda at, m: squared_dispersion(3 * POINTS[list(at)], m)),
}  # fmt: skip


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("size", [2, 5, 8, 9])
def test_closed_forms_are_the_mean_over_all_subsamples(name, size):
    """All subsets of nine samples one by one, with copies among the texts."""
    by_hand, closed = CLOSED[name]
    want = np.mean([by_hand(at) for at in combinations(range(9), size)])
    assert closed(range(9), size).value == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("size", [4, 8, 9])
def test_the_jackknife_leaves_out_each_sample_in_turn(name, size):
    """Nine means over the subsets of the eight others, and their variance."""
    by_hand, closed = CLOSED[name]
    less = min(size, 8)
    without = [np.mean([by_hand(at) for at in combinations([j for j in range(9) if j != i], less)]) for i in range(9)]
    want = 8 / 9 * ((without - np.mean(without)) ** 2).sum()
    assert closed(range(9), size).variance == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize("size", [2, 5, 9])
def test_distinct_n_is_expected_distinct_over_expected_number(size):
    grams = word_grams(WITH_COPIES, 2)
    counts = np.array([distinct_two([WITH_COPIES[i] for i in at]) for at in combinations(range(9), size)], dtype=float)
    got = distinct_share(grams, size)
    assert got.value == pytest.approx(counts[:, 0].mean() / counts[:, 1].mean(), abs=1e-12)
    less = min(size, 8)
    without = []
    for i in range(9):
        others = [j for j in range(9) if j != i]
        c = np.array([distinct_two([WITH_COPIES[k] for k in at]) for at in combinations(others, less)], dtype=float)
        without.append(c[:, 0].mean() / c[:, 1].mean())
    assert got.variance == pytest.approx(jackknife_variance(np.array(without)), abs=1e-12)


def test_random_subsamples_come_near_the_mean_over_all_of_them():
    """Vendi and NovelSum have no closed form: 2,000 draws against all 126 subsets of five of nine."""
    for got, one in (
        (rarefied_vendi(POINTS, 5, draws=2000), vendi_score),
        (rarefied_novelsum(cosine_distances(POINTS), None, 5, draws=2000), novelsum),
    ):
        every = [one(POINTS[list(at)]) for at in combinations(range(9), 5)]
        assert got.value == pytest.approx(np.mean(every), abs=4 * np.std(every) / 2000**0.5)
        assert got.spread == pytest.approx(np.std(every), rel=0.1)
        assert got.subsampling == pytest.approx(got.spread**2 / 2000)


def test_the_whole_sample_is_taken_as_it_is():
    """No subsamples where the size is the number of samples, and the same draws for the same seed."""
    whole = rarefied_vendi(POINTS, 9)
    assert (whole.value, whole.draws, whole.subsampling) == (pytest.approx(vendi_score(POINTS), abs=1e-12), 0, 0.0)
    again = [rarefied_vendi(POINTS, 4, draws=5, random_seed=s) for s in (1, 1, 2)]
    assert again[0] == again[1] != again[2]


def test_the_variance_of_a_mean_is_that_of_the_mean():
    """A linear measure: s^2 / N whatever the size of the subsamples, here 30 of 60."""
    x = np.random.default_rng(4).normal(size=60)

    def measure(at):
        return float(x[at].mean()), (x[at].sum() - x[at]) / (len(at) - 1)

    assert rarefied(measure, 60, 60).variance == pytest.approx(x.var(ddof=1) / 60)
    assert rarefied(measure, 60, 30, draws=2000).variance == pytest.approx(x.var(ddof=1) / 60, rel=0.05)


def test_the_chance_to_draw_none_is_hypergeometric():
    marked = np.arange(21)
    want = stats.hypergeom.pmf(0, 20, marked, 7)
    assert share_without(20, marked, 7) == pytest.approx(want, abs=1e-13)


@pytest.mark.parametrize("size", [0, 1, 10])
def test_a_size_that_cannot_be_drawn_is_refused(size):
    with pytest.raises(ValueError, match="needs a size from 2 to 9"):
        cosine_dispersion(POINTS, size)
