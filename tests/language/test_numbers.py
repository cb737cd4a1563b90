"""Numbers are printed with the digits their interval allows, and with the unit a reader knows."""

from __future__ import annotations

import math
import random

import pytest

from toolkit.language.numbers import MINUS, NBSP, decimals, digits, number, plain, scale_of
from toolkit.results import Estimate


class TestDecimals:
    @pytest.mark.parametrize(
        ("low", "high", "places"),
        [(1.8, 4.4, 1), (0.24, 0.38, 2), (5.1, 7.0, 1), (12, 40, 0), (130, 900, 0), (0.0011, 0.0019, 5)],
    )
    def test_known_widths(self, low: float, high: float, places: int) -> None:
        """A width of 2.6 prints tenths, of .14 hundredths; whole numbers are never rounded further."""
        assert decimals(low, high) == places

    def test_last_digit_is_between_a_hundredth_and_a_tenth_of_the_width(self) -> None:
        """Within the range of printable digits, for any width."""
        draw = random.Random(1)
        for _ in range(500):
            low, width = draw.uniform(-5, 5), 10 ** draw.uniform(-4, 1.99)
            step = 10.0 ** -decimals(low, low + width)
            if 1e-6 < step < 1:
                assert width / 100 * (1 - 1e-6) <= step <= width / 10 * (1 + 1e-6)

    def test_without_an_interval(self) -> None:
        """Three significant digits, counts none, an interval without width likewise."""
        assert decimals(None, None, 0.1234) == 3
        assert decimals(None, None, 12.34) == 1
        assert decimals(None, None, 1234.0) == 0
        assert decimals(None, None, 140.0, whole=True) == 0
        assert decimals(0.5, 0.5, 0.5) == 3
        assert decimals(2.0, math.inf, 4.0) == 2


class TestDigits:
    def test_typographic_minus_thousands_and_no_negative_zero(self) -> None:
        """A minus sign, not a hyphen; zero has no sign."""
        assert digits(-3.14, 1) == f"{MINUS}3.1"
        assert digits(-0.04, 1) == "0.0"
        assert digits(1234567.0, 0) == "1,234,567"
        assert digits(math.inf, 1) == "∞"
        assert plain(-0.02) == f"{MINUS}0.02"


class TestScale:
    @pytest.mark.parametrize(
        ("unit", "score_range", "difference", "factor", "printed"),
        [
            ("score", (0.0, 1.0), False, 100, f"3.1{NBSP}points"),
            ("score", (0.0, 100.0), False, 1, f"3.1{NBSP}points"),
            ("score", (1.0, 5.0), False, 1, "3.1"),
            ("score per stage", (0.0, 1.0), False, 100, f"3.1{NBSP}points per stage"),
            ("share", (0.0, 1.0), False, 100, f"3.1{NBSP}%"),
            ("share", (0.0, 1.0), True, 100, f"3.1{NBSP}points"),
            ("points of the feedback scale", (0.0, 1.0), True, 1, f"3.1{NBSP}feedback points"),
            ("points of the feedback scale per stage", (0.0, 1.0), True, 1, f"3.1{NBSP}feedback points per stage"),
            ("seconds", (0.0, 1.0), False, 1, f"3.1{NBSP}seconds"),
            ("coefficient", (0.0, 1.0), False, 1, "3.1"),
        ],
    )
    def test_units(
        self, unit: str, score_range: tuple[float, float], difference: bool, factor: float, printed: str
    ) -> None:
        """Scores in [0, 1] are points, shares %, differences of shares points, other scales as they are."""
        scale = scale_of(unit, score_range, difference=difference)
        assert scale.factor == factor
        assert "3.1" + scale.unit_after("3.1") == printed

    def test_singular_after_one(self) -> None:
        """One point, but 1.2 points."""
        scale = scale_of("score")
        assert scale.unit_after("1") == f"{NBSP}point"
        assert scale.unit_after("1.2") == f"{NBSP}points"


def test_a_number_keeps_the_raw_value_and_names_its_estimate() -> None:
    """What is printed may be turned and scaled; what is marked is what results.json holds."""
    estimate = Estimate(quantity="backward_transfer", axis="forgetting", value=-0.031, low=-0.044, high=-0.018)
    shown = number(estimate, "value", scale_of("score"), sign=-1)
    assert shown is not None
    assert (shown.text, shown.value, shown.id, shown.field) == (
        "3.1", -0.031, "backward_transfer/stream/all", "value",
    )  # fmt: skip
    assert number(estimate.model_copy(update={"value": None}), "value", scale_of("score")) is None
    assert number(estimate.model_copy(update={"value": math.nan}), "value", scale_of("score")) is None
