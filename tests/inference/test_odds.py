"""The odds per stage against statsmodels' cluster-robust GLM on item rows."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import special
from statsmodels.genmod.families import Binomial

from tests.builders import counts, scores_from_items
from toolkit.inference.odds import log_odds_per_stage


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
