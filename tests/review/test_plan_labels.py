"""Are the labels that the people plan asks for enough, never more than there are, and drawn as it says?"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from tests.builders import config
from tests.review.rows import CHOSEN, first, piece, row_of
from toolkit.inference.labels import MORE_JUDGED
from toolkit.results import Estimate
from toolkit.review.drawing import BY_LABEL, BY_SCORE, STRATA, Answer, draw, drawn_how
from toolkit.review.labels import MOST_LABELS, WATCH_SAMPLE, upper_sd
from toolkit.review.plan import people_plan


def bias(*, spread: float, labels: int = 200, **fields: object) -> Estimate:
    """A judge's bias measured with so many labels of this sd."""
    counts = {"labels": labels, "clusters": labels}
    return piece("feedback_bias", "watch", n=counts, variance={"items": spread**2 / labels}, **fields)


def needed(value: float | None, items: int = 5000, reason: str | None = None) -> Estimate:
    """What the corrected score needs."""
    return Estimate(
        quantity="labels_needed", axis="alignment", task="task 1", unit="labels", value=value, reason=reason,
        n={"labels": 200, "items": items},
    )  # fmt: skip


def upper_variance(seen: float, n: int) -> float:
    """The 80 % bound of a variance, errors being right or wrong: their kurtosis is one over the variance."""
    df = 2 * (n - 1) / (1 / seen - 1)
    return seen * df / float(stats.chi2.ppf(0.2, df))


