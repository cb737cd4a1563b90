"""One word, many definitions: each as the library that uses it computes it, and the values of published matrices."""

import numpy as np
import pytest

from tests.analyses.test_real_matrices import needs_data, o_lora
from tests.builders import config, cube_from_scores, scores_from_items, scores_from_matrix
from toolkit.analyses import Evidence, forgetting, transfer
from toolkit.analyses.definitions import (
    accuracy_over_stages,
    backward_all_pairs,
    backward_over_all_tasks,
    forgetting_all_rows,
    forgetting_chaudhry,
    forgetting_first_to_last,
)
from toolkit.analyses.metrics import backward_transfer
from toolkit.inference.matrix import mean_over_tasks


def with_stage_0(R):
    """R[seed, stage, task] from stage 1 on as R[seed, stage, task] from stage 0 on."""
    whole = np.full((len(R), R.shape[1] + 1, R.shape[2]), np.nan)
    whole[:, 1:] = R
    return whole


@needs_data
@pytest.mark.parametrize(
    ("run", "backward", "forgotten"),
    [
        ("long_olora", (-0.7329, -0.6840, -2.5268), (0.7329, 1.7436, 2.0490)),
        ("long_seqlora", (-47.9640, -44.7664, -24.6042), (47.9640, 48.9510, 48.9510)),
    ],
)
def test_o_lora_matrices_by_every_definition(run, backward, forgotten):
    """The spread between definitions on the authors' own 15 tasks, to 5e-5 points."""
    R = with_stage_0(o_lora(run))
    by_backward = (mean_over_tasks(backward_transfer), backward_over_all_tasks, backward_all_pairs)
    by_forgetting = (forgetting_first_to_last, forgetting_chaudhry, forgetting_all_rows)
    assert [f(R)[0] for f in by_backward] == pytest.approx(backward, abs=5.1e-5)
    assert [f(R)[0] for f in by_forgetting] == pytest.approx(forgotten, abs=5.1e-5)
    if run == "long_olora":
        assert accuracy_over_stages(R)[0] == pytest.approx(67.8247, abs=5.1e-5)


def mammoth_forgetting(results):
    """As Mammoth computes it from a list of rows, one a stage, of the tasks seen so far."""
    rows = [row + [0.0] * (len(results) - len(row)) for row in results]
    best = np.max(np.array(rows), axis=0)
    return np.mean([best[i] - results[-1][i] for i in range(len(results) - 1)])


def mammoth_backward(results):
    return np.mean([results[-1][i] - results[i][i] for i in range(len(results) - 1)])


def avalanche_forgetting(results):
    """First minus last accuracy of each experience but the last, averaged."""
    first = {i: results[i][i] for i in range(len(results))}
    last = dict(enumerate(results[-1]))
    return np.mean([first[i] - last[i] for i in range(len(results) - 1)])


def continuum_backward(results):
    """Sum over i > j of R[i][j] - R[j][j], divided by T (T - 1) / 2."""
    T = len(results)
    total = sum(results[i][j] - results[j][j] for i in range(1, T) for j in range(i))
    return total / (T * (T - 1) / 2)


def continuum_accuracy(results):
    """Average incremental accuracy: the mean over stages of the mean over tasks seen."""
    return np.mean([np.mean(row) for row in results])


def test_libraries_formulas_on_the_same_lower_triangle():
    rng = np.random.default_rng(1)
    T = 7
    rows = [list(rng.uniform(0.2, 1, k + 1)) for k in range(T)]
    R = np.full((1, T + 1, T), np.nan)
    for k, row in enumerate(rows):
        R[0, k + 1, : k + 1] = row
    pairs = [
        (forgetting_all_rows, mammoth_forgetting), (mean_over_tasks(backward_transfer), mammoth_backward),
        (forgetting_first_to_last, avalanche_forgetting), (backward_all_pairs, continuum_backward),
        (accuracy_over_stages, continuum_accuracy),
    ]  # fmt: skip
    for ours, theirs in pairs:
        assert ours(R)[0] == pytest.approx(theirs(rows), abs=1e-12)


def test_rows_before_arrival_count_where_they_were_scored():
    """Mammoth's maximum is over the whole column; a score before learning may be the best."""
    R = np.full((1, 4, 3), 0.5)
    R[0, 1, 1] = 0.9
    assert forgetting_all_rows(R)[0] == pytest.approx(0.2)  # the mean of 0 and .4
    assert forgetting_chaudhry(R)[0] == 0


def test_definitions_stand_beside_the_estimate_and_are_not_judged():
    rng = np.random.default_rng(2)
    y = (rng.random((1, 3, 5, 4, 30)) < 0.7).astype(float)
    evidence = Evidence(cube_from_scores(scores_from_items(y), config(4)))
    found = forgetting(evidence)
    pairs = found.one("backward_transfer", group="definition=all-pairs")
    assert pairs.low < pairs.value < pairs.high
    lucky = found.one("max_forgetting", group="definition=maximum-of-all-rows")
    assert (lucky.low, lucky.value > 0) == (None, True)
    assert "lucky" in lucky.reason
    assert transfer(evidence).one("average_accuracy", group="definition=mean-over-stages").has_interval


def test_a_missing_cell_is_named_and_not_counted_as_zero():
    R = np.random.default_rng(3).random((1, 2, 5, 4))
    R[0, :, 3, 0] = np.nan
    found = forgetting(Evidence(cube_from_scores(scores_from_matrix(R), config(4))))
    pairs = found.one("backward_transfer", group="definition=all-pairs")
    assert pairs.value is None
    assert "every task at its arrival and at all later stages" in pairs.reason
    assert found.one("backward_transfer", task=None, stage=None).measured  # which needs first and last only
