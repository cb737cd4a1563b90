"""Does an analyst find the surface, and does each way into a stream give the same numbers?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

import toolkit
from tests import invented
from tests.reporting.support import TASKS, write_notebook, write_stream
from toolkit import Estimates, forgetting, generation, open_release, open_stream, score_matrix, transfer
from toolkit.analyses import ANALYSES
from toolkit.errors import LogRejected, UsageError
from toolkit.notebook import Stream, display
from toolkit.reporting import cubes
from toolkit.reporting.engine import Kernels, execute
from toolkit.results import Estimate


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "streamreview"


@pytest.fixture
def stream(tmp_path: Path, cache: Path) -> Stream:
    """Three tasks, four stages, two seeds, eight items."""
    return open_stream(write_stream(tmp_path / "tickets"))


def test_dir_shows_what_there_is_and_importing_loads_nothing() -> None:
    """Every name of the surface is there when asked for; before, no library but the standard one is loaded."""
    assert set(toolkit.__all__) < set(dir(toolkit))
    assert not [name for name in toolkit.__all__ if not hasattr(toolkit, name)]
    told = (
        "import sys, time\nbefore = set(sys.modules)\nstart = time.process_time()\nimport toolkit\n"
        "spent = time.process_time() - start\n"
        "new = {m.partition('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names)\n"
        "print(spent, *sorted(new))"
    )
    root = Path(toolkit.__file__).parents[1]
    runs = [
        subprocess.run([sys.executable, "-c", told], cwd=root, capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    ]
    assert {tuple(names) for _, *names in map(str.split, runs)} == {("toolkit",)}
    assert min(float(spent) for spent, *_ in map(str.split, runs)) < 0.05


def test_a_cube_is_read_once_and_kept_as_runs_keep_it(
    stream: Stream, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened again, the log is not read; changed, it is."""
    first = stream.cube
    (entry,) = (cache / "cubes").iterdir()
    assert cubes.intact(entry)

    def no_reading(*_: object) -> object:
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setitem(cubes._BUILDS, "duckdb", no_reading)
        again = open_stream(stream.folder).cube
        assert again.meta == first.meta
        assert again.tables == first.tables
        write_stream(stream.folder, lost=4)
        with pytest.raises(AssertionError):
            _ = open_stream(stream.folder).cube
    assert open_stream(stream.folder).cube.tables["sums"] != first.tables["sums"]


def test_the_check_is_that_of_the_log(stream: Stream) -> None:
    """Rows as they lie in the file, the questions, what to log next; rejected rows one by one."""
    rows = sum(len(path.read_text().splitlines()) for path in (stream.folder / "evaluations").glob("*.jsonl"))
    check = stream.check()
    entry = check.ledger["evaluations"]
    assert (entry.read, entry.used, entry.rejected) == (rows, rows, 0) == (192, 192, 0)
    assert {row.answer for row in check.measurable} >= {"yes", "no"}
    assert "isolated" in " ".join(check.cheapest_next)
    assert repr(check).startswith("Check(evaluations 192 = 192 used + 0 rejected")
    assert stream.rejected().empty


def test_rejected_rows_are_listed_where_the_log_is_rejected(stream: Stream) -> None:
    file = next((stream.folder / "evaluations").glob("*.jsonl"))
    file.write_text(file.read_text().replace('"score": 1.0', '"score": 7.0').replace('"score":1.0', '"score":7.0'))
    with pytest.raises(LogRejected):
        stream.check()
    rejected = open_stream(stream.folder).rejected()
    assert list(rejected.columns) == ["table", "file", "number", "unit", "reason"]
    assert len(rejected) == file.read_text().count("7.0")
    assert rejected["reason"].str.contains("score").all()


def test_the_matrix_is_that_of_the_rows(stream: Stream) -> None:
    """Each cell is the mean of its rows, read with pandas; cells without rows are nan."""
    rows = pd.concat(pd.read_json(path, lines=True) for path in (stream.folder / "evaluations").glob("*.jsonl"))
    R = score_matrix(stream)
    assert R.dims == ("arm", "seed", "stage", "task")
    assert tuple(R["task"].values) == TASKS
    for (seed, stage, task), score in rows.groupby(["seed", "stage", "task"])["score"].mean().items():
        assert float(R.sel(arm="stream", seed=seed, stage=stage, task=task)) == pytest.approx(score, abs=1e-12)
    assert int(np.isfinite(R).sum()) == 2 * 4 * 3
    with pytest.raises(UsageError, match="'reversed'; it has default"):
        score_matrix(stream, order="reversed")


