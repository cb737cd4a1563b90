"""Preferences between two answers: flips against closed forms, length against statsmodels, and simulated judges."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE

from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import Evidence, feedback
from toolkit.analyses.position import length_preference, position_bias, preferences
from toolkit.inference.proportions import tango
from toolkit.results import Estimate

BASE = Estimate(quantity="feedback_bias", axis="feedback")


def both_orders(first_a, first_b, *, rater="judge", source="synthetic", **columns):
    """Each pair shown in both orders: whether the answer shown first won when a, and when b stood first."""
    n = len(first_a)
    base = pd.DataFrame({"item": np.arange(n), "pair": [f"pair {k}" for k in range(n)], **columns})
    base = base.assign(form="preference", source=source, rater=rater)
    return pd.concat([base.assign(position="a", score=first_a), base.assign(position="b", score=first_b)])


def table(*rows):
    return judgements(pd.concat(rows)).to_pandas()


def position(*rows):
    return position_bias(preferences(table(*rows), "stream"), BASE)


def test_one_judge_has_tango_and_exact_mcnemar():
    """7 pairs won by whichever came first, 2 by whichever came last, 31 by the same answer twice."""
    first_a = np.repeat([1, 0, 1, 0], [7, 2, 20, 11])
    first_b = np.repeat([1, 0, 0, 1], [7, 2, 20, 11])
    (got,) = position(both_orders(first_a, first_b))
    low, high = tango(7, 2, 40, 0.95)
    assert got.value == pytest.approx(np.concatenate([first_a, first_b]).mean() - 0.5)
    assert got.value == pytest.approx(5 / 80)
    assert (got.low, got.high) == pytest.approx((low / 2, high / 2))
    assert got.p_value == pytest.approx(stats.binomtest(7, 9).pvalue)
    assert got.n["pairs"] == 40
    assert got.scope == "items"


def test_pairs_of_one_passage_err_together():
    """Clusters of four pairs: a mean of the pairs with the sandwich of statsmodels over clusters."""
    rng = np.random.default_rng(1)
    first_a, first_b = rng.integers(0, 2, (2, 80))
    cluster = np.arange(80) // 4
    (got,) = position(both_orders(first_a, first_b, cluster=cluster))
    d = (first_a + first_b) / 2 - 0.5
    sums = np.bincount(cluster, d - d.mean())
    assert got.se == pytest.approx(np.sqrt((sums**2).sum() * 20 / 19) / 80)
    assert got.df == 19


def test_several_judges_stand_apart_and_together():
    """Each judge by Tango at the level that holds for all; the whole by items, which they share."""
    rng = np.random.default_rng(2)
    rows = [both_orders(*rng.integers(0, 2, (2, 60)), rater=f"judge {k}") for k in range(3)]
    whole, *each = position(*rows)
    assert [e.group for e in each] == ["rater=judge 0", "rater=judge 1", "rater=judge 2"]
    assert whole.value == pytest.approx(np.mean([e.value for e in each]))
    assert all(e.simultaneous and e.level == 0.95 for e in each)
    d = [rows[k]["score"].to_numpy().reshape(2, 60).sum(0) - 1 for k in range(3)]
    low, high = tango(int((d[0] == 1).sum()), int((d[0] == -1).sum()), 60, 1 - 0.05 / 3)
    assert (each[0].low, each[0].high) == pytest.approx((low / 2, high / 2))
    assert [e.p_adjusted for e in each] == pytest.approx(list(stats.false_discovery_control([e.p_value for e in each])))
    assert whole.n["pairs"] == 180
    assert whole.n["clusters"] == 60


def test_pairs_shown_once_do_not_count():
    """Only pairs seen in both orders; without any, the reason says what to log."""
    rows = both_orders(np.ones(10), np.ones(10))
    (got,) = position(rows[(rows["position"] == "a") | (rows["item"] < 4)])
    assert got.n["pairs"] == 4
    (none,) = position(rows[rows["position"] == "a"])
    assert none.value is None
    assert "both orders" in none.reason


@pytest.mark.nightly
def test_position_bias_is_covered():
    """A judge that follows the order in 10 % of pairs, to the first in 80 % of them: bias .03."""
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(200):
        quality, led, to_first = rng.random(150) < 0.5, rng.random(150) < 0.1, rng.random(150) < 0.8
        (got,) = position(both_orders(np.where(led, to_first, quality), np.where(led, to_first, ~quality)))
        hits += got.low <= 0.03 <= got.high
    assert 0.91 <= hits / 200 <= 0.99


def choices(rng, n, slope, *, spread=0.0):
    """Choices in both orders by a logistic rule on the log length ratio; spread: sd of the pairs' own log odds."""
    x, own = rng.normal(0, 0.8, n), rng.normal(0, spread, n)
    chosen = [rng.random(n) < 1 / (1 + np.exp(-(slope * s * x + s * own))) for s in (1, -1)]
    rows = both_orders(*np.array(chosen, dtype=float))
    a = np.concatenate([np.exp(5 + x), np.full(n, np.exp(5))])
    b = np.concatenate([np.full(n, np.exp(5)), np.exp(5 + x)])
    return rows.assign(length=a, length_other=b)


