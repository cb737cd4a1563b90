"""Does pruning take what is old and nothing else, and does everything work as before afterwards?"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.reporting.support import publish
from toolkit.errors import StreamBusy, UsageError
from toolkit.notebook.working_copy import working_copy
from toolkit.reporting.history import read_history
from toolkit.reporting.index import write_index
from toolkit.reporting.layout import Layout
from toolkit.reporting.lock import hold
from toolkit.reporting.prune import MARK, plan_pruning, prune
from toolkit.reporting.rerun import rerun
from toolkit.reporting.retention import Wanted

ROOT = Path(__file__).parents[2]
KILLED = """
import datetime as dt, os, signal, sys
from pathlib import Path
from toolkit.reporting.layout import Layout
from toolkit.reporting.prune import prune
from toolkit.reporting.retention import Wanted
import filelock, toolkit.figures.environment, toolkit.reporting.pages
left = int(sys.argv[3])
def count(event, arguments):
    global left
    if event in ("os.remove", "os.rename", "os.rmdir"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
now = dt.datetime.now(dt.UTC)
prune(Layout(Path(sys.argv[1])), "tickets", Wanted(1, dt.timedelta(0), now), Path(sys.argv[2]))
"""


@pytest.fixture
def place(shelf: Path, tmp_path: Path) -> Path:
    """A copy to prune in; hard links stay hard links."""
    subprocess.run(["cp", "-a", str(shelf), str(tmp_path / "place")], check=True)
    return tmp_path / "place"


def wanted(keep: int = 1, days: float = 0) -> Wanted:
    return Wanted(keep, dt.timedelta(days=days), dt.datetime.now(dt.UTC))


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder with its hash, locks left away."""
    files = (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink() and ".locks" not in p.parts)
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def numbers(found: dict[str, str]) -> dict[str, str]:
    """Of those, what pruning must never touch."""
    kept = (".json", ".csv", ".parquet", ".md")
    return {k: v for k, v in found.items() if k.endswith(kept) and ".failed" not in k and "cache" not in k}


def test_a_dry_run_touches_nothing_and_says_the_truth(place: Path) -> None:
    """What it names is what goes, and the bytes it promises become free on the disk."""
    layout, cache = Layout(place / "reports"), place / "cache"
    before = contents(place)
    planned = plan_pruning(layout, "tickets", wanted(), cache)
    assert contents(place) == before
    assert {r.what for r in planned.removals} == {
        "release", "revision 2", "look", "replaced build", "failed run", "cached cube",
    }  # fmt: skip

    def used() -> int:
        states = [p.lstat() for p in place.rglob("*") if p.is_file() and ".locks" not in p.parts]
        return sum({(s.st_dev, s.st_ino): s.st_size for s in states}.values())

    size = used()
    done = prune(layout, "tickets", wanted(), cache)
    said = [(r.what, r.place, r.files) for r in planned.removals]
    assert [(r.what, r.place, r.files) for r in done.removals] == said
    stubs = sum(p.stat().st_size for p in layout.builds.rglob("index.html") if MARK in p.read_text()[:500])
    assert size - used() == done.freed - stubs
    assert done.freed > 100_000


def test_what_is_old_goes_and_numbers_stay(place: Path) -> None:
    """Pages and notebooks of 1, 1/r2 and the first look go; numbers and cubes are byte for byte the same."""
    stream = place / "reports/tickets"
    before = contents(place)
    history = read_history(Layout(place / "reports"), "tickets")
    prune(Layout(place / "reports"), "tickets", wanted(), place / "cache")
    after = contents(place)
    assert numbers(after) == numbers(before)
    first_look = history.published[2].entry
    for entry in ("1", "1/r2", first_look):
        page = (stream / entry / "index.html").read_text()
        assert "results.json" in page
        assert f"pruned on {dt.datetime.now(dt.UTC).day} " in page
        assert "<script>" not in page
        assert [p.name for p in (stream / entry).glob("*.html") if p.name != "all.html"] == ["index.html"]
        assert not (stream / entry / "notebooks").exists()
        assert (stream / entry / "cube/sums.parquet").is_file()
    for entry in ("2", "3", history.published[-1].entry):
        folder = (stream / entry).resolve().relative_to(place)
        whole = {k for k in before if k.startswith(f"{folder}/")}
        assert len(whole) > 10
        assert all(before[k] == after.get(k) for k in whole)
    assert [p.name[:8] for p in (place / "reports/.failed").iterdir()] == ["20260102"]
    again = prune(Layout(place / "reports"), "tickets", wanted(), place / "cache")
    assert again.removals == ()


def test_history_index_links_and_later_runs_work_afterwards(place: Path) -> None:
    """A pruned release can be a baseline, be corrected, be answered up to date, and be read by links."""
    layout = Layout(place / "reports")
    before = read_history(layout, "tickets")
    prune(layout, "tickets", wanted(), place / "cache")
    after = read_history(layout, "tickets")
    assert after.problems == ()
    assert [(p.entry, p.sha256) for p in after.published] == [(p.entry, p.sha256) for p in before.published]
    assert write_index(layout) == []
    assert "tickets/1/r2/index.html" in layout.index.read_text()
    assert publish(place, release="3").up_to_date
    compared = publish(place, release="4", baseline="1")
    assert not compared.up_to_date
    assert '"baseline": "1"' in (compared.folder / "results.json").read_text()
    corrected = publish(place, release="1", force=True)
    assert corrected.revision == 3
    notice = (layout.stream("tickets") / "1/index.html").read_text()
    assert MARK in notice
    assert 'href="r3/index.html"' in notice
    assert read_history(layout, "tickets").problems == ()


@pytest.mark.parametrize("point", [1, 2, 3, 5, 8, 13])
def test_killed_at_any_moment(place: Path, point: int) -> None:
    """Every publication keeps an index page and its numbers, and the next call ends what was begun."""
    layout = Layout(place / "reports")
    before, history = contents(place), read_history(layout, "tickets")
    order = [sys.executable, "-c", KILLED, str(place / "reports"), str(place / "cache"), str(point)]
    killed = subprocess.run(order, cwd=ROOT, check=False, capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr
    assert numbers(contents(place)) == numbers(before)
    for p in history.published:
        page = (p.folder / "index.html").read_text()
        assert page.rstrip().endswith("</html>")
        if MARK not in page:  # not yet begun: the page and all it leads to are there
            below = f"{p.folder.resolve().relative_to(place)}/"
            assert {k for k in before if k.startswith(below)} <= set(contents(place))
    prune(layout, "tickets", wanted(), place / "cache")
    assert plan_pruning(layout, "tickets", wanted(), place / "cache").removals == ()
    assert not list(layout.builds.rglob(".index.html.*"))
    assert numbers(contents(place)) == numbers(before)


def test_a_held_stream_is_left_alone(place: Path) -> None:
    layout = Layout(place / "reports")
    before = contents(place)
    with hold(layout, "tickets"), pytest.raises(StreamBusy):
        prune(layout, "tickets", wanted(0), place / "cache")
    assert contents(place) == before


def test_age_is_asked_besides(place: Path) -> None:
    """What was published just now is not a day old; the failure of last winter is."""
    planned = plan_pruning(Layout(place / "reports"), "tickets", wanted(0, days=1), place / "cache")
    assert {r.what for r in planned.removals} == {"failed run"}


def test_a_broken_history_keeps_everything(place: Path) -> None:
    results = place / "reports/tickets/1/results.json"
    text = results.read_text()
    results.unlink()
    results.write_text(text.replace('"revision": 1', '"revision":  1'))
    planned = plan_pruning(Layout(place / "reports"), "tickets", wanted(0), place / "cache")
    assert planned.removals == ()
    assert "history is broken" in planned.stays[0][1]


def test_a_cache_that_others_need_stays(place: Path) -> None:
    """Another stream's publication of the same log keeps its entry."""
    layout, cache = Layout(place / "reports"), place / "cache"
    gone = [r for r in plan_pruning(layout, "tickets", wanted(), cache).removals if r.what == "cached cube"]
    assert gone
    shutil.copytree(layout.stream("tickets") / "1", layout.stream("other") / "1")
    shutil.copytree(layout.stream("tickets") / "1/r2", layout.stream("other") / "2")
    still = [r for r in plan_pruning(layout, "tickets", wanted(), cache).removals if r.what == "cached cube"]
    assert still == []


def test_what_cannot_be_removed_is_one_line(place: Path) -> None:
    """A folder that may not be changed: RunFailed with the place; run as somebody who may not."""
    if os.getuid() != 0:
        pytest.skip("needs to become another user")
    code = (
        "import os, sys\nfrom toolkit.cli import main\nsys.argv = sys.argv[1:]\n"
        "main(['prune', '--out', sys.argv[0]])\nimport filelock, toolkit.reporting.pages\n"
        "from toolkit.figures.environment import environment\nenvironment().get_template('pruned.html.j2')\n"
        "os.setgid(65534)\nos.setuid(65534)\n"
        "sys.exit(main(['prune', '--keep', '1', '--apply', '--out', sys.argv[0]]))"
    )
    for folder in (place, *place.parents):
        if folder.stat().st_uid == os.getuid() and "pytest-" in str(folder):
            folder.chmod(0o755)
    before = contents(place)
    (place / "reports/.locks").chmod(0o777)
    for lock in (place / "reports/.locks").iterdir():
        lock.chmod(0o666)
    order = [sys.executable, "-c", code, str(place / "reports")]
    there = os.environ | {"XDG_CACHE_HOME": str(place / "none")}
    done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, check=False, env=there)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "cannot be removed" in done.stderr
    assert contents(place) == before


def test_a_pruned_report_can_be_computed_and_opened_again(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its notebooks, and from reports that were moved: parameters and cube are kept beside the results."""
    monkeypatch.setattr("toolkit.resources.notebooks_folder", lambda: place / "notebooks")
    layout = Layout(place / "reports")
    look = read_history(layout, "tickets").published[2]
    prune(layout, "tickets", wanted(), place / "cache")
    assert not (look.folder / "notebooks").exists()
    found = rerun(look.folder, jobs=2)
    assert (found.numbers > 5, found.differences) == (True, ())
    copy = working_copy(str(look.folder), tmp_path / "lab")
    given = nbformat.read(copy.path, as_version=4).metadata["papermill"]["parameters"]
    assert (given["cube"], given["parts"]) == (str(look.folder.resolve() / "cube"), "")
    assert given["baseline"] == str(place / "reports/tickets/1/r2")
    assert "pruned" in copy.warnings[0]
    (look.folder / "parameters.json").unlink()
    with pytest.raises(UsageError, match="its parameters cannot be read"):
        rerun(look.folder)