def test_nothing_is_computed_twice(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a cube gives the numbers of its stream."""
    asked = []
    own = ANALYSES["forgetting"]
    monkeypatch.setitem(ANALYSES, "forgetting", lambda evidence: asked.append(1) or own(evidence))
    found = forgetting(stream)
    assert forgetting(stream) == found == forgetting(stream.run())
    assert len(asked) == 1
    assert forgetting(stream.cube) == found
    assert found.score_range == (0.0, 1.0)
    assert found.one("backward_transfer", task="billing", stage=None).value == pytest.approx(-0.25)


def test_a_baseline_gives_each_number_its_change(stream: Stream, tmp_path: Path) -> None:
    """The difference of the two releases' values, under the baseline's name."""
    old = open_stream(write_stream(tmp_path / "old", toml='release = "2026.10"', lost=1))
    now = forgetting(stream, baseline=old).one("backward_transfer", task=None)
    before = forgetting(old).one("backward_transfer", task=None)
    assert now.change is not None
    assert now.change.against == "2026.10"
    assert now.change.value == pytest.approx(now.value - before.value)
    assert forgetting(stream).one("backward_transfer", task=None).change is None


def test_a_log_without_what_a_question_needs_says_so(stream: Stream) -> None:
    found = generation(stream)
    assert not found.filter(measured=True)
    assert all(e.reason for e in found)
    assert transfer(stream).one("forward_transfer", task=None).reason


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        open_stream(tmp_path / "none")
    with pytest.raises(UsageError, match=r"no results\.json"):
        open_release(tmp_path)


def test_a_cell_shows_tables_and_one_line_for_an_error(stream: Stream, tmp_path: Path) -> None:
    """In a real kernel: estimates, one of them, stream, check and cube as blocks; a mistake without a traceback."""
    source = write_notebook(
        tmp_path, "shown",
        f"from toolkit import forgetting, open_stream\ns = open_stream({str(stream.folder)!r})\ns",
        "s.check()", "s.cube", "s.run()", "found = forgetting(s)\nfound", "found[0]", "s.run().analyse('forgetting')",
        "open_stream('nowhere')",
    )  # fmt: skip
    with pytest.raises(Exception, match="no such folder"):
        execute(source, tmp_path / "done.ipynb", {}, folder=tmp_path, timeout=120, threads=1, kernels=Kernels())
    cells = [c for c in nbformat.read(tmp_path / "done.ipynb", as_version=4).cells if c.cell_type == "code"]
    outputs = [c.outputs[0] for c in cells if c.outputs]
    blocks = [o["data"].get("application/vnd.streamreview+json", {}).get("kind") for o in outputs[:-1]]
    assert blocks == ["card", "card", "card", None, "estimates", "card", "estimates"]
    assert all("<section" in o["data"]["text/html"] or "<table" in o["data"]["text/html"] for o in outputs[:3])
    assert outputs[3]["data"]["text/plain"] == "Run(tickets, this run)"
    assert outputs[-1]["traceback"] == [
        "UsageError: nowhere: no such folder; give the folder that holds the stream's log"
    ]


def test_hostile_names_stay_text(tmp_path: Path, cache: Path) -> None:
    """In every card: what a log says is escaped."""
    nasty = "<script>alert(1)</script>"
    stream = open_stream(write_stream(tmp_path / "s", title=nasty))
    for shown in (stream, stream.check(), forgetting(stream)):
        html = shown._repr_mimebundle_()["text/html"]
        assert "<script" not in html
    assert "&lt;script&gt;" in stream._repr_mimebundle_()["text/html"]


def test_the_demonstration_that_cannot_be_made_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a notebook is opened without a stream and the demonstration's folder cannot be written."""
    (tmp_path / "demo").write_text("a file")
    monkeypatch.setenv("STREAMREVIEW_DEMO", str(tmp_path / "demo"))
    with pytest.raises(UsageError, match="not a folder; name another one for the demo"):
        open_stream()


def test_a_release_answers_with_what_was_published(tmp_path: Path) -> None:
    """Nothing is computed: there is no cube beside these results."""
    published = invented.results("2026.11")
    (tmp_path / "results.json").write_text(published.model_dump_json())
    release = open_release(tmp_path / "index.html")
    assert forgetting(release).members == tuple(e for e in published.estimates if e.axis == "forgetting")
    assert len(release.estimates) == len(published.estimates)
    assert repr(release) == "Release(support-tickets, 2026.11: act, 5 estimates)"
    shown = release._repr_mimebundle_()
    assert "Verdict: act" in shown["text/plain"]
    assert invented.SENTENCES["generation"] in shown["text/html"]


def test_a_single_estimate_is_shown_in_the_units_of_the_log() -> None:
    """It does not know the range of the scores: 3.1 on a scale to 100 must not read as 310 points."""
    one = Estimate(quantity="backward_transfer", axis="forgetting", value=-3.1, low=-4.4, high=-1.8, scope="seeds")
    text = display.estimate(one)["text/plain"]
    assert "Earlier tasks lost 3.1 (95 % interval 1.8 to 4.4) since being learned." in text.replace("\u00a0", " ")
    assert "points" not in text
    assert "3.1 points lost" in Estimates((one,), (0.0, 100.0))._repr_mimebundle_()["text/plain"].replace("\u00a0", " ")


def test_many_estimates_are_shown_by_quantity() -> None:
    """A row each, with the name to ask for and the estimate over all; few are shown one by one."""
    found = Estimates((*invented.headline_estimates().values(), *invented.by_task(), *invented.matrix()))
    lines = found._repr_mimebundle_()["text/plain"].replace("\u00a0", " ").splitlines()
    assert "Backward transfer | backward_transfer | 9 | 8 | 3.1 points lost | 1.8 to 4.4" in lines
    assert len(lines) == 2 + len(found.quantities)
    assert len(found.backward_transfer._repr_mimebundle_()["text/plain"].splitlines()) == 2 + 9
