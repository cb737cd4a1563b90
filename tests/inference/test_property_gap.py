"""Gaps in a property: against SciPy's Welch interval, the jackknife, statsmodels, and simulated truth."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS

from toolkit.inference.property_gap import PropertyRows, property_gap

ANY = (-np.inf, np.inf)


def rows(values, task=None, seed=None, cluster=None, weight=None):
    n = len(values)
    zeros = np.zeros(n, dtype=int)
    return PropertyRows(
        np.asarray(values, float), np.ones(n) if weight is None else weight, zeros if task is None else task,
        zeros if seed is None else seed, cluster,
    )  # fmt: skip


def gap(first, second, *, yardstick=None, shared=True, tasks=1, seeds=1, bounds=ANY):
    return property_gap(first, second, yardstick=yardstick, shared=shared, tasks=tasks, seeds=seeds, level=0.95,
                        bounds=bounds)  # fmt: skip


def test_shares_of_one_task_and_seed_are_welchs():
    rng = np.random.default_rng(1)
    x, y = (rng.random(60) < 0.4).astype(float), (rng.random(45) < 0.6).astype(float)
    got, want = gap(rows(x), rows(y)), stats.ttest_ind(x, y, equal_var=False)
    ends = want.confidence_interval()
    assert (got.low, got.high) == pytest.approx((ends.low, ends.high))
    assert (got.df, got.p_value) == pytest.approx((want.df, want.pvalue))


def test_the_yardsticks_own_error_is_that_of_the_jackknife():
    """Mean difference over the sd of the reference: delete one row of the reference at a time."""
    rng = np.random.default_rng(2)
    n = 3000
    x, y = rng.normal(1.5, 1, 300), rng.normal(size=n)
    got = gap(rows(x), rows(y), yardstick=rows(y))
    assert got.value == pytest.approx((x.mean() - y.mean()) / y.std(ddof=1))
    left_out = np.array([(x.mean() - np.delete(y, i).mean()) / np.delete(y, i).std(ddof=1) for i in range(n)])
    of_reference = ((left_out - left_out.mean()) ** 2).sum() * (n - 1) / n
    of_first = x.var(ddof=1) / 300 / y.var(ddof=1)
    assert got.variance - of_first == pytest.approx(of_reference, rel=0.005)


def test_clusters_are_those_of_statsmodels():
    """The mean of clustered rows beside a shared reference of shares."""
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(20), 4)
    x = (rng.random(20)[cluster] < rng.random(80)).astype(float)
    y = (rng.random(50) < 0.5).astype(float)
    fit = OLS(x, np.ones(80)).fit(cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False})
    got = gap(rows(x, cluster=cluster), rows(y))
    assert got.variance == pytest.approx(fit.bse[0] ** 2 * 20 / 19 + y.var(ddof=1) / 50)


def test_paired_seeds_have_t_over_their_gaps():
    rng = np.random.default_rng(4)
    seed = np.repeat(np.arange(4), 40)
    u, v = rng.normal(size=(2, 4))
    x, y = rng.normal(size=160) + 2 * u[seed], rng.normal(size=160) + v[seed]
    fixed = rows(np.tile([-1.0, 1.0], 10**6))  # a yardstick of which the sd, 1, is certain
    got = gap(rows(x, seed=seed), rows(y, seed=seed), yardstick=fixed, shared=False, seeds=4)
    want = stats.ttest_1samp([(x[seed == s].mean() - y[seed == s].mean()) for s in range(4)], 0).confidence_interval()
    assert (got.low, got.high) == pytest.approx((want.low, want.high), rel=1e-4)
    assert got.scope == "seeds"


def test_weights_count_rows_as_many_times():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=40), rng.normal(size=60)
    twice = rows(np.r_[x[:10], x], weight=np.ones(50))
    weighted = rows(x, weight=np.r_[np.full(10, 2.0), np.ones(30)])
    assert gap(weighted, rows(y), yardstick=rows(y)).value == pytest.approx(
        gap(twice, rows(y), yardstick=rows(y)).value
    )


def test_tasks_are_compared_with_their_own_reference():
    """Tasks differ, samples do not: no gap, where pooling all rows would show one (Simpson's paradox)."""
    rng = np.random.default_rng(6)
    task, other = np.repeat([0, 1], [900, 100]), np.repeat([0, 1], [100, 900])
    x, y = rng.normal(size=1000) + 3 * task, rng.normal(size=1000) + 3 * other
    got = gap(rows(x, task=task), rows(y, task=other), yardstick=rows(y, task=other), tasks=2)
    assert got.low < 0 < got.high
    assert abs(x.mean() - y.mean()) > 1


@pytest.mark.parametrize(
    ("kind", "seeds", "tasks", "size", "truth"),
    [("normal", 1, 1, 20, 1.0), ("normal", 3, 3, 40, 0.5), ("rare", 1, 2, 60, 0.0), ("rare", 3, 1, 60, 0.1)],
)
def test_intervals_cover_the_truth(kind, seeds, tasks, size, truth):
    """Numbers in sds, and rare values of shares; seeds differ from run to run."""
    rng = np.random.default_rng(seeds + size)
    task, seed = np.tile(np.repeat(np.arange(tasks), size), seeds), np.repeat(np.arange(seeds), tasks * size)
    of_people = np.repeat(np.arange(tasks), size)
    runs, hits = 800, 0
    for _ in range(runs):
        if kind == "normal":
            shift = truth + (0.3 * rng.normal(size=seeds) if seeds > 1 else np.zeros(1))
            first, human = (
                rows(rng.normal(size=len(task)) + shift[seed], task, seed),
                rows(rng.normal(size=len(of_people)), of_people),
            )
            got = gap(first, human, yardstick=human, tasks=tasks, seeds=seeds)
        else:
            first = rows((rng.random(len(task)) < 0.03 + truth).astype(float), task, seed)
            human = rows((rng.random(len(of_people)) < 0.03).astype(float), of_people)
            got = gap(first, human, tasks=tasks, seeds=seeds, bounds=(-1, 1))
        hits += got.low <= truth <= got.high
    assert 0.92 <= hits / runs <= 0.995


def test_what_is_missing_is_said():
    few, many = rows([0.0, 1.0, 0.0]), rows(np.arange(30.0))
    assert "needs 5" in gap(few, many, yardstick=many).reason
    assert "does not vary" in gap(many, rows(np.ones(30)), yardstick=rows(np.ones(30))).reason
    apart = gap(rows(np.arange(20.0), task=np.zeros(20, int)), rows(np.arange(20.0), task=np.ones(20, int)),
                yardstick=many, tasks=2)  # fmt: skip
    assert "same task" in apart.reason
