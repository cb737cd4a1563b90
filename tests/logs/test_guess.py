"""Drafts of stream.toml: each must load, and the log must then be read by it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.logs.streams import Row, config, evaluations, rows_of, write
from toolkit.errors import LogRejected, UsageError
from toolkit.logs.config import StreamConfig
from toolkit.logs.guess import convert_matrix, find_matrix, guess_config
from toolkit.logs.read import read_stream
from toolkit.logs.synonyms import meaning_of


def draft(folder: Path) -> StreamConfig:
    """The guessed configuration, written and parsed."""
    text = guess_config(folder)
    assert not (folder / "stream.toml").exists()
    (folder / "stream.toml").write_text(text, encoding="utf-8")
    return StreamConfig.model_validate(tomllib.loads(text))


@pytest.mark.parametrize(
    ("table", "name", "column"),
    [
        ("evaluations", "Epoch", "stage"),
        ("evaluations", "checkpoint", "stage"),
        ("evaluations", "Dataset", "task"),
        ("evaluations", "exact_match", "score"),
        ("evaluations", "isCorrect", "score"),
        ("evaluations", "Question ID", "item"),
        ("evaluations", "replicate", "seed"),
        ("evaluations", "gold", "truth"),
        ("feedback", "annotator", "rater"),
        ("feedback", "rating", "score"),
        ("samples", "kept", "accepted"),
        ("evaluations", "banana", None),
    ],
)
def test_synonyms(table: str, name: str, column: str | None) -> None:
    """What others call our columns, however it is spelled."""
    assert meaning_of(table, name) == column


def test_a_foreign_log_is_read_after_the_draft(tmp_path: Path) -> None:
    """Columns are renamed by [aliases], the scale is seen, and the log reads without rejection."""
    names = {"stage": "Epoch", "task": "dataset", "item": "question id", "score": "acc", "seed": "replicate"}
    rows = [{names[key]: value for key, value in row.items()} for row in evaluations()]
    rows = [{**row, "acc": 100 * row["acc"]} for row in rows]
    write(tmp_path / "evaluations.csv", rows)
    judged = [
        {"Epoch": 1, "dataset": "alpha", "question id": "alpha-0", "annotator": "bo", "source": "human", "rating": 4}
    ]
    write(tmp_path / "feedback.jsonl", judged)
    found = draft(tmp_path)
    assert found.aliases == {**{v: k for k, v in names.items() if v != k}, "annotator": "rater", "rating": "score"}
    assert found.score_range == (0, 100)
    assert found.feedback.range == (1, 5)
    assert found.task_order() == ("alpha", "beta", "gamma")
    with read_stream(tmp_path) as log:
        assert log.ledger.entries()["evaluations"].used == len(rows)
        assert rows_of(log, "feedback", "rater", "score") == [("bo", 4.0)]


SAMPLES: list[Row] = [{"stage": i, "task": task, "sample": f"s{i}"} for i, task in enumerate(("c", "a", "b"), start=1)]
TRIANGLE: list[Row] = [
    {"stage": stage, "task": task, "score": 0.5}
    for stage in (1, 2, 3)
    for position, task in enumerate(("b", "c", "a"), start=1)
    if position <= stage
]
ISOLATED: list[Row] = [
    {"stage": 4 - i, "task": task, "score": 0.5, "arm": "isolated"} for i, task in enumerate(("a", "b", "c"), start=1)
]
FULL: list[Row] = [{"stage": stage, "task": task, "score": 0.5} for stage in (0, 1, 2, 3) for task in ("b", "a", "c")]


@pytest.mark.parametrize(
    ("rows", "samples", "order", "evidence", "sure"),
    [
        (TRIANGLE, SAMPLES, ("c", "a", "b"), "samples", True),
        (TRIANGLE, [], ("b", "c", "a"), "evaluates", True),
        ([*FULL, *ISOLATED], [], ("c", "b", "a"), "isolated", True),
        (FULL, [], ("b", "a", "c"), "first appear", False),
        ([{**row, "task": f"t{ord(row['task'])}"} for row in FULL], [], ("t97", "t98", "t99"), "numbers", True),
    ],
)
def test_the_order_of_tasks_and_its_evidence(
    rows: list[Row], samples: list[Row], order: tuple[str, ...], evidence: str, sure: bool, tmp_path: Path
) -> None:
    """The best evidence is named; without any, the draft says to check."""
    write(tmp_path / "evaluations.csv", rows)
    if samples:
        write(tmp_path / "samples.csv", samples)
    text = guess_config(tmp_path)
    assert draft(tmp_path).task_order() == order
    line = next(line for line in text.splitlines() if line.startswith("# Tasks in order"))
    assert evidence in line
    assert ("CHECK THIS ORDER" in line) is not sure


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A stream.toml that is there stays as it is."""
    config(tmp_path)
    write(tmp_path / "evaluations.csv", evaluations())
    before = (tmp_path / "stream.toml").read_bytes()
    with pytest.raises(UsageError, match="there already"):
        guess_config(tmp_path)
    assert (tmp_path / "stream.toml").read_bytes() == before
    with pytest.raises(UsageError, match="no such folder"):
        guess_config(tmp_path / "nowhere")


