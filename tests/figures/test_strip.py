"""A strip puts harm on the left and numbers to scale; what lies outside is shown as lying outside."""

from __future__ import annotations

import math

import pytest

from toolkit.figures.strip import limit_text, span, spark, strip
from toolkit.results import Estimate

RANGE = (0.0, 1.0)


def estimate(quantity: str, value: float, low: float, high: float, margin: float | None = 0.01) -> Estimate:
    return Estimate(quantity=quantity, axis="forgetting", value=value, low=low, high=high, margin=margin)


class TestStrip:
    def test_places_are_proportional(self) -> None:
        """Distances from zero are in the ratio of the numbers."""
        made = strip(estimate("backward_transfer", -0.02, -0.03, -0.005), RANGE)
        assert made is not None
        unit = (made["zero"] - made["limit"]) / 0.01
        for place, raw in ((made["left"], -0.03), (made["dot"], -0.02), (made["right"], -0.005)):
            assert place == pytest.approx(made["zero"] + raw * unit, abs=0.02)

    @pytest.mark.parametrize(("quantity", "sign"), [("backward_transfer", -1), ("label_error_rate", 1)])
    def test_harm_is_on_the_left(self, quantity: str, sign: int) -> None:
        """A loss and an error rate both reach to the left."""
        ends = sorted((sign * 0.02, sign * 0.04))
        made = strip(estimate(quantity, sign * 0.03, *ends), RANGE)
        assert made is not None
        assert made["right"] < made["limit"] < made["zero"]
        assert made["mirror"] is None

    @pytest.mark.parametrize("sign", [1, -1])
    def test_a_bias_harms_on_both_sides(self, sign: int) -> None:
        """Its own side is drawn on the left, the other limit is there too, at the same distance."""
        ends = sorted((sign * 0.02, sign * 0.04))
        made = strip(estimate("feedback_bias", sign * 0.03, *ends), RANGE)
        assert made is not None
        assert made["right"] < made["limit"]
        assert made["mirror"] - made["zero"] == pytest.approx(made["zero"] - made["limit"])

    def test_what_is_too_far_out_has_an_arrow(self) -> None:
        """Twenty margins out is drawn at the edge and said to lie beyond it."""
        made = strip(estimate("backward_transfer", -0.2, -0.25, -0.001), RANGE)
        assert made is not None
        assert made["beyond_left"]
        assert not made["beyond_right"]
        assert 0 <= made["left"] <= 100
        endless = strip(estimate("retention", 0.1, 0.02, math.inf), RANGE)
        assert endless is not None
        assert endless["beyond_right"]

    def test_no_value_no_strip_and_no_margin_no_limit(self) -> None:
        """Nothing is drawn that is not known."""
        assert strip(Estimate(quantity="retention", axis="forgetting", reason="none"), RANGE) is None
        made = strip(estimate("retention", 0.5, 0.4, 0.6, margin=None), RANGE)
        assert made is not None
        assert made["limit"] is None
        point = strip(Estimate(quantity="retention", axis="forgetting", value=0.5), RANGE)
        assert point is not None
        assert not point["interval"]

    def test_label_says_reading_interval_and_limit(self) -> None:
        """The picture's accessible name is its finding."""
        made = strip(estimate("backward_transfer", -0.02, -0.03, -0.005), RANGE)
        assert made is not None
        assert made["label"].replace("\u00a0", " ") == "2.0 points lost, 0.5 to 3.0, limit 1 point lost"
        assert limit_text(estimate("label_error_rate", 0.06, 0.05, 0.07, 0.1), RANGE)

    def test_span_fits_all_within_reason(self) -> None:
        """The widest strip decides, between 1.6 and 6 margins."""
        assert span([]) == 1.6
        assert span([estimate("retention", 0.02, 0.01, 0.03)]) == pytest.approx(3.15)
        assert span([estimate("retention", 0.9, 0.8, 1.0)]) == 6.0


class TestSpark:
    def test_a_gap_breaks_the_line(self) -> None:
        """A release without the number is not bridged."""
        made = spark([1.0, 2.0, None, 3.0])
        assert made is not None
        assert [len(run.split()) for run in made["runs"]] == [2, 1]
        assert made["count"] == 3

    def test_higher_is_higher(self) -> None:
        """SVG counts downwards: the largest value has the smallest y."""
        made = spark([0.0, 1.0])
        assert made is not None
        first, last = (float(point.split(",")[1]) for point in made["runs"][0].split())
        assert first > last

    def test_one_value_is_no_course(self) -> None:
        """A single release draws nothing; a constant one a level line."""
        assert spark([1.0]) is None
        assert spark([]) is None
        made = spark([2.0, 2.0])
        assert made is not None
        assert len({point.split(",")[1] for point in made["runs"][0].split()}) == 1
