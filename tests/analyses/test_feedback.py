"""Judge minus people: by hand, against statsmodels' weighted cluster-robust mean, and on a biased sample."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import WLS

from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import Evidence, feedback


def evidence(rows, *, tasks=1, baseline=None, **fields):
    settings = config(tasks, feedback={"range": [0, 1]}, **fields)
    old = None if baseline is None else cube_from_tables(settings, judgements=judgements(baseline))
    return Evidence(cube_from_tables(settings, judgements=judgements(rows)), old, None if old is None else "before")


def both(judge, human, **columns):
    """One synthetic and one human row an item."""
    n = len(judge)
    base = pd.DataFrame({"item": np.arange(n), **columns})
    return pd.concat([
        base.assign(source="synthetic", rater="judge", score=judge, probability=np.nan),
        base.assign(source="human", rater="person 1", score=human, probability=columns.get("probability", np.nan)),
    ])  # fmt: skip


def test_weighted_bias_and_its_error_equal_statsmodels():
    """Inverse-probability weights, clusters of three items: WLS on a constant, covariance by cluster."""
    rng = np.random.default_rng(1)
    n = 90
    judge, human = rng.random(n), rng.random(n)
    p, cluster = rng.uniform(0.2, 0.9, n), np.arange(n) // 3
    got = feedback(evidence(both(judge, human, probability=p, cluster=cluster))).one(
        "feedback_bias", task=None, stage=None
    )
    fit = WLS(judge - human, np.ones(n), weights=1 / p).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}, use_t=True
    )
    assert got.value == pytest.approx(fit.params[0], abs=1e-12)
    half = (got.high - got.low) / 2
    clusters = n / 3
    want = fit.bse[0] * np.sqrt(clusters / (clusters - 1))
    from scipy import stats

    assert half == pytest.approx(stats.t.ppf(0.975, clusters - 1) * want, rel=1e-9)
    assert got.n["labels"] == n


@pytest.mark.nightly
def test_a_probability_sample_is_unbiased_where_a_plain_mean_is_not():
    """People saw mostly what the judge scored low: the weighted bias centres on the truth (control: unweighted)."""
    rng = np.random.default_rng(2)
    weighted, plain, hits = [], [], 0
    replicates = 200
    for _ in range(replicates):
        quality = rng.random(2000)
        judge = np.clip(quality + 0.2 * quality, 0, 1)  # the better the answer, the larger the bias
        human = quality
        p = np.where(judge < 0.5, 0.2, 0.05)
        seen = rng.random(2000) < p
        rows = both(judge[seen], human[seen], probability=p[seen])
        got = feedback(evidence(rows)).one("feedback_bias", task=None, stage=None)
        truth = 0.2 * 0.5 - 1 / 60  # E of min(1.2 q, 1) - q for uniform q
        weighted.append(got.value - truth)
        plain.append((judge - human)[seen].mean() - truth)
        hits += got.low <= truth <= got.high
    error = np.std(weighted) / np.sqrt(replicates)
    assert abs(np.mean(weighted)) < 3 * error
    assert abs(np.mean(plain)) > 10 * error
    assert hits / replicates >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / replicates)


def test_a_growing_bias_has_a_slope_and_an_amplification():
    rng = np.random.default_rng(3)
    parts = []
    for stage in range(1, 7):
        human = rng.integers(0, 2, 200)
        judge = np.where((human == 0) & (rng.random(200) < 0.1 * stage), 1, human)
        parts.append(both(judge, human, stage=stage).assign(item=lambda f, s=stage: f["item"] + 1000 * s))
    found = feedback(evidence(pd.concat(parts)))
    slope = found.one("feedback_bias_trend")
    assert slope.low < 0.05 < slope.high  # half of the items can be overrated, 0.1 more of them a stage
    assert slope.low > 0
    grown = found.one("bias_amplification")
    assert grown.low < 0.25 < grown.high
    by_stage = [e for e in found.select("feedback_bias") if e.stage is not None]
    assert [e.stage for e in by_stage] == [1, 2, 3, 4, 5, 6]


def test_tasks_and_attributes_hold_together():
    """Intervals of the parts are wider than alone, and marked as simultaneous."""
    rng = np.random.default_rng(4)
    n = 300
    rows = both(rng.random(n), rng.random(n), attr_ink=np.where(np.arange(n) % 2, "dark", "light"))
    found = feedback(evidence(rows))
    parts = found.select("feedback_bias_by_attribute")
    assert {e.group for e in parts} == {"attr_ink=dark", "attr_ink=light"}
    assert all(e.simultaneous for e in parts)


def test_change_against_the_baseline():
    rng = np.random.default_rng(5)
    human = rng.random(100)
    old, new = both(human + 0.0, human), both(np.clip(human + 0.1, 0, 1), human)
    change = feedback(evidence(new, baseline=old)).one("feedback_bias", task=None, stage=None).change
    want = (np.clip(human + 0.1, 0, 1) - human).mean()
    assert change.value == pytest.approx(want)
    assert change.low <= change.value <= change.high


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (both([0.5], [0.5]).query("source == 'human'"), "synthetic judgements"),
        (both([0.5], [0.5]).query("source == 'synthetic'"), "human judgements"),
        (both([0.5, 0.4], [0.5, 0.4]).assign(item=[1, 2, 3, 4]), "no item was judged both"),
        (both([np.nan], [np.nan]).assign(label="a"), "numeric judgements"),
        (both([0.5], [0.5]).assign(abstained=True), "synthetic judgements"),
    ],
)
def test_what_is_missing_is_said(rows, reason):
    (found,) = feedback(evidence(rows)).estimates
    assert found.value is None
    assert reason in found.reason


def test_a_sample_nobody_declared_random_is_marked():
    codes = {notice.code for notice in feedback(evidence(both([0.5] * 40, [0.4] * 40))).notices}
    assert codes == {"human-sample"}
    declared = feedback(evidence(both([0.5] * 40, [0.4] * 40), review={"human_sampling": "random"}))
    assert not declared.notices
