"""StreamSynth's outputs: what its code overwrites is undone where its files allow, and told where they do not."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.logs.adapters.importing import import_as
from toolkit.cli.imports import imports
from toolkit.errors import LogRejected, UsageError

METRICS = ("Step", "Total_Reward", "Loss", "Sentiment_Reward", "Attribute_Reward", "Quality_Reward", "Diversity_Reward")


def put(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2))
    return path


def raw(text: str, label: str) -> str:
    return f"Sure: {json.dumps({'input': text, 'output': label})}"


def mnli(text: str, target: str, said: str, time: str = "2026-01-02T00:00:00") -> dict[str, Any]:
    """A sample as the code writes it for MNLI: `output` is the label asked for, whatever the model said."""
    return {
        "input": text, "output": target, "target_label": target, "attributes": {"premise_style": "formal"},
        "raw_generation": raw(text, said), "timestamp": time,
    }  # fmt: skip


def yelp(text: str, target: str, said: str, number: int, time: str = "2026-01-01T00:00:00") -> dict[str, Any]:
    """A sample as the code writes it for Yelp, with an id that a resumed run gives again."""
    more = {"synthesis_id": number, "timestamp": time, "method": "prompt", "target_label": target, "examples_used": 8}
    more |= {"attribute_combination": {"cuisine": "thai", "price range": "low"}, "raw_output": raw(text, said)}
    return {"instruction": "Classify.", "input": text, "output": target, "metadata": more}


def evaluation(prompts: dict[str, bool], **more: Any) -> dict[str, Any]:
    """An evaluation as the code writes it: sample_id is a place in a random choice of prompts."""
    results = [
        {"sample_id": i, "prompt": p, "response": raw("x", "neutral") if ok else "no", "expected_output": "neutral",
         "has_valid_json": ok}
        for i, (p, ok) in enumerate(prompts.items())
    ]  # fmt: skip
    valid = sum(prompts.values())
    return {
        "total_samples": len(results), "valid_json_count": valid, "valid_json_rate": valid / len(results),
        "results": results,
    } | more  # fmt: skip


def rewards(path: Path, *rows: tuple[float, ...], names: tuple[str, ...] = METRICS) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([names, *rows])


def test_labels_come_from_the_raw_output(tmp_path: Path) -> None:
    """Parsed labels are what the model said; failures have none; tasks arrive as their first samples were made."""
    out = tmp_path / "out"
    put(
        out / "mnli_synthesized_prompt.json",
        [mnli("Premise: a", "neutral", "entailment"), mnli("b", "neutral", "neutral")],
    )
    failed = [
        {"input": "GEN_FAIL: quota", "output": "neutral", "error": "quota"},
        {"input": "RAW_OUTPUT_MANUAL_PARSE_FAILED: hm", "output": "positive",
         "metadata": {"target_label": "positive", "raw_output": "hm"}},
        {"input": "no raw", "output": "positive"},
    ]  # fmt: skip
    put(
        out / "yelp_synthesized_prompt.json",
        [yelp("good", "positive", "positive", 1), yelp("good", "positive", "negative", 1), *failed],
    )
    put(out / "yelp_synthesis_stats_prompt.json", {"total_synthesized": 5})
    rewards(out / "yelp_training_metrics.csv", (5, 0.5, 0.1, 1.0, 0.4, 0.3, 0.2))
    done = import_as("streamsynth", out, tmp_path / "stream")
    samples = done.rows["samples"]
    assert [task.name for task in done.config.tasks] == ["yelp", "mnli"]
    assert {(s["task"], s["stage"]) for s in samples} == {("yelp", 1), ("mnli", 2)}
    by_task = {
        t: [(s.get("target_label"), s.get("parsed_label"), s.get("parse_ok")) for s in samples if s["task"] == t]
        for t in ("mnli", "yelp")
    }
    assert by_task["mnli"] == [("neutral", "entailment", True), ("neutral", "neutral", True)]
    assert by_task["yelp"][:2] == [("positive", "positive", True), ("positive", "negative", True)]
    assert by_task["yelp"][2:] == [("neutral", None, False), ("positive", None, False), ("positive", None, None)]
    assert len({s["sample"] for s in samples}) == 7  # equal texts with one synthesis_id are two samples
    assert {s.get("attr_price_range") for s in samples} == {"low", None}
    assert all("text" not in s for s in samples if s.get("parse_ok") is False)
    assert done.warned("mnli_synthesized_prompt.json: 1 samples carry another label")
    assert done.left_out("the raw output is not there") == 1
    assert done.left_out("statistics or settings") == 1


def test_evaluations_are_joined_by_their_prompts(tmp_path: Path) -> None:
    """The mean is the code's own rate; the same prompt is the same item at another place."""
    put(
        tmp_path / "out" / "stage-1" / "mnli_evaluation_results_qwen.json",
        evaluation({"p": True, "q": False, "r": True}),
    )
    put(tmp_path / "out" / "stage-2" / "mnli_evaluation_results_qwen.json", evaluation({"r": True, "p": False}))
    put(tmp_path / "out" / "stage-2" / "simple_evaluation_results_qwen.json", evaluation({"s": True}))
    done = import_as("streamsynth", tmp_path / "out", tmp_path / "stream")
    assert done.matrix() == {(1, "mnli"): pytest.approx(2 / 3), (2, "mnli"): 0.5, (2, "yelp"): 1}
    items = [{r["item"] for r in done.rows["evaluations"] if (r["stage"], r["task"]) == (s, "mnli")} for s in (1, 2)]
    assert items[1] < items[0]
    label = import_as("streamsynth", tmp_path / "out", tmp_path / "label", settings=["metric=label"])
    assert [(r.get("answer"), r["truth"], r["score"]) for r in label.rows["evaluations"]][:2] == [
        ("neutral", "neutral", 1.0),
        ("no", "neutral", 0.0),
    ]


