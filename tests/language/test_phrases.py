"""Sentences say sign, size, interval and scope in plain words, and never speak of significance."""

from __future__ import annotations

import random
import re

import pytest

from toolkit.language import (
    Number,
    change,
    counts,
    interval,
    margin,
    reading,
    scale_for,
    scope_text,
    sentence,
    settling,
    text_of,
)
from toolkit.language.clauses import release_sentence
from toolkit.language.numbers import MINUS, NBSP
from toolkit.language.wordings import WORDINGS
from toolkit.results import AxisReview, Change, Estimate
from toolkit.results.quantities import QUANTITIES


def plainly(text: str) -> str:
    return text.replace(NBSP, " ")


def loss(**more: object) -> Estimate:
    fields = {
        "quantity": "backward_transfer", "axis": "forgetting", "task": "billing", "value": -0.031, "low": -0.044,
        "high": -0.018, "scope": "seeds", "n": {"items": 4000, "seeds": 5},
    }  # fmt: skip
    return Estimate.model_validate(fields | more)


class TestSentence:
    def test_a_loss_after_later_tasks(self) -> None:
        """The sentence of the specification, word for word."""
        said = plainly(text_of(sentence(loss(), after=5)))
        assert said == "Billing lost 3.1 points (95 % interval 1.8 to 4.4) after five later tasks."

    def test_an_interval_over_zero_names_both_directions(self) -> None:
        """No minus sign leaves a reader guessing which side is loss."""
        said = plainly(text_of(sentence(loss(task=None, value=-0.004, low=-0.009, high=0.001))))
        assert "lost 0.40 points" in said or "lost 0.4 points" in said
        assert re.search(r"0\.90? lost to 0\.10? gained", said)

    def test_what_the_judge_did_on_a_task(self) -> None:
        """A task does not score higher than people: the judge does, on that task."""
        estimate = Estimate(quantity="feedback_bias", axis="feedback", task="billing", value=0.042, unit="points of x")
        assert plainly(text_of(sentence(estimate))).startswith("On billing, the judge scored 0.042 points higher")

    def test_a_gain(self) -> None:
        """Above zero the words turn, not the sign."""
        said = plainly(text_of(sentence(loss(value=0.024, low=0.011, high=0.037))))
        assert said == "Billing gained 2.4 points (95 % interval 1.1 to 3.7) since being learned."

    def test_what_was_not_measured_says_why(self) -> None:
        """Missing never becomes zero."""
        said = text_of(sentence(loss(value=None, low=None, high=None, reason="needs a later task")))
        assert said == "Backward transfer on billing could not be measured: needs a later task."

    def test_a_value_without_interval_says_what_it_lacks(self) -> None:
        """A bare value stands with the reason for the missing interval."""
        said = text_of(sentence(loss(low=None, high=None, reason="needs two seeds or items")))
        assert said.endswith("(no interval: needs two seeds or items).")

    def test_an_unbounded_interval(self) -> None:
        """A half-life whose upper end is infinite reads 'at least'."""
        estimate = Estimate(
            quantity="retention_half_life", axis="forgetting", value=12.0, low=4.2, high=float("inf"), unit="stages"
        )  # fmt: skip
        assert text_of(interval(estimate)) == "at least 4.2"

    def test_level_and_simultaneity_are_said(self) -> None:
        """Another level or a simultaneous interval is named as such."""
        said = plainly(text_of(sentence(loss(level=0.9, simultaneous=True))))
        assert "90 % simultaneous interval" in said


