"""Bias given an attribute: against matrices written out, where it is known, and where there is none."""

import time

import numpy as np
import pandas as pd
import pytest
from scipy import linalg, stats

from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import Evidence, feedback
from toolkit.analyses.conditional import attribute_slopes
from toolkit.results import Estimate

BASE = Estimate(quantity="feedback_bias", axis="feedback", unit="points")


def found(judge, human, *, raters=1, **columns):
    """The feedback analysis of `raters` judges that scored the same items, on a scale from 0 to 5."""
    n = len(human)
    base = pd.DataFrame({"item": np.arange(n), **columns})
    judges = [
        base.assign(source="synthetic", rater=f"judge {r}", score=np.reshape(judge, (raters, n))[r])
        for r in range(raters)
    ]
    people = base.assign(source="human", rater="person 1", score=human)
    settings = config(1, feedback={"range": [0, 5]})
    return feedback(Evidence(cube_from_tables(settings, judgements=judgements(pd.concat([*judges, people])))))


@pytest.mark.parametrize("given", [False, True])
def test_the_slope_is_weighted_least_squares_with_cr2(given):
    """The definition with matrices written out: weights, two judges an item, log of a skewed attribute."""
    rng = np.random.default_rng(1)
    n = 40
    words, human, p = np.exp(rng.normal(4, 1, n)), rng.uniform(0, 5, n), rng.uniform(0.2, 1, n)
    judge = human + 0.3 * np.log(words) + rng.normal(size=(2, n))
    got = found(judge, human, raters=2, attr_words=[str(w) for w in words], probability=p).one(
        "feedback_bias_by_attribute", group="attr_words=slope-given-human" if given else "attr_words=slope"
    )
    item, w = np.tile(np.arange(n), 2), np.tile(1 / p, 2)
    x = np.log(np.tile(words, 2))
    x = (x - np.average(x, weights=w)) / np.sqrt(np.cov(x, aweights=w))
    root = np.sqrt(w)[:, None]
    X = np.column_stack([np.ones(2 * n), x, np.tile(human, 2)])[:, : 3 if given else 2] * root
    y = (judge - human).ravel() * root[:, 0]
    M = np.linalg.inv(X.T @ X)
    R = np.eye(2 * n) - X @ M @ X.T
    G, variance = [], 0.0
    for key in range(n):
        here = item == key
        g = np.linalg.inv(np.real(linalg.sqrtm(R[np.ix_(here, here)]))) @ X[here] @ M[1]
        variance += float(g @ (R @ y)[here]) ** 2
        G.append(R[:, here] @ g)
    eigen = np.linalg.eigvalsh(np.array(G) @ np.array(G).T)
    df = eigen.sum() ** 2 / (eigen**2).sum()
    assert got.value == pytest.approx((M @ X.T @ y)[1], rel=1e-9)
    assert got.se == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert got.df == pytest.approx(df, rel=1e-9)
    assert got.high - got.value == pytest.approx(stats.t.ppf(0.975, df) * np.sqrt(variance), rel=1e-9)
    assert got.unit == "points of the feedback scale per sd of log words"
    assert ("log words at the same human score" in got.method) == given
    assert got.n == {"labels": 80, "clusters": 40}


def slope_of(judge, human, length, *, group=None):
    """The length slope alone, without the rest of the analysis."""
    rows = pd.DataFrame({"cluster": np.arange(len(human)), "human": human, "judge": judge, "weight": 1.0})
    (got,) = (e for e in attribute_slopes(rows.assign(length=length), BASE) if e.group == group)
    return got


def test_length_that_people_reward_too_is_no_bias():
    """Longer answers are better and both say so, with errors: the slope is zero. At the same human score it is not."""
    rng = np.random.default_rng(2)
    hits, given, crude = 0, 0, 0
    for _ in range(400):
        length = np.exp(rng.normal(5, 0.8, 80))
        quality = 2.5 + 0.5 * (np.log(length) - 5)
        human = quality + rng.normal(0, 0.1, 80)
        judge = quality + rng.normal(0, 0.1 + 0.1 * np.abs(np.log(length) - 5), 80)
        got, second = (slope_of(judge, human, length, group=group) for group in (None, "part=given-human"))
        hits += got.low <= 0 <= got.high
        given += second.low <= 0 <= second.high
        crude += stats.linregress(np.log(length), judge).pvalue > 0.05
    assert 0.92 <= hits / 400 <= 0.98
    assert given / 400 <= 0.1
    assert crude == 0


def test_a_judge_that_spreads_its_scores_less_has_no_bias_at_the_same_human_score():
    """Half of people's spread, people without error: the plain slope sees it through quality, the second look not."""
    rng = np.random.default_rng(8)
    plain, given = 0, 0
    for _ in range(400):
        length = np.exp(rng.normal(5, 0.8, 80))
        human = 2.5 + 0.5 * (np.log(length) - 5) + rng.normal(0, 0.4, 80)
        judge = 1 + 0.5 * human + rng.normal(0, 0.3, 80)
        got, second = (slope_of(judge, human, length, group=group) for group in (None, "part=given-human"))
        plain += got.low <= 0 <= got.high
        given += second.low <= 0 <= second.high
    assert 0.92 <= given / 400 <= 0.98
    assert plain / 400 <= 0.1


