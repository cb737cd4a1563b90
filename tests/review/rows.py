"""Rows of the people plan from pieces of evidence, for its tests."""

from __future__ import annotations

from collections.abc import Mapping

from tests.builders import config
from toolkit.logs.config import StreamConfig
from toolkit.results import Estimate, PlanRow
from toolkit.review.plan import people_plan
from toolkit.review.reasons import ADVICE

MARGINS = {"feedback_bias": 0.05, "alignment": 0.05, "forgetting": 0.05, "generation": 0.05}
CHOSEN = {"margins": {name: {"value": value} for name, value in MARGINS.items()}}
AXIS = {
    "feedback_bias": "feedback", "own gap": "alignment", "gap": "alignment", "energy_distance": "alignment",
    "label_error_rate": "generation", "backward_transfer": "forgetting",
}  # fmt: skip
VERDICTS = ("healthy", "unclear", "watch", "act")
OF_JUDGE = ("feedback_bias", "own gap", "energy_distance")


def piece(kind: str, verdict: str, task: str = "task 1", **fields: object) -> Estimate:
    """Evidence of one kind with this verdict."""
    quantity = "agreement_gap" if kind.endswith("gap") else kind
    given: dict[str, object] = {
        "task": None if kind == "gap" else task, "value": 0.04, "low": 0.01, "high": 0.08, "verdict": verdict,
        "unit": "points of the feedback scale" if kind == "feedback_bias" else "score",
    }  # fmt: skip
    return Estimate.model_validate({"quantity": quantity, "axis": AXIS[kind], **given, **fields})


def first(found: list[Estimate], settings: StreamConfig) -> PlanRow:
    """The row of task 1."""
    return next(row for row in people_plan(found, settings) if row.task == "task 1")


def row_of(verdicts: Mapping[str, str | None], *, regulated: bool = False) -> PlanRow:
    settings = config(2, review=CHOSEN, regulated=("task 1",) if regulated else ())
    found = [piece(kind, verdict) for kind, verdict in verdicts.items() if verdict is not None]
    return first(found, settings)


def advice_of(verdicts: Mapping[str, str | None], *, regulated: bool = False) -> int:
    return ADVICE.index(row_of(verdicts, regulated=regulated).advice)
