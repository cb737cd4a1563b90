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
