"""How single cells are read: each value written in every format that can hold it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.logs.streams import Row, config, rejected, rows_of, write
from toolkit.errors import LogRejected
from toolkit.logs.read import read_stream

ROW: Row = {"stage": 1, "task": "alpha", "item": "i", "score": 1}
JUDGED: Row = {"stage": 1, "task": "alpha", "item": "i", "score": 1, "source": "human", "rater": "r"}
SAMPLE: Row = {"stage": 1, "task": "alpha", "sample": "s"}
MISSING = object()


def outcome(folder: Path, table: str, rows: list[Row], column: str, suffix: str = ".jsonl", text: str = "") -> Any:
    """The first row's value in the checked table, or the reason why it was rejected."""
    config(folder, text)
    if table != "evaluations":
        write(folder / "evaluations.jsonl", [ROW])
    # A second sound row: a table must have one.
    about = "sample" if table == "samples" else "item"
    write(folder / f"{table}{suffix}", [*rows, {**rows[0], **ROW_SOUND[table], about: "sound"}])
    with read_stream(folder, enforce_limit=False) as log:
        reasons = [reason for file, _, reason in rejected(log) if file.startswith(table)]
        return reasons[0] if reasons else rows_of(log, table, column)[0][0]


ROW_SOUND: dict[str, Row] = {
    "evaluations": {"stage": 1, "task": "alpha", "score": 1, "answer": "a", "truth": "a", "seed": 0, "n": 1, "step": 1},
    "feedback": {**JUDGED, "abstained": False, "probability": 1, "target": "answer", "form": "scalar"},
    "samples": {**SAMPLE, "accepted": True, "embedding": [1.0], "parents": ["p"], "cost": 1, "origin": "human"},
}


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("score", "0.5", 0.5),
        ("score", " 1 ", 1.0),
        ("score", "1e-1", 0.1),
        ("score", True, 1.0),
        ("score", "False", 0.0),
        ("score", "0,5", "score is no number"),
        ("score", "N/A", "score is missing"),
        ("score", "", "score is missing"),
        ("score", "NaN", "score is missing"),
        ("score", "1.0000001", "score outside score_range [0, 1]"),
        ("score", "-inf", "score outside score_range [0, 1]"),
        ("stage", "2.0", 2),
        ("stage", 2.0, 2),
        ("stage", "1.5", "stage is no whole number"),
        ("stage", True, "stage is no whole number"),
        ("stage", "", "stage is missing"),
        ("stage", 4, "stage is beyond the 3 tasks"),
        ("stage", 10**12, "stage is no whole number"),
        ("seed", "-3", -3),
        ("seed", "", 0),
        ("seed", "a", "seed is no whole number"),
        ("arm", "", "stream"),
        ("arm", "joint", "joint"),
        ("task", "", "task is missing"),
        ("task", "Alpha", "task is not in [[tasks]] of stream.toml"),
        ("item", 17, "17"),
        ("item", "", None),
        ("n", 2.5, "n is no whole number"),
        ("n", 3_000_000_000, 3_000_000_000),
        ("step", 0, 0.0),
        ("step", "inf", "step is negative or infinite"),
    ],
)
def test_evaluations(column: str, value: object, expected: object, suffix: str, tmp_path: Path) -> None:
    """Numbers in text are numbers, 1.5 is no integer, empty cells are missing or take the default."""
    assert outcome(tmp_path, "evaluations", [{**ROW, column: value}], column, suffix) == expected


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"score": 3}, "score", 3.0),
        ({"score": 0}, "score", "score outside feedback.range [1, 5]"),
        ({"score": None}, "score", "neither score nor label"),
        ({"score": None, "label": "good"}, "label", "good"),
        ({"score": "bad", "label": "good"}, "label", "score is no number"),
        ({"score": None, "abstained": True}, "abstained", True),
        ({"score": 99, "abstained": "yes"}, "score", None),
        ({"score": "?", "abstained": 1}, "score", None),
        ({"abstained": "maybe"}, "score", "abstained is neither true nor false"),
        ({"abstained": 0.5}, "score", "abstained is neither true nor false"),
        ({}, "abstained", False),
        ({"form": "preference", "score": 0}, "score", 0.0),
        ({"form": "preference", "score": 5}, "score", "score of a preference outside [0, 1]"),
        ({"form": " Rubric "}, "form", "rubric"),
        ({}, "form", "scalar"),
        ({"form": "essay"}, "form", "form is none of scalar, preference, critique, rubric"),
        ({}, "target", "answer"),
        ({"target": "other"}, "target", "target is none of answer, sample"),
        ({"source": "HUMAN"}, "source", "human"),
        ({"source": "machine"}, "source", "source is none of human, synthetic, rule"),
        ({"source": None}, "source", "source is missing"),
        ({"rater": ""}, "rater", "rater is missing"),
        ({"item": None}, "item", "item is missing"),
        ({"probability": 0}, "probability", "probability outside (0, 1]"),
        ({"probability": 1.01}, "probability", "probability outside (0, 1]"),
        ({"probability": 0.5}, "probability", 0.5),
    ],
)
def test_feedback(change: Row, column: str, expected: object, tmp_path: Path) -> None:
    """A judgement needs a score or a label on its scale, unless the rater abstained."""
    got = outcome(tmp_path, "feedback", [{**JUDGED, **change}], column, text="[feedback]\nrange = [1, 5]")
    assert got == expected


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"accepted": "yes"}, "accepted", True),
        ({"accepted": 0}, "accepted", False),
        ({"accepted": 2}, "accepted", "accepted is neither true nor false"),
        ({"embedding": [1, 2.5]}, "embedding", [1.0, 2.5]),
        ({"embedding": "[1, 2.5]"}, "embedding", [1.0, 2.5]),
        ({"embedding": []}, "embedding", None),
        ({"embedding": [1, None]}, "embedding", "embedding is no list of numbers"),
        ({"embedding": [1, "a"]}, "embedding", "embedding is no list of numbers"),
        ({"embedding": [1, float("inf")]}, "embedding", [1.0, float("inf")]),
        ({"embedding": [1, 1e300]}, "embedding", "embedding is no list of numbers"),
        ({"embedding": [True, "2"]}, "embedding", [1.0, 2.0]),
        ({"embedding": "near"}, "embedding", "embedding is no list of numbers"),
        ({"parents": ["a", "b,c"]}, "parents", ["a", "b,c"]),
        ({"parents": "a"}, "parents", ["a"]),
        ({"parents": None}, "parents", None),
        ({"origin": "Edited"}, "origin", "edited"),
        ({"origin": "moon"}, "origin", "origin is none of synthetic, human, edited"),
        ({"cost": float("inf")}, "cost", "cost is infinite"),
        ({"tokens": -1e18}, "tokens", "tokens is beyond 1e18"),
        ({"text": "a\x00b"}, "text", "a\x00b"),
    ],
)
def test_samples(change: Row, column: str, expected: object, tmp_path: Path) -> None:
    """Lists, truth values and costs of samples."""
    assert outcome(tmp_path, "samples", [{**SAMPLE, **change}], column) == expected


