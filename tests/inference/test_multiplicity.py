"""Corrections for many looks, against values done by hand and SciPy's."""

import pytest
from scipy import stats

from toolkit.inference.multiplicity import adjusted


def test_holm_by_hand():
    """(4 x .01, 3 x .015, 2 x .02, 1 x .5), each not below the one before."""
    assert adjusted([0.02, 0.5, 0.01, 0.015], "Holm") == pytest.approx([0.045, 0.5, 0.04, 0.045])


def test_benjamini_hochberg_against_scipy():
    p = [0.001, 0.2, 0.04, 0.03, 0.9, 0.012]
    assert adjusted(p, "Benjamini-Hochberg") == pytest.approx(list(stats.false_discovery_control(p)))


def test_what_was_not_tested_does_not_count():
    assert adjusted([None, 0.03, None], "Holm") == [None, pytest.approx(0.03), None]
    assert adjusted([None], "Holm") == [None]
    assert adjusted([], "Benjamini-Hochberg") == []


def test_a_second_test_has_to_agree():
    """An adjusted p-value is never below that of the task's own seeds."""
    assert adjusted([0.001, 0.002], "Benjamini-Hochberg", [0.2, None]) == [0.2, pytest.approx(0.002)]
