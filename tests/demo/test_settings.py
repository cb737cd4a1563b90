"""The settings of the demo say the same thing everywhere, and its three releases really differ."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest

from toolkit.demo.settings import CONDITIONS, RELEASES, Settings


def test_curve_must_end_with_the_budget() -> None:
    """A learning curve that ends before the budget would not end in the score matrix."""
    with pytest.raises(ValueError, match="must end with the budget"):
        replace(Settings(), budget=3000)


def test_curve_is_interrupted_between_batches_only() -> None:
    """Learning up to a checkpoint and on from there is learning at one go only on whole batches."""
    settings = Settings()
    assert all(checkpoint % settings.batch == 0 for checkpoint in settings.checkpoints)
    with pytest.raises(ValueError, match="whole batches"):
        replace(settings, checkpoints=(155, 2400))


def test_releases_differ_and_follow_each_other() -> None:
    """Three releases, ordered by name, no two with the same way of learning."""
    assert [method.release for method in RELEASES] == ["2026.09", "2026.10", "2026.11"]
    assert len({(method.replay, method.human_stages) for method in RELEASES}) == 3
    assert [method.temperature for method in RELEASES] == [1.0, 0.5, 0.5]
    assert [method.recursive for method in RELEASES] == [False, False, True]


def test_own_samples_teach_only_where_people_no_longer_label() -> None:
    """One generation in the first stage without people, one more in each that follows, none where not asked for."""
    assert [RELEASES[2].labelled_by_people(stage) for stage in range(1, 9)] == [True] * 3 + [False] * 5
    assert [RELEASES[2].generations(stage) for stage in range(1, 9)] == [0, 0, 0, 1, 2, 3, 4, 5]
    for method in (*RELEASES[:2], replace(RELEASES[2], recursive=False)):
        assert {method.generations(stage) for stage in range(1, 9)} == {0}
    never = replace(RELEASES[2], human_stages=0)  # people label the first stage always
    assert never.labelled_by_people(1)
    assert [never.generations(stage) for stage in (1, 2)] == [0, 1]


def test_eight_tasks_with_one_regulated() -> None:
    """One condition is regulated, and the order mixes near and far neighbours."""
    assert len(CONDITIONS) == len({condition.name for condition in CONDITIONS}) == 8
    assert [condition.name for condition in CONDITIONS if condition.risk == "regulated"] == ["inverted"]
    assert all(a.domain != b.domain for a, b in pairwise(CONDITIONS))


def test_fingerprint_tells_settings_and_methods_apart() -> None:
    """Another size or another method is another demo."""
    settings = Settings()
    marks = {settings.fingerprint(method) for method in RELEASES}
    marks |= {replace(settings, seeds=4).fingerprint(method) for method in RELEASES}
    assert len(marks) == 6


def test_importing_the_demo_is_light() -> None:
    """A command line can offer the demo without NumPy, pandas or scikit-learn being loaded."""
    heavy = "{'numpy', 'pandas', 'sklearn', 'scipy', 'tomlkit', 'pydantic'}"
    code = f"import sys, toolkit.demo; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
