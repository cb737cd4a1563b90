"""Five questions asked at once: the headlines, and they alone, are corrected for each other."""

import pytest

from toolkit.results import Estimate
from toolkit.review.family import with_headline_family


def estimate(quantity, axis, p_value, **more):
    return Estimate(quantity=quantity, axis=axis, value=0.1, low=0.0, high=0.2, p_value=p_value, **more)


def test_holm_over_the_headlines_that_were_tested():
    """p of .01, .03 and .02 become .03, .04 and .04; a rate has no test, and tasks are another family."""
    estimates = [
        estimate("forward_transfer", "transfer", 0.01, against="isolated"),
        estimate("backward_transfer", "forgetting", 0.03),
        estimate("backward_transfer", "forgetting", 0.001, task="billing"),
        estimate("backward_transfer", "forgetting", 0.001, group="scope=tasks"),
        estimate("feedback_bias", "feedback", 0.02),
        estimate("label_error_rate", "generation", None),
    ]
    got = with_headline_family(estimates)
    assert [e.p_adjusted for e in got] == pytest.approx([0.03, 0.04, None, None, 0.04, None])
    assert [e.adjustment for e in got] == ["Holm", "Holm", None, None, "Holm", None]


def test_nothing_to_test_changes_nothing():
    bare = (Estimate(quantity="forward_transfer", axis="transfer", reason="needs an arm"),)
    assert with_headline_family(bare) == bare
