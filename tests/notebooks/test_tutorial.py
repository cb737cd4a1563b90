"""Does the tutorial run from its first cell to its last, and is what it says at the end true?"""

from __future__ import annotations

import json
import re
import runpy
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from toolkit.figures.blocks import MIME
from toolkit.reporting.engine import Kernels, execute
from toolkit.reporting.notebooks import unfinished

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "examples" / "tutorial.ipynb"


def test_it_is_kept_as_the_pages_are() -> None:
    """Without outputs, with its ids, without code of its own."""
    assert runpy.run_path(str(ROOT / ".ci" / "notebooks_are_clean.py"))["problems"](TUTORIAL) == []
    ids = [cell["id"] for cell in json.loads(TUTORIAL.read_text())["cells"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.slow
def test_it_runs_from_the_question_to_the_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On streams that it makes itself; the intervals of its last table hold the truth, but for one in twenty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    done = tmp_path / "done.ipynb"
    place = {"place": str(tmp_path / "streams")}
    with ThreadPoolExecutor(1) as thread:  # a browser of other tests may have an event loop in this one
        options = {"folder": tmp_path, "timeout": 600, "threads": 1, "kernels": Kernels()}
        thread.submit(execute, TUTORIAL, done, place, **options).result()
    cells = json.loads(done.read_text())["cells"]
    assert unfinished(cells) is None
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    kinds = [output["data"][MIME]["kind"] for output in outputs if MIME in output.get("data", {})]
    assert kinds == ["card", "card", "figure", "estimates", "card", "figure", "card", "estimates", "card"]
    (truth,) = [cell for cell in cells if "truth.json" in "".join(cell["source"])]
    rows = re.findall(r"<td>(True|False)</td>", "".join(truth["outputs"][0]["data"]["text/html"]))
    assert len(rows) >= 10
    assert rows.count("False") <= 1
    printed = "".join(outputs[-1]["text"])
    assert re.search(r"\| all tasks \| −\d+ \(−\d+ to −?\d+\) \| points \|", printed)
