"""A classifier's held-out AUC: against SciPy and scikit-learn, its level by refitting, and what a z test does."""

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score

from toolkit.inference import classifier
from toolkit.inference.classifier import auc, held_out_auc
from toolkit.inference.permutation import two_samples


def test_auc_equals_scikit_learns_with_ties():
    rng = np.random.default_rng(1)
    scores, labels = rng.integers(0, 6, 90).astype(float), rng.random(90) < 0.4
    assert auc(scores, labels) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


def test_a_shift_of_normals_has_its_theoretical_auc():
    """N(0, 1) against N(.8, 1): Phi(.8 / sqrt 2), and the p-value is the smallest there is."""
    rng = np.random.default_rng(2)
    found = held_out_auc(two_samples(rng.normal(size=1200), rng.normal(0.8, 1, 1200)), permutations=19)
    assert found.auc == pytest.approx(stats.norm.cdf(0.8 / np.sqrt(2)), abs=0.03)
    assert found.p_value == 0.05
    assert found.observations == 2400


@pytest.mark.slow
def test_refitting_holds_the_level_where_a_z_test_of_accuracy_does_not():
    """Twenty clusters of five alike on both sides: refit permutation keeps to 5 %; folds by row and a binomial
    z test, which know nothing of clusters, reject far more (negative control)."""
    rng, replicates = np.random.default_rng(3), 60
    rejected, plain = 0, 0
    for r in range(replicates):
        cluster = np.repeat(np.arange(20), 5)
        x = rng.normal(size=(20, 3)).repeat(5, axis=0) + 0.5 * rng.normal(size=(100, 3))
        first = cluster < 10
        samples = two_samples(x[first], x[~first], (cluster[first], cluster[~first]))
        rejected += held_out_auc(samples, permutations=19, folds=2, random_seed=r).p_value <= 0.05
        accuracy = cross_val_score(LogisticRegression(), x, first, cv=5).mean()
        plain += (accuracy - 0.5) / np.sqrt(0.25 / 100) > 1.645
    assert rejected / replicates <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert plain / replicates > 0.15


def test_paired_sides_are_swapped_within_clusters():
    """A small shift of paired scores: no rejection of exchangeable sides, and one of a shift in both coordinates."""
    rng = np.random.default_rng(4)
    item = rng.normal(size=(150, 2))
    clusters = (np.arange(150), np.arange(150))
    noise = [item + 0.3 * rng.normal(size=(150, 2)) for _ in range(2)]
    assert held_out_auc(two_samples(*noise, clusters), permutations=39).p_value > 0.05
    assert held_out_auc(two_samples(noise[0], noise[1] + 0.5, clusters), permutations=39).p_value == 0.025


def test_large_samples_are_thinned_by_whole_clusters(monkeypatch):
    monkeypatch.setattr(classifier, "MOST_OBSERVATIONS", 200)
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(100), 3)
    found = held_out_auc(two_samples(*rng.normal(size=(2, 300)), (cluster, cluster)), permutations=3)
    assert found.observations == 198  # 33 clusters of three on both sides


def test_too_few_clusters_are_refused():
    with pytest.raises(ValueError, match="10 clusters"):
        held_out_auc(two_samples(np.arange(9.0), np.arange(20.0)))
