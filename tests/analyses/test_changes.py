"""Changes of two releases' own estimates: Welch's test, Zou's interval, and what is not comparable."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from tests.analyses.test_feedback import both, evidence
from toolkit.analyses import ANALYSES
from toolkit.analyses.changes import with_independent_change
from toolkit.results import Estimate


def estimate(**fields):
    base = {"quantity": "agreement", "axis": "alignment", "unit": "points", "scope": "items", "n": {"labels": 9}}
    return Estimate.model_validate(base | fields)


def of_sample(x):
    """A mean with its t interval."""
    ci = stats.ttest_1samp(x, 0).confidence_interval()
    return estimate(value=x.mean(), low=ci.low, high=ci.high, se=float(stats.sem(x)), df=len(x) - 1.0)


def test_two_means_are_welchs_interval():
    rng = np.random.default_rng(1)
    x, y = rng.normal(1, 1, 12), rng.normal(0, 3, 20)
    got = with_independent_change(of_sample(x), of_sample(y), "before").change
    want = stats.ttest_ind(x, y, equal_var=False)
    ends = want.confidence_interval()
    assert (got.low, got.high, got.df) == pytest.approx((ends.low, ends.high, want.df), rel=1e-9)


def test_intervals_without_errors_are_newcombes_for_shares():
    """From two Wilson intervals, MOVER is Newcombe's interval of statsmodels."""
    parts = []
    for k, n in ((45, 60), (70, 80)):
        low, high = proportion_confint(k, n, method="wilson")
        parts.append(estimate(value=k / n, low=low, high=high))
    got = with_independent_change(*parts, "before").change
    want = confint_proportions_2indep(45, 60, 70, 80, method="newcomb", compare="diff")
    assert (got.low, got.high) == pytest.approx(want, abs=1e-9)


@pytest.mark.parametrize("fields", [
    {"unit": "share"}, {"level": 0.9}, {"scope": "seeds"}, {"n": {"labels": 9, "seeds": 2}}, {"low": None},
])  # fmt: skip
def test_what_differs_is_not_subtracted(fields):
    now = estimate(value=0.5, low=0.4, high=0.6)
    got = with_independent_change(now, now.model_copy(update=fields), "before").change
    assert got.low is None
    assert got.reason


def test_other_quantities_are_refused():
    with pytest.raises(ValueError, match="different"):
        with_independent_change(estimate(value=1.0), estimate(value=1.0, task="a"), "before")


def test_the_page_has_changes_over_all_only():
    rng = np.random.default_rng(2)
    rows, old = (both(*rng.integers(0, 2, (2, 120))) for _ in range(2))
    page = ANALYSES["divergence"](evidence(rows, baseline=old))
    for quantity in ("agreement", "cohen_kappa", "gwet_ac1", "krippendorff_alpha"):
        change = page.one(quantity, task=None, stage=None, group=None).change
        assert change.low < change.value < change.high
    assert all(e.change is None for e in page.select("agreement") if not e.is_whole or e.task is not None)
    assert not any(e.change for e in ANALYSES["divergence"](evidence(rows)).estimates)
