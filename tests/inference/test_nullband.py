"""What luck alone would show: the band holds the plug-in where nothing was lost, and not where something was."""

import numpy as np

from tests.builders import counts, scores_from_items
from toolkit.analyses.metrics import max_forgetting
from toolkit.inference.bracket import max_forgetting_brackets, mean_bracket
from toolkit.inference.nullband import null_band
from toolkit.inference.statistic import column_statistics, mean_of


def stream(rng, lost, tasks=8, items=100):
    """One run of binary items whose accuracy falls by `lost` probits after the middle stage."""
    item = rng.normal(size=(1, 1, 1, tasks, items))
    stage = np.arange(tasks + 1)[:, None, None]
    noise = rng.normal(size=(1, 1, tasks + 1, tasks, items))
    return (0.9 + item + noise - lost * (stage == tasks) > 0).astype(float)


def test_flat_streams_lie_in_the_band_and_centre_on_zero():
    """Plug-in inside in about 95 %, its mean on the band's; the cross-fit within 0.3 points of zero."""
    rng = np.random.default_rng(1)
    streams, inside, cross, plug, middle = 150, 0, [], [], []
    for k in range(streams):
        scores = scores_from_items(stream(rng, 0.0))
        low, mean, high = null_band(scores, "stream", scores.tasks[:-2], level=0.95, draws=1_000, random_seed=k)
        found = column_statistics(scores, "stream", max_forgetting, items=counts(scores), difference=True)
        value = mean_of([found[t] for t in scores.tasks[:-2]]).values.mean()
        inside += low <= value <= high
        plug.append(value)
        middle.append(mean)
        brackets = max_forgetting_brackets(scores, "stream", items=counts(scores), random_seed=k)
        cross.append(mean_bracket(brackets).cross_fit.values.mean())
    assert inside / streams > 0.9
    assert abs(np.mean(plug) - np.mean(middle)) < 0.004
    assert np.mean(plug) > 0.03  # the luck that the correction takes away
    assert abs(np.mean(cross)) < 0.003 + 2.6 * np.std(cross) / np.sqrt(streams)


def test_a_real_loss_lies_above_the_band():
    scores = scores_from_items(stream(np.random.default_rng(2), 0.8))
    _, _, high = null_band(scores, "stream", scores.tasks[:-2], level=0.95)
    found = column_statistics(scores, "stream", max_forgetting, items=counts(scores), difference=True)
    assert mean_of([found[t] for t in scores.tasks[:-2]]).values.mean() > high
