"""Rates of items lost and won against counts by hand, statsmodels, an analysis of variance, and simulation."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import special, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from tests.builders import config, cube_from_items, cube_from_scores, scores_from_items, scores_from_matrix
from toolkit.analyses import Analysis, Evidence
from toolkit.analyses.churn import churn, share_statistic
from toolkit.cube.cube import Cube
from toolkit.inference.ladder import interval


def found_in(cube, arm="stream"):
    return Analysis(tuple(churn(Evidence(cube), arm)))


def drawn(rng, seeds=1, tasks=3, items=120, right=0.8, arms=1):
    """y[arm, seed, stage, task, item]: right or wrong by items of different difficulty, at every stage."""
    hard = rng.normal(0, 1, (1, 1, 1, tasks, items))
    shape = (arms, seeds, tasks + 1, tasks, items)
    return (rng.normal(0, 1, shape) + hard < stats.norm.ppf(right) * np.sqrt(2)).astype(float)


def table_of(first, later):
    """both, lost, gained, neither."""
    return [int(((first == a) & (later == b)).sum()) for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))]


def test_a_task_of_single_items_has_wilsons_interval_and_mcnemars_p():
    """One seed: shares of what was right (wrong) at arrival, intervals for two tasks at once, exact test of as many."""
    y = drawn(np.random.default_rng(1))
    found = found_in(cube_from_items(y))
    p_values = []
    for j, task in enumerate(("task 1", "task 2")):
        both, lost, gained, neither = table_of(y[0, 0, j + 1, j], y[0, 0, 3, j])
        loss, gain = found.one("item_loss_rate", task=task), found.one("item_gain_rate", task=task)
        assert loss.value == pytest.approx(lost / (both + lost))
        assert gain.value == pytest.approx(gained / (gained + neither))
        assert (loss.n, gain.n) == ({"at_risk": both + lost, "seeds": 1}, {"at_risk": gained + neither, "seeds": 1})
        for estimate, hits in ((loss, lost), (gain, gained)):
            want = proportion_confint(hits, estimate.n["at_risk"], alpha=0.05 / 2, method="wilson")
            assert (estimate.low, estimate.high) == pytest.approx(want, abs=1e-12)
            assert (estimate.scope, estimate.level, estimate.simultaneous) == ("items", 0.95, True)
            assert (estimate.unit, estimate.axis) == ("share", "forgetting")
        p_values.append(mcnemar([[both, lost], [gained, neither]], exact=True).pvalue)
        assert loss.p_value == pytest.approx(p_values[-1], abs=1e-12)
        assert gain.p_value is None
    adjusted = [found.one("item_loss_rate", task=task).p_adjusted for task in ("task 1", "task 2")]
    assert adjusted == pytest.approx(list(multipletests(p_values, method="fdr_bh")[1]))
    assert not found.select("item_loss_rate", task="task 3")


def test_over_tasks_the_items_at_risk_are_pooled():
    """All items right at arrival of either task count alike, whichever task has more of them."""
    rng = np.random.default_rng(2)
    y = drawn(rng)
    y[0, 0, :, 0, 40:] = np.nan  # the first task has a third of the items
    found = found_in(cube_from_items(y))
    counts = np.array([table_of(y[0, 0, j + 1, j], y[0, 0, 3, j]) for j in range(2)]).sum(0)
    loss = found.one("item_loss_rate", task=None, group=None)
    assert loss.value == pytest.approx(counts[1] / (counts[0] + counts[1]))
    assert loss.n == {"at_risk": counts[0] + counts[1], "seeds": 1, "tasks": 2}
    want = proportion_confint(counts[1], counts[0] + counts[1], method="wilson")
    assert (loss.low, loss.high) == pytest.approx(want, abs=1e-12)
    rates = [found.one("item_loss_rate", task=f"task {j + 1}").value for j in range(2)]
    assert loss.value != pytest.approx(np.mean(rates), abs=1e-3)


def test_by_age_each_task_that_got_so_old_is_there():
    y = drawn(np.random.default_rng(3), tasks=4)
    found = found_in(cube_from_items(y))
    ages = found.select("item_gain_rate", task=None)
    assert [e.group for e in ages] == [None, "age=1", "age=2", "age=3"]
    for age in (1, 2, 3):
        counts = np.array([table_of(y[0, 0, j + 1, j], y[0, 0, j + 1 + age, j]) for j in range(4 - age)]).sum(0)
        got = found.one("item_gain_rate", group=f"age={age}")
        assert got.value == pytest.approx(counts[2] / (counts[2] + counts[3]))
        assert got.n == {"at_risk": counts[2] + counts[3], "seeds": 1, "tasks": 4 - age}
        alone = proportion_confint(counts[2], got.n["at_risk"], method="wilson")
        together = proportion_confint(counts[2], got.n["at_risk"], alpha=0.05 / 3, method="wilson")
        assert together[0] - 1e-12 <= got.low < alone[0] < alone[1] < got.high <= together[1] + 1e-12
        assert got.simultaneous


def test_clusters_are_drawn_whole():
    """Six items a cluster, one seed: the interval is that of the delete-one-cluster jackknife of the ratio."""
    rng = np.random.default_rng(4)
    clusters = np.arange(360) // 6
    y = drawn(rng, tasks=2, items=360)
    loss = found_in(cube_from_items(y, clusters=clusters)).one("item_loss_rate", task="task 1")
    right = y[0, 0, 1, 0] == 1
    lost = right & (y[0, 0, 2, 0] == 0)
    at_risk, hits = np.bincount(clusters, right), np.bincount(clusters, lost)
    n = len(at_risk)
    without = (hits.sum() - hits) / (at_risk.sum() - at_risk)
    error = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    assert (loss.high - loss.low) / 2 == pytest.approx(stats.t.ppf(0.975, n - 1) * error, rel=1e-2)
    assert loss.method == "paired cluster sandwich t"
    assert loss.p_value is None  # McNemar's test is for items drawn one by one


def test_folded_items_are_counted_as_items():
    """More items than buckets, but no clusters: plain counts still, so Wilson and McNemar."""
    y = drawn(np.random.default_rng(5), tasks=2)
    cube = cube_from_items(y, clusters=np.arange(120) % 16)
    unclustered = pa.table({"task": ["task 1", "task 2"], "items": [120, 120], "clusters": [120, 120]})
    loss = found_in(Cube(cube.meta, {**cube.tables, "counts": unclustered})).one("item_loss_rate", task="task 1")
    both, lost, gained, neither = table_of(y[0, 0, 1, 0], y[0, 0, 2, 0])
    assert (loss.low, loss.high) == pytest.approx(proportion_confint(lost, both + lost, method="wilson"), abs=1e-12)
    assert loss.p_value == pytest.approx(mcnemar([[both, lost], [gained, neither]], exact=True).pvalue)


def test_several_seeds_are_crossed_with_items():
    """All items right at arrival, so that the rate is a plain mean: items x seeds by explicit analysis of variance."""
    rng = np.random.default_rng(6)
    y = drawn(rng, seeds=4, tasks=2, items=50)
    y[0, :, 1, 0] = 1
    loss = found_in(cube_from_items(y)).one("item_loss_rate", task=None, group=None)
    D = 1 - y[0, :, 2, 0]
    S, n = D.shape
    v_item, v_seed = D.mean(0).var(ddof=1) / n, D.mean(1).var(ddof=1) / S
    E = D - D.mean(0) - D.mean(1, keepdims=True) + D.mean()
    v_res = (E**2).sum() / ((n - 1) * (S - 1)) / (n * S)
    total = v_item + v_seed - v_res
    df = total**2 / (v_item**2 / (n - 1) + v_seed**2 / (S - 1) + v_res**2 / ((n - 1) * (S - 1)))
    half = stats.t.ppf(0.975, np.clip(df, S - 1, n - 1)) * np.sqrt(max(total, v_item, v_seed))
    assert (loss.scope, loss.n) == ("seeds", {"at_risk": n * S, "seeds": S, "tasks": 1})
    assert (loss.low, loss.high) == pytest.approx((max(0, D.mean() - half), D.mean() + half), rel=1e-9)


def test_over_seeds_it_is_the_mean_of_the_seeds_rates():
    """And a seed in which nothing was right at arrival has no loss rate, but a gain rate."""
    y = drawn(np.random.default_rng(7), seeds=3, tasks=2)
    y[0, 2, 1, 0] = 0
    found = found_in(cube_from_items(y))
    tables = np.array([table_of(y[0, s, 1, 0], y[0, s, 2, 0]) for s in range(3)])
    loss, gain = found.one("item_loss_rate", task="task 1"), found.one("item_gain_rate", task="task 1")
    assert loss.value == pytest.approx((tables[:2, 1] / tables[:2, :2].sum(1)).mean())
    assert gain.value == pytest.approx((tables[:, 2] / tables[:, 2:].sum(1)).mean())
    assert (loss.n["seeds"], gain.n["seeds"]) == (2, 3)


def test_a_rate_of_nothing_says_so():
    y = drawn(np.random.default_rng(8), tasks=2)
    y[0, 0, 1, 0] = 1
    found = found_in(cube_from_items(y))
    gain = found.one("item_gain_rate", task="task 1")
    assert (gain.value, gain.reason) == (None, "no item was wrong at arrival")
    assert found.one("item_gain_rate", task=None, group=None).reason == "no item was wrong at arrival"
    assert not found.select("item_gain_rate", group="age=1")


def test_nothing_lost_is_not_certain():
    """Three seeds that lost none of 3 x 40: not a point."""
    y = drawn(np.random.default_rng(9), seeds=3, tasks=2, items=40)
    y[0, :, 1:, 0] = 1
    loss = found_in(cube_from_items(y)).one("item_loss_rate", task=None, group=None)
    assert (loss.value, loss.low) == (0, 0)
    assert loss.high > 0.03


def test_tasks_that_seeds_do_not_share_have_no_common_rate():
    y = drawn(np.random.default_rng(10), seeds=2)
    y[0, 0, :, 0], y[0, 1, :, 1] = np.nan, np.nan
    found = found_in(cube_from_items(y))
    assert found.one("item_loss_rate", task=None, group=None).reason == "no seed has all of the tasks"
    assert found.one("item_loss_rate", task="task 1").n["seeds"] == 1


def without(cube, *names, **meta):
    tables = {name: table for name, table in cube.tables.items() if name not in names}
    return Cube(cube.meta.model_copy(update=meta), tables)


def test_what_is_missing_is_named():
    """Arm, stages, items, binary scores, ids that return, a newer cube; each for both rates, and with no value."""
    rng = np.random.default_rng(11)
    y = drawn(rng, tasks=2)
    R = rng.random((1, 1, 4, 3))
    cases = {
        'needs the arm "fresh"': (cube_from_items(y), "fresh"),
        "needs at least one stage after a task was learned": (cube_from_items(y[:, :, :2]), "stream"),
        "needs item-level scores with stable item ids": (cube_from_scores(scores_from_matrix(R)), "stream"),
        "needs scores of 0 or 1": (cube_from_scores(scores_from_items(rng.random(y.shape))), "stream"),
        "needs the same items (ids) at arrival and later": (without(cube_from_items(y), "pairs"), "stream"),
        "run again from the log": (without(cube_from_items(y), "pairs", cube_version="1"), "stream"),
    }
    for reason, (cube, arm) in cases.items():
        estimates = churn(Evidence(cube), arm)
        assert [e.quantity for e in estimates] == ["item_loss_rate", "item_gain_rate"]
        assert all(e.value is None and reason in e.reason for e in estimates), reason
    nothing = Cube(cube_from_items(y).meta, {})
    assert all('needs the arm "stream"' in e.reason for e in churn(Evidence(nothing)))


def test_a_task_that_cannot_be_followed_stands_beside_those_that_can():
    y = drawn(np.random.default_rng(12))
    y[0, 0, 3, 1] = np.nan
    found = found_in(cube_from_items(y))
    assert found.one("item_loss_rate", task="task 2").reason == "needs scores at arrival and at stage 3 or later"
    assert found.one("item_loss_rate", task="task 1").simultaneous is False
    assert found.one("item_loss_rate", task=None, group=None).n["tasks"] == 1


def test_every_estimate_is_whole():
    """Value and interval or a reason; distinct ids; other arms are told apart."""
    y = drawn(np.random.default_rng(13), seeds=2, tasks=4, arms=2)
    cube = cube_from_items(y, arms=("stream", "joint"), settings=config(4))
    estimates = [*churn(Evidence(cube)), *churn(Evidence(cube), "joint")]
    assert len({e.id for e in estimates}) == len(estimates)
    for e in estimates:
        assert e.low <= e.value <= e.high, e.id
        assert e.scope
        assert e.method
    both, joint = (found_in(cube, arm).one("item_loss_rate", task=None, group=None) for arm in ("stream", "joint"))
    assert both.value != joint.value


@pytest.mark.parametrize(("seeds", "size"), [(1, 1), (1, 10), (3, 10)])
def test_the_share_of_lost_items_is_covered(seeds, size):
    """Items one by one and in clusters of ten, one seed and three; counting clustered items as single ones fails."""
    x, w = np.polynomial.hermite_e.hermegauss(81)
    p = special.ndtr(1 + x)
    truth = float((p * (1 - p) * w).sum() / (p * w).sum())  # P(wrong later | right at arrival)
    rng, replicates, hits, naive = np.random.default_rng(14), 400, 0, 0
    seed, cluster = np.indices((seeds, 200 // size))
    for _ in range(replicates):
        hard = rng.normal(0, 1, (200 // size, 1))
        first, later = rng.normal(0, 1, (2, seeds, 200 // size, size)) < 1 + hard
        at_risk, lost = first.sum(-1).ravel(), (first & ~later).sum(-1).ravel()
        rows = pd.DataFrame({"seed": seed.ravel(), "cluster": cluster.ravel(), "hits": lost, "weight": at_risk})
        got = interval([share_statistic(rows)], level=0.95, bounds=(0, 1), binary=True)
        hits += got.low <= truth <= got.high
        low, high = proportion_confint(lost.sum(), at_risk.sum(), method="wilson")
        naive += low <= truth <= high
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert hits / replicates >= 0.93 - error
    if seeds == 1:
        assert hits / replicates <= 0.97 + error
    if size > 1:
        assert naive / replicates <= 0.9
