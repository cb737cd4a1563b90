"""Recurrence of fixed mistakes against counts by hand, deletion of each cluster by force, and simulated streams."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from tests.analyses.recurring_logs import log_odds
from tests.builders import cube_from_items, cube_from_scores, scores_from_items, scores_from_matrix
from toolkit.analyses import Analysis, Evidence
from toolkit.analyses.recurrence import recurrence
from toolkit.cube.cube import Cube

ARMS = ("stream", "isolated")


def drawn(rng, seeds=1, tasks=1, ages=3, items=300, effect=0.0, shift=0.0):
    """y[arm, seed, stage, task, item] from items of different difficulty, each task followed for `ages` stages.

    effect: how much worse an item is answered that was wrong once and right last; shift: how much worse all of the
    stream is at the last stage of a task; both in standard deviations of a single answer.
    """
    y = np.full((2, seeds, tasks + ages, tasks, items), np.nan)
    hard = rng.normal(0, 1, (tasks, items))
    for j in range(tasks):
        ever, last = np.zeros((seeds, items), bool), np.ones((seeds, items), bool)
        for age in range(ages):
            margin = 0.9 + hard[j] - effect * (ever & last) - shift * (age == ages - 1)
            last = rng.normal(0, 1, (seeds, items)) < margin
            ever |= ~last
            y[0, :, j + 1 + age, j] = last
        y[1, :, j + 1, j] = rng.normal(0, 1, (seeds, items)) < 0.9 + hard[j]
    return y


def found_in(y, **more):
    return Analysis(tuple(recurrence(Evidence(cube_from_items(y, arms=ARMS, **more)))))


def whole(found):
    return found.one("recurrence_rate", group=None)


def groups_at(y, j, stage, s=0):
    """Masks over items: fixed and never wrong, right the stage before; wrong now, wrong alone."""
    history = y[0, s, j + 1 : stage, j]
    right, ever = history[-1] == 1, (history == 0).any(0)
    return right & ever, right & ~ever, y[0, s, stage, j] == 0, y[1, s, j + 1, j] == 0


def excess(y, s=0):
    """The formula in plain steps: overlap weights over stages, half a count, tasks by inverse variance."""
    above = below = 0.0
    for j in range(y.shape[3]):
        cells = []
        for stage in range(j + 3, y.shape[2]):
            if np.isfinite(y[0, s, stage, j]).all():
                fixed, never, wrong, alone = groups_at(y, j, stage, s)
                f, u = fixed.sum(), never.sum()
                if f and u:
                    rates = [(fixed & wrong).sum() / f, (fixed & alone).sum() / f,
                             (never & wrong).sum() / u, (never & alone).sum() / u]  # fmt: skip
                    cells.append((f * u / (f + u), f, u, *rates))
        if not cells:
            continue
        w, f, u, *rates = np.array(cells).T
        sizes = [w.sum() ** 2 / (w**2 / n).sum() for n in (f, f, u, u)]
        counts = [(w * rate).sum() / w.sum() * n for rate, n in zip(rates, sizes, strict=True)]
        logits = [log_odds(x, n) for x, n in zip(counts, sizes, strict=True)]
        variance = sum(1 / (x + 0.5) + 1 / (n - x + 0.5) for x, n in zip(counts, sizes, strict=True))
        above += (logits[0] - logits[1] - logits[2] + logits[3]) / variance
        below += 1 / variance
    return above / below


def test_one_task_at_one_stage_is_the_plain_difference_of_log_odds():
    """Counts of four groups of items, half a count added to either side of each."""
    y = drawn(np.random.default_rng(1))
    got = whole(found_in(y[:, :, :4]))
    fixed, never, wrong, alone = groups_at(y, 0, 3)
    want = (
        log_odds((fixed & wrong).sum(), fixed.sum()) - log_odds((fixed & alone).sum(), fixed.sum())
        - log_odds((never & wrong).sum(), never.sum()) + log_odds((never & alone).sum(), never.sum())
    )  # fmt: skip
    assert got.value == pytest.approx(want, abs=1e-12)
    assert got.n == {"at_risk": fixed.sum(), "seeds": 1, "clusters": (fixed | never).sum()}
    assert (got.unit, got.axis, got.scope) == ("log odds", "forgetting", "items")


def at_risk_anywhere(y, j):
    """Mask over items of those that are at risk at some stage of task j."""
    found = np.zeros(y.shape[-1], bool)
    for stage in range(j + 3, y.shape[2]):
        fixed, never, _, _ = groups_at(y, j, stage)
        found |= np.isfinite(y[0, 0, stage, j]) & (fixed | never)
    return found


@pytest.mark.parametrize("size", [1, 5])
def test_tasks_and_stages_are_weighted_as_said_and_clusters_deleted_by_force(size):
    """Three tasks over one to four stages: the formula step by step, and the jackknife by leaving clusters out."""
    y = drawn(np.random.default_rng(2), tasks=3, ages=5, items=60, shift=0.4)[:, :, :7]
    y[0, 0, 3:5, 2], y[0, 0, 3, 2, 7] = 1, 0  # one fixed item at stage 5 of the last task: without it, none
    clusters = np.arange(60) // size
    got = whole(found_in(y, clusters=clusters))
    assert got.value == pytest.approx(excess(y), abs=1e-12)
    without = []
    for j in range(3):  # each task has its own clusters
        for cluster in np.unique(clusters[at_risk_anywhere(y, j)]):
            rest = y.copy()
            rest[0, 0, j + 1 :, j, clusters == cluster] = 0  # never right before, so never at risk
            without.append(excess(rest))
    n = len(without)
    error = np.sqrt((n - 1) / n * ((np.array(without) - np.mean(without)) ** 2).sum())
    half = stats.t.ppf(0.975, n - 1) * error
    assert got.n["clusters"] == n
    assert got.se == pytest.approx(error, rel=1e-9)
    assert (got.low, got.high) == pytest.approx((got.value - half, got.value + half), rel=1e-9)


def test_a_stage_with_one_of_the_groups_alone_says_nothing():
    """Where every item was wrong once there is nobody to compare with: that stage does not count."""
    y = drawn(np.random.default_rng(3), ages=4)
    y[0, 0, 2, 0, y[0, 0, 1, 0] == 1] = 0  # now every item was wrong at stage 1 or 2
    y[0, 0, 2:4, 0, :20], y[0, 0, 1, 0, :20] = 1, 1  # but for some, up to the stage before the last
    y[0, 0, 3, 0, :20] = 0
    got = whole(found_in(y[:, :, :5]))
    fixed, _, _, _ = groups_at(y, 0, 3)
    assert got.n["at_risk"] == fixed.sum()
    assert got.value == pytest.approx(excess(y[:, :, :4]), abs=1e-12)


def test_beside_it_stand_the_plain_shares():
    """Wrong again, never wrong before, and alone on the fixed items: counts, and Wilson where items stand once."""
    y = drawn(np.random.default_rng(4), tasks=2)
    found = found_in(y)
    counts = np.zeros((3, 2), int)
    for j in range(2):
        fixed, never, wrong, alone = groups_at(y, j, j + 3)
        counts += [[(fixed & wrong).sum(), fixed.sum()], [(never & wrong).sum(), never.sum()],
                   [(fixed & alone).sum(), fixed.sum()]]  # fmt: skip
    for part, (hits, n) in zip(("fixed", "never", "isolated"), counts, strict=True):
        share = found.one("recurrence_rate", group=f"part={part}")
        assert share.value == pytest.approx(hits / n)
        assert (share.low, share.high) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-12)
        assert (share.unit, share.n) == ("share", {"at_risk": n, "seeds": 1})


def test_several_seeds_are_crossed_with_items():
    """The value is the mean of the seeds' own, and the variance that of items and of seeds less what both contain."""
    y = drawn(np.random.default_rng(5), seeds=4)
    got = whole(found_in(y))
    alone = [found_in(y[:, [s]]) for s in range(4)]
    each = np.array([whole(one).value for one in alone])
    assert each == pytest.approx([excess(y, s) for s in range(4)], abs=1e-12)
    assert got.value == pytest.approx(each.mean(), abs=1e-12)
    assert got.variance["seeds"] == pytest.approx(each.var(ddof=1) / 4, rel=1e-9)
    assert (got.scope, got.n["seeds"]) == ("seeds", 4)
    assert got.n["at_risk"] == sum(whole(one).n["at_risk"] for one in alone)


