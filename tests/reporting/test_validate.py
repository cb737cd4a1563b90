"""Is an incomplete build refused, whatever it lacks?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reporting.support import write_notebook
from tests.reporting.support_results import axis, some_results
from toolkit.errors import RunFailed
from toolkit.reporting.notebooks import Notebook
from toolkit.reporting.validate import validate_build

RESULTS = some_results(axis("watch"))
PAGE = "<!doctype html>\n<html><body><main><!--notice--></main></body></html>\n"


def build(folder: Path) -> Notebook:
    """A complete build of one notebook (whose only cell is blank, so nothing is left unexecuted)."""
    notebook = Notebook(write_notebook(folder / "notebooks", "summary", parameters=""))
    (folder / "index.html").write_text(PAGE)
    (folder / "results.json").write_text(RESULTS.model_dump_json())
    (folder / "cube").mkdir()
    (folder / "cube/meta.json").write_text("{}")
    return notebook


def test_a_complete_build_passes(tmp_path: Path) -> None:
    validate_build(tmp_path, [build(tmp_path)], RESULTS)


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda p: (p / "index.html").unlink(), "the page is missing"),
        (lambda p: (p / "index.html").write_text(PAGE[:40]), "the page is incomplete"),
        (lambda p: (p / "index.html").write_text(PAGE.replace("<!--notice-->", "")), "has no <!--notice-->"),
        (lambda p: (p / "index.html").write_bytes(PAGE.encode("utf-16")), "not UTF-8"),
        (lambda p: (p / "results.json").unlink(), "is missing"),
        (lambda p: (p / "results.json").write_text(RESULTS.model_dump_json()[:-1]), "not valid"),
        (
            lambda p: (p / "results.json").write_text(some_results(axis("act")).model_dump_json()),
            "does not hold what was found",
        ),
        (lambda p: (p / "cube/meta.json").unlink(), "the cube is missing"),
        (lambda p: (p / "notebooks/summary.ipynb").write_text("{}"), "is no executed notebook"),
        (lambda p: write_notebook(p / "notebooks", "summary", "1 + 1", parameters=""), "was never executed"),
    ],
)
def test_each_lack_is_named(tmp_path: Path, harm: Callable[[Path], object], why: str) -> None:
    notebook = build(tmp_path)
    harm(tmp_path)
    with pytest.raises(RunFailed, match=why) as error:
        validate_build(tmp_path, [notebook], RESULTS)
    assert "\n" not in str(error.value)
