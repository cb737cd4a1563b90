"""Yield, label errors and cost: by hand, against statsmodels' Wilson and SciPy's t."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from tests.builders import config, cube_from_tables
from toolkit.analyses import Evidence, generation

COLUMNS = ("n", "parse_known", "parse_failed", "label_checked", "label_wrong", "cost_known")


def samples(*rows):
    """Rows (seed, origin, accepted, n, wrong, cost); all parsed and checked."""
    made = [
        {"arm": "stream", "seed": seed, "stage": 1, "task": "task 1", "origin": origin, "accepted": accepted, "n": n,
         "parse_known": n, "parse_failed": 0, "label_checked": n, "label_wrong": wrong, "cost_known": n,
         "cost": cost, "seconds_known": 0, "seconds": None, "tokens_known": 0, "tokens": None}
        for seed, origin, accepted, n, wrong, cost in rows
    ]  # fmt: skip
    return Evidence(cube_from_tables(config(1), samples=pa.Table.from_pylist(made)))


def test_one_run_has_wilson_intervals():
    """80 of 100 accepted, 6 of the 80 wrong; what was rejected and what people wrote does not count as error."""
    found = generation(samples((0, "synthetic", True, 80, 6, 80.0), (0, "synthetic", False, 20, 15, 20.0),
                               (0, "human", True, 50, 0, 0.0)))  # fmt: skip
    wrong, accepted = (found.one(q, task=None, stage=None) for q in ("label_error_rate", "acceptance_rate"))
    assert (wrong.low, wrong.value, wrong.high) == pytest.approx(
        (proportion_confint(6, 80, method="wilson")[0], 6 / 80, proportion_confint(6, 80, method="wilson")[1])
    )
    assert accepted.value == pytest.approx(0.8)
    assert found.one("cost_per_accepted").value == pytest.approx(100 / 80)


def test_several_runs_have_t_over_seeds():
    rows = [(seed, "synthetic", True, 100, wrong, 1.0) for seed, wrong in enumerate((4, 8, 6, 9))]
    got = generation(samples(*rows)).one("label_error_rate", task=None, stage=None)
    want = stats.ttest_1samp(np.array([0.04, 0.08, 0.06, 0.09]), 0).confidence_interval()
    assert (got.low, got.high, got.scope) == (pytest.approx(max(want.low, 0)), pytest.approx(want.high), "seeds")


def test_without_samples_it_says_so():
    (found,) = generation(Evidence(cube_from_tables(config(1)))).estimates
    assert "needs samples" in found.reason


def test_the_change_of_one_run_to_one_run_has_newcombes_interval():
    """6 of 80 wrong now, 20 of 90 before: the difference of two independent shares."""
    new, old = samples((0, "synthetic", True, 80, 6, 80.0)), samples((0, "synthetic", True, 90, 20, 90.0))
    got = generation(Evidence(new.cube, old.cube, "before")).one("label_error_rate", task=None, stage=None).change
    want = confint_proportions_2indep(6, 80, 20, 90, method="newcomb")
    assert (got.low, got.high) == pytest.approx(want, abs=1e-9)
    assert got.value == pytest.approx(6 / 80 - 20 / 90)
    assert got.se > 0
