"""Does a run publish a whole report or nothing, and is what stands published ever harmed?"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.reporting.support import part, write_notebook, write_report_notebooks, write_stream
from toolkit.errors import RunFailed, StreamBusy, UsageError
from toolkit.reporting.history import read_history
from toolkit.reporting.index import write_index
from toolkit.reporting.layout import Layout
from toolkit.reporting.lock import hold
from toolkit.reporting.pipeline import run
from toolkit.reporting.request import Request
from toolkit.results import Results

ROOT = Path(__file__).parents[2]


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with a log, notebooks, and release 1 published; tests that change something work on copies."""
    place = tmp_path_factory.mktemp("first")
    write_stream(place / "stream", title=HOSTILE, toml='expect_every = "2d"')
    write_report_notebooks(place / "notebooks")
    write_notebook(place / "notebooks", "extra", f"print({HOSTILE!r})", part("extra"))
    answer = run(request(place, release="1"))
    assert (answer.code, answer.revision, answer.up_to_date) == (0, 1, False)
    return place


@pytest.fixture(scope="module")
def grown(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same place after its log has changed: release 1 has a second revision, then came a look."""
    place = tmp_path_factory.mktemp("grown") / "place"
    shutil.copytree(first, place, symlinks=True)
    write_stream(place / "stream", title=HOSTILE, toml='expect_every = "2d"', lost=4)
    assert run(request(place, release="1")).revision == 2
    assert run(request(place)).look
    return place


@pytest.fixture
def place(first: Path, tmp_path: Path) -> Path:
    """A copy of the place in which release 1 is published."""
    copy = tmp_path / "place"
    shutil.copytree(first, copy, symlinks=True)
    return copy


def request(place: Path, **more: object) -> Request:
    """A request in a place."""
    base = Request(
        stream=place / "stream",
        reports=place / "reports",
        notebooks=place / "notebooks",
        cache=place / "cache",
        timeout=120,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def everything(folder: Path) -> dict[str, str]:
    """Every file below a folder with its hash, links by where they lead."""
    return {
        str(p.relative_to(folder)): str(p.readlink()) if p.is_symlink() else hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if (p.is_symlink() or p.is_file()) and not {".locks", ".logs"} & set(p.parts)
    }


def sha256(path: Path) -> str:
    """A file's hash."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def launch(place: Path, *arguments: str) -> subprocess.Popen[str]:
    """A run in a process of its own."""
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from toolkit.reporting.pipeline import run\nfrom toolkit.reporting.request import Request\n"
        "p = Path(sys.argv[1])\n"
        "run(Request(stream=p / 'stream', reports=p / 'reports', notebooks=p / 'notebooks', "
        "cache=p / 'cache', release=sys.argv[2]))"
    )
    return subprocess.Popen([sys.executable, "-c", code, str(place), *arguments], cwd=ROOT, text=True)


def slow_notebook(place: Path) -> None:
    """Put a notebook beside the others that says where its kernel is and then works for a minute."""
    cell = f"import os, time\nopen({str(place / 'kernel')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    write_notebook(place / "notebooks", "slow", cell)


