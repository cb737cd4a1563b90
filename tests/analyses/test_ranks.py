"""Rank correlation over items and over whole systems: SciPy on the means, and who counts as a unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.analyses.test_agreement import three_people
from tests.analyses.test_feedback import both, evidence
from toolkit.analyses.ranks import meta_correlation, rank_correlation
from toolkit.inference.rankcorrelation import rank_interval


def test_items_are_ranked_by_the_means_of_judges_and_people():
    rows = three_people(judges=("a", "b"))
    found = rank_correlation(evidence(rows))
    means = rows.groupby(["source", "item"])["score"].mean().unstack(0)
    whole = found.one("rank_correlation")
    assert whole.value == pytest.approx(stats.spearmanr(means["synthetic"], means["human"])[0])
    assert (whole.axis, whole.unit, whole.scope, whole.n) == ("alignment", "coefficient", "items", {"labels": 80})
    one = found.one("rank_correlation", group="rater=a")
    a = rows[rows["rater"] == "a"]["score"]
    assert one.value == pytest.approx(stats.spearmanr(a, means["human"])[0])
    strict = rank_interval(a, means["human"], level=0.975)  # two judges together: Bonferroni
    assert (one.low, one.high) == pytest.approx((strict.low, strict.high))
    assert one.simultaneous


def test_tasks_and_criteria_have_their_own_and_items_judged_twice_are_clusters():
    rng = np.random.default_rng(1)
    parts = []
    for criterion in ("clear", "true"):
        human = rng.random(60)
        rows = both(human + rng.random(60), human, criterion=criterion, task="task 1")
        parts.append(rows.assign(cluster=rows["item"], task=np.where(rows["item"] % 2, "task 1", "task 2")))
    found = rank_correlation(evidence(pd.concat(parts), tasks=2))
    assert {e.group for e in found.estimates} == {None, "criterion=clear", "criterion=true"}
    assert [e.task for e in found.estimates if e.task] == ["task 1", "task 2"]
    whole = found.one("rank_correlation", task=None)
    assert whole.n == {"labels": 120, "clusters": 60}
    assert "cluster" in whole.method


def test_unequal_chances_of_a_human_look_are_undone():
    """A judge that follows people among low scores only, where people looked four times as often."""
    rng = np.random.default_rng(2)
    human = rng.random(40_000)
    judge = np.where(human < 0.5, human, 0.5 + 0.5 * rng.random(40_000))
    p = np.where(human < 0.5, 0.4, 0.1)
    seen = rng.random(40_000) < p
    found = rank_correlation(evidence(both(judge[seen], human[seen], probability=p[seen]))).one("rank_correlation")
    truth = stats.spearmanr(judge, human)[0]
    assert found.low <= truth <= found.high
    assert abs(stats.spearmanr(judge[seen], human[seen])[0] - truth) > 3 * (found.high - found.low)


def families(count, seed=3, n=40):
    rng = np.random.default_rng(seed)
    parts = []
    for k in range(count):
        human = k / count + rng.normal(0, 0.3, n)
        rows = both(human + rng.normal(0, 0.2, n), human, generator_family=f"family {k}", length=np.nan)
        parts.append(rows.assign(item=rows["item"] + 1000 * k, cluster=rows["item"] + 1000 * k))
    rows = pd.concat(parts)
    rows.loc[rows["source"] == "human", "generator_family"] = None  # as logs often have it: said of the sample once
    return rows


def test_families_are_the_units_of_the_meta_correlation():
    rows = families(9)
    found = meta_correlation(evidence(rows)).one("meta_correlation", group="part=families")
    synthetic = rows[rows["source"] == "synthetic"].assign(human=rows[rows["source"] == "human"]["score"].to_numpy())
    means = synthetic.groupby("generator_family")[["score", "human"]].mean()
    want = rank_interval(means["score"], means["human"], level=0.95)
    assert (found.value, found.low, found.high) == pytest.approx((want.value, want.low, want.high))
    assert found.value == pytest.approx(stats.spearmanr(means["score"], means["human"])[0])
    assert found.n == {"families": 9, "labels": 360}


def test_tasks_are_units_too():
    rng = np.random.default_rng(4)
    rows = pd.concat([
        both(human := rng.random(10) + k, human + rng.random(10), task=f"task {k + 1}").assign(
            item=np.tile(np.arange(10), 2) + 100 * k, cluster=np.tile(np.arange(10), 2) + 100 * k)
        for k in range(5)
    ])  # fmt: skip
    found = meta_correlation(evidence(rows, tasks=5)).one("meta_correlation", group="part=tasks")
    assert (found.value, found.scope) == (1.0, "tasks")
    assert "uninformative" in found.method  # one exchange of neighbours among five, and the interval is wider than 1


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (families(3), "4 tasks or generator families"),
        (both([np.nan], [np.nan]).assign(label="a"), "numeric"),
        (both([0.5], [0.5]).query("source == 'human'"), "synthetic judgements"),
    ],
)
def test_what_is_missing_is_said(rows, reason):
    (found,) = meta_correlation(evidence(rows)).estimates
    assert found.value is None
    assert reason in found.reason
