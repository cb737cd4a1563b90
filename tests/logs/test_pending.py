"""Is an import that was cut short completed with nothing but its own files, and is one that ends noticed by readers?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.logs.adapters.support import import_
from tests.logs.imported_folder import NEW, hidden, prepare, tree
from toolkit.errors import LogRejected, UsageError
from toolkit.logs.exchange import PENDING, exchange, finish, staging
from toolkit.logs.read import read_stream


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


def test_a_plan_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """Reading a pipe that nobody writes to would never end."""
    folder = pending(tmp_path)
    (folder / PENDING / "plan.json").unlink()
    os.mkfifo(folder / PENDING / "plan.json")
    with pytest.raises(LogRejected, match="no import left it"):
        finish(folder)


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