def test_rates_that_differ_and_unplaced_evaluations_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A count that does not fit is told; without a stage evaluations are counted, with --stages they are placed."""
    put(tmp_path / "out" / "mnli_synthesized.json", [mnli("a", "neutral", "neutral")])
    put(tmp_path / "out" / "mnli_evaluation.json", evaluation({"p": True}, valid_json_rate=0.3))
    imports("streamsynth", tmp_path / "out", tmp_path / "stream")
    printed = capsys.readouterr().out
    assert "Left out: 1 evaluations: no stage: put them in folders" in printed
    assert "there are samples alone" in printed
    (tmp_path / "stages.csv").write_text("file,stage\nmnli_evaluation.json,1\nmnli_synthesized.json,1\n")
    placed = import_as("streamsynth", tmp_path / "out", tmp_path / "placed", stages=tmp_path / "stages.csv")
    assert placed.matrix() == {(1, "mnli"): 1}
    assert placed.warned("1 of 1 answers are JSON, but the file says 0.3")


def test_missing_rewards_are_not_zero(tmp_path: Path) -> None:
    """A step of zeros, a column of zeros and a total beside its parts are missing; other zeros are told."""
    rewards(
        tmp_path / "out" / "qwen_yelp_training_metrics.csv",
        (5, 0.5, 0.1, 1.0, 0.4, 0.3, 0),
        (10, 0, 0.1, 0.8, 0.4, 0.3, 0),
        (15, 0.4, 0.1, 0.8, 0, 0.3, 0),
        (20, 0, 0, 0, 0, 0, 0),
    )
    done = import_as("streamsynth", tmp_path / "out", tmp_path / "stream")
    given = {(r["item"], r["rater"]): r["score"] for r in done.rows["feedback"]}
    assert len(given) == 11
    assert ("step 10", "Total_Reward") not in given
    assert not any(rater == "Diversity_Reward" or item == "step 20" for item, rater in given)
    assert [key for key, value in given.items() if value == 0] == [("step 15", "Attribute_Reward")]
    assert done.left_out("no rewards were logged") == 1
    assert done.left_out("other marks say") == 4
    assert done.warned("1 rewards are 0")
    assert {(r["source"], r["target"]) for r in done.rows["feedback"]} == {("rule", "sample")}


def test_two_starts_in_one_file_of_rewards(tmp_path: Path) -> None:
    """The later start replaces the steps it logs again; the header between them is no step."""
    path = tmp_path / "out" / "yelp_training_metrics.csv"
    rewards(path, (5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1), (10, 0.2, 0.1, 0.2, 0.2, 0.2, 0.2))
    first = path.read_text()
    rewards(path, (5, 0.9, 0.1, 0.9, 0.9, 0.9, 0.9))
    path.write_text(first + path.read_text())
    done = import_as("streamsynth", tmp_path / "out", tmp_path / "stream")
    assert {(r["item"], r["score"]) for r in done.rows["feedback"]} == {("step 5", 0.9), ("step 10", 0.2)}
    assert done.left_out("logged again later") == 1
    assert done.left_out("no rewards were logged") == 1


def test_rewards_of_prompts_join_the_evaluations(tmp_path: Path) -> None:
    """Where the rewards stand by prompt, they judge the answers to it."""
    put(tmp_path / "out" / "stage-1" / "yelp_evaluation.json", evaluation({"p": True, "q": False}))
    rewards(
        tmp_path / "out" / "stage-1" / "yelp_rewards.csv", ("q", 0.2), ("p", 0.9), names=("prompt", "Quality_Reward")
    )
    done = import_as("streamsynth", tmp_path / "out", tmp_path / "stream")
    scores = {r["item"]: r["score"] for r in done.rows["evaluations"]}
    assert {scores[r["item"]]: r["score"] for r in done.rows["feedback"]} == {1.0: 0.9, 0.0: 0.2}


def test_damaged_files(tmp_path: Path) -> None:
    """Half a file, entries without their fields, a cut line: counted; nothing else is lost."""
    out = tmp_path / "out"
    put(out / "mnli_synthesized.json", [mnli("a", "neutral", "neutral"), {"output": "x"}, "text"])
    half = put(out / "yelp_synthesized.json", [yelp("a", "positive", "positive", 1)])
    half.write_text(half.read_text()[:-20])
    rewards(out / "mnli_training_metrics.csv", (5, 0.5, 0.1, 1.0, 0.4, 0.3, 0.2))
    with (out / "mnli_training_metrics.csv").open("a") as stream:
        stream.write("10,0.4,0.1,0.7")
    (out / "notes.csv").write_text("a,b\n1,2\n")
    done = import_as("streamsynth", out, tmp_path / "stream")
    assert len(done.rows["samples"]) == 1
    assert len(done.rows["feedback"]) == 7
    assert done.left_out("samples: without an input") == 2
    assert done.left_out("no whole JSON") == 1
    assert done.left_out("no number (cut line?)") == 3
    assert done.left_out("a column of rewards") == 1


def test_what_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    """Nothing of StreamSynth, or a metric that there is not."""
    put(tmp_path / "out" / "config.json", {"a": 1})
    with pytest.raises(LogRejected, match="no samples, evaluations or rewards"):
        import_as("streamsynth", tmp_path / "out", tmp_path / "stream")
    with pytest.raises(UsageError, match="one of valid_json, label"):
        import_as("streamsynth", tmp_path / "out", tmp_path / "stream", settings=["metric=f1"])
