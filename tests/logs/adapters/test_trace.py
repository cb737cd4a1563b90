"""TRACE's result files: items where the file's own accuracy bears them out, its mean where it does not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.logs.adapters.importing import import_as
from toolkit.errors import LogRejected, UsageError

LABELS = ["A", "B", "C", "A", "B", "C"]
ANSWERS = {(0, 0): "ABCABB", (1, 0): "ABAAAA", (1, 1): "BBCABC"}


def write(folder: Path, round_: int, task: int, name: str, **content: Any) -> Path:
    """One file as TRACE's inference writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"results-{round_}-{task}-{name}.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def classified(
    answers: Sequence[str], labels: Sequence[str] = LABELS, order: Sequence[int] | None = None
) -> dict[str, Any]:
    """What TRACE writes of a classification: prompts in some order, answers, labels, accuracy."""
    places = list(order or range(len(labels)))
    return {
        "eval": {"accuracy": sum(a == b and a != "" for a, b in zip(answers, labels, strict=True)) / len(labels)},
        "prompts": [f"Question {i}?" for i in places],
        "results": [answers[i] for i in places],
        "labels": [labels[i] for i in places],
    }


def test_items_are_scored_and_paired(tmp_path: Path) -> None:
    """Rounds count from 0; the cell means are TRACE's accuracies; items are the same whatever their place."""
    for (round_, task), answers in ANSWERS.items():
        order = [5, 3, 1, 0, 2, 4] if round_ else None
        write(tmp_path / "out", round_, task, ("C-STANCE", "FOMC")[task], **classified(answers, order=order))
    done = import_as("trace", tmp_path / "out", tmp_path / "stream")
    assert done.matrix() == pytest.approx({(1, "C-STANCE"): 5 / 6, (2, "C-STANCE"): 3 / 6, (2, "FOMC"): 5 / 6})
    assert [task.name for task in done.config.tasks] == ["C-STANCE", "FOMC"]
    by_item: dict[str, set[str]] = {}
    for row in done.rows["evaluations"]:
        by_item.setdefault(row["item"], set()).add(row["truth"])
        assert row["score"] == (row["answer"] == row["truth"])
    assert len(by_item) == 6
    assert {frozenset(truths) for truths in by_item.values()} == {frozenset(x) for x in "ABC"}


def test_answers_with_reasons(tmp_path: Path) -> None:
    """ScienceQA's letter stands behind "Answer: "; an answer without one is wrong, as TRACE counts it."""
    labels = ["Answer: A. Because it is.", "Answer: B. Because not."]
    results = ["Answer: A. Because of that.", "B, I think"]
    content = {"eval": {"bleu-1": 0.2, "bleu-4": 0.1, "rouge-L": 0.3, "accuracy": 0.5}, "prompts": ["p", "q"]}
    write(tmp_path / "out", 0, 0, "ScienceQA", **content, results=results, labels=labels)
    done = import_as("trace", tmp_path / "out", tmp_path / "stream")
    assert [(r["answer"], r["truth"], r["score"]) for r in done.rows["evaluations"]] == [
        ("A", "A", 1.0),
        ("", "B", 0.0),
    ]
    assert done.left_out("scored one by one") == 3


def test_other_metrics_are_cell_means_in_one_scale(tmp_path: Path) -> None:
    """Similarity and SARI are percentages; the mean stands for as many items as there were."""
    texts = {"prompts": ["p", "q"], "results": ["x", "y"], "labels": ["long text", "other text"]}
    write(tmp_path / "out", 0, 0, "Py150", eval={"similarity": 61.5}, **texts)
    write(tmp_path / "out", 1, 1, "20Minuten", eval={"sari": [{"sari": 40.0}]}, **texts)
    write(tmp_path / "out", 2, 2, "MeetingBank", eval={"rouge-L": 0.25}, **texts)
    done = import_as("trace", tmp_path / "out", tmp_path / "stream")
    assert done.matrix() == {(1, "Py150"): 0.615, (2, "20Minuten"): 0.4, (3, "MeetingBank"): 0.25}
    assert {row["n"] for row in done.rows["evaluations"]} == {2}
    assert done.left_out("known by their mean") == 6
    assert done.warned("scores are of different kinds")


