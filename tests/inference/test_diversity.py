"""Vendi, NovelSum and copies: against their authors' code, by hand, and what 90 % exact copies do to each."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from toolkit.inference.diversity import (
    cosine_dispersion,
    distinct_share,
    kind_entropy,
    rarefied_vendi,
    squared_dispersion,
    unit_rows,
    vendi_of_kernel,
    vendi_score,
    vendi_without_each,
)
from toolkit.inference.duplicates import (
    exact_copy_rate,
    groups_of_copies,
    near_duplicate_rate,
    near_embeddings,
    near_texts,
    share_distinct,
    share_unlike_others,
    word_grams,
)
from toolkit.inference.novelsum import cosine_distances, local_density, novelsum, rarefied_novelsum

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "diversity.json").read_text())["cases"]


@pytest.mark.parametrize("case", ORACLE)
def test_vendi_agrees_with_its_authors_package(case):
    """Through the samples' Gram matrix and the dimensions', with and without copies."""
    X = np.array(ORACLE[case]["points"])
    assert vendi_score(X) == pytest.approx(ORACLE[case]["vendi"], abs=1e-9)
    assert vendi_score(X) == pytest.approx(ORACLE[case]["vendi_dual"], abs=1e-9)
    U = unit_rows(X)
    assert vendi_of_kernel(U @ U.T) == pytest.approx(ORACLE[case]["vendi"], abs=1e-9)


@pytest.mark.parametrize("case", ORACLE)
def test_novelsum_agrees_with_its_authors_code(case):
    """All 18 settings of neighbours, density power and proximity power; copies in the samples and in the reference."""
    X, reference = np.array(ORACLE[case]["points"]), np.array(ORACLE[case]["reference"])
    for setting, want in ORACLE[case]["novelsum"].items():
        neighbours, power, proximity = setting.split(",")
        density = local_density(X, reference, neighbours=int(neighbours), power=float(power))
        assert novelsum(X, density, power=float(proximity)) == pytest.approx(want, abs=1e-9), setting


def test_equal_clusters_count_as_many_samples_as_there_are_clusters():
    """Orthogonal directions: one effective sample each; one direction: one; n orthogonal samples: n."""
    assert vendi_score(np.repeat(np.eye(5), 4, axis=0)) == pytest.approx(5)
    assert vendi_score(np.ones((7, 3))) == pytest.approx(1)
    assert vendi_score(np.eye(6) * np.arange(1, 7)) == pytest.approx(6)


@pytest.mark.parametrize(("n", "dimension"), [(12, 40), (40, 6), (9, 9)])
def test_vendi_without_each_sample_is_that_of_the_others(n, dimension):
    """One decomposition for all, against n of them; with copies, and with a sample unlike all others."""
    X = unit_rows(np.random.default_rng(n).normal(size=(n, dimension)))
    X[1:4] = X[0]
    X[5], X[6:, 0], X[5, 1:] = 0, 0, 0
    X[5, 0] = 1
    X = unit_rows(X)
    value, without = vendi_without_each(X)
    assert value == pytest.approx(vendi_score(X), abs=1e-10)
    want = [vendi_score(np.delete(X, i, axis=0)) for i in range(n)]
    assert without == pytest.approx(want, abs=1e-7)


def test_novelsum_without_each_sample_is_that_of_the_others():
    rng = np.random.default_rng(5)
    X = unit_rows(np.r_[rng.normal(size=(9, 4)), np.ones((3, 4))])
    density = rng.uniform(1, 2, 12)
    got = rarefied_novelsum(cosine_distances(X), density, 12)
    without = np.array([novelsum(np.delete(X, i, 0), np.delete(density, i)) for i in range(12)])
    assert got.variance == pytest.approx(11 / 12 * ((without - without.mean()) ** 2).sum(), abs=1e-12)


def texts_and_points(copied: float):
    """64 samples of which a share is the first one again: its words, its embedding, its label."""
    rng = np.random.default_rng(6)
    words = [rng.integers(0, 500, 12).astype(np.int32) for _ in range(64)]
    points, kinds = rng.normal(size=(64, 16)), rng.integers(0, 4, 64)
    for i in range(1, 1 + round(copied * 64)):
        words[i], points[i], kinds[i] = words[0], points[0], kinds[0]
    return words, points, kinds


REFERENCE = np.random.default_rng(7).normal(size=(200, 16))
MEASURES = {
    "vendi": lambda w, x, k, m: rarefied_vendi(unit_rows(x), m).value,
    "novelsum": lambda w, x, k, m: rarefied_novelsum(
        cosine_distances(unit_rows(x)), local_density(x, REFERENCE), m).value,
    "novelsum without reference": lambda w, x, k, m: rarefied_novelsum(cosine_distances(unit_rows(x)), None, m).value,
    "cosine": lambda w, x, k, m: cosine_dispersion(unit_rows(x), m).value,
    "squared": lambda w, x, k, m: squared_dispersion(x, m).value,
    "distinct-1": lambda w, x, k, m: distinct_share(word_grams(w, 1), m).value,
    "distinct-2": lambda w, x, k, m: distinct_share(word_grams(w, 2), m).value,
    "distinct": lambda w, x, k, m: share_distinct(groups_of_copies(w), m).value,
    "unlike": lambda w, x, k, m: share_unlike_others(near_texts(w), m).value,
    "unlike in embedding": lambda w, x, k, m: share_unlike_others(near_embeddings(unit_rows(x)), m).value,
    "labels": lambda w, x, k, m: kind_entropy(k, m).value,
}  # fmt: skip


@pytest.mark.parametrize("name", MEASURES)
def test_ninety_percent_copies_more_than_halve_every_measure(name):
    varied, copied = (MEASURES[name](*texts_and_points(share), 64) for share in (0.0, 0.9))
    assert copied < varied / 2


@pytest.mark.parametrize("name", MEASURES)
def test_more_copies_at_the_same_size_lower_every_measure(name):
    """All 64 samples, then the same with copies of one of them added: at 40 samples, each step is lower.

    The copied one is the nearest to the centroid: copies of an outlier raise the squared distance to the centroid.
    """
    words, points, kinds = texts_and_points(0.0)
    central = int(((points - points.mean(0)) ** 2).sum(1).argmin())
    found = []
    for more in (0, 16, 64, 256):
        again = np.r_[np.arange(64), np.full(more, central)]
        found.append(MEASURES[name]([words[i] for i in again], points[again], kinds[again], 40))
    assert (np.diff(found) < 0).all()


def test_near_copies_differ_in_a_word_or_two():
    """Thirty words, of which the last is another: 27 of 29 shingles shared; with every fifth changed none is."""
    text = np.arange(30, dtype=np.int32)
    close, far = text.copy(), text.copy()
    close[-1], far[::3] = 99, 99
    near = near_texts([text, close, far, text[:2], text[:2]])
    assert near.toarray().tolist() == [[0, 1, 0, 0, 0], [1, 0, 0, 0, 0], [0] * 5, [0, 0, 0, 0, 1], [0, 0, 0, 1, 0]]
    assert near_duplicate_rate(near) == pytest.approx(4 / 5)
    assert exact_copy_rate(groups_of_copies([text, close, far, text[:2], text[:2]])) == pytest.approx(2 / 5)


def test_near_copies_are_found_across_blocks(monkeypatch):
    """Rows in blocks of three, against all at once."""
    rng = np.random.default_rng(8)
    words = [rng.integers(0, 3, 5).astype(np.int32) for _ in range(40)]
    want = near_texts(words).toarray()
    monkeypatch.setattr("toolkit.inference.duplicates._BLOCK", 3)
    assert (near_texts(words).toarray() == want).all()
    assert want.sum() > 0


def test_shuffled_and_scaled_embeddings_are_near_copies():
    X = unit_rows(np.array([[1.0, 0], [5, 0.01], [0, 1]]))
    assert near_embeddings(X).toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_what_has_no_direction_or_is_no_kernel_is_refused():
    with pytest.raises(ValueError, match="needs a direction"):
        vendi_score(np.array([[0.0, 0], [1, 0]]))
    with pytest.raises(ValueError, match="needs a direction"):
        vendi_score(np.array([[np.nan, 0], [1, 0]]))
    with pytest.raises(ValueError, match="semi-definite"):
        vendi_of_kernel(np.array([[1.0, 2], [2, 1]]))
    with pytest.raises(ValueError, match="ones on its diagonal"):
        vendi_of_kernel(np.array([[2.0, 1], [1, 2]]))
    with pytest.raises(ValueError, match="two distinct points"):
        local_density(np.ones((3, 2)), np.ones((5, 2)))
    with pytest.raises(ValueError, match="two samples"):
        novelsum(np.ones((1, 2)))
    with pytest.raises(ValueError, match="with words"):
        distinct_share(sparse.csr_array((4, 0)), 2)


def test_a_small_reference_uses_what_it_has():
    """Three distinct points: the two beyond the nearest; mean squared distances by hand."""
    got = local_density(np.array([[0.0, 0]]), np.array([[0.0, 0], [0, 0], [1, 0], [0, 2]]), power=1)
    assert got == pytest.approx([1 / 2.5])
