"""What the report is told about a sound log: each notice with a log that must raise it, and one that must not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.logs.streams import Row, config, evaluations, write
from toolkit.errors import LogRejected
from toolkit.logs.read import read_stream

TASKS = ("alpha", "beta", "gamma")


def codes(folder: Path, table: str, rows: list[Row], text: str = "") -> dict[str, str]:
    """Messages by code."""
    config(folder, text)
    if table != "evaluations":
        write(folder / "evaluations.jsonl", evaluations())
    write(folder / f"{table}.jsonl", rows)
    with read_stream(folder, enforce_limit=False) as log:
        assert all("\n" not in notice.message for notice in log.notices)
        return {notice.code: notice.message for notice in log.notices}


def test_a_proper_log_raises_none(tmp_path: Path) -> None:
    """Full matrix, same items at each stage, one seed or several."""
    rows = [{**row, "seed": seed} for seed in (0, 1) for row in evaluations()]
    assert codes(tmp_path, "evaluations", rows) == {}


def test_items_that_differ_between_stages(tmp_path: Path) -> None:
    """One item of one stage replaced by another."""
    rows = evaluations()
    rows[0] = {**rows[0], "item": "stranger"}
    found = codes(tmp_path, "evaluations", rows)
    assert list(found) == ["items-differ"]
    assert "alpha" in found["items-differ"]
    assert "beta" not in found["items-differ"]


def test_learning_curves_are_no_other_items(tmp_path: Path) -> None:
    """Rows with a step on fewer items do not count where the stage has rows without one, or a later step."""
    rows = evaluations()
    curve = [{**row, "step": 5.0} for row in rows if row["item"].endswith("-0")]
    for final in (rows, [{**row, "step": 9.0} for row in rows]):
        by_stage = sorted(curve + final, key=lambda row: row["stage"])
        assert codes(tmp_path, "evaluations", by_stage) == {}


def test_a_restart_in_one_file(tmp_path: Path) -> None:
    """A run that stopped after stage 2 and was resumed from stage 1 with other steps goes back once."""
    rows = [{**row, "step": 1.0} for row in evaluations() if row["stage"] <= 2]
    again = [{**row, "step": 2.0} for row in evaluations() if row["stage"] >= 1]
    found = codes(tmp_path, "evaluations", rows + again)
    assert list(found) == ["stages-go-backwards"]
    assert f"row {len(rows) + 1}" in found["stages-go-backwards"]


def test_a_file_counts_by_its_own_rows(tmp_path: Path) -> None:
    """A file that goes on where the one before ended, and then goes back, is told of as it would be alone."""
    rows = [row for row in evaluations() if row["task"] == "alpha"]
    again = [{**row, "step": 1.0} for row in rows if row["stage"] in (1, 2)]
    found = []
    for place in ("alone", "behind"):
        config(tmp_path / place)
        write(tmp_path / place / "evaluations/b.jsonl", again[4:] + again[:4])
        if place == "behind":
            write(tmp_path / place / "evaluations/a.jsonl", rows[:8] + [{**row, "step": 0.5} for row in rows[8:12]])
        with read_stream(tmp_path / place) as log:
            found.append([notice.message for notice in log.notices if notice.code == "stages-go-backwards"])
    assert found[0] == found[1]
    assert "evaluations/b.jsonl stages go backwards (first at row 5)" in found[0][0]


@pytest.mark.parametrize("by", [("task", "stage"), ("item", "stage"), ("stage", "item"), ("seed", "stage")])
def test_sorted_files_are_no_restarts(by: tuple[str, str], tmp_path: Path) -> None:
    """A file sorted by task, by item or by seed goes back in stages, and means nothing by it."""
    rows = [{**row, "seed": seed} for seed in range(2) for row in evaluations(6)]
    rows.sort(key=lambda row: tuple(str(row[name]) for name in by))
    assert codes(tmp_path, "evaluations", rows) == {}


def test_a_restart_that_repeats_its_scores_is_explained(tmp_path: Path) -> None:
    """The conflicting duplicates of a restart stop the run; listing them says why."""
    rows = evaluations()
    again = [{**row, "score": 1 - row["score"]} for row in rows if row["stage"] >= 2]
    assert "stages-go-backwards" in codes(tmp_path, "evaluations", rows + again)
    with pytest.raises(LogRejected, match=r"conflicting duplicates[^\n]*stages go backwards"):
        read_stream(tmp_path)


def test_failure_codes(tmp_path: Path) -> None:
    """Many equal scores outside the scale are a code, a few are mistakes."""
    rows = evaluations(40)
    bad = [{**row, "item": f"{row['item']}x", "score": -1} for row in rows]
    assert "-1" in codes(tmp_path, "evaluations", rows + bad[:5])["failure-code"]
    assert "failure-code" not in codes(tmp_path, "evaluations", rows + bad[:4])


def test_a_task_that_holds_the_items_of_others(tmp_path: Path) -> None:
    """alpha has the items of beta and gamma together."""
    parts = [row for row in evaluations() if row["task"] != "alpha"]
    rows = parts + [{**row, "task": "alpha"} for row in parts]
    found = codes(tmp_path, "evaluations", rows)
    assert list(found) == ["group-of-tasks"]
    assert "'alpha' looks like a group of beta, gamma" in found["group-of-tasks"]


def test_tasks_that_share_items_are_no_groups(tmp_path: Path) -> None:
    """The same items in every task (domains of one test set), or a task that holds one other, are tasks."""
    rows = [{**row, "item": row["item"].split("-")[1]} for row in evaluations()]
    assert codes(tmp_path, "evaluations", rows) == {}
    rows = [row for row in rows if row["task"] != "beta" or row["item"] in "01"]
    assert codes(tmp_path, "evaluations", rows) == {}


def test_a_task_that_is_the_mean_of_others(tmp_path: Path) -> None:
    """Cell means: `mmlu` is the mean of the tasks whose names begin with it."""
    rng = random.Random(1)
    rows: list[Row] = []
    for stage in range(4):
        parts = {task: rng.random() for task in ("mmlu_law", "mmlu_art")}
        other = {"squad": rng.random()}
        every = {**parts, **other, "mmlu": sum(parts.values()) / 2}
        rows += [{"stage": stage, "task": task, "score": score} for task, score in every.items()]
    tasks = ("squad", "mmlu_law", "mmlu_art", "mmlu")
    (tmp_path / "one").mkdir()
    config(tmp_path / "one", tasks=tasks)
    write(tmp_path / "one/evaluations.jsonl", rows)
    with read_stream(tmp_path / "one") as log:
        assert [n.code for n in log.notices] == ["group-of-tasks"]
        assert "'mmlu' looks like a group of mmlu_art, mmlu_law" in log.notices[0].message


@pytest.mark.parametrize("column", ["parsed_label", "verified_label"])
def test_labels_that_never_disagree(column: str, tmp_path: Path) -> None:
    """Thirty labels that are all as asked for look copied; one difference clears them."""
    rows = [{"stage": 1, "task": "alpha", "sample": str(i), "target_label": "a", column: "a"} for i in range(30)]
    assert column in codes(tmp_path, "samples", rows)["labels-never-disagree"]
    rows[7][column] = "b"
    assert codes(tmp_path, "samples", rows) == {}
    assert codes(tmp_path, "samples", [{**row, column: "a"} for row in rows[:29]]) == {}


def test_repeats_orders_files_and_forms(tmp_path: Path) -> None:
    """Repeated rows, several orders, unknown files and two forms of one table are said."""
    rows = evaluations()
    config(tmp_path, '[orders]\nother = ["gamma", "beta", "alpha"]\n[aliases]\nround = "stage"')
    write(tmp_path / "evaluations.jsonl", [*rows, rows[-1]])
    write(tmp_path / "evaluations/more.csv", [{**row, "order": "other", "round": 7} for row in rows])
    (tmp_path / "evaluations/notes\n.docx").write_text("x")
    (tmp_path / "evaluations/_SUCCESS").write_text("")
    (tmp_path / "evaluations/.hidden.csv").write_text("x")
    (tmp_path / "README.md").write_text("x")
    with read_stream(tmp_path, enforce_limit=False) as log:
        found = {notice.code: notice.message for notice in log.notices}
    assert set(found) == {"several-forms", "unknown-files", "column-and-alias", "repeated-rows", "several-orders"}
    assert "evaluations.jsonl line 49" in found["repeated-rows"]
    assert "notes\N{REPLACEMENT CHARACTER}.docx" in found["unknown-files"]
    assert "_SUCCESS" not in found["unknown-files"]
    assert "'round'" in found["column-and-alias"]
