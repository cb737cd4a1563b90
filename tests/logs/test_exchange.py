"""After an import that is killed at any step, is the folder all old or all new, or made so by the next command?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.logs.adapters.support import import_
from toolkit.cli import main
from toolkit.errors import LogRejected, UsageError
from toolkit.logs.exchange import PENDING, exchange, finish, staging
from toolkit.logs.read import read_stream

ROOT = Path(__file__).parents[2]
OLD = "stage,task,item,score\n1,a,x,1\n1,a,y,0\n"
NEW = "stage,task,item,score\n1,a,x,0\n2,a,x,1\n2,b,y,0\n"
LINE = "an import was cut short while it replaced files; it is completed now"


def tree(folder: Path) -> dict[str, bytes]:
    """What a reader of the folder, or its owner, sees."""
    found = (p for p in sorted(folder.rglob("*")) if p.is_file())
    names = {p: p.relative_to(folder).as_posix() for p in found}
    return {name: p.read_bytes() for p, name in names.items() if not name.startswith(".")}


def hidden(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith(".")]


def killed(scene: Path, *command: object) -> int:
    """At how many steps the command was killed, each in a copy of its own."""
    order = [sys.executable, "-m", "tests.logs.killed_imports", str(scene), *map(str, command)]
    done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.splitlines()[-1])


def prepare(scene: Path, form: str = "jsonl") -> tuple[Path, Path]:
    """A stream folder as an import and its owner left it, and a source to import there again."""
    source = scene / "scores.csv"
    scene.mkdir()
    source.write_text(OLD)
    start = scene / "start" if form == "jsonl" else scene / "other"
    import_("table", source, start, form=form)
    labels = scene / "labels.csv"
    labels.write_text("stage,task,item,rater,rating\n1,a,x,ann,5\n1,a,y,ann,2\n")
    import_("table", labels, start, kind="feedback", part="people")
    (start / "feedback" / "mine.jsonl").write_text(
        '{"stage": 1, "task": "a", "item": "x", "source": "human", "rater": "me", "score": 4}\n'
    )
    (start / "notebooks").mkdir()
    (start / "notebooks" / "own.ipynb").write_text("{}")
    source.write_text(NEW)
    return start, source


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Copies of a folder, each with an import that was killed one step later; how many."""
    scene = tmp_path_factory.mktemp("killed") / "scene"
    _, source = prepare(scene)
    return scene, killed(scene, "import", "table", source, "--to", "FOLDER", "--parquet")


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
    assert old["evaluations/import-table.jsonl"]
    assert "evaluations/import-table.jsonl" not in new
    assert new["evaluations/import-table-0000.parquet"][:4] == b"PAR1"
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


def pending(tmp_path: Path, **plan: object) -> Path:
    """A folder in which an exchange was begun; by default of evaluations alone."""
    folder = tmp_path / "log"
    import_("table", prepare(tmp_path / "scene")[1], folder)
    (folder / PENDING / "evaluations").mkdir(parents=True)
    (folder / PENDING / "evaluations" / "import-table.jsonl").write_text('{"stage": 1, "task": "a", "score": 0.5}\n')
    found = {"replace": ["evaluations/import-table.jsonl"], "remove": [], "stream_toml": ""} | plan
    (folder / PENDING / "plan.json").write_text(json.dumps(found))
    return folder


def test_a_stream_toml_that_was_changed_since_is_kept(tmp_path: Path) -> None:
    folder = pending(tmp_path, replace=["evaluations/import-table.jsonl", "stream.toml"], stream_toml="of-the-old")
    (folder / PENDING / "stream.toml").write_text("name = 'new'\n")
    mine = (folder / "stream.toml").read_text() + "# mine\n"
    (folder / "stream.toml").write_text(mine)
    told = finish(folder)
    assert told is not None
    assert told.endswith("stream.toml, which was changed since, is kept")
    assert (folder / "stream.toml").read_text() == mine
    assert (folder / "evaluations/import-table.jsonl").read_text().count("\n") == 1
    assert hidden(folder) == []


@pytest.mark.parametrize(
    "plan",
    [
        {"remove": ["../outside.jsonl"]},
        {"remove": ["stream.toml"]},
        {"remove": ["evaluations/mine.jsonl"]},
        {"replace": ["notebooks/import-x.jsonl"]},
        {"replace": ["evaluations/../../import-x.jsonl"]},
        {"replace": 3},
        {"more": 1},
    ],
)
def test_a_folder_from_elsewhere_names_no_file_of_others(tmp_path: Path, plan: dict[str, object]) -> None:
    """A plan that no import wrote is refused in one line, by readers and imports, and nothing is changed."""
    folder = pending(tmp_path, **plan)
    (tmp_path / "outside.jsonl").write_text("mine")
    before = tree(folder)
    for command in (lambda: finish(folder), lambda: import_("table", tmp_path / "scene/scores.csv", folder)):
        with pytest.raises(LogRejected, match="no import left it; take it away") as caught:
            command()
        assert "\n" not in str(caught.value)
    assert tree(folder) == before
    assert (tmp_path / "outside.jsonl").exists()


@pytest.mark.parametrize("link", ["evaluations", f"{PENDING}/evaluations", PENDING])
def test_no_link_is_followed_to_complete(tmp_path: Path, link: str) -> None:
    folder = pending(tmp_path)
    place = folder / link
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    before = tree(tmp_path / "elsewhere")
    with pytest.raises(LogRejected, match="a symbolic link"):
        finish(folder)
    assert tree(tmp_path / "elsewhere") == before


def test_what_cannot_be_completed_says_why(tmp_path: Path) -> None:
    """As where the folder may not be written; here a folder lies in the way."""
    folder = pending(tmp_path)
    (folder / "evaluations/import-table.jsonl").unlink()
    (folder / "evaluations/import-table.jsonl/x").mkdir(parents=True)
    with pytest.raises(LogRejected, match=r"cannot be completed: .*import-table\.jsonl: Is a directory; mend that"):
        finish(folder)
    (folder / "evaluations/import-table.jsonl/x").rmdir()
    (folder / "evaluations/import-table.jsonl").rmdir()
    assert finish(folder) is not None
    assert (folder / "evaluations/import-table.jsonl").is_file()


def test_an_import_that_ends_while_a_log_is_read_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of two imports are never read together, also where the new file is only longer than the old."""
    _, source = prepare(tmp_path / "scene")
    folder = tmp_path / "scene/start"
    take = read_stream.__globals__["take_snapshots"]

    def late(*arguments: object) -> object:
        import_("table", source, folder)
        return take(*arguments)

    monkeypatch.setitem(read_stream.__globals__, "take_snapshots", late)
    with pytest.raises(LogRejected, match="an import replaced files while they were read; run again"):
        read_stream(folder)


def test_a_dangling_link_is_the_owner_s_stream_toml(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log/stream.toml").symlink_to(tmp_path / "not-mounted.toml")
    (tmp_path / "m.csv").write_text(NEW)
    import_("table", tmp_path / "m.csv", tmp_path / "log")
    assert os.readlink(tmp_path / "log/stream.toml") == str(tmp_path / "not-mounted.toml")


def test_a_folder_that_cannot_be_made_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"), staging(tmp_path / "file/log"):
        pass
    with staging(tmp_path / "log") as staged:
        (staged / "import.json").write_text("{}")
        assert exchange(staged, tmp_path / "log", ["import.json"], [], "")
    assert hidden(tmp_path) == []
