"""Preference for one's own model family: closed forms, Stata-like dummies in statsmodels, and known truth."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from toolkit.analyses.preference import family_preference
from toolkit.results import Estimate

BASE = Estimate(quantity="feedback_bias", axis="feedback")


def crossed(rng, families, generators, n, own, *, noise=0.5):
    """Every judge scores n answers of each generator; own: what each family adds to its own answers."""
    mild = {f: rng.normal(0, 0.5) for f in families}
    loved = {g: rng.normal(0, 0.5) for g in generators}
    rows = []
    for g_index, g in enumerate(generators):
        item = np.arange(n) + g_index * n
        human, liked = rng.uniform(1, 5, n), rng.normal(0, 0.4, n)  # judges err alike on an answer
        for f in families:
            judge = human + mild[f] + loved[g] + own.get(f, 0) * (f == g) + liked + rng.normal(0, noise, n)
            rows.append(pd.DataFrame({
                "cluster": item, "rater": f"judge of {f}", "rater_family": f, "generator_family": g,
                "judge": judge, "human": human, "weight": 1.0,
            }))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def test_two_families_have_half_of_the_crossed_difference():
    rows = crossed(np.random.default_rng(1), ["a", "b"], ["a", "b"], 30, {"a": 0.5})
    mean = rows.assign(d=rows["judge"] - rows["human"]).groupby(["rater_family", "generator_family"])["d"].mean()
    (got,) = family_preference(rows, BASE)
    want = (mean["a", "a"] - mean["a", "b"] - mean["b", "a"] + mean["b", "b"]) / 2
    assert got.value == pytest.approx(want)
    assert got.n == {"labels": 120, "clusters": 60}


def test_one_family_beside_a_neutral_judge_has_the_whole_difference():
    """The neutral judge has no answers of its own: own minus other, minus the same by the neutral one."""
    rows = crossed(np.random.default_rng(2), ["a", "n"], ["a", "b"], 30, {"a": 0.5})
    mean = rows.assign(d=rows["judge"] - rows["human"]).groupby(["rater_family", "generator_family"])["d"].mean()
    (got,) = family_preference(rows, BASE)
    assert got.value == pytest.approx(mean["a", "a"] - mean["a", "b"] - (mean["n", "a"] - mean["n", "b"]))


def test_each_family_is_that_of_a_dummy_regression():
    """Three families on both sides, cells of unequal size: coefficients of statsmodels' least squares."""
    rows = crossed(np.random.default_rng(3), ["a", "b", "c"], ["a", "b", "c"], 20, {"a": 0.6, "c": -0.2})
    rows = rows.drop(index=rows.index[::7])
    whole, *each = family_preference(rows, BASE)
    X = pd.get_dummies(rows[["rater", "generator_family"]], dtype=float).drop(columns="generator_family_a")
    own = rows["rater_family"] == rows["generator_family"]
    y = rows["judge"] - rows["human"]
    assert whole.value == pytest.approx(OLS(y, X.assign(own=own.astype(float))).fit().params["own"])
    apart = {f: (own & (rows["rater_family"] == f)).astype(float) for f in "abc"}
    fit = OLS(y, X.assign(**apart)).fit()
    assert [e.group for e in each] == ["rater_family=a", "rater_family=b", "rater_family=c"]
    assert [e.value for e in each] == pytest.approx([fit.params[f] for f in "abc"])
    assert all(e.simultaneous and e.p_adjusted is not None for e in each)


def test_preference_is_covered_whatever_judges_and_generators_are_like():
    """Truth .3 for all families, mild and strict judges, generators that all overrate (control: own minus other)."""
    rng = np.random.default_rng(4)
    hits, naive = 0, 0
    for _ in range(400):
        rows = crossed(rng, ["a", "b", "c"], ["a", "b", "d"], 15, {"a": 0.3, "b": 0.3})
        got = family_preference(rows, BASE)[0]
        hits += got.low <= 0.3 <= got.high
        d, own = rows["judge"] - rows["human"], rows["rater_family"] == rows["generator_family"]
        naive += abs(d[own].mean() - d[~own].mean() - 0.3) < 0.1
    assert 0.925 <= hits / 400 <= 0.975
    assert naive / 400 < 0.5


@pytest.mark.parametrize(
    ("families", "generators"), [(["a"], ["a", "b"]), (["a", "b"], ["a"]), (["a", "b"], ["c", "d"])]
)
def test_without_a_crossing_the_reason_says_what_to_log(families, generators):
    rows = crossed(np.random.default_rng(5), families, generators, 10, {})
    (got,) = family_preference(rows, BASE)
    assert got.value is None
    assert "rater_family" in got.reason


def test_judges_that_never_saw_the_same_generators_cannot_be_told_from_them():
    """Each judge scored its own family's answers only."""
    rows = crossed(np.random.default_rng(6), ["a", "b"], ["a", "b"], 10, {"a": 1.0})
    (got,) = family_preference(rows[rows["rater_family"] == rows["generator_family"]], BASE)
    assert got.value is None


def test_without_families_nothing_is_said():
    rows = crossed(np.random.default_rng(7), ["a"], ["a"], 5, {})
    assert family_preference(rows.drop(columns="rater_family"), BASE) == []
    assert family_preference(rows.assign(rater_family=None), BASE) == []
