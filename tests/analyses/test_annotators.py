"""The alternative annotator test from a log: who is compared, under which names, and that no verdict rests on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.analyses.test_agreement import three_people
from tests.analyses.test_feedback import both, evidence
from toolkit.analyses.annotators import alternative
from toolkit.inference.alternative import alternative_annotator


def test_winning_rate_and_advantage_stand_as_parts_of_the_gap():
    rows = three_people(n=90)
    found = alternative(evidence(rows))
    wide = rows.pivot(index="item", columns="rater", values="score")
    people = wide[["person 1", "person 2", "person 3"]].to_numpy()
    want = alternative_annotator(wide["judge"], people, level=0.95)
    rate = found.one("agreement_gap", group="part=winning-rate")
    advantage = found.one("agreement_gap", group="part=advantage")
    assert rate.value == want.winning_rate
    assert rate.reason
    assert advantage.value == pytest.approx(want.advantage.value)
    assert (advantage.low, advantage.high) == pytest.approx((want.advantage.low, want.advantage.high))
    assert advantage.n == {"people": 3, "labels": 225}  # the third saw every other item
    second = found.one("agreement_gap", group="part=advantage,person=person 2")
    assert second.p_value == pytest.approx(want.people[1].p_value)
    assert "epsilon 0.1" in rate.method
    assert not any(estimate.is_whole for estimate in found.estimates)


def test_class_labels_are_compared_as_classes():
    """b is no nearer to a than c is."""
    rows = three_people(n=60)
    labels = rows.assign(label=rows["score"].map({1: "a", 2: "b", 3: "c", 4: "d", 5: "e"}), score=np.nan)
    found = alternative(evidence(labels)).one("agreement_gap", group="part=advantage")
    wide = rows.pivot(index="item", columns="rater", values="score")
    want = alternative_annotator(
        wide["judge"], wide.drop(columns="judge").to_numpy(), level=0.95, classes=True
    ).advantage.value
    assert found.value == pytest.approx(want)
    assert found.value != pytest.approx(alternative(evidence(rows)).one("agreement_gap", group="part=advantage").value)


def test_each_judge_has_its_own():
    rows = three_people(n=70, judges=("a", "b"))
    found = alternative(evidence(rows))
    alone = alternative(evidence(rows[rows["rater"] != "b"]))
    for part in ("part=winning-rate", "part=advantage", "part=advantage,person=person 1"):
        want = alone.one("agreement_gap", group=part).value
        assert found.one("agreement_gap", group=f"rater=a,{part}").value == want
        assert found.one("agreement_gap", group=f"rater=b,{part}").measured


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (both([0.5] * 40, [0.4] * 40), "needs 3 people"),
        (both([0.5], [0.5]).query("source == 'human'"), "synthetic judgements"),
        (pd.concat([both([np.nan], [0.5])]), "no item has comparable"),
    ],
)
def test_what_is_missing_is_said(rows, reason):
    (found,) = alternative(evidence(rows)).estimates
    assert found.value is None
    assert reason in found.reason
    assert found.group == "part=winning-rate"
