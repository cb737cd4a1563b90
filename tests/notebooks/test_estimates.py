"""Is a set of estimates looked up, narrowed and handed to other libraries without a number lost or mixed up?"""

from __future__ import annotations

import copy
import pickle
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import invented
from toolkit import Estimates
from toolkit.errors import UsageError
from toolkit.results import Estimate
from toolkit.results.quantities import QUANTITIES

HEADS = tuple(invented.headline_estimates().values())
FOUND = Estimates((*HEADS, *invented.by_task(), *invented.matrix()))


def test_it_is_a_sequence_and_a_quantity_picks_from_it() -> None:
    """By position one estimate, by slice, name and attribute a set with the same score range."""
    found = Estimates(FOUND.members, (0.0, 100.0))
    assert found[0] is HEADS[0]
    assert list(found[1:3]) == [HEADS[1], HEADS[2]]
    assert found["score"] == found.score == found.filter(quantity="score")
    assert found["score"].score_range == (0.0, 100.0)
    assert len(found["score"]) == 72
    assert HEADS[3] in found
    assert found.index(HEADS[3]) == 3


def test_unknown_names_are_told_with_those_near_them() -> None:
    with pytest.raises(KeyError, match="near it: backward_transfer"):
        FOUND["backward_transfe"]
    with pytest.raises(AttributeError, match="no quantity 'scores'"):
        _ = FOUND.scores
    with pytest.raises(KeyError, match="near it: backward_transfer/stream/billing"):
        FOUND.finding("backward_transfer/stream/biling")


def test_names_can_be_completed_and_none_hides_a_method() -> None:
    """Every quantity there is can be an attribute: none has the name of something that the class has."""
    assert {"backward_transfer", "score"} <= set(dir(FOUND))
    assert FOUND._ipython_key_completions_() == list(FOUND.quantities)
    assert not set(QUANTITIES) & set(dir(Estimates()))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda found: pickle.loads(pickle.dumps(found))])  # noqa: S301
def test_copies_are_equal(again) -> None:
    """The attributes that are quantities do not lead a copy in circles."""
    assert again(FOUND) == FOUND


def test_a_filter_takes_a_value_several_the_whole_and_any_single_one() -> None:
    losses = FOUND.backward_transfer
    assert [e.task for e in losses.filter(task="billing")] == ["billing"]
    assert {e.task for e in losses.filter(task=["billing", "returns"])} == {"billing", "returns"}
    assert list(losses.filter(task=None)) == [HEADS[0]]
    assert len(losses.filter(task=...)) == len(invented.TASKS)
    assert len(losses.filter(measured=False)) == 1
    assert FOUND.filter(verdict="act").quantities == ("backward_transfer", "feedback_bias")
    assert FOUND.one("backward_transfer", task=None) is HEADS[0]
    with pytest.raises(LookupError):
        FOUND.one("backward_transfer")


def test_the_frame_holds_what_the_estimates_hold() -> None:
    """Each number in its place; counts in columns of whole numbers; what is absent is absent."""
    frame = FOUND.to_pandas()
    assert list(frame.index) == [e.id for e in FOUND]
    for e in FOUND:
        row = frame.loc[e.id]
        assert e.value == row["value"] if e.value is not None else np.isnan(row["value"])
        assert (e.stage == row["stage"]) if e.stage is not None else row["stage"] is pd.NA
        assert (e.n["items"] == row["n_items"]) if "items" in e.n else row["n_items"] is pd.NA
    assert Estimates().to_pandas().empty


def test_arrow_has_the_columns_of_the_published_file(tmp_path) -> None:
    FOUND.to_parquet(tmp_path / "a.parquet")
    published = pq.read_table(tmp_path / "a.parquet")
    table = FOUND.to_arrow()
    assert table.select(published.schema.names) == published
    assert table["n_seeds"].type == pa.int64()


def test_polars_is_asked_for_where_it_is_missing(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(UsageError, match="pip install polars"):
        FOUND.to_polars()


def test_a_matrix_becomes_labelled_arrays() -> None:
    """Stages ascend, tasks keep their order, numbers lie where their labels say, gaps are nan."""
    cells = list(reversed(FOUND.score.members))
    missing = cells.pop(5)
    made = Estimates(tuple(cells)).to_xarray()
    assert dict(made.sizes) == {"stage": 9, "task": 8}
    assert list(made["stage"].values) == list(range(9))
    for e in cells:
        at = made.sel(stage=e.stage, task=e.task)
        assert (float(at["value"]), float(at["low"]), float(at["high"])) == (e.value, e.low, e.high)
    assert np.isnan(float(made["value"].sel(stage=missing.stage, task=missing.task)))
    assert made.attrs == {"quantity": "score", "units": "score"}


def test_what_has_no_common_axis_is_refused() -> None:
    with pytest.raises(UsageError, match="takes one quantity, and here are 6"):
        FOUND.to_xarray()
    with pytest.raises(UsageError, match=r"filter\(task=\.\.\.\)"):
        FOUND.backward_transfer.to_xarray()
    assert dict(FOUND.backward_transfer.filter(task=...).to_xarray().sizes) == {"task": len(invented.TASKS)}


def test_texts_are_short() -> None:
    """One line each, whatever they hold."""
    assert repr(FOUND).startswith("Estimates(85, backward_transfer 9, feedback_bias 1")
    assert repr(HEADS[0]) == str(HEADS[0]) == "Estimate(backward_transfer/stream/all: -0.031 (-0.044 to -0.018) score)"
    unknown = Estimate(quantity="joint_gap", axis="forgetting", reason="needs a joint arm")
    assert repr(unknown) == "Estimate(joint_gap/stream/all: not measured, needs a joint arm)"
