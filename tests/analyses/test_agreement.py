"""Agreement with people and among people: by hand, and what an assumed ceiling can say."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.analyses.test_feedback import both, evidence
from toolkit.analyses import agreement
from toolkit.inference.ratings import rating_coefficient


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


@pytest.mark.nightly
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
    """Only alpha with interval distance, which needs no categories, is left: by its definition over pairs."""
    rng = np.random.default_rng(2)
    judge, human = rng.random((2, 50))
    found = agreement(evidence(both(judge, human)))
    (alpha,) = (e for e in found.estimates if e.measured)
    assert (alpha.quantity, alpha.group) == ("krippendorff_alpha", "definition=interval")
    values = np.r_[judge, human]
    every = 2 * np.var(values) * 100 / 99  # mean squared difference of two of all values
    assert alpha.value == pytest.approx(1 - np.mean((judge - human) ** 2) / every)
    assert alpha.low < alpha.value < alpha.high
    assert all("12 values" in e.reason for e in found.estimates if e is not alpha)


def three_people(seed=5, n=80, judges=("judge",)):
    """Scores from 1 to 5 by judges and three people, of whom the third saw every other item."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, n)
    near = lambda: np.clip(truth + rng.integers(-1, 2, n), 1, 5).astype(float)  # noqa: E731
    base = pd.DataFrame({"item": np.arange(n), "probability": np.nan})
    sides = [base.assign(source="synthetic", rater=judge, score=near()) for judge in judges]
    sides += [base.assign(source="human", rater=f"person {k}", score=near()) for k in (1, 2, 3)]
    sides[-1] = sides[-1].iloc[::2]
    return pd.concat(sides)


def test_ordered_scores_get_definitions_for_ordered_scores_beside_the_plain_ones():
    """Judge against people, every person's row with their share of the item: recomputed from the rows."""
    rows = three_people()
    found = agreement(evidence(rows))
    wide = rows.pivot(index="item", columns="rater", values="score")
    pairs, weight = [], []
    for _, item in wide.iterrows():
        people = item.drop("judge").dropna()
        pairs += [(item["judge"], score) for score in people]
        weight += [1 / len(people)] * len(people)
    for name, kind, definition in (
        ("cohen_kappa", "cohen_kappa", "quadratic"),
        ("gwet_ac1", "gwet_ac", "quadratic"),
        ("krippendorff_alpha", "krippendorff_alpha", "ordinal"),
        ("krippendorff_alpha", "krippendorff_alpha", "interval"),
    ):
        one = found.one(name, group=f"definition={definition}")
        assert one.value == pytest.approx(rating_coefficient(pairs, kind, definition, weight=weight))
        assert one.n == {"labels": 200, "clusters": 80}
        assert found.one(name, group=None).value != pytest.approx(one.value)


def test_people_among_themselves_stand_beside_by_every_definition():
    """Three people with half of the third's ratings missing: as the table of their ratings gives it."""
    rows = three_people()
    found = agreement(evidence(rows))
    people = rows[rows["source"] == "human"].pivot(index="item", columns="rater", values="score").to_numpy()
    for name, kind, definition, group in (
        ("cohen_kappa", "cohen_kappa", "nominal", "part=people"),
        ("krippendorff_alpha", "krippendorff_alpha", "nominal", "part=people"),
        ("gwet_ac1", "gwet_ac", "quadratic", "part=people,definition=quadratic"),
        ("krippendorff_alpha", "krippendorff_alpha", "ordinal", "part=people,definition=ordinal"),
    ):
        assert found.one(name, group=group).value == pytest.approx(rating_coefficient(people, kind, definition))
    alone = agreement(evidence(both(rows["score"][:50].to_numpy(), rows["score"][50:100].to_numpy())))
    assert not [e for e in alone.estimates if e.group and "people" in e.group]


def test_several_judges_are_told_apart():
    """Raw agreement and kappa of each, with intervals for both together and with the prevalence."""
    rows = three_people(judges=("a", "b"))
    found = agreement(evidence(rows))
    alone = agreement(evidence(rows[rows["rater"] != "b"]))
    for name in ("agreement", "cohen_kappa"):
        one, whole = found.one(name, group="rater=a"), alone.one(name, task=None, stage=None)
        assert one.value == pytest.approx(whole.value)
        assert one.simultaneous
        assert one.high - one.low > whole.high - whole.low
        assert "commonest category" in one.method
        assert not alone.select(name, group="rater=a")


def test_labels_and_right_or_wrong_have_one_definition():
    """Class labels have no distances, and between two values every distance is the same."""
    rng = np.random.default_rng(6)
    labels = both([np.nan] * 60, [np.nan] * 60).assign(label=rng.choice(list("abc"), 120))
    numbers = both(rng.integers(0, 2, 60), rng.integers(0, 2, 60))
    for rows in (labels, numbers):
        found = agreement(evidence(rows))
        assert found.one("cohen_kappa").measured
        assert not [e for e in found.estimates if e.group and "definition" in e.group]
