"""The alternative annotator test: against the paper's procedure item by item, with SciPy's t test; size and power."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from toolkit.inference.alternative import alternative_annotator

NAN = np.nan


def by_hand(judge, people, *, classes, epsilon):
    """Each person out in turn: advantages and one-sided p-values."""
    advantages, p_values = [], []
    for j in range(people.shape[1]):
        wins, loses = [], []
        for f, row in zip(judge, people, strict=True):
            others = [x for k, x in enumerate(row) if k != j and np.isfinite(x)]
            if not np.isfinite(row[j]) or not others:
                continue
            if classes:
                near = [np.mean([x == value for x in others]) for value in (f, row[j])]
            else:
                near = [-np.sqrt(np.mean([(x - value) ** 2 for x in others])) for value in (f, row[j])]
            wins.append(near[0] >= near[1])
            loses.append(near[1] >= near[0])
        behind = np.array(loses, float) - np.array(wins, float)
        advantages.append(np.mean(wins))
        p_values.append(stats.ttest_1samp(behind, epsilon, alternative="less").pvalue)
    return np.array(advantages), np.array(p_values)


def ratings(rng, n=80, people=4, *, judge_noise=0.2, noise=0.35, categories=4, missing=0.2):
    truth = rng.integers(0, categories, n)
    noisy = lambda rate: np.where(rng.random(n) < rate, rng.integers(0, categories, n), truth)  # noqa: E731
    judge, table = noisy(judge_noise), np.column_stack([noisy(noise) for _ in range(people)]).astype(float)
    table[rng.random(table.shape) < missing] = NAN
    return judge.astype(float), table


@pytest.mark.parametrize("classes", [True, False])
def test_it_is_the_papers_procedure(classes):
    judge, people = ratings(np.random.default_rng(1))
    found = alternative_annotator(judge, people, level=0.95, classes=classes, epsilon=0.15)
    advantages, p_values = by_hand(judge, people, classes=classes, epsilon=0.15)
    assert [one.advantage.value for one in found.people] == pytest.approx(advantages)
    assert [one.p_value for one in found.people] == pytest.approx(p_values, rel=1e-9)
    assert found.advantage.value == pytest.approx(advantages.mean())
    assert found.winning_rate == multipletests(p_values, method="fdr_by")[0].mean()
    assert found.winning_rate > 0


def test_a_cluster_counts_once_and_a_weight_as_copies():
    """Every item three times: by cluster as once, and the weights of copies are the copies."""
    judge, people = ratings(np.random.default_rng(2), n=100)
    once = alternative_annotator(judge, people, level=0.95)
    thrice = alternative_annotator(
        np.tile(judge, 3), np.tile(people, (3, 1)), level=0.95, cluster=np.tile(np.arange(100), 3)
    )
    assert [one.p_value for one in thrice.people] == pytest.approx([one.p_value for one in once.people])
    assert (thrice.advantage.low, thrice.advantage.high) == pytest.approx((once.advantage.low, once.advantage.high))
    copies = np.arange(100) % 2 + 1
    weighted = alternative_annotator(judge, people, level=0.95, weight=copies)
    copied = alternative_annotator(np.repeat(judge, copies), np.repeat(people, copies, 0), level=0.95)
    assert weighted.advantage.value == pytest.approx(copied.advantage.value)


def test_a_judge_like_the_people_or_better_stands_in_and_a_worse_one_does_not():
    rng = np.random.default_rng(3)
    rates = {}
    for noise in (0.1, 0.35, 0.9):
        found = [
            alternative_annotator(*ratings(rng, 150, 3, judge_noise=noise, missing=0.0), level=0.95, classes=True)
            for _ in range(40)
        ]
        rates[noise] = np.mean([one.winning_rate >= 0.5 for one in found])
    assert rates[0.1] > 0.9
    assert rates[0.9] == 0
    assert rates[0.35] < rates[0.1]


def test_at_the_margin_one_in_twenty_is_wrongly_taken():
    """A judge that is behind by exactly epsilon against one person: size .03 to .07 (behind from a large sample)."""
    rng = np.random.default_rng(4)
    draw = lambda n: ratings(rng, n, 3, judge_noise=0.55, missing=0.0)  # noqa: E731
    behind = alternative_annotator(*draw(400_000), level=0.95, classes=True).people[0].behind
    assert behind > 0.05
    replicates = 500
    taken = sum(
        alternative_annotator(*draw(100), level=0.95, classes=True, epsilon=behind).people[0].p_value <= 0.05
        for _ in range(replicates)
    )
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.03 - error <= taken / replicates <= 0.07 + error


def test_the_advantage_covers():
    rng = np.random.default_rng(5)
    draw = lambda n: ratings(rng, n, 3, judge_noise=0.3)  # noqa: E731
    truth = alternative_annotator(*draw(400_000), level=0.95).advantage.value
    replicates = 400
    found = [alternative_annotator(*draw(100), level=0.95).advantage for _ in range(replicates)]
    hits = np.mean([one.low <= truth <= one.high for one in found])
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.93 - error <= hits <= 0.97 + error


def test_no_difference_at_all_is_little_evidence_with_few_items():
    """People and judge always agree: p is the chance that none of the items is lost at a rate of epsilon."""
    same = np.tile(np.arange(40) % 3, (3, 1)).T.astype(float)
    found = alternative_annotator(same[:, 0], same, level=0.95)
    assert found.people[0].p_value == pytest.approx(0.9**40)
    assert found.advantage.value == 1
    assert found.advantage.low < 1


def test_it_needs_three_people_with_thirty_shared_items():
    judge, people = ratings(np.random.default_rng(6), n=60, people=3, missing=0.0)
    assert "needs 3 people with 30 items" in alternative_annotator(judge, people[:, :2], level=0.95)
    people[25:, 2] = NAN
    assert "needs 3 people" in alternative_annotator(judge, people, level=0.95)
