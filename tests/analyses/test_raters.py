"""Bias and agreement for new people stand beside the headline: same value, wider where people differ."""

import numpy as np
import pandas as pd
import pytest

from tests.analyses.test_feedback import both, evidence
from toolkit.analyses import agreement, feedback

GROUP = "scope=raters"


def rated(rng, *, people=4, n=80, spread=0.2, each=None):
    """Judge and people on a scale from 0 to 1; each: how many people see an item, by default all."""
    quality, lenient = rng.uniform(0.3, 0.6, n), rng.normal(0, spread, people)
    base = pd.DataFrame({"item": np.arange(n)})
    sides = [base.assign(source="synthetic", rater="judge", score=quality + 0.1)]
    order = np.argsort(rng.random((n, people)), axis=1)
    for k in range(people):
        score = np.clip(quality + lenient[k] + rng.normal(0, 0.05, n), 0, 1)
        sides.append(base.assign(source="human", rater=f"person {k}", score=score)[order[:, k] < (each or people)])
    return pd.concat(sides)


def one(found, quantity):
    return found.one(quantity, group=GROUP, task=None, stage=None)


@pytest.mark.parametrize("each", [None, 2, 1])
def test_the_value_is_the_headlines_and_the_interval_wider(each):
    found = feedback(evidence(rated(np.random.default_rng(1), each=each)))
    head, new = found.one("feedback_bias", task=None, stage=None, group=None), one(found, "feedback_bias")
    assert new.value == pytest.approx(head.value, abs=1e-12)
    assert (new.scope, new.n["people"], new.n["clusters"]) == ("raters", 4, 80)
    assert new.low < head.low < head.high < new.high
    assert new.se > head.se
    assert set(new.variance) >= {"items", "raters"}


def test_people_who_gave_no_score_have_no_part_of_an_item():
    """A label alone leaves the item to the others: the value stays the headline's."""
    rows = rated(np.random.default_rng(2)).reset_index(drop=True)
    silent = (rows["rater"] == "person 0") & (rows["item"] % 2 == 0)
    rows.loc[silent, "score"] = np.nan
    found = feedback(evidence(rows.assign(label=np.where(silent, "good", None))))
    head = found.one("feedback_bias", task=None, stage=None, group=None)
    assert one(found, "feedback_bias").value == pytest.approx(head.value, abs=1e-12)


def test_agreement_for_new_people():
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 100)
    base = pd.DataFrame({"item": np.arange(100)})
    sides = [base.assign(source="synthetic", rater="judge", score=truth.astype(float))]
    for k, wrong in enumerate((0.02, 0.1, 0.35)):
        score = np.where(rng.random(100) < wrong, 1 - truth, truth).astype(float)
        sides.append(base.assign(source="human", rater=f"person {k}", score=score))
    found = agreement(evidence(pd.concat(sides)))
    head, new = found.one("agreement", task=None, stage=None, group=None), one(found, "agreement")
    assert new.value == pytest.approx(head.value)
    assert 0 < new.low < head.low < head.high < new.high < 1
    assert "log odds" in new.method


def test_several_seeds_are_averaged_over_and_said():
    rng = np.random.default_rng(4)
    rows = pd.concat([rated(rng).assign(seed=seed) for seed in (0, 1, 2)])
    found = feedback(evidence(rows))
    new = one(found, "feedback_bias")
    assert new.value == pytest.approx(found.one("feedback_bias", task=None, stage=None, group=None).value)
    assert "mean of 3 seeds, for these models" in new.method
    assert (new.n["people"], new.n["clusters"], new.n["seeds"]) == (4, 80, 3)


@pytest.mark.parametrize("people", [1, 2])
def test_one_or_two_people_are_not_enough(people):
    new = one(feedback(evidence(rated(np.random.default_rng(5), people=people))), "feedback_bias")
    assert new.low is None
    assert "3 people" in new.reason
    rows = both([1, 0] * 20, [1, 1] * 20)
    assert "3 people" in one(agreement(evidence(rows)), "agreement").reason