def test_length_slope_is_that_of_statsmodels():
    rng = np.random.default_rng(4)
    rows = choices(rng, 60, 0.5, spread=1.0)
    got = length_preference(preferences(table(rows), "stream"), BASE)
    X = np.column_stack([np.ones(120), np.log(rows["length"] / rows["length_other"])])
    fit = GEE(rows["score"].to_numpy(), X, groups=rows["item"].to_numpy(), family=Binomial()).fit(
        cov_type="bias_reduced"
    )
    assert got.value == pytest.approx(fit.params[1], abs=1e-9)
    assert got.se == pytest.approx(fit.bse[1], abs=1e-9)
    assert got.df == 58
    assert got.high - got.value == pytest.approx(stats.t.ppf(0.975, 58) * fit.bse[1])
    assert got.group == "part=preferences"


@pytest.mark.parametrize("n", [40, 150])
@pytest.mark.nightly
def test_length_slope_is_covered(n):
    """Truth .5, each pair seen twice with independent choices given its lengths."""
    rng = np.random.default_rng(n)
    hits, measured = 0, 0
    for _ in range(200):
        got = length_preference(preferences(table(choices(rng, n, 0.5)), "stream"), BASE)
        if got.value is not None:
            measured += 1
            hits += got.low <= 0.5 <= got.high
    assert measured >= 198
    assert 0.91 <= hits / measured <= 0.99


def test_length_that_people_choose_too_is_taken_out():
    """The judge chooses what people chose, and people the longer: at their preference no slope (control: without)."""
    rng = np.random.default_rng(5)
    n = 300
    x = rng.normal(size=n)
    people = rng.random(n) < 1 / (1 + np.exp(-1.5 * x))
    judged = [np.where(rng.random(n) < 0.85, p, ~p).astype(float) for p in (people, ~people)]
    a, b = np.exp(5 + x), np.full(n, np.exp(5))
    lengths = {"length": np.r_[a, b], "length_other": np.r_[b, a]}
    judge = both_orders(*judged).assign(**lengths)
    person = both_orders(people.astype(float), (~people).astype(float), rater="person 1", source="human")
    person = person.assign(**lengths).query("position == 'a'")  # one order is enough to know what they chose
    got = length_preference(preferences(table(judge, person), "stream"), BASE)
    assert got.low < 0 < got.high
    assert "human preference" in got.method
    crude = length_preference(preferences(table(judge), "stream"), BASE)
    assert crude.low > 0.5


def test_a_judge_that_always_takes_the_longer_has_no_finite_slope():
    rows = choices(np.random.default_rng(6), 40, 0.0)
    rows = rows.assign(score=(rows["length"] > rows["length_other"]).astype(float))
    got = length_preference(preferences(table(rows), "stream"), BASE)
    assert got.value is None
    assert "needs more choices" in got.reason


def test_preferences_are_part_of_the_feedback_analysis():
    """Without a score in points there still is a bias of preferences; without preferences nothing is said of them."""
    rows = choices(np.random.default_rng(7), 40, 0.5)
    found = feedback(Evidence(cube_from_tables(config(1), judgements=judgements(rows))))
    assert found.one("position_bias").value is not None
    assert found.one("length_bias", group="part=preferences").value is not None
    assert found.one("feedback_bias").value is None
    scalar = judgements(rows.assign(form="scalar"))
    assert not feedback(Evidence(cube_from_tables(config(1), judgements=scalar))).select("position_bias")