class TestEveryQuantity:
    @pytest.mark.parametrize("name", sorted(QUANTITIES))
    @pytest.mark.parametrize("value", [-0.031, 0.024])
    def test_says_its_numbers_and_nothing_of_significance(self, name: str, value: float) -> None:
        """Each sentence holds value and both ends, marked with their fields, and is free of the word."""
        estimate = Estimate(quantity=name, axis=QUANTITIES[name].axis, value=value, low=value - 0.01, high=value + 0.01)
        parts = sentence(estimate)
        assert {part.field for part in parts if isinstance(part, Number)} == {"value", "low", "high", "level"}
        said = text_of(parts)
        assert "signific" not in said.lower()
        assert "{" not in said
        assert said.endswith(".")

    def test_printed_numbers_round_the_estimate(self) -> None:
        """Parsed back, each printed number is the raw one within half a unit of its last digit."""
        draw = random.Random(7)
        for _ in range(400):
            name = draw.choice(sorted(WORDINGS))
            value, width = draw.uniform(-0.5, 0.5), 10 ** draw.uniform(-3, -0.5)
            estimate = Estimate(
                quantity=name,
                axis="transfer",
                value=value,
                low=value - width * draw.random(),
                high=value + width * draw.random(),
                unit=draw.choice(["score", "share", "seconds"]),
            )
            factor = scale_for(estimate).factor
            for part in (*reading(estimate), *interval(estimate)):
                if isinstance(part, Number):
                    raw = getattr(estimate, part.field)
                    assert part.value == raw
                    half = 0.5 * 10.0 ** -len(part.text.partition(".")[2]) if "." in part.text else 0.5
                    parsed = float(part.text.replace(MINUS, "-").replace(",", ""))
                    assert abs(abs(parsed) - abs(raw * factor)) <= half * (1 + 1e-9)


class TestChange:
    @pytest.mark.parametrize(
        ("quantity", "value", "moved", "said"),
        [
            ("backward_transfer", -0.031, (-0.012, -0.023, -0.001), "1.2 worse than r1 (0.1 to 2.3)"),
            ("backward_transfer", -0.031, (0.012, 0.001, 0.023), "1.2 better than r1 (0.1 to 2.3)"),
            ("forward_transfer", 0.024, (0.006, -0.009, 0.021), "0.6 better than r1 (0.9 worse to 2.1 better)"),
            ("label_error_rate", 0.06, (-0.008, -0.019, 0.003), "0.8 better than r1 (1.9 better to 0.3 worse)"),
            ("feedback_bias", -0.3, (-0.05, -0.09, -0.01), "5.0 worse than r1 (1.0 to 9.0)"),
            ("agreement_gap", -0.05, (0.0, -0.06, 0.06), "as in r1 (6.0 worse to 6.0 better)"),
        ],
    )
    def test_reads_as_better_or_worse(
        self, quantity: str, value: float, moved: tuple[float, float, float], said: str
    ) -> None:
        """The direction of harm turns the sign into a word; a bias is worse the further it lies from zero."""
        estimate = Estimate(
            quantity=quantity,
            axis=QUANTITIES[quantity].axis,
            value=value,
            change=Change(against="r1", value=moved[0], low=moved[1], high=moved[2]),
        )
        assert re.sub(r"(\d)\.0\b", r"\1", text_of(change(estimate))) == re.sub(r"(\d)\.0\b", r"\1", said)

    def test_what_cannot_be_compared_says_why(self) -> None:
        """Not comparable is said, with the reason."""
        estimate = loss(change=Change(against="r1", reason="items differ"))
        assert text_of(change(estimate)) == "not compared with r1: items differ"


class TestScopeAndMargin:
    def test_scopes_in_plain_words(self) -> None:
        """One seed is this training run only."""
        assert scope_text(loss()) == "these tasks, models trained anew"
        assert scope_text(loss(scope="items", n={"seeds": 1})) == "this training run only, new test items"
        assert scope_text(loss(scope="items")) == "these trained models, new test items"
        assert scope_text(loss(scope="tasks")) == "new tasks of this kind"
        assert scope_text(loss(scope="raters")) == "new people rating new items"
        assert scope_text(loss(scope=None)) == ""

    def test_a_provisional_margin_says_so(self) -> None:
        """A margin that nobody chose is marked."""
        assert plainly(text_of(margin(loss(margin=0.01)))) == "1 point"
        assert plainly(text_of(margin(loss(margin=0.02, margin_provisional=True)))) == "2 points (provisional)"

    def test_counts(self) -> None:
        """Singular and thousands."""
        assert plainly(text_of(counts(loss(n={"items": 4000, "seeds": 1})))) == "4,000 items, 1 seed"


