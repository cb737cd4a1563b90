"""Does the commonest first log (one seed, one arm, no people, no baseline) give a whole and honest report?"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from tests.end_to_end.conftest import command
from toolkit.cli import main
from toolkit.resources import notebooks_folder
from toolkit.results import Results

pytestmark = pytest.mark.slow
PAGES = ("index", "transfer", "forgetting", "feedback", "divergence", "generation", "releases")


def results(first_log: Path) -> Results:
    """What release 1 found."""
    return Results.model_validate_json((first_log / "reports/first/1/results.json").read_bytes())


def test_every_page_is_there(first_log: Path) -> None:
    for name in PAGES:
        text = (first_log / f"reports/first/1/{name}.html").read_text()
        assert "<script" not in text
        assert "Content-Security-Policy" in text
        assert len(text) < 1_500_000


def test_forgetting_is_that_of_the_rows(first_log: Path) -> None:
    """The one earlier task went from 36 to 20 of 40."""
    found = next(e for e in results(first_log).estimates if e.id == "backward_transfer/stream/all")
    assert found.value == pytest.approx((20 - 36) / 40, abs=1e-9)
    assert found.scope == "items"


def test_what_cannot_be_measured_has_a_reason(first_log: Path) -> None:
    """No number is made up for the isolated arm, the people or the samples that are not there."""
    found = results(first_log)
    assert {axis.axis for axis in found.axes if axis.verdict == "not measured"} >= {"feedback", "alignment"}
    for estimate in found.estimates:
        if not estimate.measured:
            assert estimate.reason
            assert estimate.low is None
            assert estimate.high is None


def test_every_number_on_a_page_is_in_the_results(first_log: Path) -> None:
    """Each printed number names its estimate and field; results.json has the same value there."""
    stored = json.loads((first_log / "reports/first/1/results.json").read_text())
    known = {estimate["id"]: estimate for estimate in stored["estimates"]}
    seen = 0
    for name in PAGES:
        text = (first_log / f"reports/first/1/{name}.html").read_text()
        for tag in re.findall(r"<data [^>]*data-estimate=[^>]*>", text):
            attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            estimate = known[unescape(attributes["data-estimate"])]
            field = attributes["data-field"]
            if field in ("value", "low", "high", "margin"):
                assert float(attributes["value"]) == pytest.approx(estimate[field], rel=1e-12), tag
                seen += 1
    assert seen > 10


def test_unchanged_is_answered_without_heavy_imports(first_log: Path, tmp_path: Path, home: Path) -> None:
    reports = shutil.copytree(first_log / "reports", tmp_path / "reports", symlinks=True)
    order = ["run", str(first_log / "stream"), "--out", str(reports), "--release", "1"]
    code = (
        f"import sys\nfrom toolkit.cli import main\nassert main({order!r}) == 0\n"
        "print([m for m in ('pandas', 'matplotlib', 'duckdb', 'numpy', 'papermill') if m in sys.modules])"
    )
    environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert again.stdout.splitlines()[0].startswith("Up to date: first, release 1")
    assert again.stdout.splitlines()[-1] == "[]"


def test_a_verdict_asked_for_ends_in_3_unless_its_margin_is_provisional(
    first_log: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The margins of this log are nobody's: --fail-on act passes and says why; a chosen margin is in revision 2.

    That revision takes the notebooks on forgetting alone.
    """
    place = shutil.copytree(first_log, tmp_path / "place", symlinks=True)
    order = ["run", place / "stream", "--out", place / "reports", "--release", "1", "--fail-on"]
    acting = command(*order, "act", home=home)
    assert acting.returncode == 0
    assert "forgetting: act under a provisional margin does not count" in acting.stdout
    (place / "stream/stream.toml").write_text(
        (place / "stream/stream.toml").read_text() + "[review.margins.forgetting]\nvalue = 0.05\n"
    )
    few = tmp_path / "notebooks"
    few.mkdir()
    for name in ("forgetting", "summary"):
        shutil.copy(notebooks_folder() / f"{name}.ipynb", few)
    monkeypatch.setattr("toolkit.resources.notebooks_folder", lambda: few)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    assert main([*map(str, order), "act"]) == 3
    said = capsys.readouterr()
    assert "forgetting: act" in said.err
    assert said.err.count("\n") == 1
    assert "revision 2" in said.out
