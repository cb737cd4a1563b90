"""A table of one's own: columns by --map or guessed, what it does not say by --set, and every row used or counted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.logs import streams
from tests.logs.adapters.support import cells, import_, left, read
from toolkit.errors import LogRejected, UsageError

METRICS = "epoch,dataset,run,accuracy,lr\n1,a,0,0.5,1e-3\n1,b,0,0.25,1e-3\n2,a,0,0.4,1e-3\n2,b,0,0.75,1e-3\n"


def table(folder: Path, text: str, name: str = "t.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_training_metrics_are_guessed_as_init_guesses(tmp_path: Path) -> None:
    account = import_("table", table(tmp_path, METRICS), tmp_path / "log")
    assert cells(tmp_path / "log")[0] == {"stage": 1, "task": "a", "seed": 0, "score": 0.5}
    assert left(account) == {("columns", "neither named by --map nor known"): 1}
    assert "epoch is stage" in account.warnings[0]
    assert read(tmp_path / "log").ledger.entries()["evaluations"].used == 4


def test_a_map_goes_before_guesses(tmp_path: Path) -> None:
    text = "when,what,good,accuracy\n1,a,0.9,0.1\n"
    columns = {"when": "stage", "what": "task", "good": "score", "accuracy": "attr_old"}
    import_("table", table(tmp_path, text), tmp_path / "log", columns=columns)
    assert cells(tmp_path / "log") == [{"stage": 1, "task": "a", "score": 0.9, "attr_old": "0.1"}]


def test_human_labels_of_a_spreadsheet_saved_as_csv(tmp_path: Path) -> None:
    text = (
        "Stage;Dataset;Ticket;Annotator;Rating;Comment\n"
        '1;billing;t-1;ann;4,5;"two\nlines"\n1;billing;t-2;ann;3;\n1;billing;t-2;bob;x;\n2;returns;t-3;ann;;\n'
    )
    account = import_("table", table(tmp_path, text, "labels.csv"), tmp_path / "log", columns={"Ticket": "item"})
    rows = cells(tmp_path / "log", "feedback")
    assert [(row["item"], row["score"], row["source"]) for row in rows] == [("t-1", 4.5, "human"), ("t-2", 3, "human")]
    assert left(account)["rows", "score is no number"] == 1
    assert left(account)["rows", "feedback without a score"] == 1
    assert read(tmp_path / "log").config.feedback.range == (1, 5)


def test_a_column_called_judge_is_no_person(tmp_path: Path) -> None:
    text = "stage,task,item,judge,rating\n1,a,x,gpt,1\n"
    account = import_("table", table(tmp_path, text), tmp_path / "log")
    assert cells(tmp_path / "log", "feedback")[0]["source"] == "synthetic"
    assert any("taken as synthetic" in text for text in account.warnings)


def test_what_the_table_does_not_say_is_said_with_set(tmp_path: Path) -> None:
    text = "item,verdict\nx,good\ny,bad\n"
    said = {"task": "a", "source": "human", "rater": "ann"}
    import_("table", table(tmp_path, text), tmp_path / "log", kind="feedback", stage="2", **said)
    assert cells(tmp_path / "log", "feedback")[1] == {"stage": 2, "item": "y", "label": "bad", **said}


def test_rows_are_placed_by_a_stage_file(tmp_path: Path) -> None:
    text = "checkpoint,task,item,correct\nstep1,a,x,yes\nstep2,a,x,no\nstep9,a,x,yes\n"
    account = import_(
        "table", table(tmp_path, text), tmp_path / "log", stages="checkpoint,stage,seed\nstep1,0,3\nstep2,1,3\n"
    )
    assert [(r["stage"], r["seed"], r["score"]) for r in cells(tmp_path / "log")] == [(0, 3, 1), (1, 3, 0)]
    assert left(account)["rows", "of a checkpoint that --stages does not name"] == 1


def test_samples(tmp_path: Path) -> None:
    rows = [
        {"stage": 1, "task": "a", "sample_id": i, "kept": "yes", "embedding": [0.1, 2], "parents": ["p"]}
        for i in (1, 2)
    ]
    streams.write(tmp_path / "generated.jsonl", rows)
    import_("table", tmp_path / "generated.jsonl", tmp_path / "log")
    assert cells(tmp_path / "log", "samples")[0] == {
        "stage": 1, "task": "a", "sample": "1", "accepted": True, "embedding": [0.1, 2], "parents": ["p"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["e.csv", "e.csv.gz", "e.csv.zst", "e.jsonl", "e.jsonl.gz", "e.jsonl.zst", "e.parquet"]
)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    rows = streams.evaluations()
    streams.write(tmp_path / name, rows)
    import_("table", tmp_path / name, tmp_path / "log")
    assert cells(tmp_path / "log") == rows


def test_a_spreadsheet(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="needs openpyxl (pip install 'streamreview[adapters]')")
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Stage", "Dataset", "Ticket", "Annotator", "Rating"],
        [1, "a", 17.0, "ann", 4],
        [None] * 5,
        [1, "a", "x", "bob", 5],
    ):
        sheet.append(row)
    book.create_sheet("notes").append(["nothing"])
    book.save(tmp_path / "labels.xlsx")
    account = import_("table", tmp_path / "labels.xlsx", tmp_path / "log", columns={"Ticket": "item"})
    assert [(row["item"], row["score"]) for row in cells(tmp_path / "log", "feedback")] == [("17", 4), ("x", 5)]
    assert sum(n for (what, _), n in left(account).items() if what == "sheets") == 1
    (tmp_path / "cut.xlsx").write_bytes((tmp_path / "labels.xlsx").read_bytes()[:500])
    with pytest.raises(LogRejected, match="no readable spreadsheet"):
        import_("table", tmp_path / "cut.xlsx", tmp_path / "log")
    with pytest.raises(UsageError, match="labels"):
        import_("table", tmp_path / "labels.xlsx", tmp_path / "log", sheet="other")


def test_a_spreadsheet_without_openpyxl_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    table(tmp_path, "x", "labels.xlsx")
    with pytest.raises(UsageError, match="needs openpyxl"):
        import_("table", tmp_path / "labels.xlsx", tmp_path / "log")


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("task,score\na,1\n", {"kind": "evaluations"}, "--map COLUMN=stage"),
        ("stage,task\n1,a\n", {"kind": "evaluations"}, "no column for score"),
        ("x,y\n1,2\n", {}, "--kind"),
        ("stage,task,score,score\n1,a,1,1\n", {}, "twice"),
        ("", {}, "nothing to import"),
        ("stage,task,score\n", {}, "nothing to import"),
        ("stage,task,score\nx,a,1\n", {}, "stage is no number"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_line(tmp_path: Path, text: str, more: dict[str, Any], words: str) -> None:
    with pytest.raises(LogRejected, match=words) as caught:
        import_("table", table(tmp_path, text), tmp_path / "log", **more)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"columns": {"nope": "stage"}}, "no column of t.csv"),
        ({"columns": {"lr": "nope"}}, "no column of evaluations"),
        ({"stage": "2"}, "says it already"),
        ({"rater": "ann"}, "no such column"),
        ({"stages": "what,stage\nx,1\n"}, "no column 'what'"),
    ],
)
def test_a_wrong_option_is_one_line(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        import_("table", table(tmp_path, METRICS), tmp_path / "log", **({"kind": "evaluations"} | more))


def test_rows_that_cannot_be_read_are_counted_and_the_others_used(tmp_path: Path) -> None:
    text = "stage,task,score\n1,a,1\n1,b\n1,,1\n2,a,1.5e999\n2.5,a,1\n2,b,0.5\n"
    account = import_("table", table(tmp_path, text), tmp_path / "log")
    assert len(cells(tmp_path / "log")) == 2
    assert sum(left(account).values()) == 4


def test_half_a_json_line_and_two_runs_on_one_line(tmp_path: Path) -> None:
    whole = json.dumps({"stage": 1, "task": "a", "score": 1, "seed": 0})
    other = json.dumps({"stage": 1, "task": "a", "score": 1, "seed": 1})
    path = table(tmp_path, f"{whole}{other}\n[1]\n{whole[:20]}", "t.jsonl")
    account = import_("table", path, tmp_path / "log")
    assert [row["seed"] for row in cells(tmp_path / "log")] == [0, 1]
    assert left(account) == {("lines", "not a whole JSON object"): 2}


def test_a_cut_compressed_file_is_one_line(tmp_path: Path) -> None:
    streams.write(tmp_path / "whole.csv.gz", streams.evaluations(n=400))
    data = (tmp_path / "whole.csv.gz").read_bytes()
    (tmp_path / "t.csv.gz").write_bytes(data[: len(data) // 2])
    with pytest.raises(LogRejected, match="cannot be read"):
        import_("table", tmp_path / "t.csv.gz", tmp_path / "log")
    (tmp_path / "t.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(LogRejected, match="cannot be read"):
        import_("table", tmp_path / "t.parquet", tmp_path / "log")
