"""Agreement with people and among people: by hand, and what an assumed ceiling can say."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.analyses.test_feedback import both, evidence
from toolkit.analyses import agreement


def with_second_person(judge, first, second):
    """Every item judged by two people."""
    rows = both(judge, first)
    more = rows[rows["source"] == "human"].assign(rater="person 2", score=second)
    return pd.concat([rows, more])


def test_raw_agreement_is_the_share_of_equal_answers():
    rng = np.random.default_rng(1)
    judge, human = rng.integers(0, 2, 80), rng.integers(0, 2, 80)
    found = agreement(evidence(both(judge, human)))
    assert found.one("agreement", task=None, stage=None).value == pytest.approx((judge == human).mean())
    assert found.one("agreement_ceiling").value is None
    assert "two people" in found.one("agreement_ceiling").reason


def test_without_two_people_the_gap_is_to_full_agreement():
    judge, human = np.r_[np.ones(90), np.zeros(10)], np.ones(100)
    gap = agreement(evidence(both(judge, human))).one("agreement_gap")
    assert (gap.group, gap.value) == ("ceiling=1", pytest.approx(-0.1))
    assert gap.high <= 0


def test_the_gap_to_peoples_own_agreement_is_paired_by_item():
    """The judge agrees with the first person on 90 of 100, with the second on 70; the people with each other on 80."""
    first = np.ones(100)
    judge = np.r_[np.zeros(10), np.ones(90)]
    second = np.r_[np.ones(80), np.zeros(20)]
    found = agreement(evidence(with_second_person(judge, first, second)))
    assert found.one("agreement", task=None, stage=None).value == pytest.approx(0.8)
    assert found.one("agreement_ceiling").value == pytest.approx(0.8)
    gap = found.one("agreement_gap")
    assert gap.group is None
    assert gap.value == pytest.approx(0)
    by_item = ((judge == first).astype(float) + (judge == second)) / 2 - (first == second)
    want = stats.ttest_1samp(by_item, 0).confidence_interval()
    assert (gap.low, gap.high) == pytest.approx((want.low, want.high), abs=1e-9)


def test_a_judge_as_good_as_a_person_is_within_the_ceiling():
    """Three raters alike, one of them called the judge: the gap's interval covers zero as often as it should."""
    rng = np.random.default_rng(3)
    replicates, hits = 200, 0
    for _ in range(replicates):
        truth = rng.random(150) < 0.6
        judge, first, second = (np.where(rng.random(150) < 0.15, ~truth, truth).astype(float) for _ in range(3))
        gap = agreement(evidence(with_second_person(judge, first, second))).one("agreement_gap")
        hits += gap.low <= 0 <= gap.high
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.93 - error <= hits / replicates <= 0.97 + error


def test_class_labels_agree_as_labels():
    rows = both([np.nan] * 4, [np.nan] * 4)
    rows["label"] = ["a", "b", "a", "c", "a", "b", "b", "c"]
    assert agreement(evidence(rows)).one("agreement", task=None, stage=None).value == pytest.approx(0.75)


def test_scores_with_many_values_are_not_categories():
    rng = np.random.default_rng(2)
    found = agreement(evidence(both(rng.random(50), rng.random(50))))
    assert all(e.value is None and "12 values" in e.reason for e in found.estimates)
