"""Does a line of the calibration fail exactly where its numbers do not lie where they must?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from toolkit.inference.interval import Interval
from toolkit.simulation.calibration.measured import measured
from toolkit.simulation.calibration.registry import STUDIES
from toolkit.simulation.calibration.running import block_of, run_studies
from toolkit.simulation.calibration.study import REFUSED, Line, Outcome, Study, covers, ends_cover, excludes
from toolkit.simulation.calibration.table import HEADER, cells, page


def line(band: tuple[float, float] = (0.93, 0.97), **fields: object) -> Line:
    return Line("what", "items", "method", band, **fields)  # type: ignore[arg-type]


def result(values: list[float], one: Line | None = None):
    outcomes = np.array([[(value, 0.5)] for value in values])
    (found,) = measured(Study("study", (one or line(),), lambda rng: ()), outcomes)
    return found


def test_the_band_is_widened_by_the_monte_carlo_error() -> None:
    """Of 1,000: 91.0 % lies within .93 less 2.6 errors of .0081, 90.5 % does not; above likewise."""
    for covered, ok in ((905, False), (910, True), (950, True), (983, True), (986, False), (1000, False)):
        assert result([1.0] * covered + [0.0] * (1000 - covered)).ok is ok, covered


def test_few_replicates_decide_less() -> None:
    assert result([1.0] * 88 + [0.0] * 12).ok
    assert not result([1.0] * 880 + [0.0] * 120).ok


def test_a_negative_control_that_covers_is_not_ok() -> None:
    control = line((0.0, 0.88), negative=True)
    assert result([1.0] * 600 + [0.0] * 400, control).ok
    assert not result([1.0] * 950 + [0.0] * 50, control).ok


def test_refusals_do_not_buy_coverage() -> None:
    """They do not count as covered, and more of them than the line allows make it fail."""
    found = result([1.0] * 950 + [0.0] * 50 + [math.nan] * 30)
    assert found.value == pytest.approx(0.95)
    assert found.refused == pytest.approx(30 / 1030)
    assert not found.ok
    assert result([1.0] * 950 + [0.0] * 50 + [math.nan] * 30, line(refusals=0.03)).ok
    assert not result([math.nan] * 100, line(refusals=1.0)).ok


def test_bias_is_judged_by_its_own_spread() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(0.02, 0.1, 1000)
    assert not result(list(values), line((-0.003, 0.003), kind="bias")).ok
    assert result(list(values - 0.02), line((-0.003, 0.003), kind="bias")).ok


def test_outcomes_of_intervals() -> None:
    found = Interval(0.1, 0.0, 0.2, "items", None, {})
    assert covers(found, 0.2) == Outcome(1.0, 0.2)
    assert covers(found, 0.21).value == 0
    assert excludes(found, 0.21).value == 1
    refused = covers(Interval(0.1, None, None, None, None, {}, reason="few"), 0.1)
    assert math.isnan(refused.value)
    assert math.isnan(REFUSED.value)
    assert ends_cover(0.0, math.inf, 5.0).value == 1
    assert math.isnan(ends_cover(0.0, math.inf, 5.0).width)


def test_an_interval_that_is_too_narrow_is_found_out() -> None:
    """A t interval with the normal quantile and three values covers .88: the study says so, and is right otherwise."""
    from scipy import stats

    def study(quantile: float) -> Study:
        def replicate(rng: np.random.Generator) -> list[Outcome]:
            x = rng.normal(size=3)
            half = quantile * x.std(ddof=1) / math.sqrt(3)
            return [ends_cover(x.mean() - half, x.mean() + half, 0.0)]

        return Study("t", (line(),), replicate)

    wrong, right = ((next(run_studies([study(q)], 2000, jobs=1))[0]) for q in (1.96, float(stats.t.ppf(0.975, 2))))
    assert not wrong.ok
    assert right.ok


def test_numbers_hang_neither_on_processes_nor_on_other_studies() -> None:
    """Two processes give what one gives; a longer run begins with the shorter one."""
    studies = [STUDIES["transfer-one-task"], STUDIES["samples-saved-30"]]
    one = {lines[0].study: lines for lines in run_studies(studies, 120, jobs=1)}
    two = {lines[0].study: lines for lines in run_studies(studies[::-1], 120, jobs=2)}
    assert one == two
    whole, part = block_of(studies[0], 0, 30), block_of(studies[0], 0, 10)
    np.testing.assert_array_equal(whole[:10], part)
    assert not np.array_equal(whole, block_of(studies[0], 1, 30))


def test_a_block_has_one_thread_and_leaves_this_process_its_own() -> None:
    def replicate(rng: np.random.Generator) -> list[Outcome]:
        return [Outcome(float(max(pool["num_threads"] for pool in threadpool_info())))]

    with threadpool_limits(limits=2):
        (found,) = next(run_studies([Study("threads", (line(kind="bias"),), replicate)], 2, jobs=1))
        after = max(pool["num_threads"] for pool in threadpool_info())
    assert found.value == 1
    assert after == 2


def test_the_page_holds_every_line_and_marks_negative_controls() -> None:
    lines = [result([1.0] * 95 + [0.0] * 5), result([1.0] * 95 + [0.0] * 5, line((0.0, 0.5), negative=True))]
    text = page(lines)
    rows = [row for row in text.splitlines() if row.startswith("|")]
    assert len(rows) == 4
    assert all(row.count("|") == len(HEADER) + 1 for row in rows)
    assert "| `study`: what |" in rows[2]
    assert "0.9500" in rows[2]
    assert "| ok |" in rows[2]
    assert "| *what* |" in rows[3]
    assert "| NO |" in rows[3]
    assert "1 of 2 lines lie where they must" in text
    assert len(cells(lines[0])) == len(HEADER)
