"""stream.toml is valid, with a reason for every margin, and similarity.csv covers all pairs of tasks."""

from __future__ import annotations

import csv
import io
from importlib.metadata import version
from itertools import permutations
from pathlib import Path

import pytest

from toolkit.demo.images import TaskImages
from toolkit.demo.settings import CONDITIONS, RELEASES, Settings
from toolkit.demo.streamfile import similarity_csv, stream_toml
from toolkit.logs.config import Margins, StreamConfig, load_config


@pytest.fixture(params=range(3), ids=[method.release for method in RELEASES])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[StreamConfig, int]:
    which = request.param
    previous = RELEASES[which - 1].release if which else None
    (tmp_path / "stream.toml").write_text(stream_toml(RELEASES[which], Settings(), previous))
    return load_config(tmp_path), which


def test_reads_back_as_one_stream_in_three_releases(config: tuple[StreamConfig, int]) -> None:
    """The same name and tasks, each release with the one before as its baseline."""
    found, which = config
    assert found.name == "digits-under-change"
    assert found.task_order() == tuple(condition.name for condition in CONDITIONS)
    assert found.regulated == {"inverted"}
    assert found.release == RELEASES[which].release
    assert found.baseline == (None, "2026.09", "2026.10")[which]
    assert found.score_range == found.feedback.range == (0, 1)
    assert found.review.seeds_shared
    assert found.review.human_sampling == "random"


def test_every_margin_has_unit_and_reason(config: tuple[StreamConfig, int]) -> None:
    """All five axes are chosen, not provisional; regulated tasks are never treated more gently."""
    margins = config[0].review.margins
    for axis in Margins.model_fields:
        margin = getattr(margins, axis)
        assert margin.unit
        assert margin.reason
        assert margin.chosen_by
        strict = getattr(margins.regulated, axis)
        assert strict is None or strict.value < margin.value


def test_models_carry_the_versions_that_ran(config: tuple[StreamConfig, int]) -> None:
    """Versions are those of the installed packages."""
    models = config[0].models
    assert version("scikit-learn") in models["generator"]
    assert version("scikit-learn") in models["judge"]
    assert version("numpy") in models["student"]


def test_similarity_has_every_ordered_pair_once(tasks: tuple[TaskImages, ...]) -> None:
    """Symmetric, within [-1, 1], and none with itself."""
    rows = list(csv.DictReader(io.StringIO(similarity_csv(tasks))))
    found = {(row["task"], row["other"]): float(row["similarity"]) for row in rows}
    names = [task.name for task in tasks]
    assert list(found) == list(permutations(names, 2))
    for (task, other), value in found.items():
        assert -1 <= value <= 1
        assert value == found[other, task]
    assert found["as-scanned", "rotated-15"] > 0.5 > found["as-scanned", "inverted"]