@pytest.mark.parametrize(("higher", "worst"), [("true", -1.0), ("false", 2.0)])
def test_missing_scores_may_count_as_wrong(higher: str, worst: float, tmp_path: Path) -> None:
    """`missing_score = "wrong"` gives the worst end of the scale; text that is no score is still rejected."""
    text = f'score_range = [-1, 2]\nhigher_is_better = {higher}\nmissing_score = "wrong"'
    config(tmp_path, text)
    scores = [None, float("nan"), "", "abc", 1.5]
    write(tmp_path / "evaluations.jsonl", [{**ROW, "item": str(i), "score": s} for i, s in enumerate(scores)])
    with read_stream(tmp_path, enforce_limit=False) as log:
        assert rows_of(log, "evaluations", "item", "score") == [("0", worst), ("1", worst), ("2", worst), ("4", 1.5)]
        assert rejected(log) == [("evaluations.jsonl", 4, "score is no number")]


@pytest.mark.parametrize("policy", ["reject", "wrong"])
def test_answers_are_scored_by_exact_match(policy: str, tmp_path: Path) -> None:
    """Without a score column, answer = truth is right; a missing answer follows `missing_score`."""
    config(tmp_path, f'missing_score = "{policy}"')
    pairs = [("yes", "yes"), ("Yes", "yes"), ("1", 1), (None, "yes"), ("yes", None)]
    rows = [{"stage": 1, "task": "alpha", "item": str(i), "answer": a, "truth": t} for i, (a, t) in enumerate(pairs)]
    write(tmp_path / "evaluations.jsonl", rows)
    with read_stream(tmp_path, enforce_limit=False) as log:
        scored = dict(rows_of(log, "evaluations", "item", "score"))
        assert scored == {"0": 1.0, "1": 0.0, "2": 1.0, **({"3": 0.0} if policy == "wrong" else {})}
        assert len(rejected(log)) == 5 - len(scored)


def test_exact_match_needs_its_scale(tmp_path: Path) -> None:
    """Right and wrong are 1 and 0; on another scale that would be nonsense."""
    config(tmp_path, "score_range = [0, 100]")
    write(tmp_path / "evaluations.jsonl", [{"stage": 1, "task": "alpha", "answer": "a", "truth": "a"}])
    with pytest.raises(LogRejected, match="score_range"):
        read_stream(tmp_path)


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.float64()), pa.large_list(pa.float32()), pa.list_(pa.float32(), 2), pa.list_(pa.int32()), None]
)
def test_embeddings_of_every_kind_of_list(kind: pa.DataType | None, tmp_path: Path) -> None:
    """Parquet's lists of any length and number, of fixed length too, and text; empty cells are missing."""
    config(tmp_path)
    write(tmp_path / "evaluations.jsonl", [ROW])
    lists = pa.array(["[1, 2]", None, "[3, 4]"]) if kind is None else pa.array([[1, 2], None, [3, 4]], kind)
    table = pa.table({"stage": [1] * 3, "task": ["alpha"] * 3, "sample": ["a", "b", "c"], "embedding": lists})
    pq.write_table(table, tmp_path / "samples.parquet")
    with read_stream(tmp_path) as log:
        assert rows_of(log, "samples", "sample", "embedding") == [("a", [1.0, 2.0]), ("b", None), ("c", [3.0, 4.0])]
