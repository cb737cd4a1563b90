"""Does a stored cube give its report's numbers again, and is one that differs found?"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.reporting.support import write_report_notebooks, write_stream
from toolkit.cli import main
from toolkit.errors import UsageError
from toolkit.reporting.pipeline import run
from toolkit.reporting.request import Request
from toolkit.reporting.rerun import ABSENT, compare, rerun


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place in which releases 1 and 2 are published, and whose log is gone."""
    place = tmp_path_factory.mktemp("rerun")
    write_report_notebooks(place / "notebooks")
    for release, lost in (("1", 2), ("2", 4)):
        write_stream(place / "stream", lost=lost)
        answer = run(
            Request(
                place / "stream", place / "reports", release,
                notebooks=place / "notebooks", cache=place / "cache", timeout=120,
            )
        )  # fmt: skip
        assert answer.code == 0
    shutil.rmtree(place / "stream")
    return place


def again(place: Path, report: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """`streamreview run --from REPORT` with the place's small notebooks."""
    monkeypatch.setattr("toolkit.resources.notebooks_folder", lambda: place / "notebooks")
    return main(["run", "--from", str(report), "--timeout", "120"])


def test_the_same_numbers(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """From the cube alone, though the log is gone, every number is there again, bit for bit: exit code 0."""
    assert again(place, place / "reports/tickets/latest", monkeypatch) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"\d+ numbers, none differs", last)
    assert int(last.split()[0]) > 5


def test_one_changed_number_is_found(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a copy of the reports, moved and with one digit changed: its id, field and both values; exit code 1."""
    shutil.copytree(place / "reports", tmp_path / "moved", symlinks=True)
    path = (tmp_path / "moved/tickets/2/results.json").resolve()
    content = json.loads(path.read_text())
    (estimate,) = content["estimates"]
    true = estimate["value"]
    estimate["value"] = true + 1e-12
    path.write_text(json.dumps(content))
    before = path.read_bytes()
    assert again(place, tmp_path / "moved/tickets/2", monkeypatch) == 1
    lines = capsys.readouterr().out.splitlines()
    found = [line.split("\t") for line in lines if line.count("\t") == 3][1:]
    assert found == [["average_accuracy/stream/all", "value", str(true + 1e-12), str(true)]]
    assert path.read_bytes() == before


def test_what_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no results\.json"):
        rerun(tmp_path)


def test_absent_and_provenance() -> None:
    """An estimate that only one side has is named; when and where a report was made is not compared."""
    one = {"verdict": "act", "provenance": {"started": "a"}, "estimates": [{"id": "x", "value": 1, "n": {"items": 3}}]}
    two = {"verdict": "act", "provenance": {"started": "b"}, "estimates": []}
    found = compare(one, two)
    assert found.numbers == 2
    assert [(d.id, d.field, d.now) for d in found.differences if d.field != "id"] == [
        ("x", "value", ABSENT),
        ("x", "n.items", ABSENT),
    ]
    assert compare(one, one).differences == ()
