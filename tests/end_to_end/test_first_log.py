"""Does the commonest first log (one seed, one arm, no people, no baseline) give a whole and honest report?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from tests.end_to_end.conftest import command
from toolkit.results import Results

pytestmark = pytest.mark.slow
PAGES = ("index", "transfer", "forgetting", "feedback", "divergence", "generation", "releases")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """A log of two tasks and forty items, published as release 1 by the project's own notebooks."""
    place = tmp_path_factory.mktemp("first-log")
    stream = place / "stream"
    stream.mkdir()
    (stream / "stream.toml").write_text('name = "first"\n[[tasks]]\nname = "old"\n[[tasks]]\nname = "new"\n')
    right = {(0, "old"): 10, (0, "new"): 12, (1, "old"): 36, (1, "new"): 14, (2, "old"): 20, (2, "new"): 34}
    rows = "".join(
        f"{stage},{task},{task}{item},{int(item < n)}\n" for (stage, task), n in right.items() for item in range(40)
    )
    (stream / "evaluations.csv").write_text("stage,task,item,score\n" + rows)
    done = command("run", stream, "--out", place / "reports", "--release", "1", home=home)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return place


def results(place: Path) -> Results:
    """What release 1 found."""
    return Results.model_validate_json((place / "reports/first/1/results.json").read_bytes())


def test_every_page_is_there(place: Path) -> None:
    for name in PAGES:
        text = (place / f"reports/first/1/{name}.html").read_text()
        assert "<script" not in text
        assert "Content-Security-Policy" in text
        assert len(text) < 1_500_000


def test_forgetting_is_that_of_the_rows(place: Path) -> None:
    """The one earlier task went from 36 to 20 of 40."""
    found = next(e for e in results(place).estimates if e.id == "backward_transfer/stream/all")
    assert found.value == pytest.approx((20 - 36) / 40, abs=1e-9)
    assert found.scope == "items"


def test_what_cannot_be_measured_has_a_reason(place: Path) -> None:
    """No number is made up for the isolated arm, the people or the samples that are not there."""
    found = results(place)
    assert {axis.axis for axis in found.axes if axis.verdict == "not measured"} >= {"feedback", "alignment"}
    for estimate in found.estimates:
        if not estimate.measured:
            assert estimate.reason
            assert estimate.low is None
            assert estimate.high is None


def test_every_number_on_a_page_is_in_the_results(place: Path) -> None:
    """Each printed number names its estimate and field; results.json has the same value there."""
    stored = json.loads((place / "reports/first/1/results.json").read_text())
    known = {estimate["id"]: estimate for estimate in stored["estimates"]}
    seen = 0
    for name in PAGES:
        text = (place / f"reports/first/1/{name}.html").read_text()
        for tag in re.findall(r"<data [^>]*data-estimate=[^>]*>", text):
            attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            estimate = known[unescape(attributes["data-estimate"])]
            field = attributes["data-field"]
            if field in ("value", "low", "high", "margin"):
                assert float(attributes["value"]) == pytest.approx(estimate[field], rel=1e-12), tag
                seen += 1
    assert seen > 10


def test_unchanged_is_answered_without_heavy_imports(place: Path, home: Path) -> None:
    order = ["run", str(place / "stream"), "--out", str(place / "reports"), "--release", "1"]
    code = (
        f"import sys\nfrom toolkit.cli import main\nassert main({order!r}) == 0\n"
        "print([m for m in ('pandas', 'matplotlib', 'duckdb', 'numpy', 'papermill') if m in sys.modules])"
    )
    environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert again.stdout.splitlines()[0].startswith("Up to date: first, release 1")
    assert again.stdout.splitlines()[-1] == "[]"


def test_a_verdict_asked_for_ends_in_3_unless_its_margin_is_provisional(place: Path, home: Path) -> None:
    """The margins of this log are nobody's: --fail-on act passes and says why, --fail-on not-measured does not."""
    order = ["run", place / "stream", "--out", place / "reports", "--release", "1", "--fail-on"]
    acting = command(*order, "act", home=home)
    assert acting.returncode == 0
    assert "forgetting: act under a provisional margin does not count" in acting.stdout
    (place / "stream/stream.toml").write_text(
        (place / "stream/stream.toml").read_text() + "[review.margins.forgetting]\nvalue = 0.05\n"
    )
    chosen = command(*order, "act", home=home)
    assert chosen.returncode == 3
    assert "forgetting: act" in chosen.stderr
    assert chosen.stderr.count("\n") == 1
    assert "revision 2" in chosen.stdout
