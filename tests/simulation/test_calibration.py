"""A short calibration: every line where it must lie, every negative control found out, in half a minute."""

from __future__ import annotations

import math

import pytest

from toolkit.simulation.calibration.measured import Measured
from toolkit.simulation.calibration.registry import STUDIES
from toolkit.simulation.calibration.running import run_studies

REPLICATES = 100

pytestmark = [pytest.mark.slow, pytest.mark.nightly]


@pytest.fixture(scope="module")
def lines() -> list[Measured]:
    found = {lines[0].study: lines for lines in run_studies(list(STUDIES.values()), REPLICATES, jobs=2)}
    return [line for name in STUDIES for line in found[name]]


def test_every_line_lies_where_it_must(lines: list[Measured]) -> None:
    assert not [(found.study, found.line.what, found.value) for found in lines if not found.ok]


def test_negative_controls_do_worse_than_they_claim(lines: list[Measured]) -> None:
    """Not only within their bands: away from what they claim, by more than chance."""
    controls = [found for found in lines if found.line.negative]
    assert len(controls) >= 20
    for found in controls:
        assert found.line.nominal is not None
        claim = found.line.nominal
        promised = found.line.kind in ("coverage", "share")  # at least so often; else at most
        away = claim - found.value if promised else found.value - claim
        assert away > 2 * math.sqrt(claim * (1 - claim) / REPLICATES), (found.study, found.value)


def test_lines_are_measured_and_widths_finite(lines: list[Measured]) -> None:
    for found in lines:
        assert math.isfinite(found.value), found.study
        if found.line.kind == "coverage" and found.study != "half-life-infinite":
            assert found.width > 0


def test_names_tell_lines_apart() -> None:
    for study in STUDIES.values():
        assert len({(line.what, line.method) for line in study.lines}) == len(study.lines)
        for line in study.lines:
            low, high = line.band
            assert low <= high
            assert not line.negative or line.nominal is not None
