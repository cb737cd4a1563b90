"""Records of Every Eval Ever: scores on their stated scales, stages from checkpoints, days or the user."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.logs.adapters.importing import import_as
from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.every_eval_ever_stages import day
from toolkit.logs.read import read_stream


def result(name: str, score: float, **more: Any) -> dict[str, Any]:
    """One entry of evaluation_results as schema 0.2 has it; `more` goes into metric_config."""
    config = {"lower_is_better": False, "score_type": "continuous", "min_score": 0.0, "max_score": 1.0} | more
    return {
        "evaluation_name": name,
        "source_data": {"source_type": "hf_dataset", "dataset_name": name, "hf_repo": f"org/{name}"},
        "metric_config": config,
        "score_details": {"score": score},
    }


def record(folder: Path, model: str, *results: dict[str, Any], time: str = "1761001924.0", **more: Any) -> str:
    """Write one record; its evaluation id."""
    identity = f"{results[0]['evaluation_name']}/{model}/{time}"
    content = {
        "schema_version": "0.2.1",
        "evaluation_id": identity,
        "evaluation_timestamp": time,
        "retrieved_timestamp": "1770570009.0",
        "source_metadata": {
            "source_type": "evaluation_run",
            "source_organization_name": "us",
            "evaluator_relationship": "first_party",
        },
        "eval_library": {"name": "inspect_ai", "version": "0.3"},
        "model_info": {"name": model, "id": model},
        "evaluation_results": list(results),
    } | more
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{len(list(folder.iterdir()))}.json").write_text(json.dumps(content))
    return identity


def sample(identity: str, model: str, name: str, number: int, score: float, **more: Any) -> dict[str, Any]:
    """One line of the instance-level schema."""
    return {
        "schema_version": "instance_level_eval_0.2.1",
        "evaluation_id": identity,
        "model_id": model,
        "evaluation_name": name,
        "sample_id": str(number),
        "sample_hash": f"hash-{name}-{number}",
        "interaction_type": "single_turn",
        "input": {"raw": "q", "reference": ["a"]},
        "output": {"raw": ["a"]},
        "answer_attribution": [],
        "evaluation": {"score": score, "is_correct": score == 1},
    } | more


def test_checkpoints_are_stages_and_scales_become_one(tmp_path: Path) -> None:
    """Ten comes after two; percent, error rates and differences are brought to [0, 1] by what the record states."""
    for k, step in enumerate((2, 10, 100)):
        record(
            tmp_path / "data",
            f"us/model-step{step}",
            result("plain", 0.1 * k),
            result("percent", 50 + k, max_score=100),
            result("error", 0.3 - 0.1 * k, lower_is_better=True),
            result("centred", 0.5, min_score=-1.0),
        )
    done = import_as("every-eval-ever", tmp_path / "data", tmp_path / "stream")
    for stage in (1, 2, 3):
        k = stage - 1
        expected = {"plain": 0.1 * k, "percent": (50 + k) / 100, "error": 0.7 + 0.1 * k, "centred": 0.75}
        assert {t: v for (s, t), v in done.matrix().items() if s == stage} == pytest.approx(expected)
    assert done.warned("Checkpoints are stages 1 to 3 in this order: step2, step10, step100")
    assert done.config.models["stage_2"] == "us/model-step10"


def test_times_are_stages_of_one_model(tmp_path: Path) -> None:
    """A task evaluated again begins a stage; times are seconds since 1970 or ISO 8601."""
    record(tmp_path / "data", "us/m", result("a", 0.5), result("b", 0.1), time="1761001924.0")
    record(tmp_path / "data", "us/m", result("a", 0.4), result("b", 0.9), time="2025-12-01T10:00:00Z")
    done = import_as("every-eval-ever", tmp_path / "data", tmp_path / "stream")
    assert done.matrix() == {(1, "a"): 0.5, (1, "b"): 0.1, (2, "a"): 0.4, (2, "b"): 0.9}
    assert [day("1761001924.0"), day("2025-12-01T23:30:00-02:00"), day("?")] == ["2025-10-20", "2025-12-02", "?"]


def test_the_user_says_the_stages(tmp_path: Path) -> None:
    """By model; with seeds; models that the file does not name are counted."""
    for model in ("us/alpha", "us/beta", "us/gamma"):
        record(tmp_path / "data", model, result("a", 0.5), result("b", 0.1))
    with pytest.raises(LogRejected, match=r"3 models that are no checkpoints of one; say with --stages"):
        import_as("every-eval-ever", tmp_path / "data", tmp_path / "stream")
    (tmp_path / "stages.csv").write_text("model,stage,seed\nus/alpha,1,4\nus/beta,2,4\n")
    done = import_as("every-eval-ever", tmp_path / "data", tmp_path / "stream", stages=tmp_path / "stages.csv")
    assert len(done.matrix(seed=4)) == 4
    assert done.left_out("not named in stages.csv") == 2


def test_samples_replace_their_mean(tmp_path: Path) -> None:
    """Each answer is an item; failures, strangers, repeats and cut lines are counted; a mean that differs is told."""
    data = tmp_path / "data"
    first = record(data, "us/m-1", result("a", 0.5), result("b", 0.2))
    record(data, "us/m-2", result("a", 0.75), result("b", 0.2))
    lines = [sample(first, "us/m-1", "a", i, float(i % 2)) for i in range(4)]
    lines.append(sample(first, "us/m-1", "a", 0, 1.0))
    lines.append(sample(first, "us/m-1", "a", 9, 0.0, error="timeout"))
    lines.append(sample("other", "us/m-1", "a", 5, 1.0))
    lines.append({"evaluation_id": first})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (data / "samples.jsonl").write_text(text + text[:50])
    done = import_as("every-eval-ever", data, tmp_path / "stream")
    items = [row for row in done.rows["evaluations"] if "item" in row]
    assert {(row["item"], row["score"], row["stage"]) for row in items} == {
        (f"hash-a-{i}", float(i % 2), 1) for i in range(4)
    }
    assert done.matrix()[2, "a"] == 0.75
    assert done.left_out("means: of samples") == 1
    assert done.left_out("asked again") == 1
    assert done.left_out("without a score") == 1
    assert done.left_out("that no record describes") == 1
    assert done.left_out("without the fields") == 1
    assert done.left_out("not a whole JSON object") == 1
    assert not done.warned("mean of the samples")
    wrong = tmp_path / "wrong"
    identity = record(wrong, "us/m-1", result("a", 0.9), result("b", 0.9))
    (wrong / "s.jsonl").write_text(json.dumps(sample(identity, "us/m-1", "a", 1, 0.0)) + "\n")
    assert import_as("every-eval-ever", wrong, tmp_path / "told").warned("1 times the mean of the samples")


def test_what_cannot_be_mapped_is_counted(tmp_path: Path) -> None:
    """Values outside their bounds, unknown levels, no bounds with lower better, no score, other files, half a file."""
    data = tmp_path / "data"
    levels = {"score_type": "levels", "level_names": ["x"], "has_unknown_level": True}
    unbounded = result("f", 3.0, lower_is_better=True)
    unbounded["metric_config"] = {"lower_is_better": True}
    infinite = result("g", 0.5)
    infinite["metric_config"]["max_score"] = float("inf")
    bare = {"evaluation_name": "h", "source_data": {}, "metric_config": {"lower_is_better": False}}
    record(
        data, "us/m", result("a", 0.5), result("c", 67.0), result("d", -1, **levels), result("e", float("nan")),
        unbounded, infinite, bare,
    )  # fmt: skip
    (data / "stats.json").write_text('{"n": 1}')
    (data / "half.json").write_text('{"schema_version": "0.2.1", "evalu')
    done = import_as("every-eval-ever", data, tmp_path / "stream")
    assert done.matrix() == {(1, "a"): 0.5, (1, "g"): 0.5}  # a bound that is not finite states nothing
    assert done.left_out("outside the bounds") == 2
    assert done.left_out("unknown level") == 1
    assert done.left_out("without a finite score") == 1
    assert done.left_out("without a name, a metric or a score") == 1
    assert done.left_out("no record of Every Eval Ever") == 1
    assert done.left_out("not a whole JSON object") == 1


def test_tasks_and_metrics(tmp_path: Path) -> None:
    """Evaluations called after their scorer are told apart by dataset; several metrics of a task are chosen from."""
    data = tmp_path / "data"
    for dataset in ("arc", "boolq"):
        entry = result("choice", 0.5, metric_id="accuracy")
        entry["source_data"]["dataset_name"] = dataset
        record(data, "us/m", entry)
    done = import_as("every-eval-ever", data, tmp_path / "stream")
    assert set(done.matrix()) == {(1, "arc/choice"), (1, "boolq/choice")}
    record(data, "us/m", result("qa", 0.1, metric_id="f1"), result("qa", 0.2, metric_id="accuracy"))
    with pytest.raises(UsageError, match=r"'qa' has several metrics \(accuracy, f1\)"):
        import_as("every-eval-ever", data, tmp_path / "stream")
    again = import_as("every-eval-ever", data, tmp_path / "stream", settings=["metric=accuracy"])
    assert again.matrix()[1, "qa"] == 0.2
    assert again.left_out("of another metric") == 1


def test_a_group_among_the_tasks_is_told(tmp_path: Path) -> None:
    """A benchmark beside its parts would count twice; the reader says so."""
    for k in (1, 2):
        parts = [result("mmlu_law", 0.2 * k), result("mmlu_art", 0.3 * k)]
        record(tmp_path / "data", f"us/m-step{k}", *parts, result("mmlu", 0.25 * k))
    import_as("every-eval-ever", tmp_path / "data", tmp_path / "stream")
    with read_stream(tmp_path / "stream") as log:
        (notice,) = (notice for notice in log.notices if notice.code == "group-of-tasks")
    assert "mmlu_law" in notice.message


def test_no_record_is_one_line(tmp_path: Path) -> None:
    """What, where, what to do."""
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(LogRejected, match="no record of Every Eval Ever"):
        import_as("every-eval-ever", tmp_path / "x.json", tmp_path / "stream")
