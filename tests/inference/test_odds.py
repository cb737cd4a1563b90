"""The odds per stage against cluster-robust GLMs of statsmodels and R on item rows."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import special
from statsmodels.genmod.families import Binomial

from tests.builders import counts, scores_from_items
from toolkit.inference.ladder import interval
from toolkit.inference.odds import log_odds_difference, log_odds_per_stage

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "odds.json").read_text())


def recorded_scores():
    """The recorded rows: two arms, three seeds, five tasks scored from their arrival to stage 6."""
    rows = {name: np.array(values) for name, values in ORACLE["rows"].items()}
    shape = (2, ORACLE["seeds"], ORACLE["tasks"] + 1, ORACLE["tasks"], ORACLE["items"])
    y = np.full(shape, np.nan)
    y[rows["arm"], rows["seed"] - 1, rows["stage"], rows["task"] - 1, rows["item"] - 1] = rows["y"]
    return scores_from_items(y, arms=("stream", "replay"))


def _decaying(rng, seeds, tasks, n, per_stage):
    item = rng.normal(0, 1, (1, 1, 1, tasks, n))
    stage = np.arange(tasks + 1)[:, None, None]
    age = np.maximum(stage - np.arange(1, tasks + 1)[None, :, None], 0)
    return (rng.random((1, seeds, tasks + 1, tasks, n)) < special.expit(1.2 + item + per_stage * age)).astype(float)


def test_coefficient_and_cluster_variance_equal_statsmodels():
    rng = np.random.default_rng(1)
    y = _decaying(rng, 1, 4, 40, -0.3)
    scores = scores_from_items(y)
    got = log_odds_per_stage(scores, "stream", items=counts(scores))
    rows = [
        (y[0, 0, s, j, i], f"t{j}", s - j - 1, j * 40 + i)
        for j in range(3) for s in range(j + 1, 5) for i in range(40)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["y", "task", "age", "item"])
    fit = smf.glm("y ~ task + age", frame, family=Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": frame["item"], "use_correction": False}, use_t=True
    )
    clusters = frame["item"].nunique()
    assert got.values[0] == pytest.approx(fit.params["age"], abs=1e-8)
    variance = float((got.influence[:, 0] ** 2).sum())
    assert variance == pytest.approx(fit.cov_params().loc["age", "age"] * clusters / (clusters - 1), rel=1e-6)


def test_says_why_it_cannot_be_fitted():
    always = scores_from_items(np.ones((1, 1, 4, 3, 10)))
    assert "rightly and wrongly" in log_odds_per_stage(always, "stream", items=counts(always))
    short = scores_from_items(np.ones((1, 1, 2, 1, 10)))
    assert "two stages" in log_odds_per_stage(short, "stream", items=counts(short))
    graded = scores_from_items(np.random.default_rng(1).random((1, 1, 4, 3, 10)))
    assert "0 or 1" in log_odds_per_stage(graded, "stream", items=counts(graded))
    single = scores_from_items(
        np.array([0, 1, 0, 1.0])[None, None, :, None, None] * np.ones((1, 3, 1)), shared_items=True
    )
    assert "two test items" in log_odds_per_stage(single, "stream", items=counts(single))


def test_as_many_cells_as_coefficients_can_be_fitted():
    """One task, two stages: the slope is the difference of the two log odds, with the paired variance."""
    rng = np.random.default_rng(4)
    y = (rng.random((1, 1, 3, 1, 50)) < 0.6).astype(float)
    got = log_odds_per_stage(scores_from_items(y), "stream", items={"task 1": 50})
    first, second = y[0, 0, 1, 0], y[0, 0, 2, 0]
    assert got.values[0] == pytest.approx(special.logit(second.mean()) - special.logit(first.mean()), abs=1e-9)
    each = second / second.var() - first / first.var()  # delta method: d logit(p) = dp / (p (1 - p))
    assert (got.influence**2).sum() == pytest.approx(each.var(ddof=1) / 50, rel=1e-8)


def test_each_seed_is_that_of_sandwich():
    """R's glm on item rows with vcovCL by item: coefficient and variance of each of three seeds."""
    scores = recorded_scores()
    got = log_odds_per_stage(scores, "stream", items=counts(scores))
    assert got.values == pytest.approx([each["value"] for each in ORACLE["by_seed"]], abs=1e-8)
    assert (got.influence**2).sum(0) == pytest.approx([each["variance"] for each in ORACLE["by_seed"]], rel=1e-6)


def test_difference_of_arms_is_the_interaction_of_arm_and_age():
    """One glm of both arms with task effects of their own, clustered by item: its interaction, paired by item."""
    scores = recorded_scores()
    got = log_odds_difference(scores, "replay", "stream", items=counts(scores))
    want = ORACLE["difference_by_seed"]
    assert got.seeds == (0, 1, 2)
    assert got.values == pytest.approx([each["value"] for each in want], abs=1e-8)
    assert (got.influence**2).sum(0) == pytest.approx([each["variance"] for each in want], rel=1e-6)
    unpaired = sum((log_odds_per_stage(scores, arm, items=counts(scores)).influence ** 2).sum(0) for arm in scores.arms)
    assert unpaired != pytest.approx((got.influence**2).sum(0), rel=0.02)  # pairing is seen


def test_difference_is_paired_in_the_seeds_that_both_arms_have():
    """A seed that stopped early in one arm is left out, and the ladder then gives the seeds scope of the rest."""
    rng = np.random.default_rng(2)
    y = np.concatenate([_decaying(rng, 3, 4, 60, -0.1), _decaying(rng, 3, 4, 60, -0.5)])
    y[1, 1, 4] = np.nan
    scores = scores_from_items(y, arms=("stream", "replay"))
    got = log_odds_difference(scores, "stream", "replay", items=counts(scores))
    assert got.seeds == (0, 2)
    result = interval([got], level=0.95, bounds=(-np.inf, np.inf))
    assert result.scope == "seeds"
    assert result.value == pytest.approx(0.4, abs=0.2)


def test_difference_names_the_arm_that_is_short():
    """An arm with a single stage for each task, as the isolated one has, says so."""
    rng = np.random.default_rng(3)
    y = np.concatenate([_decaying(rng, 1, 4, 30, -0.1)] * 2)
    y[1, :, 4] = np.nan
    scores = scores_from_items(y, arms=("stream", "isolated"))
    reason = log_odds_difference(scores, "stream", "isolated", items=counts(scores))
    assert reason == "isolated: no seed has all stages of all tasks since they were learned"


def test_sudden_loss_has_no_finite_slope():
    """Right at arrival and wrong ever after, in every task: a reason, not a number that the solver stopped at."""
    stage, task = np.arange(5)[:, None, None], np.arange(1, 4)[:, None]
    y = np.broadcast_to(stage <= task, (4 + 1, 3, 20))[None, None].astype(float)
    scores = scores_from_items(y)
    assert "no finite slope" in log_odds_per_stage(scores, "stream", items=counts(scores))
    y = y.copy()
    y[0, 0, 3, 0, 0] = 1  # one right answer after wrong ones, in one task: now there is a maximum
    y[0, 0, 2, 0, :] = 0
    scores = scores_from_items(y)
    assert log_odds_per_stage(scores, "stream", items=counts(scores)).values[0] < -1
