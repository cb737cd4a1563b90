"""Is recurrence seen where there is some, and none where there is none, in streams whose truth is known?"""

import numpy as np
import pytest
from scipy import stats

from tests.analyses.recurring_logs import pooled_counts, simulated
from toolkit.analyses.recurrence import recurrence_statistic
from toolkit.inference.ladder import interval


def studied(rng, replicates, **how):
    """Shares of replicates that see a recurrence, by four comparisons, and the values of the first.

    The excess; fixed items against those never wrong; the stream against the isolated student on the fixed items;
    and the excess of counts pooled over tasks and stages.
    """
    seen, values = np.zeros(4), []
    for _ in range(replicates):
        cells = simulated(rng, **how)
        got = interval([recurrence_statistic(cells)], level=0.95, bounds=(-np.inf, np.inf))
        values.append(got.value)
        f, a, u, c = (cells[f"{count}_{group}"].sum() for group in ("fixed", "never")
                      for count in ("at_risk", "wrong_again"))  # fmt: skip
        naive = (a / f - c / u) / np.sqrt(a / f * (1 - a / f) / f + c / u * (1 - c / u) / u)
        d = (cells["wrong_again_fixed"].astype(int) - cells["isolated_wrong_fixed"])[cells["at_risk_fixed"]]
        z = np.array([naive, d.mean() / d.sem(), pooled_counts(cells)])
        seen += [got.low > 0 or got.high < 0, *(abs(z) > stats.norm.ppf(0.975))]
    return seen / replicates, np.array(values)


def size_limit(replicates):
    """A size of .05 plus 2.6 Monte Carlo errors."""
    return 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / replicates)


@pytest.mark.parametrize("lost", [0.0, 0.6])
def test_no_recurrence_is_seen_where_there_is_none(lost):
    """Size, with no effect and under plain forgetting, where naive comparisons see one (negative controls)."""
    (size, naive, alone, _), values = studied(np.random.default_rng(20), 300, shift=np.array([0.0, 0.0, lost]))
    assert size <= size_limit(300)
    assert abs(values.mean()) <= 0.1
    assert naive >= 0.5  # items once wrong are hard items
    if lost:
        assert alone >= 0.5  # the isolated student did not forget


def test_recurrence_is_seen():
    """Items once wrong are half a standard deviation worse: power, and the size of the effect in log odds."""
    (power, *_), values = studied(np.random.default_rng(22), 200, effect=0.5)
    assert power >= 0.5
    assert 0.5 <= values.mean() <= 1.1  # half a probit is about .8 logits, less for items of different difficulty


def test_forgetting_that_grows_with_age_is_no_recurrence():
    """Late stages have more fixed items and more forgetting: pooled counts see a recurrence there, the excess none."""
    how = {"ages": 8, "items": 400, "shift": 0.15 * np.arange(8)}
    logistic = lambda rng, size: rng.logistic(0, 1 / 1.7, size)  # noqa: E731
    (size, _, _, pooled), values = studied(np.random.default_rng(23), 200, luck=logistic, **how)
    assert size <= size_limit(200)
    assert abs(values.mean()) <= 0.1
    assert pooled >= 0.2


def test_tasks_forgotten_to_different_degrees_are_no_recurrence():
    """From not at all to a lot, over five tasks of one difficulty."""
    (size, *_), values = studied(np.random.default_rng(24), 200, shift=np.outer([0, 0.2, 0.4, 0.6, 0.8], [0, 0, 1]))
    assert size <= size_limit(200)
    assert abs(values.mean()) <= 0.15


def test_answers_that_carry_over_from_stage_to_stage_are_seen_too():
    """The limit that the module states: a student's own state that lasts keeps its own mistakes near."""
    (little, *_), values = studied(np.random.default_rng(25), 100, carried=0.3)
    assert little <= size_limit(100)
    (much, *_), larger = studied(np.random.default_rng(26), 100, carried=0.9)
    assert much >= 0.5
    assert larger.mean() > 0.5 > abs(values.mean())
