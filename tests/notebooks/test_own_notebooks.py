"""Does a notebook of one's own join the report as a page, and fail the run where it fails?"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from tests.reporting.support import write_notebook, write_report_notebooks, write_stream
from toolkit.errors import RunFailed, UsageError
from toolkit.notebook import open_release, open_run
from toolkit.notebook.working_copy import working_copy
from toolkit.reporting.notebooks import find_notebooks, waves
from toolkit.reporting.pipeline import run
from toolkit.reporting.request import Request
from toolkit.reporting.rerun import rerun

pytestmark = pytest.mark.slow

PARAMETERS = 'stream = ""\ncube = ""\nbaseline = ""\nparts = ""\nhistory = ""\nrelease = ""'
OPEN = (
    "from toolkit import open_run\n"
    "run = open_run(stream=stream, cube=cube, baseline=baseline, parts=parts, history=history, release=release)"
)
WORST = "worst = run.estimate(lambda R: R[..., -1, :].min(-1), 'worst_task', difference=False)\nworst"


def own(folder: Path, name: str, *cells: str) -> Path:
    """A notebook as a user writes it."""
    return write_notebook(folder, name, *cells, parameters=PARAMETERS)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stream with a notebook of its own, and the notebooks of every report with one more beside them; published."""
    place = tmp_path_factory.mktemp("own")
    write_stream(place / "stream")
    write_report_notebooks(place / "notebooks")
    own(place / "notebooks", "for-all", OPEN, "[e.id for e in run.findings[0]]")
    path = own(place / "stream" / "notebooks", "worst-task", OPEN, WORST, "run.save('worst-task', [worst])")
    book = nbformat.read(path, as_version=4)
    book.cells.insert(0, nbformat.v4.new_markdown_cell("# How low <b>did</b> it get?\n\nOne task is enough."))
    nbformat.write(book, path)
    assert run(request(place)).revision == 1
    return place


def request(place: Path, **more: object) -> Request:
    """The same release each time."""
    base = Request(
        stream=place / "stream", reports=place / "reports", release="1", notebooks=place / "notebooks",
        cache=place / "cache", timeout=300,
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def test_it_is_a_page_among_the_others(place: Path) -> None:
    """In everybody's navigation, with what it shows, its estimate in the results, and its notebook to open again."""
    report = place / "reports" / "tickets" / "1"
    for page in report.glob("*.html"):
        text = page.read_text()
        assert '<a href="worst-task.html"' in text
        assert '<a href="for-all.html"' in text
    text = (report / "worst-task.html").read_text()
    assert '<a href="worst-task.html" aria-current="page">Worst task</a>' in text
    assert 'data-estimate="worst_task/stream/all"' in text
    assert re.findall(r"<h1>(.+?)</h1>", text) == ["How low &lt;b&gt;did&lt;/b&gt; it get?"]
    assert "<h2>How low" not in text
    assert re.findall(r"<h1>(.+?)</h1>", (report / "for-all.html").read_text()) == ["For all"]
    R = [[5 / 8, 5 / 8, 7 / 8]] * 2  # after the last stage: two of seven right items lost, but for the newest task
    assert open_release(report).finding("worst_task/stream/all").value == pytest.approx(min(map(min, R)))
    assert working_copy(str(report / "worst-task.html"), place / "lab").path.is_file()


def test_it_reads_what_the_axes_found_and_may_write_nothing(place: Path) -> None:
    """One's own run after the axes and before the summary; without a part of its own it is a page all the same."""
    report = place / "reports" / "tickets" / "1"
    assert "average_accuracy/stream/all" in (report / "for-all.html").read_text()
    order = [[notebook.name for notebook in wave] for _, wave in waves(find_notebooks(place / "notebooks"))]
    assert order == [["transfer"], ["for-all"], ["summary", "releases"]]


def test_the_report_is_computed_again_with_it(place: Path, tmp_path: Path) -> None:
    """From the copy in the report: the stream's own may be gone by then."""
    source = place / "stream" / "notebooks"
    source.rename(tmp_path / "elsewhere")
    try:
        again = rerun(place / "reports" / "tickets" / "1", notebooks=place / "notebooks", timeout=300)
    finally:
        (tmp_path / "elsewhere").rename(source)
    assert again.differences == ()
    assert again.numbers > 0


def test_a_change_of_it_is_a_change_of_the_report_and_a_failure_publishes_nothing(place: Path) -> None:
    """Unchanged, the report is up to date; broken, the run fails in one line and what stands stays."""
    assert run(request(place)).up_to_date
    path = place / "stream" / "notebooks" / "worst-task.ipynb"
    before, published = path.read_text(), (place / "reports" / "tickets" / "1").resolve()
    own(path.parent, path.stem, OPEN, "raise ValueError('not\\ntoday')")
    try:
        with pytest.raises(
            RunFailed, match=r"^notebook worst-task: cell 3: ValueError: not today \[kept in "
        ) as caught:
            run(request(place))
        assert "\n" not in str(caught.value)
    finally:
        path.write_text(before)
    assert (place / "reports" / "tickets" / "1").resolve() == published
    assert run(request(place)).up_to_date


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("transfer", r"its page would take the place of transfer\.html; rename"),
        ("Summary", "rename the notebook"),
        ("index", "rename the notebook"),
        ("javascript:alert(1)", "letters, digits, - and _ alone"),
        ("a\x1b[31m", "letters, digits"),
        ("two words", "letters, digits"),
    ],
)
def test_a_name_that_cannot_be_an_address_is_refused(tmp_path: Path, name: str, told: str) -> None:
    """Before anything runs, in one line that can be printed."""
    write_report_notebooks(tmp_path / "notebooks")
    own(tmp_path / "own", name, OPEN)
    with pytest.raises(UsageError, match=told) as caught:
        find_notebooks(tmp_path / "notebooks", tmp_path / "own")
    assert str(caught.value).isprintable()


def test_results_hold_no_estimate_of_a_notebook_that_wrote_none(place: Path) -> None:
    results = json.loads((place / "reports" / "tickets" / "1" / "results.json").read_text())
    assert [e["id"] for e in results["estimates"]] == ["average_accuracy/stream/all", "worst_task/stream/all"]


def test_no_notebook_takes_the_place_of_another_ones_results(place: Path, tmp_path: Path) -> None:
    """As a copy of a page's notebook would, that still saves under its old name; opened alone nothing is written."""
    cube = str(place / "reports" / "tickets" / "1" / "cube")
    opened = open_run(cube=cube, parts=str(tmp_path))
    opened.save("transfer", opened.analyse("transfer"))
    before = (tmp_path / "transfer.json").read_bytes()
    with pytest.raises(UsageError, match="'transfer' was saved already in this run; save under the name of this"):
        open_run(cube=cube, parts=str(tmp_path)).save("transfer", [])
    assert (tmp_path / "transfer.json").read_bytes() == before
    open_run(cube=cube).save("transfer", [])
    assert [path.name for path in tmp_path.iterdir()] == ["transfer.json"]
