"""Selections for figures put together what belongs together."""

from __future__ import annotations

from toolkit import views
from toolkit.analyses import Analysis
from toolkit.results import Estimate


def _one(quantity: str, stage: int, value: float | None, group: str | None = None) -> Estimate:
    return Estimate(quantity=quantity, axis="generation", stage=stage, group=group, value=value)


def test_the_frontier_pairs_diversity_and_wrong_labels_of_the_same_samples() -> None:
    """Of the same stage and side; a stage that has only one of the two is left out, people's samples are no series."""
    generated = "side=generated"
    found = views.frontier(Analysis((
        _one("diversity", 2, 20.0), _one("diversity", 1, 10.0), _one("diversity", 3, 30.0),
        _one("diversity", 1, 11.0, generated), _one("diversity", 1, 99.0, "side=human"),
        _one("label_error_rate", 1, 0.1), _one("label_error_rate", 2, 0.2), _one("label_error_rate", 1, 0.3, generated),
        _one("label_error_rate", 1, 0.9, "part=parsed"),
    )))  # fmt: skip
    values = {name: [(d.value, w.value) for d, w in pairs] for name, pairs in found.items()}
    assert values == {"accepted": [(10.0, 0.1), (20.0, 0.2)], "generated": [(11.0, 0.3)]}


def test_what_was_not_measured_makes_no_line() -> None:
    """A side without values has no series, and no share of human data no regime."""
    nothing = Analysis((_one("diversity", 1, None), _one("label_error_rate", 1, 0.1)))
    assert views.frontier(nothing) == {}
    assert views.regimes(nothing) == {}