def test_an_accuracy_that_answers_do_not_bear_out(tmp_path: Path) -> None:
    """Then it is used as it stands, and no item is claimed."""
    write(tmp_path / "out", 0, 0, "FOMC", **(classified("ABCABB") | {"eval": {"accuracy": 0.9}}))
    done = import_as("trace", tmp_path / "out", tmp_path / "stream")
    assert [row.get("item") for row in done.rows["evaluations"]] == [None]
    assert done.matrix() == {(1, "FOMC"): 0.9}


def test_equal_prompts_and_seeds(tmp_path: Path) -> None:
    """A prompt that stands there twice is two items; each folder is a seed."""
    for seed in ("run-2", "run-10"):
        content = classified("AB", labels=["A", "C"]) | {"prompts": ["same", "same"]}
        write(tmp_path / "out" / seed, 0, 0, "FOMC", **content)
    done = import_as("trace", tmp_path / "out", tmp_path / "stream")
    assert len({row["item"] for row in done.rows["evaluations"]}) == 2
    assert sorted({row["seed"] for row in done.rows["evaluations"]}) == [0, 1]


def test_damaged_files(tmp_path: Path) -> None:
    """Half a file, a stranger, an empty evaluation and unequal lists cost themselves alone."""
    out = tmp_path / "out"
    write(out, 0, 0, "FOMC", **classified("ABCABB"))
    half = write(out, 1, 0, "FOMC", **classified("ABCABB"))
    half.write_text(half.read_text()[:-30])
    (out / "params.json").write_text("{}")
    write(out, 1, 1, "Unknown", eval={}, prompts=["p"], results=["x"], labels=["x"], extra=1)
    write(out, 2, 0, "FOMC", eval={"accuracy": 0.5}, prompts=["p"], results=["x", "y"], labels=["x"])
    write(out, 2, 1, "Unknown", **(classified("ABCABB") | {"eval": {"accuracy": 66.0}}))
    write(out, 2, 2, "Third", **classified("ABCABC"))
    done = import_as("trace", out, tmp_path / "stream")
    assert set(done.matrix()) == {(1, "FOMC"), (3, "FOMC"), (3, "Third")}
    assert done.left_out("not a whole JSON object") == 1
    assert done.left_out("not named results-") == 1
    assert done.left_out("without the metric") == 1
    assert done.left_out("outside its scale") == 1
    assert done.left_out("unknown: extra") == 1
    assert done.warned("not equally many")
    again = import_as("trace", out, tmp_path / "exact", settings=["metric=exact"])
    assert again.matrix()[2, "Unknown"] == 1


def test_what_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    """No result file; two orders or two tasks under one number."""
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "a.json").write_text("{}")
    with pytest.raises(LogRejected, match=r"no results-ROUND-ITASK-TASK\.json"):
        import_as("trace", tmp_path / "none", tmp_path / "stream")
    write(tmp_path / "orders" / "a", 0, 0, "FOMC", **classified("ABCABB"))
    write(tmp_path / "orders" / "b", 1, 1, "FOMC", **classified("ABCABB"))
    with pytest.raises(LogRejected, match="two places of the order"):
        import_as("trace", tmp_path / "orders", tmp_path / "stream")
    write(tmp_path / "twice", 0, 0, "FOMC", **classified("ABCABB"))
    write(tmp_path / "twice", 1, 0, "Other", **classified("ABCABB"))
    with pytest.raises(LogRejected, match="two tasks have one number"):
        import_as("trace", tmp_path / "twice", tmp_path / "stream")
    with pytest.raises(UsageError, match="no setting of format trace"):
        import_as("trace", tmp_path / "twice", tmp_path / "stream", settings=["stage=1"])