def test_too_few_fixed_items_are_not_measured():
    """Nineteen are refused with their number, twenty are not."""
    y = drawn(np.random.default_rng(6))
    at = np.flatnonzero(groups_at(y, 0, 3)[0])
    y[0, 0, :, 0, at[20:]] = np.nan
    assert whole(found_in(y)).value is not None
    y[0, 0, :, 0, at[19]] = np.nan
    (refused,) = found_in(y).estimates
    assert (refused.value, refused.low, refused.n["at_risk"]) == (None, None, 19)
    assert "needs at least 20 answers to items that were wrong and then right, found 19" in refused.reason


def test_a_single_cluster_has_no_interval():
    got = whole(found_in(drawn(np.random.default_rng(7)), clusters=np.zeros(300, int)))
    assert got.value is not None
    assert (got.low, got.reason) == (None, "needs at least two test items in each group")


def without(cube, *names, **meta):
    tables = {name: table for name, table in cube.tables.items() if name not in names}
    return Cube(cube.meta.model_copy(update=meta), tables)


def test_what_is_missing_is_named():
    rng = np.random.default_rng(8)
    y = drawn(rng, tasks=2)
    cube = cube_from_items(y, arms=ARMS)
    cases = {
        'needs the arm "isolated" (each task learned alone': cube_from_items(y[:1]),
        'needs the arm "stream"': without(cube, *cube.tables),
        "needs at least two stages after a task was learned": cube_from_items(y[:, :, :3], arms=ARMS),
        "needs item-level scores": cube_from_scores(scores_from_matrix(rng.random((2, 1, 5, 3)), arms=ARMS)),
        "needs scores of 0 or 1": cube_from_scores(scores_from_items(rng.random((2, 1, 5, 3, 9)), arms=ARMS)),
        "needs the same items (ids) at arrival and later": without(cube, "pairs", "recurrence"),
        'needs the same items (ids) and seeds in the arm "isolated"': without(cube, "recurrence"),
        "run again from the log": without(cube, "pairs", "recurrence", cube_version="1"),
    }
    for reason, made in cases.items():
        (estimate,) = recurrence(Evidence(made))
        assert estimate.value is None
        assert reason in estimate.reason