def kernel_of(place: Path) -> int:
    """The pid of the slow notebook's kernel, once it is there."""
    for _ in range(600):
        if (place / "kernel").exists() and (place / "kernel").read_text():
            return int((place / "kernel").read_text())
        time.sleep(0.1)
    raise AssertionError("the kernel never started")


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether a process ends within some seconds."""
    for _ in range(int(seconds * 10)):
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.1)
    return False


def test_a_release_is_complete(first: Path) -> None:
    """Pages, results, executed notebooks, cube and table are there, reached by release and by latest."""
    release = first / "reports/tickets/1"
    names = {str(p.relative_to(release)) for p in release.rglob("*") if p.is_file()}
    assert {"index.html", "transfer.html", "releases.html", "results.json", "estimates.csv"} <= names
    assert {
        "notebooks/summary.ipynb",
        "notebooks/transfer.ipynb",
        "cube/meta.json",
        "cube/sums.parquet",
    } <= names
    assert not any("part" in name for name in names if name.endswith(".json"))
    results = Results.model_validate_json((release / "results.json").read_bytes())
    assert (results.stream, results.release, results.look, results.revision) == ("tickets", "1", False, 1)
    assert results.provenance.previous_sha256 is None
    evaluations = results.ledger["evaluations"]
    assert evaluations.read == evaluations.used == 2 * 4 * 3 * 8
    for link in ("latest", "latest-look"):
        assert os.path.samefile(first / "reports/tickets" / link, release)
    assert not list((first / "reports/.builds").glob("*.partial"))


def test_the_number_in_the_results_is_the_logs(first: Path) -> None:
    """Mean of the scores as written: 2, 7 or 5 of 8 items right by stage and place."""
    release = first / "reports/tickets/1"
    (estimate,) = json.loads((release / "results.json").read_text())["estimates"]
    right = [2 if s < p else 7 if s == p else 5 for s in range(4) for p in (1, 2, 3)]
    assert estimate["value"] == pytest.approx(sum(right) / 8 / len(right), abs=1e-12)
    assert estimate["id"] == "average_accuracy/stream/all"
    assert str(estimate["value"]) in (release / "estimates.csv").read_text()


def test_links_between_pages_lead_somewhere(grown: Path) -> None:
    """From every way to reach a publication, every relative link of its pages leads to a file."""
    stream = grown / "reports/tickets"
    look = next(p for p in (stream / "looks").iterdir() if p.is_dir())
    checked = 0
    for folder in (stream / "1", stream / "1/r2", stream / "latest", stream / "latest-look", look):
        for page in folder.glob("*.html"):
            for href in links(page):
                target = os.path.normpath(page.parent / href)  # as a browser does: symlinks are not resolved
                assert os.path.exists(target), f"{page}: {href}"
                checked += 1
    assert checked > 30
    hrefs = links(grown / "reports/index.html")
    assert {
        "tickets/1/index.html",
        "tickets/1/r2/index.html",
        f"tickets/looks/{look.name}/index.html",
    } <= hrefs
    for href in hrefs:
        assert (grown / "reports" / href).exists(), href


def links(page: Path) -> set[str]:
    """The relative links of a page."""
    found = re.findall(r'(?:href="|url=)([^"#]+)', page.read_text())
    return {href for href in found if not re.match(r"[a-z]+:", href)}


def test_unchanged_input_is_answered_at_once_and_nothing_is_written(place: Path) -> None:
    before = everything(place / "reports")
    answer = run(request(place, release="1"))
    assert answer.up_to_date
    assert answer.folder == place / "reports/tickets/1"
    assert everything(place / "reports") == before


def test_a_changed_log_is_a_revision_and_the_first_is_marked(first: Path, grown: Path) -> None:
    """Release 1 keeps its numbers, its pages say they are superseded, its build is not touched."""
    old_build, release = (first / "reports/tickets/1").resolve(), grown / "reports/tickets/1"
    before = everything(old_build)
    assert everything(grown / "reports/.builds" / old_build.name) == before
    assert everything(release)["results.json"] == before["results.json"]
    for page in ("index.html", "transfer.html"):
        assert f'href="r2/{page}"' in (release / page).read_text()
    assert os.path.samefile(grown / "reports/tickets/latest", release / "r2")
    new = Results.model_validate_json((release / "r2/results.json").read_bytes())
    old = Results.model_validate_json((release / "results.json").read_bytes())
    assert new.revision == 2
    assert new.estimates[0].value != old.estimates[0].value
    assert new.provenance.previous_sha256 == before["results.json"]
    assert read_history(Layout(grown / "reports"), "tickets").problems == ()


def test_a_look_is_no_release(grown: Path) -> None:
    """It has its own place, leaves latest alone, compares with the newest release, and is no baseline."""
    (look,) = (p for p in (grown / "reports/tickets/looks").iterdir() if p.is_dir())
    results = Results.model_validate_json((look / "results.json").read_bytes())
    assert (results.look, results.baseline) == (True, "1")
    assert os.path.samefile(grown / "reports/tickets/latest", grown / "reports/tickets/1/r2")
    assert os.path.samefile(grown / "reports/tickets/latest-look", look)
    assert run(request(grown)).up_to_date
    with pytest.raises(UsageError, match=r"not published .*\(published: 1\)"):
        run(request(grown, release="2", baseline=look.name))


def test_notebooks_get_baseline_and_history(grown: Path) -> None:
    """The look's notebooks saw where the release is; published, they run again where they lie."""
    text = (grown / "reports/tickets/latest-look/notebooks/releases.ipynb").read_text()
    assert f"{grown / 'reports/tickets'} {grown / 'reports/tickets/1/r2'}" in text
    assert ".partial" not in text
    cells = json.loads(text)["cells"]
    injected = next(c for c in cells if "injected-parameters" in c["metadata"].get("tags", []))
    values: dict[str, str] = {}
    exec("".join(injected["source"]), values)  # noqa: S102
    assert (Path(values["cube"]) / "meta.json").exists()
    assert values["parts"] == ""


