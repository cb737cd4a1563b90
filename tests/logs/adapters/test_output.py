"""An import is written whole or not at all, replaces what it wrote itself, and touches nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.logs.adapters.support import import_, left, matrix, read
from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Converted, Hints, Options, Record, evaluation, sample
from toolkit.logs.adapters.output import write_stream

SMALL = "stage,billing,returns\n1,0.9,0.3\n2,0.7,0.8\n"


def written(to: Path, rows: Any, hints: Hints | None = None, part: str = "test", **more: Any) -> Account:
    account = Account()
    write_stream(
        Converted(rows, hints or Hints()), to, part=part, told={"format": "test", "source": "s"}, options=Options(),
        account=account, **more,
    )  # fmt: skip
    return account


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "m.csv").write_text(SMALL)
    return tmp_path / "m.csv"


def test_a_new_folder_is_read_without_a_hand_edit(tmp_path: Path, source: Path) -> None:
    import_("matrix", source, tmp_path / "Log A")
    log = read(tmp_path / "Log A")
    assert (log.config.name, log.config.score_range) == ("log-a", (0, 1))
    assert [task.name for task in log.config.tasks] == ["billing", "returns"]
    assert matrix(tmp_path / "Log A")[1, "returns"] == 0.3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["Log A", "m.csv"]  # nothing staged remains


def test_the_same_import_gives_the_same_bytes(tmp_path: Path, source: Path) -> None:
    import_("matrix", source, tmp_path / "log")
    before = tree(tmp_path / "log")
    import_("matrix", source, tmp_path / "log")
    assert tree(tmp_path / "log") == before


def test_importing_again_replaces_rows_and_keeps_foreign_files(tmp_path: Path, source: Path) -> None:
    log = tmp_path / "log"
    import_("matrix", source, log)
    (log / "evaluations" / "mine.jsonl").write_text('{"stage": 0, "task": "billing", "score": 0.5}\n')
    (log / "notes.txt").write_text("mine")
    source.write_text("stage,billing,returns\n1,0.1,0.2\n2,0.3,0.4\n")
    import_("matrix", source, log)
    assert (log / "notes.txt").read_text() == "mine"
    assert matrix(log) == {
        (0, "billing"): 0.5,
        (1, "billing"): 0.1,
        (1, "returns"): 0.2,
        (2, "billing"): 0.3,
        (2, "returns"): 0.4,
    }


def test_an_import_that_fails_leaves_everything_as_it_was(tmp_path: Path, source: Path) -> None:
    log = tmp_path / "log"
    import_("matrix", source, log)
    before = tree(log)

    def broken() -> Any:
        yield evaluation(stage=1, task="billing", score=0.0)
        raise LogRejected("cut")

    with pytest.raises(LogRejected, match="cut"):
        written(log, broken(), part="matrix")
    assert tree(log) == before


def test_a_file_that_no_import_wrote_is_not_replaced(tmp_path: Path, source: Path) -> None:
    log = tmp_path / "log"
    (log / "evaluations").mkdir(parents=True)
    (log / "evaluations" / "import-matrix.jsonl").write_text("mine\n")
    with pytest.raises(UsageError, match="no import wrote it"):
        import_("matrix", source, log)
    assert tree(log) == {"evaluations/import-matrix.jsonl": b"mine\n"}


def test_files_of_an_earlier_form_are_removed(tmp_path: Path, source: Path) -> None:
    log = tmp_path / "log"
    import_("matrix", source, log, form="parquet")
    assert [p.name for p in (log / "evaluations").iterdir()] == ["import-matrix-0000.parquet"]
    read(log)
    import_("matrix", source, log)
    assert [p.name for p in (log / "evaluations").iterdir()] == ["import-matrix.jsonl"]


def test_two_imports_live_in_one_folder(tmp_path: Path, source: Path) -> None:
    log = tmp_path / "log"
    import_("matrix", source, log)
    labels = tmp_path / "labels.csv"
    labels.write_text("stage,task,item,rater,rating\n1,billing,a,ann,5\n2,returns,b,ann,4\n")
    import_("table", labels, log, kind="feedback")
    read_log = read(log)
    assert {name: entry.used for name, entry in read_log.ledger.entries().items()} == {"evaluations": 4, "feedback": 2}
    assert read_log.config.feedback.range == (1, 5)
    assert list(json.loads((log / "import.json").read_text())["parts"]) == ["matrix", "table"]


def test_a_part_is_not_told_of_what_the_others_say(tmp_path: Path, source: Path) -> None:
    """Labels of one task at stage 2 are fine beside evaluations that name both tasks in order."""
    import_("matrix", source, tmp_path / "log")
    account = written(tmp_path / "log", [sample(stage=2, task="returns", sample="x")], part="more")
    assert account.warnings == []
    assert [task.name for task in read(tmp_path / "log").config.tasks] == ["billing", "returns"]


def test_a_stream_toml_written_by_hand_is_kept(tmp_path: Path, source: Path) -> None:
    log = tmp_path / "log"
    import_("matrix", source, log)
    text = (log / "stream.toml").read_text() + "\n[review]\nrecent_tasks = 2\n"
    (log / "stream.toml").write_text(text)
    import_("matrix", source, log)
    assert (log / "stream.toml").read_text() == text


def test_nothing_to_import_is_one_line_with_reasons(tmp_path: Path) -> None:
    with pytest.raises(LogRejected, match="nothing to import") as caught:
        written(tmp_path / "log", [evaluation(stage=1, task="a", score=None)])
    assert "without a score" in str(caught.value)
    assert not (tmp_path / "log").exists()


def test_missing_scores_are_counted_or_kept_as_the_user_says(tmp_path: Path) -> None:
    rows = [evaluation(stage=1, task="a", item=str(i), score=s) for i, s in enumerate((1.0, None, float("nan")))]
    account = written(tmp_path / "one", rows)
    assert left(account) == {("rows", "evaluations without a score"): 2}
    written(tmp_path / "two", rows, missing="wrong")
    log = read(tmp_path / "two")
    assert log.config.missing_score == "wrong"
    assert log.connection.execute("SELECT avg(score) FROM evaluations").fetchone() == (pytest.approx(1 / 3),)


def test_unknown_cells_are_counted_and_attributes_kept(tmp_path: Path) -> None:
    rows = [evaluation(stage=1, task="a", item="x", score=1, colour="red", attr_length="long")]
    account = written(tmp_path / "log", rows)
    assert left(account) == {("cells", "colour is no column of evaluations"): 1}
    assert read(tmp_path / "log").connection.execute("SELECT attr_length FROM evaluations").fetchall() == [("long",)]


def test_hostile_names_are_data(tmp_path: Path) -> None:
    written(tmp_path / "half", [evaluation(stage=1, task="half \ud800 pair", score=0.5)], Hints(title="\ud800"))
    assert read(tmp_path / "half").config.tasks[0].name == "half ? pair"
    name = 'a"]\n[x]\n\\u0000 ../../etc <script>\x07'
    written(tmp_path / "log", [evaluation(stage=1, task=name, score=0.5)], Hints(metric='"\n[evil]\nx=1', title=name))
    config = tomllib.loads((tmp_path / "log" / "stream.toml").read_text())
    assert config["tasks"] == [{"name": name}]
    assert "evil" not in config
    read(tmp_path / "log")


def test_parquet_begins_a_new_file_for_a_new_attribute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.logs.adapters.rowfiles._BATCH", 2)
    rows = [
        sample(stage=1, task="a", sample=str(i), embedding=[0.5, 1], **({"attr_x": "1"} if i > 3 else {}))
        for i in range(5)
    ]
    rows.append(Record("evaluations", {"stage": 1, "task": "a", "score": 1}))
    written(tmp_path / "log", rows, form="parquet")
    files = sorted((tmp_path / "log" / "samples").iterdir())
    assert [pq.read_metadata(f).num_rows for f in files] == [4, 1]
    assert {name: e.used for name, e in read(tmp_path / "log").ledger.entries().items()} == {
        "samples": 5,
        "evaluations": 1,
    }


def test_rows_are_written_as_they_come(tmp_path: Path) -> None:
    """A source larger than memory passes through: no list of rows is made."""
    import tracemalloc

    rows = (evaluation(stage=1, task="a", item=f"item-{i}", score=0.5) for i in range(50_000))
    tracemalloc.start()
    written(tmp_path / "log", rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5e6  # 50,000 rows of dictionaries are more than 15 MB


@pytest.mark.parametrize("text", ["{}", "[1]", "no", '{"parts": {"x": {"files": ["../../y"], "stream": {}}}}'])
def test_an_import_json_of_somebody_else_is_not_replaced(tmp_path: Path, source: Path, text: str) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "import.json").write_text(text)
    with pytest.raises(UsageError, match=r"import\.json"):
        import_("matrix", source, tmp_path / "log")


def test_nothing_of_the_machine_stands_in_the_output(tmp_path: Path, source: Path) -> None:
    import_("matrix", source, tmp_path / "log")
    assert not any(str(tmp_path).encode() in data for data in tree(tmp_path / "log").values())


def test_stages_beyond_the_tasks_are_told(tmp_path: Path) -> None:
    account = written(tmp_path / "log", [evaluation(stage=s, task="a", score=0.5) for s in (1, 2)])
    assert any("Stages go up to 2" in text for text in account.warnings)


def test_imports_into_one_folder_wait_for_each_other(tmp_path: Path) -> None:
    """Four at once, as four parts: every part's rows are there, and import.json tells of each."""
    folder = tmp_path / "stream"
    source = tmp_path / "scores.csv"
    source.write_text("stage,task,item,score\n1,a,x,1\n2,a,x,0\n2,b,y,1\n")
    command = [sys.executable, "-m", "toolkit", "import", "table", str(source), "--to", str(folder), "--as"]
    runs = [subprocess.Popen([*command, f"part-{k}"], stderr=subprocess.PIPE, stdout=subprocess.PIPE) for k in range(4)]
    for run in runs:
        _, told = run.communicate(timeout=120)
        assert run.returncode == 0, told
    assert len(list((folder / "evaluations").glob("*.jsonl"))) == 4
    assert set(json.loads((folder / "import.json").read_text())["parts"]) == {f"part-{k}" for k in range(4)}