def test_an_amount_that_prints_as_zero_claims_no_direction() -> None:
    """Gained 0.0 points says nothing; the interval keeps its sides."""
    near = Estimate(
        quantity="backward_transfer",
        axis="forgetting",
        value=0.0004,
        low=-0.008,
        high=0.009,
        unit="score",
        scope="seeds",
    )
    said = text_of(sentence(near)).replace("\u00a0", " ")
    assert said.startswith("Earlier tasks stayed within 0.0 points")
    assert "gained 0.0" not in said
    assert "0.8 lost to 0.9 gained" in said
    clear = near.model_copy(update={"value": 0.02, "low": 0.01, "high": 0.03})
    assert "gained 2.0" in text_of(sentence(clear))


class TestInfinite:
    """A half-life where no decay is seen."""

    def half_life(self, value: float, low: float, high: float, **n: int) -> Estimate:
        return Estimate(
            quantity="retention_half_life", axis="forgetting", unit="stages", value=value, low=low, high=high, n=n
        )

    def test_a_finite_value_with_an_open_end(self) -> None:
        text = plainly(text_of(sentence(self.half_life(40.0, 12.0, float("inf")))))
        assert (
            text
            == "Earlier tasks would keep half of the score at arrival for 40.0 stages (95 % interval at least 12.0)."
        )

    def test_an_infinite_value_reads_as_its_lower_end(self) -> None:
        endless = self.half_life(float("inf"), 12.0, float("inf"))
        assert plainly(text_of(reading(endless))) == "at least 12.0 stages"
        text = plainly(text_of(sentence(endless)))
        assert text == "Earlier tasks would keep half of the score at arrival for at least 12.0 stages."

    def test_a_value_far_beyond_the_stages_seen_reads_as_its_lower_end(self) -> None:
        """Fifty thousand stages from seven tasks are the model's word; seventy are still said."""
        far = self.half_life(50487.0, 361.0, float("inf"), tasks=7)
        assert plainly(text_of(reading(far))) == "longer than 361 stages"
        text = plainly(text_of(sentence(far)))
        assert text == "Earlier tasks would keep half of the score at arrival for longer than 361 stages."
        assert [(n.value, n.field) for n in reading(far) if isinstance(n, Number)] == [(361.0, "low")]
        near = self.half_life(70.0, 21.0, float("inf"), tasks=7)
        assert plainly(text_of(reading(near))) == "70.0 stages"

    def test_nothing_is_lost_at_all(self) -> None:
        text = text_of(sentence(self.half_life(float("inf"), float("inf"), float("inf"))))
        assert "ever, as far as can be seen" in text
        assert "inf" not in text


class TestSettling:
    """What would settle an unclear verdict."""

    def test_counts_are_alternatives(self) -> None:
        text = plainly(text_of(settling(loss(settled_by={"items": 1400, "seeds": 6}))))
        assert text == "About 1,400 test items or 6 seeds in all would settle it (80 % power)."

    def test_labels_are_people_s(self) -> None:
        text = plainly(text_of(settling(loss(settled_by={"items": 90}, n={"labels": 40}))))
        assert text == "About 90 human labels in all would settle it (80 % power)."

    def test_nothing_is_promised_where_nothing_would(self) -> None:
        assert settling(loss()) == ()


def test_a_release_of_which_nothing_is_settled_says_so_shortly() -> None:
    """One or two open questions are named, more are not."""
    axes = [
        AxisReview(axis=axis, required=True, verdict="unclear", finding="unclear", sentence="s")
        for axis in ("transfer", "forgetting", "feedback")
    ]
    assert (
        release_sentence(axes[:2]) == "Whether earlier experience helps is open, and whether earlier tasks hold is open"
    )
    assert release_sentence(axes) == "This log settles none of the questions below"