def test_what_logs_and_notebooks_say_is_never_html(grown: Path) -> None:
    """A title that is a script, output that is a tag: text on every page and on the index."""
    pages = list((grown / "reports").rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        text = page.read_text()
        assert "<script" not in text
        assert "<img src=x" not in text
    assert "&lt;script&gt;" in (grown / "reports/tickets/1/extra.html").read_text()


def test_a_failed_notebook_leaves_the_last_good_report(place: Path) -> None:
    """Its remains are under .failed with the executed notebook and a one-line reason that was also raised."""
    before = everything(place / "reports")
    write_stream(place / "stream", lost=3)
    write_notebook(place / "notebooks", "extra", "1 / 0")
    with pytest.raises(RunFailed, match="notebook extra: cell 2: ZeroDivisionError: division by zero") as error:
        run(request(place, release="2"))
    assert "\n" not in str(error.value)
    (failed,) = (place / "reports/.failed").iterdir()
    reason = (failed / "reason.txt").read_text()
    assert reason.count("\n") == 1
    assert reason.startswith("notebook extra: cell 2: ZeroDivisionError")
    assert "ZeroDivisionError" in (failed / "notebooks/extra.ipynb").read_text()
    after = {k: v for k, v in everything(place / "reports").items() if not k.startswith(".failed")}
    assert after == before


def test_a_killed_run_harms_nothing_and_the_next_tidies_up(place: Path) -> None:
    """kill -9 in the middle: no kernel stays, the index works, the next run moves the remains and publishes."""
    before = everything(place / "reports")
    slow_notebook(place)
    process = launch(place, "2")
    kernel = kernel_of(place)
    process.kill()
    process.wait()
    assert gone(kernel)
    (partial,) = (place / "reports/.builds").glob("*.partial")
    assert {k: v for k, v in everything(place / "reports").items() if ".partial" not in k} == before
    assert write_index(Layout(place / "reports")) == []
    assert "tickets/1/index.html" in (place / "reports/index.html").read_text()
    (place / "notebooks/slow.ipynb").unlink()
    answer = run(request(place, release="1", force=True))
    assert (answer.up_to_date, answer.revision) == (False, 2)
    failed = place / "reports/.failed" / partial.name.removesuffix(".partial")
    assert "killed" in (failed / "reason.txt").read_text()
    assert any(str(failed) in note for note in answer.notes)
    assert not partial.exists()
    assert os.path.samefile(place / "reports/tickets/latest", place / "reports/tickets/1/r2")


def test_a_run_killed_between_publishing_and_latest_is_mended(place: Path) -> None:
    """The next run, though it finds nothing to do, lets latest lead where it should."""
    latest = place / "reports/tickets/latest"
    latest.unlink()
    assert run(request(place, release="1")).up_to_date
    assert os.path.samefile(latest, place / "reports/tickets/1")


def test_two_runs_of_a_stream_at_once(place: Path) -> None:
    """The second is turned away at once; a run of another stream is not."""
    slow_notebook(place)
    process = launch(place, "2")
    try:
        kernel_of(place)
        with pytest.raises(StreamBusy, match=f"pid {process.pid}"):
            run(request(place, release="3"))
        with hold(Layout(place / "reports"), "other"):
            pass
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
    (failed,) = (place / "reports/.failed").iterdir()
    assert (failed / "reason.txt").read_text().endswith(": interrupted\n")


def test_a_stale_log_is_marked_and_not_a_success(place: Path) -> None:
    """A look is published as stale, once; a release is not changed by growing old. Both answer with 5."""
    for file in (place / "stream").rglob("*.jsonl"):
        os.utime(file, (time.time() - 3 * 86400,) * 2)
    release = run(request(place, release="1"))
    assert (release.up_to_date, release.stale, release.code) == (True, True, 5)
    look = run(request(place))
    assert (look.up_to_date, look.stale, look.code) == (False, True, 5)
    assert Results.model_validate_json((look.folder / "results.json").read_bytes()).stale
    again = run(request(place))
    assert (again.up_to_date, again.code) == (True, 5)


@pytest.mark.parametrize(
    "name",
    [
        "../up",
        "a/b",
        "",
        ".",
        "..",
        ".hidden",
        "latest",
        "latest-look",
        "looks",
        "r2",
        "a b",
        "ü",
        "x" * 65,
        "a\nb",
        "-x",
    ],
)
def test_hostile_release_names_are_wrong_usage(place: Path, name: str) -> None:
    """Nothing is made, and the message is one printable line."""
    before = everything(place / "reports")
    for more in ({"release": name}, {"release": "2", "baseline": name}):
        with pytest.raises(UsageError) as error:
            run(request(place, **more))
        assert str(error.value).isprintable()
        assert error.value.exit_code == 2
    assert everything(place / "reports") == before


def test_a_place_that_may_not_be_written(place: Path) -> None:
    """One line, exit code 1; run as somebody who may not write there."""
    if os.getuid() != 0:
        pytest.skip("needs to become another user")
    code = (
        "import os, sys\n"
        "from toolkit.cli import main\n"
        "order = ['run', sys.argv[1] + '/stream', '--baseline', 'none', '--out', sys.argv[1]]\n"
        "main([*order[:-1], order[-1] + '/open'])\n"  # imports what it needs while it may
        "os.setgid(65534)\n"
        "os.setuid(65534)\n"
        "sys.exit(main([*order[:-1], order[-1] + '/closed/reports']))"
    )
    (place / "closed").mkdir(mode=0o755)
    for folder in (place, *place.parents):  # pytest's own folders, closed to others
        if folder.stat().st_uid == os.getuid() and "pytest-" in str(folder):
            folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", code, str(place)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 2
    assert "'none' is not published" in done.stderr.splitlines()[0]
    assert "cannot be written here (Permission denied); choose another folder with --out" in done.stderr
