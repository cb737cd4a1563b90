"""Plain matrices: files as seeds, triangles, filling, percent, and tasks learned alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.logs.adapters.support import cells, import_, left, matrix, read
from toolkit.errors import LogRejected, UsageError

WHOLE = "stage,a,b,c\n1,0.9,0.2,0.1\n2,0.8,0.7,0.2\n3,0.7,0.6,0.5\n"


def folder(path: Path, **files: str) -> Path:
    path.mkdir()
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text)
    return path


def test_files_are_seeds_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", run10=WHOLE, run9=WHOLE.replace("0.9", "0.4"))
    account = import_("matrix", source, tmp_path / "log")
    assert {(r["seed"], r["score"]) for r in cells(tmp_path / "log") if (r["stage"], r["task"]) == (1, "a")} == {
        (0, 0.4), (1, 0.9),
    }  # fmt: skip
    assert "run9.csv, run10.csv" in account.warnings[0]
    assert read(tmp_path / "log").ledger.entries()["evaluations"].used == 18


def test_a_lower_triangle_is_read_as_it_is(tmp_path: Path) -> None:
    import_("matrix", folder(tmp_path / "in", m=",a,b\na,0.9,\nb,0.8,0.7\n"), tmp_path / "log")
    assert matrix(tmp_path / "log") == {(1, "a"): 0.9, (2, "a"): 0.8, (2, "b"): 0.7}


def test_rows_named_after_tasks_give_the_order_of_arrival(tmp_path: Path) -> None:
    """Columns by the alphabet, rows as the tasks came."""
    import_("matrix", folder(tmp_path / "in", m="after,a,b\nb,,0.9\na,0.7,0.8\n"), tmp_path / "log")
    assert [task.name for task in read(tmp_path / "log").config.tasks] == ["b", "a"]
    assert matrix(tmp_path / "log") == {(1, "b"): 0.9, (2, "a"): 0.7, (2, "b"): 0.8}


@pytest.mark.parametrize("filling", ["0", "-1", "0.0"])
def test_filling_above_the_diagonal_is_not_a_score(tmp_path: Path, filling: str) -> None:
    text = f"stage,a,b,c\n1,0.9,{filling},{filling}\n2,0.8,0.7,{filling}\n3,0.7,0.6,0.5\n"
    account = import_("matrix", folder(tmp_path / "in", m=text), tmp_path / "log")
    assert len(matrix(tmp_path / "log")) == 6
    assert sum(left(account).values()) == 3


def test_zeros_are_scores_where_the_user_says_so_or_not_all_cells_have_them(tmp_path: Path) -> None:
    text = "stage,a,b,c\n1,0.9,0,0\n2,0.8,0.7,0\n3,0.7,0.6,0.5\n"
    import_("matrix", folder(tmp_path / "in", m=text), tmp_path / "log", zeros="keep")
    assert len(matrix(tmp_path / "log")) == 9
    import_("matrix", folder(tmp_path / "two", m=text.replace("1,0.9,0,0", "1,0.9,0,0.1")), tmp_path / "log")
    assert len(matrix(tmp_path / "log")) == 9
    with pytest.raises(UsageError, match="zeros"):
        import_("matrix", tmp_path / "in", tmp_path / "log", zeros="drop")


def test_a_row_and_a_file_of_tasks_learned_alone(tmp_path: Path) -> None:
    source = folder(
        tmp_path / "in", m="after,a,b\na,0.9,0.1\nb,0.8,0.7\nisolated,0.95,0.85\n", isolated="a,b\n0.93,0.83\n"
    )
    import_("matrix", source, tmp_path / "log")
    alone = {(r["stage"], r["task"], r["score"]) for r in cells(tmp_path / "log") if r.get("arm") == "isolated"}
    assert {(1, "a", 0.95), (2, "b", 0.85)} <= alone


def test_a_file_of_tasks_learned_alone_may_be_a_diagonal(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", m="stage,a,b\n1,0.9,0.1\n2,0.8,0.7\n", isolated="stage,a,b\n1,0.93,\n2,0.2,0.83\n")
    import_("matrix", source, tmp_path / "log")
    alone = {(r["stage"], r["task"], r["score"]) for r in cells(tmp_path / "log") if r.get("arm") == "isolated"}
    assert alone == {(1, "a", 0.93), (2, "b", 0.83)}
    read(tmp_path / "log")


def test_percent_and_fractions_are_told_apart(tmp_path: Path) -> None:
    percent = "stage,a,b\n1,90,20\n2,80,70\n"
    source = folder(tmp_path / "in", one=percent, two="stage,a,b\n1,0.9,0.2\n2,0.8,0.7\n")
    account = import_("matrix", source, tmp_path / "log")
    assert matrix(tmp_path / "log")[1, "a"] == 90
    assert read(tmp_path / "log").config.score_range == (0, 100)
    assert any("times 100" in text for text in account.warnings)


def test_numbers_alone_have_no_header(tmp_path: Path) -> None:
    import_("matrix", folder(tmp_path / "in", m="0.9,0.2\n0.8,0.7\n"), tmp_path / "log")
    assert matrix(tmp_path / "log") == {
        (1, "task-1"): 0.9, (1, "task-2"): 0.2, (2, "task-1"): 0.8, (2, "task-2"): 0.7,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "stage,a,b\n1,0.9\n", "stage,task,score\n1,a,0.5\n", "stage,a,b\n1,x,y\n", "\x00\x01", "a,b,\n"],
)
def test_what_is_no_matrix_is_one_line_alone_and_counted_beside_others(tmp_path: Path, text: str) -> None:
    source = folder(tmp_path / "in", bad=text)
    with pytest.raises(LogRejected, match="no matrix of scores"):
        import_("matrix", source, tmp_path / "log")
    (source / "good.csv").write_text(WHOLE)
    account = import_("matrix", source, tmp_path / "log")
    assert left(account) == {("files", "no matrix of scores (a row a stage, a column a task)"): 1}
    assert len(matrix(tmp_path / "log")) == 9
