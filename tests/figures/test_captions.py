"""A figure is told in words: no value is named there without its interval."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.invented import share
from toolkit.figures import agreement, frontier, intervals, over_stages, scatter_with_line, score_matrix
from toolkit.figures.blocks import Block
from toolkit.language import interval, reading, text_of
from toolkit.results import Estimate

BY_TASK = [share("agreement", 0.5 + i / 40, 0.013 + i / 1000, task=f"t{i}") for i in range(9)]
CEILING = share("agreement_ceiling", 0.93, 0.021)
BY_STAGE = [share("retention", 1 - 0.03 * s, 0.017, stage=s, axis="forgetting") for s in (1, 2, 3)]
PAIRS = [
    (share("diversity", 20.0 - 3 * s, 0.7, stage=s, axis="generation", unit="effective samples"),
     share("label_error_rate", 0.1 - 0.02 * s, 0.013, stage=s, axis="generation"))
    for s in (1, 2, 3)
]  # fmt: skip
LINE: dict[str, Any] = {"line_x": [0, 1], "line_y": [0, 0.1], "line_low": [-0.1, 0], "line_high": [0.1, 0.2]}
SLOPE = share("agreement", 0.77, 0.031)
CELLS = [
    share("score", 0.9 - 0.13 * (stage - place) * place, 0.019, stage=stage, task=f"t{place}", axis="forgetting")
    for stage in (1, 2, 3)
    for place in range(1, stage + 1)
]
FIGURES: dict[str, tuple[Callable[[], Block], Sequence[Estimate], int]] = {
    "frontier": (lambda: frontier({"generated": PAIRS}, "c"), [e for pair in PAIRS for e in pair], 4),
    "intervals": (lambda: intervals(BY_TASK[:3], "c"), BY_TASK, 2),
    "many intervals": (lambda: intervals(BY_TASK, "c"), BY_TASK, 2),
    "agreement": (lambda: agreement(BY_TASK[:3], CEILING), [*BY_TASK, CEILING], 4),
    "over stages": (lambda: over_stages({"a": BY_STAGE}, "c"), BY_STAGE, 2),
    "matrix": (lambda: score_matrix(CELLS), [e for e in CELLS if e.task == "t1" and e.stage != 2], 2),
    "scatter": (
        lambda: scatter_with_line([(i / 8, e) for i, e in enumerate(BY_TASK)], "c", x_label="x", slope=SLOPE, **LINE),
        [*BY_TASK, SLOPE],
        3,
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_values_in_words_have_their_intervals(name: str) -> None:
    draw, estimates, named = FIGURES[name]
    told = draw().data["alt"]
    found = [
        re.match(rf" \({re.escape(text_of(interval(e)))}\)", told[at.end() :])
        for e in estimates
        for at in re.finditer(rf"(?<![\d.]){re.escape(text_of(reading(e)))}(?! to)", told)
    ]
    assert len(found) == named, told
    assert all(found), told
