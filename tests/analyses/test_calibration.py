"""Calibration of judges' scores from logs: on which scale, whose majority, and what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.analyses.test_feedback import both, evidence
from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import Evidence
from toolkit.analyses.calibration import calibration, calibration_curve
from toolkit.inference.recalibration import calibration_bins, consistency, recalibration


def scored(n=200, seed=1):
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.05, 0.95, n)
    return p, (rng.random(n) < p).astype(float)


def test_error_slope_and_intercept_of_the_log():
    p, y = scored()
    found = calibration(evidence(both(p, y)))
    error = found.one("calibration_error")
    want = consistency(p, y)
    assert error.value == pytest.approx(want.observed - want.by_chance)
    assert error.p_value == pytest.approx(want.p_value)
    assert (error.low, error.axis, error.unit) == (None, "alignment", "share")
    assert error.reason
    intercept, slope = recalibration(p, y, level=0.95)
    for part, one in (("slope", slope), ("intercept", intercept)):
        estimate = found.one("calibration_error", group=f"part={part}")
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx((one.value, one.low, one.high))
        assert estimate.scope == "items"
    assert found.one("calibration_error", group="part=slope").p_value is None  # its null is 1, not 0


def test_the_feedback_scale_becomes_shares():
    p, y = scored()
    rows = both(1 + 4 * p, 1 + 4 * y)
    settings = config(1, feedback={"range": [1, 5]})
    found = calibration(Evidence(cube_from_tables(settings, judgements=judgements(rows))))
    slope = recalibration(p, y, level=0.95)[1]
    assert found.one("calibration_error", group="part=slope").value == pytest.approx(slope.value)


def test_the_majority_of_people_decides_and_ties_are_left_out():
    """Three people on a third of the items, two who differ on another."""
    p, y = scored(90)
    rows = both(p, y)
    human = rows[rows["source"] == "human"]
    against = human.assign(score=1 - human["score"])
    more = [human[:30].assign(rater="person 2"), against[:30].assign(rater="person 3")]
    tied = against[30:60].assign(rater="person 2")
    found = calibration_curve(evidence(pd.concat([rows, *more, tied])))
    keep = np.r_[:30, 60:90]
    want = calibration_bins(p[keep], y[keep], level=0.95)
    assert found.n.tolist() == want.n.tolist()
    assert found.human == pytest.approx(want.human)


def test_each_of_several_judges_has_its_own():
    p, y = scored()
    rows = both(p, y)
    sure = rows[rows["source"] == "synthetic"].assign(rater="sure", score=np.where(p > 0.5, 0.97, 0.03) + p / 100)
    found = calibration(evidence(pd.concat([rows, sure])))
    assert found.one("calibration_error", group="rater=judge").p_value > 0.05
    assert found.one("calibration_error", group="rater=sure").p_value < 0.01
    assert found.one("calibration_error", group="rater=sure,part=slope").high < 1
    whole = found.one("calibration_error", group="part=slope")
    assert whole.n == {"labels": 400, "clusters": 200}
    alone = calibration_curve(evidence(pd.concat([rows, sure])), rater="judge")
    assert alone.human == pytest.approx(calibration_bins(p, y, level=0.95).human)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (both(np.linspace(0, 1, 40), np.full(40, 0.3)), "right or wrong: the two ends"),
        (both(np.arange(40) % 2, np.arange(40) % 2), "between the ends"),
        (both([np.nan] * 3, [np.nan] * 3).assign(label="a"), "numeric"),
        (both([0.5], [0.5]).query("source == 'human'"), "synthetic judgements"),
    ],
)
def test_what_is_missing_is_said(rows, reason):
    (found,) = calibration(evidence(rows)).estimates
    assert found.value is None
    assert reason in found.reason
    assert calibration_curve(evidence(rows)) == found.reason
