"""Does every change that could change a report change the fingerprint, and nothing else?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from toolkit.reporting.uptodate import run_fingerprint, tree_sha256


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    """Everything a fingerprint is made of."""
    for folder, file in (
        ("notebooks", "summary.ipynb"),
        ("templates", "page.html.j2"),
        ("brand", "brand.css"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text("x")
    return {
        "log": "l",
        "notebooks": tmp_path / "notebooks",
        "templates": [tmp_path / "templates", tmp_path / "brand"],
        "release": "2",
        "baseline": "1",
        "baseline_sha256": "b",
        "stale": False,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"log": "m"},
        {"release": None},
        {"release": "3"},
        {"baseline": None},
        {"baseline": "0"},
        {"baseline_sha256": "c"},
        {"stale": True},
        {"parameters": {"level": "0.9"}},
    ],
)
def test_each_input_counts(given: dict[str, Any], change: dict[str, Any]) -> None:
    assert run_fingerprint(**given) != run_fingerprint(**(given | change))


@pytest.mark.parametrize("file", ["notebooks/summary.ipynb", "templates/page.html.j2", "brand/brand.css"])
def test_each_file_counts(given: dict[str, Any], tmp_path: Path, file: str) -> None:
    before = run_fingerprint(**given)
    (tmp_path / file).write_text("y")
    assert run_fingerprint(**given) != before


def test_versions_of_packages_count(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_fingerprint(**given)
    monkeypatch.setattr("toolkit.reporting.provenance.package_versions", lambda: {"numpy": "0"})
    assert run_fingerprint(**given) != before


def test_time_place_and_compiled_files_do_not_count(tmp_path: Path) -> None:
    """A fresh checkout elsewhere has the same sources."""
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "deep").mkdir(parents=True)
    (here / "deep/a.py").write_text("1")
    (here / "b.py").write_text("2")
    shutil.copytree(here, there)
    os.utime(there / "b.py", (1, 1))
    (there / "__pycache__").mkdir()
    (there / "__pycache__/a.py").write_text("compiled")
    (there / ".ipynb_checkpoints").mkdir()
    (there / ".ipynb_checkpoints/a.py").write_text("draft")
    assert tree_sha256(here) == tree_sha256(there)


def test_a_renamed_file_counts(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    before = tree_sha256(tmp_path)
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert tree_sha256(tmp_path) != before
