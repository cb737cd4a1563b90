"""A sentence in pieces says what the sentence says, or is refused."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from toolkit.results import AxisReview, PlanRow
from toolkit.results.said import Marked, plain

LOST = ("Lost ", Marked(text="3.1", value=-0.031, id="backward_transfer/stream/all", field="value"), " points.")


def review(**more: object) -> AxisReview:
    fields = {"axis": "forgetting", "required": True, "verdict": "act", "sentence": "Lost 3.1 points.", "parts": LOST}
    return AxisReview.model_validate(fields | more)


def test_the_pieces_make_up_the_sentence():
    """And survive the file, an infinite value too; a file of before has none."""
    assert plain(review().parts) == review().sentence
    assert AxisReview.model_validate_json(review().model_dump_json()) == review()
    endless = LOST[1].model_copy(update={"value": float("inf")})
    text = review(parts=("Lost ", endless, " points.")).model_dump_json()
    assert json.loads(text)["parts"][1]["value"] == "Infinity"
    assert AxisReview.model_validate_json(text).parts[1].value == float("inf")
    assert review(parts=()).parts == ()


def test_other_pieces_are_refused():
    """A page must not print another sentence than scripts read."""
    with pytest.raises(ValidationError, match="do not make up"):
        review(sentence="Lost 3.2 points.")
    row = {"task": "a", "risk": "standard", "advice": "review", "labels": 30, "why": "Lost 3.1 points."}
    assert PlanRow.model_validate(row | {"reasons": ["Lost 3.1 points."], "reason_parts": [LOST]}).reason_parts
    with pytest.raises(ValidationError, match="do not make up"):
        PlanRow.model_validate(row | {"reasons": ["Lost."], "reason_parts": [LOST]})
    with pytest.raises(ValidationError, match="2 reasons, and 1 in pieces"):
        PlanRow.model_validate(row | {"reasons": ["Lost 3.1 points.", "x"], "reason_parts": [LOST]})
