"""Adapters are found by name; other packages add theirs by an entry point alone."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from toolkit.cli import main
from toolkit.errors import RunFailed, UsageError
from toolkit.logs.adapters.base import Adapter
from toolkit.logs.adapters.registry import BUILT_IN, GROUP, find, names

ROOT = Path(__file__).resolve().parents[3]


def installed(folder: Path, package: str, points: str, code: str) -> None:
    """A package as pip leaves it: a module, and metadata with its entry points."""
    (folder / f"{package}.py").write_text(code)
    metadata = folder / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\n{points}\n")


def documented() -> str:
    """The adapter that docs/adapters.md shows."""
    text = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
    return text.split("```python\n", 1)[1].split("```", 1)[0]


def test_the_documented_adapter_works_through_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = documented()
    assert len(code.strip().splitlines()) <= 30
    installed(tmp_path, "streamreview_wordy", "wordy = streamreview_wordy:ADAPTER", code)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "run.log").write_text("after 1 billing 0.9\nafter 2 billing 0.7\nafter 2 returns 0.8\nbye\n")
    assert main(["import", "wordy", str(tmp_path / "run.log"), "--to", str(tmp_path / "log")]) == 0
    said = capsys.readouterr().out
    assert "3 evaluations" in said
    assert "Left out: 1 lines" in said
    assert main(["check", str(tmp_path / "log")]) == 0


def test_every_built_in_is_declared_and_loads() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"][GROUP] == BUILT_IN
    for name in BUILT_IN:
        assert find(name).name == name
        assert 0 < len(find(name).summary) <= 100
    assert set(BUILT_IN) <= set(names())


def test_an_unknown_format_lists_the_known() -> None:
    with pytest.raises(UsageError, match="huggingface, inspect"):
        find("nothing")


def test_two_packages_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, "one", "table = one:ADAPTER", "")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError, match="one"):
        find("table")


def test_a_package_that_does_not_load_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, "empty", "void = empty:ADAPTER\nodd = empty:other\ngone = nowhere:ADAPTER", "other = 3")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("void", "odd", "gone"):
        with pytest.raises(RunFailed, match="package"):
            find(name)


def test_an_adapter_is_a_plain_value() -> None:
    assert isinstance(find("table"), Adapter)


def test_finding_one_imports_no_other_and_nothing_heavy() -> None:
    code = (
        "import sys; from toolkit.logs.adapters.registry import find; find('lm-eval');"
        "heavy = ('duckdb', 'pandas', 'pyarrow', 'pydantic', 'toolkit.logs.adapters.tables');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
