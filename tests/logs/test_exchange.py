"""After an import that is killed at any step, is the folder all old or all new, or made so by the next command?"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.logs.adapters.support import import_
from tests.logs.imported_folder import NEW, hidden, prepare, tree
from toolkit.cli import main
from toolkit.logs.exchange import PENDING, finish
from toolkit.logs.read import read_stream

ROOT = Path(__file__).parents[2]
FILES = ("evaluations/import-table-0000.parquet", "evaluations/import-table.jsonl")
LINE = "an import was cut short while it replaced files; it is completed now"


def killed(scene: Path, *command: object) -> int:
    """At how many steps the command was killed, each in a copy of its own."""
    order = [sys.executable, "-m", "tests.logs.killed_imports", str(scene), *map(str, command)]
    done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Copies of a folder, each with an import that was killed one step later; how many."""
    scene = tmp_path_factory.mktemp("killed") / "scene"
    _, source = prepare(scene)
    return scene, killed(scene, "import", "table", source, "--to", "FOLDER")


def copy(scene: Path, number: int, to: Path) -> Path:
    shutil.copytree(scene / str(number) / "stream", to / "stream", symlinks=True)
    return to / "stream"


def test_killed_at_any_step_it_is_all_old_or_completed(
    scene: tuple[Path, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the folder is mixed, `check` says so in one line and it is all new; what is the owner's is as it was."""
    place, count = scene
    old, new = tree(place / "start"), tree(place / str(count + 1) / "stream")
    assert hidden(place / str(count + 1) / "stream") == []
    assert [name in tree for tree in (old, new) for name in FILES] == [True, False, False, True]
    mine = ("feedback/mine.jsonl", "notebooks/own.ipynb", "feedback/import-people.jsonl")
    assert [old[name] for name in mine] == [new[name] for name in mine]
    seen = {"old": 0, "mixed": 0, "new": 0}
    for number in range(1, count + 1):
        folder = copy(place, number, tmp_path / str(number))
        pending = (folder / PENDING).exists()
        left = tree(folder)
        if not pending:
            assert left in (old, new)
            seen["old" if left == old else "new"] += 1
            assert finish(folder) is None
            assert tree(folder) == left
            continue
        seen["mixed"] += left not in (old, new)
        assert main(["check", str(folder)]) == 0
        told = capsys.readouterr().err.splitlines()
        assert [line for line in told if LINE in line] == told[:1]
        assert tree(folder) == new
        assert not (folder / PENDING).exists()
    assert all(seen.values()), seen
    assert seen["mixed"] >= 3


def test_the_next_import_completes_and_clears_up(
    scene: tuple[Path, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever step the last one was killed at; nothing hidden is left, and completing is said in one line."""
    place, count = scene
    for number in (1, count // 2, count - 1, count):
        folder = copy(place, number, tmp_path / str(number))
        pending = (folder / PENDING).exists()
        assert main(["import", "table", str(place / "scores.csv"), "--to", str(folder)]) == 0
        assert capsys.readouterr().err.count(LINE) == int(pending)
        assert hidden(folder) == []
        assert (folder / "evaluations/import-table.jsonl").read_text().count("\n") == 3
        assert [p.name for p in (folder / "evaluations").iterdir()] == ["import-table.jsonl"]


def test_completing_may_be_killed_too(scene: tuple[Path, int], tmp_path: Path) -> None:
    """At each step of a reader that completes an import; the next reader ends it."""
    place, count = scene
    first = next(n for n in range(1, count + 1) if (place / str(n) / "stream" / PENDING).exists())
    again = tmp_path / "again"
    shutil.copytree(place / str(first) / "stream", again / "start")
    steps = killed(again, "check", "FOLDER")
    assert steps >= 4
    for number in range(1, steps + 1):
        folder = again / str(number) / "stream"
        finish(folder)
        assert tree(folder) == tree(place / str(count + 1) / "stream")


def test_a_first_import_is_there_wholly_or_not_at_all(tmp_path: Path) -> None:
    """Into a folder that is new; what killed ones left beside it goes with the next."""
    scene = tmp_path / "scene"
    (scene / "start").mkdir(parents=True)
    (scene / "scores.csv").write_text(NEW)
    count = killed(scene, "import", "table", scene / "scores.csv", "--to", "FOLDER/log")
    whole = tree(scene / str(count + 1) / "stream/log")
    assert len(whole) == 3
    for number in range(1, count + 1):
        folder = scene / str(number) / "stream"
        assert not (folder / "log").exists() or tree(folder / "log") == whole
        import_("table", scene / "scores.csv", folder / "log")
        assert [p.name for p in folder.iterdir()] == ["log"]
        assert tree(folder / "log") == whole


def test_a_reader_from_python_completes_it_and_says_so(scene: tuple[Path, int], tmp_path: Path) -> None:
    place, count = scene
    number = next(n for n in range(1, count + 1) if (place / str(n) / "stream" / PENDING).exists())
    with read_stream(copy(place, number, tmp_path)) as log:
        assert [notice.code for notice in log.notices].count("import-completed") == 1
        assert log.ledger.entries()["evaluations"].used == 3
    with read_stream(tmp_path / "stream") as log:
        assert "import-completed" not in [notice.code for notice in log.notices]