def test_other_files_are_named(tmp_path: Path) -> None:
    """A file that looks like a table but is called otherwise, and one that cannot be read, are remarked on."""
    write(tmp_path / "human_labels.csv", [
        {"stage": 1, "task": "a", "item": "i", "annotator": "bo", "rating": 3, "source": "human"}
    ])  # fmt: skip
    write(tmp_path / "scores.jsonl", [{"epoch": 1, "dataset": "a", "acc": 1}])
    (tmp_path / "broken.parquet").write_bytes(b"x")
    with pytest.raises(UsageError) as nothing:
        guess_config(tmp_path)
    write(tmp_path / "evaluations.csv", [{"stage": 1, "task": "a", "score": 1}])
    text = guess_config(tmp_path)
    for said in (str(nothing.value), text):
        assert "human_labels.csv looks like feedback: to use it, call it feedback.csv" in said
        assert "scores.jsonl looks like evaluations: to use it, call it evaluations.jsonl" in said
        assert "broken.parquet is not read" in said
    tomllib.loads(text)


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """Names with quotes, line breaks and control characters give a valid file."""
    evil = 'a"\n[review]\nlevel = 0.6 # \\ \x7f\u2028é😀'
    folder = tmp_path / 'x"\ny = 1'
    rows = [{"stage": s, "task": t, "score": 1, 'acc"\n[x]': 1} for s in (1, 2) for t in ("b", evil)]
    write(
        folder / "evaluations.jsonl", [{k: v for k, v in row.items() if k != "stage"} | {"ep\nоch": 1} for row in rows]
    )
    tomllib.loads(guess_config(folder))
    write(folder / "evaluations.jsonl", rows)
    assert draft(folder).task_order() == ("b", evil)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stage,a,b\n1,0.9,\n2,0.8,0.7\n", [(1, "a", 0.9), (2, "a", 0.8), (2, "b", 0.7)]),
        ("a,b\n0,1\n1,0.5\n", [(1, "a", 0.0), (1, "b", 1.0), (2, "a", 1.0), (2, "b", 0.5)]),
        ("a,b\n0,1\n1,1\n1,0.5\n", [(0, "a", 0), (0, "b", 1), (1, "a", 1), (1, "b", 1), (2, "a", 1), (2, "b", 0.5)]),
        (",a,b\n0,0.9,nan\n1,0.8,0.7\n", [(1, "a", 0.9), (2, "a", 0.8), (2, "b", 0.7)]),
        ("after,a,b\na,0.9,NA\nb,0.8,0.7\n", [(1, "a", 0.9), (2, "a", 0.8), (2, "b", 0.7)]),
        ("stage,task,score\n1,a,0.5\n", None),
        ("a,b\nx,1\ny,2\n", None),
        ("a,b\n", None),
        ("a\n1\n", None),
    ],
)
def test_matrices(text: str, expected: list[tuple[int, str, float]] | None, tmp_path: Path) -> None:
    """Stages down, tasks across; the long form holds each measured cell once."""
    file = tmp_path / "acc.csv"
    file.write_text(text)
    if expected is None:
        assert find_matrix(tmp_path) is None
        with pytest.raises(LogRejected, match="no matrix"):
            convert_matrix(file, tmp_path)
        return
    assert find_matrix(tmp_path) == file
    assert convert_matrix(file, tmp_path) == tmp_path / "evaluations.csv"
    assert file.read_text() == text
    draft(tmp_path)
    with read_stream(tmp_path) as log:
        assert rows_of(log, "evaluations", "stage", "task", "score") == expected
        assert log.config.task_order() == ("a", "b")
    with pytest.raises(UsageError, match="already"):
        convert_matrix(file, tmp_path)


def test_a_matrix_with_seeds_under_the_name_of_the_table(tmp_path: Path) -> None:
    """The original is kept under another name that the reader leaves alone."""
    text = "run,stage,a,b\n0,1,0.9,0.1\n0,2,0.8,0.7\n1,1,0.95,0.2\n"
    file = tmp_path / "evaluations.csv"
    file.write_text(text)
    assert find_matrix(tmp_path) == file
    convert_matrix(file, tmp_path)
    assert (tmp_path / "evaluations.matrix.csv").read_text() == text
    draft(tmp_path)
    with read_stream(tmp_path) as log:
        assert rows_of(log, "evaluations", "seed", "stage", "task", "score")[-1] == (1, 1, "b", 0.2)
        assert log.ledger.entries()["evaluations"].used == 6
        assert [file.path for file in log.inputs] == ["evaluations.csv", "stream.toml"]
