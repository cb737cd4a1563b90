"""Margins are chosen for what matters: what points mean, how fine a log measures, and what is written."""

from __future__ import annotations

import datetime as dt
import math
import tomllib

import pytest
from scipy import stats

from tests.builders import config
from toolkit.errors import UsageError
from toolkit.logs.config import Margin, StreamConfig
from toolkit.results import Estimate
from toolkit.review.choosing import meaning, noises, parse_choice, with_margins


def _estimate(**fields: object) -> Estimate:
    given = {"quantity": "backward_transfer", "axis": "forgetting", "value": -0.3, "low": -0.4, "high": -0.2}
    return Estimate.model_validate(given | fields)


def test_the_smallest_value_shown_has_a_power_of_80_percent() -> None:
    """Against the noncentral t: a true value that large is told from zero in about 80 of 100 logs, a bit more in t."""
    head = _estimate(se=0.02, df=30.0, n={"seeds": 4}, variance={"items": 1e-4, "seeds": 4e-4, "residual": 1e-4})
    noise = noises([head], config(3))[1]
    assert noise.here is not None
    quantile = stats.t.ppf(0.975, 30)
    power = 1 - stats.nct.cdf(quantile, 30, noise.here / 0.02)
    assert 0.78 < power < 0.83
    assert noise.change == pytest.approx(noise.here * math.sqrt(2))
    assert noise.between_runs == pytest.approx(math.sqrt(3e-4 * 4))


def test_what_was_found_makes_no_difference() -> None:
    """The same numbers whatever the value, or verdicts would choose their own margins."""
    fields = {"se": 0.02, "df": 30.0}
    assert noises([_estimate(**fields)], config(3)) == noises(
        [_estimate(value=0.4, low=0.3, high=0.5, **fields)], config(3)
    )


def test_an_axis_without_an_error_says_why() -> None:
    """No number in place of one that is not known."""
    transfer, forgetting, *_ = noises([_estimate(reason="needs two seeds or items")], config(3))
    assert (forgetting.here, forgetting.reason) == (None, "needs two seeds or items")
    assert transfer.reason == "nothing in the log speaks of it"


def test_points_in_plain_words() -> None:
    """One point of a share is 10 of 1,000; other scales speak of their own share."""
    assert meaning("forgetting", 0.01, config(1)) == (0.01, "10 more wrong answers of 1,000 on what was learned")
    settings = StreamConfig.model_validate({"name": "x", "feedback": {"range": [1, 5]}})
    value, means = meaning("feedback", 0.05, settings)
    assert value == pytest.approx(0.2)
    assert means == "5 % of the scale from 1 to 5"


@pytest.mark.parametrize(
    "text", ["forgetting", "forgetting=", "forgetting=0", "forgetting=-1", "forgetting=nan", "x=1"]
)
def test_what_is_no_choice_is_refused(text: str) -> None:
    """With what a choice looks like."""
    with pytest.raises(UsageError, match="AXIS=VALUE"):
        parse_choice(text)


def test_written_margins_read_back_and_comments_stay() -> None:
    """New tables, replaced values, a regulated one; everything else of the file is as it was."""
    text = 'name = "x"  # ours\n\n[review]\nlevel = 0.9  # agreed\n\n[review.margins.forgetting]\nvalue = 0.5\n'
    margin = Margin(value=0.02, unit="score", chosen_by="Ann", reason="20 of 1,000", date=dt.date(2026, 11, 2))
    chosen = {"forgetting": margin, "regulated.forgetting": margin, "transfer": margin}
    written = with_margins(text, chosen, StreamConfig(name="x"))
    assert "# ours" in written
    assert "level = 0.9  # agreed" in written
    margins = StreamConfig.model_validate(tomllib.loads(written)).review.margins
    assert margins.forgetting == margins.regulated.forgetting == margins.transfer == margin
    assert with_margins(written, chosen, StreamConfig(name="x")) == written


def test_a_margin_as_large_as_the_scale_is_refused() -> None:
    """Nothing could exceed it."""
    with pytest.raises(UsageError, match="whole scale"):
        with_margins('name = "x"', {"forgetting": Margin(value=1.0)}, StreamConfig(name="x"))
