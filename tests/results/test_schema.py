"""The published schema is that of the models, and results read back are what was written."""

from pathlib import Path

from toolkit.results import Change, Estimate
from toolkit.results.schema import json_schema

ROOT = Path(__file__).parents[2]


def test_the_published_schema_is_current():
    """Otherwise: python -m toolkit.results.schema > docs/results.schema.json"""
    assert (ROOT / "docs" / "results.schema.json").read_text() == json_schema()


def test_an_estimate_reads_back_as_written_and_carries_its_id():
    estimate = Estimate(
        quantity="backward_transfer", axis="forgetting", task="<a/b>", value=-0.1, low=-0.2, high=0.0,
        change=Change(against="1", value=0.1),
    )  # fmt: skip
    text = estimate.model_dump_json()
    assert '"id":"backward_transfer/stream/%3Ca%2Fb%3E"' in text
    assert Estimate.model_validate_json(text) == estimate


def test_ids_tell_estimates_apart():
    """A task called "all" is not the mean over tasks, and an arm with a colon is not a comparison."""
    base = {"quantity": "score", "axis": "transfer"}
    made = [
        Estimate(**base), Estimate(**base, task="all"), Estimate(**base, task="a"), Estimate(**base, task="a", stage=1),
        Estimate(**base, arm="x", against="y"), Estimate(**base, arm="x:y"),
    ]  # fmt: skip
    assert len({e.id for e in made}) == len(made)