@pytest.mark.parametrize("n", [40, 150])
def test_a_bias_that_grows_with_length_is_covered(n):
    """A judge that adds .2 a unit of log length: covered at about .95, skewed lengths and unequal scatter."""
    rng = np.random.default_rng(n)
    hits, logged = 0, 0
    for _ in range(1000):
        z = rng.normal(size=n)
        length, human = np.exp(5 + 1.0 * z), rng.uniform(1, 4, n)
        judge = human + 0.2 * z + rng.normal(size=n) * (0.1 + 0.2 * np.abs(z))
        got = slope_of(judge, human, length)
        if "log length" in got.method:  # now and then few lengths look symmetric
            logged += 1
            hits += got.low <= 0.2 * np.std(z, ddof=1) <= got.high
    assert logged >= 900
    assert 0.92 <= hits / logged <= 0.975


def test_many_attributes_are_screened_together():
    """Benjamini and Hochberg's adjustment over all slopes, length among them; ten idle attributes, one at work."""
    rng = np.random.default_rng(4)
    n = 200
    idle = {f"attr_x{k}": rng.normal(size=n) for k in range(10)}
    human = rng.uniform(1, 4, n)
    at_work = rng.normal(size=n)
    judge = human + 0.4 * at_work + rng.normal(size=n)
    got = found(judge, human, attr_work=at_work, length=rng.uniform(50, 90, n), **idle)
    slopes = [*got.select("feedback_bias_by_attribute"), *got.select("length_bias")]
    slopes = [e for e in slopes if e.group is None or e.group.endswith("=slope")]
    assert len(slopes) == 12
    want = stats.false_discovery_control([e.p_value for e in slopes])
    assert [e.p_adjusted for e in slopes] == pytest.approx(list(want))
    assert {e.adjustment for e in slopes} == {"Benjamini-Hochberg"}
    assert [e.group for e in slopes if e.p_adjusted < 0.01] == ["attr_work=slope"]


def test_attributes_in_words_have_groups_and_no_slope():
    rng = np.random.default_rng(5)
    ink = np.where(np.arange(90) % 2, "dark", "light")
    got = found(rng.uniform(0, 5, 90), rng.uniform(0, 5, 90), attr_ink=ink, attr_old=np.arange(90) % 2)
    groups = {e.group for e in got.select("feedback_bias_by_attribute")}
    assert groups == {"attr_ink=dark", "attr_ink=light", "attr_old=0", "attr_old=1"}


def test_several_criteria_stand_apart_and_hold_together():
    """One row a criterion and item: criteria pair with their own human scores."""
    rng = np.random.default_rng(6)
    n = 50
    human = {"style": rng.uniform(1, 4, n), "truth": rng.uniform(1, 4, n)}
    rows = []
    for name, added in (("style", 0.5), ("truth", -0.25)):
        base = pd.DataFrame({"item": np.arange(n), "criterion": name})
        noise = rng.normal(0, 0.1, n)
        rows.append(base.assign(source="synthetic", rater="judge", score=human[name] + added + noise - noise.mean()))
        rows.append(base.assign(source="human", rater="person 1", score=human[name]))
    settings = config(1, feedback={"range": [0, 5]})
    got = feedback(Evidence(cube_from_tables(settings, judgements=judgements(pd.concat(rows)))))
    for name, added in (("style", 0.5), ("truth", -0.25)):
        part = got.one("feedback_bias", group=f"criterion={name}")
        assert part.value == pytest.approx(added)
        assert part.simultaneous


def test_an_attribute_that_says_nothing_has_a_reason():
    """The judge always agrees with people: no slope, and no nan."""
    human = np.linspace(1, 4, 30)
    for got in found(human, human, attr_x=np.arange(30.0) ** 2).select("feedback_bias_by_attribute"):
        assert got.value is None
        assert "differ in attr_x" in got.reason


def test_screening_thirty_judges_and_ten_attributes_takes_seconds():
    """10,000 items x 30 judges x 10 attributes."""
    rng = np.random.default_rng(7)
    items, raters = 10_000, 30
    item = np.tile(np.arange(items), raters)
    human = rng.uniform(0, 5, items)[item]
    rows = pd.DataFrame({"cluster": item, "human": human, "judge": human + rng.normal(size=len(item)), "weight": 1.0})
    more = {f"attr_{k}": np.exp(rng.normal(size=items))[item] for k in range(10)}
    start = time.process_time()
    slopes = attribute_slopes(rows.assign(**more), BASE)
    assert time.process_time() - start < 15
    assert len(slopes) == 20  # each attribute plain, and at the same human score
    assert all(e.n == {"labels": 300_000, "clusters": items} for e in slopes)