class TestLabels:
    def test_they_follow_from_power(self) -> None:
        """z^2 x upper bound of the variance / margin^2, at the level of all tasks' intervals together."""
        upper = upper_variance(0.09, 200)
        for tasks, level in ((1, 0.05), (4, 0.05 / 4)):
            found = [bias(spread=0.3, task=f"task {j + 1}") for j in range(tasks)]
            row = people_plan(found, config(tasks, review=CHOSEN))[0]
            want = stats.norm.ppf(1 - level / 2) ** 2 * upper / 0.05**2
            assert row.labels == 10 * np.ceil(want / 10)
            assert row.purpose == "to know the judge's bias with these models to within 0.05 feedback points"

    @pytest.mark.parametrize("errs", [0.04, 0.12, 0.3])
    @pytest.mark.parametrize("labels", [30, 60, 200])
    def test_the_upper_bound_is_one_in_four_of_five_cases(self, errs: float, labels: int) -> None:
        """A judge that is right or wrong, mostly too kind: the bound by pilots of so many labels, against the truth."""
        rng = np.random.default_rng(2)
        chances = [errs / 4, 1 - errs, 3 * errs / 4]
        truth = (errs - (errs / 2) ** 2) ** 0.5
        pilots = rng.choice([-1.0, 0.0, 1.0], (1500, labels), p=chances).std(1, ddof=1)
        bounds = np.array([upper_sd(bias(spread=float(sd), labels=labels), 1.0) for sd in pilots])
        assert np.mean(bounds >= truth) > 0.8 - 0.02
        assert np.mean(pilots >= truth) < 0.65  # the spread that was seen would not be one

    def test_the_next_labels_reach_the_margin_in_four_of_five_cases(self) -> None:
        """A judge that errs on 12 of 100 answers: pilot of 60, the plan, its labels; the half-width."""
        rng = np.random.default_rng(4)
        reached, settings, chances = [], config(1, review=CHOSEN), [0.04, 0.88, 0.08]
        for _ in range(400):
            pilot = rng.choice([-1.0, 0.0, 1.0], 60, p=chances)
            (row,) = people_plan([bias(spread=float(pilot.std(ddof=1)), labels=60)], settings)
            later = rng.choice([-1.0, 0.0, 1.0], row.labels, p=chances)
            reached.append(stats.norm.ppf(0.975) * later.std(ddof=1) / row.labels**0.5 <= 0.05)
        assert np.mean(reached) > 0.8

    def test_people_are_not_asked_for_more_than_they_could_do(self) -> None:
        """Nor where very many answers were judged."""
        (row,) = people_plan([bias(spread=2.0)], config(1, review=CHOSEN))
        assert row.labels == MOST_LABELS
        assert "the first 2,000 of " in row.purpose
        (row,) = people_plan([bias(spread=2.0), needed(50.0, items=3000)], config(1, review=CHOSEN))
        assert row.labels == MOST_LABELS
        assert "6,150 are needed, but only 3,000 answers were judged" in row.purpose

    def test_a_margin_that_nobody_chose_is_named(self) -> None:
        (row,) = people_plan([bias(spread=0.1)], config(1))
        within = "to within 0.02 feedback points (a provisional margin)"
        assert row.purpose == f"to know the judge's bias with these models {within}"

    def test_labels_without_spread_are_not_taken_to_be_without_error(self) -> None:
        """The bound is that of Clopper and Pearson for no difference among n, one-sided."""
        high = proportion_confint(0, 50, alpha=0.4, method="beta")[1]
        assert upper_sd(bias(spread=0.0, labels=50), 1.0) == pytest.approx(high**0.5, rel=1e-9)

    def test_the_larger_of_both_aims_counts_and_is_named(self) -> None:
        settings = config(1, review=CHOSEN)
        (row,) = people_plan([bias(spread=0.1), needed(432.0)], settings)
        assert (row.labels, row.purpose) == (
            440,
            "to know the score by people's measure to within 0.05 feedback points",
        )
        (row,) = people_plan([bias(spread=0.9), needed(432.0)], settings)
        assert "bias" in row.purpose
        assert row.labels > 1000

    def test_a_stricter_margin_is_not_served_by_labels_for_another(self) -> None:
        """labels_needed aims at the common margin: a regulated task's own asks for the bias's labels alone."""
        strict = {"margins": {**CHOSEN["margins"], "regulated": {"feedback_bias": {"value": 0.02}}}}
        settings = config(1, review=strict, regulated=("task 1",))
        (row,) = people_plan([bias(spread=0.1), needed(4320.0)], settings)
        assert row.purpose == "to know the judge's bias with these models to within 0.02 feedback points"
        assert row.labels < 300

    def test_no_more_than_were_judged_and_it_says_so(self) -> None:
        (row,) = people_plan([bias(spread=0.3), needed(50.0, items=120)], config(1, review=CHOSEN))
        assert row.labels == 120
        assert "are needed, but only 120 answers were judged" in row.purpose
        (row,) = people_plan([bias(spread=0.3), needed(None, reason=MORE_JUDGED)], config(1, review=CHOSEN))
        assert "more judged items needed" in row.purpose

    def test_a_watch_sample_finds_the_mistake_it_names(self) -> None:
        """Twenty answers, of which one in 12 is mistaken, hold a mistake with a chance of at least 80 %; in 13 not."""
        row = row_of({"feedback_bias": "healthy"})
        assert (row.advice, row.labels) == ("watch", WATCH_SAMPLE)
        assert "one answer in 12" in row.purpose
        assert stats.binom.sf(0, row.labels, 1 / 12) >= 0.8 > stats.binom.sf(0, row.labels, 1 / 13)

    def test_class_labels_are_counted_by_agreement(self) -> None:
        """Where a judge names classes: labels for its agreement, drawn class by class; no proof, so a review."""
        raw = Estimate(
            quantity="agreement", axis="alignment", task="task 1", value=0.9, low=0.86, high=0.94, unit="share",
            n={"labels": 200, "clusters": 200}, variance={"items": 0.09 / 200},
        )  # fmt: skip
        row = first([raw], config(2, review=CHOSEN))
        assert (row.advice, row.drawn) == ("review", BY_LABEL)
        assert row.purpose == "to know the judge's agreement with people to within 5 points"
        assert row.labels == 10 * np.ceil(1.959964**2 * upper_variance(0.09, 200) / 0.0025 / 10)


def test_answers_are_drawn_as_the_plan_says() -> None:
    """Numbers: up to five groups, each of neighbouring scores; class labels: each a group."""
    rng = np.random.default_rng(3)
    scores = {"many": rng.random(200), "two": rng.integers(0, 2, 200).astype(float), "one": np.ones(200)}
    for given in scores.values():
        groups: dict[str, list[float]] = {}
        answers = [Answer(1, "t", f"i{k}", "stream", 0, None, float(f)) for k, f in enumerate(given)]
        for one in draw(answers, 100, scale=(0, 1)):
            groups.setdefault(one.stratum, []).append(float(one.answer.score or 0))
        ends = sorted((min(f), max(f)) for f in groups.values())
        assert len(ends) <= STRATA == 5
        assert all(a[1] < b[0] for a, b in itertools.pairwise(ends))
    named = [Answer(1, "t", f"i{k}", "stream", 0, None, None, "abc"[k % 3]) for k in range(200)]
    drawn = draw(named, 100, scale=(0, 1))
    assert len({(one.stratum, one.answer.label) for one in drawn}) == len({one.stratum for one in drawn}) == 3
    assert drawn_how(scored=True) == BY_SCORE != BY_LABEL == drawn_how(scored=False)
    assert row_of({"feedback_bias": "watch"}).drawn == BY_SCORE
    assert row_of({}).drawn == drawn_how(scored=None)
