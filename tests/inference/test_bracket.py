"""Max-forgetting: the correction is centred where nothing is lost, and its bracket covers."""

import numpy as np
import pytest

from tests.builders import counts, scores_from_items
from toolkit.analyses.metrics import max_forgetting
from toolkit.inference.bracket import max_forgetting_brackets, mean_bracket
from toolkit.inference.statistic import column_statistics, mean_of


def _flat(rng, tasks, n, p=0.8):
    """One seed, y[1, 1, stage, task, item]: a right answer with probability p at every stage, items correlated."""
    item = rng.normal(size=(1, 1, 1, tasks, n))
    noise = rng.normal(size=(1, 1, tasks + 1, tasks, n))
    from scipy.stats import norm

    return (norm.ppf(p) + np.sqrt(0.6) * item + np.sqrt(0.4) * noise > 0).astype(float)


def test_nothing_lost_is_centred_on_zero_and_covered():
    """Flat truth, 10 tasks: cross-fit within 0.3 points of zero on average; plug-in biased by points (control)."""
    rng = np.random.default_rng(5)
    replicates, hits = 150, 0
    cross, plug = [], []
    for _ in range(replicates):
        scores = scores_from_items(_flat(rng, 10, 100))
        mean = mean_bracket(max_forgetting_brackets(scores, "stream", items=counts(scores)))
        got = mean.interval(level=0.95, bounds=(-1, 1))
        hits += got.low <= 0 <= got.high
        cross.append(got.value)
        naive = column_statistics(scores, "stream", max_forgetting, items=counts(scores), difference=True)
        plug.append(mean_of(list(naive.values())).values.mean())
    error = np.std(cross) / np.sqrt(replicates)
    assert abs(np.mean(cross)) <= 0.003 + 2.6 * error
    assert np.mean(plug) > 0.02
    assert hits / replicates >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / replicates)


def test_a_real_loss_is_found():
    """Ninety items of a hundred are right until the last stage and fifty then: forty points lost, to the item."""
    y = np.zeros((1, 2, 5, 4, 100))
    y[..., :4, :, :90] = 1
    y[:, :, 4, :, :50] = 1
    scores = scores_from_items(y)
    mean = mean_bracket(max_forgetting_brackets(scores, "stream", items=counts(scores)))
    assert mean.interval(level=0.95, bounds=(-1, 1)).value == pytest.approx(0.4)
