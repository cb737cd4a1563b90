"""Logs of lm-evaluation-harness, old and new layout: the values that it reports, item by item where it logged items."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.logs.adapters.made_by_lm_eval import ITEMS, make
from tests.logs.adapters.support import DATA, SHARED, cells, import_, left, matrix, read
from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.lmeval_metrics import items_behind

LOGS = DATA / "lm_eval"
needs_data = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the public test data in ../shared/data")


def reported(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Results by checkpoint folder and task, the newest file of each folder."""
    newest: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.rglob("results_*.json"), key=lambda path: path.name):
        newest[path.relative_to(folder).parts[0]] = json.loads(path.read_text())["results"]
    return {(name, task): value for name, results in newest.items() for task, value in results.items()}


def check_real(folder: Path, to: Path) -> None:
    """The import of what the tool wrote: every item, the reported means, nothing else."""
    account = import_("lm-eval", folder, to)
    found, told = matrix(to), reported(folder)
    for stage, checkpoint in enumerate(("step0", "step100", "step200")):
        for task, key in (("chosen_a", "acc,none"), ("chosen_b", "acc,none"), ("written", "exact_match,strict")):
            assert found[stage, task] == pytest.approx(told[checkpoint, task][key])
    assert len(found) == 9
    rows = cells(to)
    assert len(rows) == len({(r["stage"], r["task"], r["item"]) for r in rows}) == 9 * ITEMS
    assert len({row["item"] for row in rows if row["task"] == "chosen_a"}) == ITEMS  # paired over checkpoints
    counts = left(account)
    assert counts["results", "of a group of tasks, whose tasks are there"] == 4
    assert counts["results", "of an older run of the same task and checkpoint"] == 3
    assert counts["sample rows", "of another filter than strict"] == 3 * ITEMS
    assert read(to).ledger.entries()["evaluations"].used == len(rows)


@pytest.mark.slow
def test_the_real_tool_imports_losslessly(tmp_path: Path) -> None:
    """Runs the harness itself, with its dummy model and tasks of local files."""
    if find_spec("lm_eval") is None:
        pytest.skip("needs lm-eval (pip install lm-eval) to make a log")
    make(tmp_path / "made")
    check_real(tmp_path / "made" / "out", tmp_path / "log")


def test_its_logs_come_in_item_by_item(tmp_path: Path) -> None:
    check_real(LOGS, tmp_path / "log")


def test_another_filter_and_metric(tmp_path: Path) -> None:
    """One task has two stages: of three checkpoints the last is its score, the one before a point of its curve."""
    account = import_("lm-eval", LOGS, tmp_path / "log", filter="loose", metric="exact_match")
    told = reported(LOGS)
    found: dict[tuple[int, float], list[float]] = {}
    for row in cells(tmp_path / "log"):
        found.setdefault((row["stage"], row["step"]), []).append(row["score"])
    assert {key: sum(scores) / len(scores) for key, scores in found.items()} == {
        (stage, step): pytest.approx(told[f"step{step}", "written"]["exact_match,loose"])
        for stage, step in ((0, 0), (1, 100), (1, 200))
    }
    assert any("divided evenly" in text for text in account.warnings)
    read(tmp_path / "log")


# The old layout


@needs_data
@pytest.mark.parametrize("size", ["1.4b", "160m"])
def test_pythia_comes_in_as_the_authors_have_it(tmp_path: Path, size: str) -> None:
    source = SHARED / "pythia" / f"pythia-{size}"
    account = import_("lm-eval", source, tmp_path / "log")
    files = sorted(source.glob("*.json"), key=lambda path: int(path.stem.split("step")[1]))
    told = [json.loads(path.read_text())["results"] for path in files]
    rows = cells(tmp_path / "log")
    assert [row["score"] for row in rows] == [told[row["stage"]][row["task"]]["acc"] for row in rows]
    assert len(rows) == 27 * 65
    assert left(account)["tasks", "with metrics of which lower is better alone"] == 22
    sizes = {row["task"]: row["n"] for row in rows}
    assert [sizes[t] for t in ("sciq", "arc_easy", "piqa", "lambada_openai", "winogrande", "logiqa")] == [
        1000, 2376, 1838, 5153, 1267, 651,
    ]  # fmt: skip
    assert all("crows" not in row["task"] for row in rows)


@needs_data
def test_a_metric_of_which_lower_is_better(tmp_path: Path) -> None:
    import_("lm-eval", SHARED / "pythia" / "pythia-160m", tmp_path / "log", metric="pct_stereotype")
    log = read(tmp_path / "log")
    assert not log.config.higher_is_better
    assert len(log.config.tasks) == 22
    # more checkpoints than tasks: the last of each stage is its score, the others its learning curve
    steps = log.connection.execute("SELECT DISTINCT stage, step FROM evaluations ORDER BY ALL").fetchall()
    assert len(steps) == 27
    assert steps[0] == (0, 0)
    assert steps[-1] == (22, 143000)


@needs_data
def test_two_models_are_refused_or_chosen(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--set model="):
        import_("lm-eval", SHARED / "pythia", tmp_path / "log")


def old(folder: Path, name: str, results: Any, revision: str = "step1", **more: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_args": f"pretrained=x/y,revision={revision}", "num_fewshot": 0, "limit": None} | more.pop(
        "config", {}
    )
    versions = dict.fromkeys(results, 0) if isinstance(results, dict) else {}
    (folder / f"{name}.json").write_text(
        json.dumps({"results": results, "versions": versions, "config": config} | more)
    )


def two(folder: Path, **more: Any) -> Path:
    for step in (1, 2):
        old(folder, f"s{step}", {"a": {"acc": step / 4, "acc_stderr": 0.1}, "b": {"acc": 0.5}}, f"step{step}", **more)
    return folder


def test_items_follow_from_the_standard_error_or_are_said_to_be_unknown() -> None:
    n, right = 651, 200
    p = right / n
    assert items_behind(p, (p * (1 - p) / (n - 1)) ** 0.5) == n
    assert items_behind(p, 0.0123) is None
    assert items_behind(1.0, 0.0) is None
    assert items_behind(p, None) is None


def test_versions_limits_and_examples_are_told(tmp_path: Path) -> None:
    folder = two(tmp_path / "in", config={"limit": 10})
    old(
        folder,
        "s3",
        {"a": {"acc": 0.9}, "b": {"acc": 0.9}},
        "step3",
        versions={"a": 1, "b": 0},
        config={"num_fewshot": 5},
    )
    account = import_("lm-eval", folder, tmp_path / "log")
    said = " ".join(account.warnings)
    assert "version of the task differs between checkpoints for a:" in said
    assert "examples in the prompt differs" in said
    assert "--limit was used" in said


def test_perplexity_beside_accuracy_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for step in (1, 2):
        results = {
            "wikitext": {"word_perplexity,none": 20.0, "alias": "wikitext"},
            "a": {"acc,none": 0.5, "acc_stderr,none": "N/A", "alias": " - a"},
            "odd": {"invented,none": 0.5},
            "bleu_task": {"bleu,none": 34.0},
            "falling": {"odd_loss,none": 0.3},
        }
        higher = {"falling": {"odd_loss": False}}
        old(folder, f"s{step}", results, f"step{step}", higher_is_better=higher)
    account = import_("lm-eval", folder, tmp_path / "log")
    assert {row["task"] for row in cells(tmp_path / "log")} == {"a", "odd"}
    assert left(account)["tasks", "with metrics of which lower is better alone"] == 2
    assert left(account)["tasks", "scored by bleu, on another scale than most tasks"] == 1


def test_groups_by_subtasks_are_left_out(tmp_path: Path) -> None:
    folder = two(tmp_path / "in", group_subtasks={"all": ["a", "b"], "a": []})
    for path in folder.glob("*.json"):
        content = json.loads(path.read_text())
        content["results"]["all"] = {"acc": 0.4}
        path.write_text(json.dumps(content))
    account = import_("lm-eval", folder, tmp_path / "log")
    assert {task for _, task in matrix(tmp_path / "log")} == {"a", "b"}
    assert left(account)["results", "of a group of tasks, whose tasks are there"] == 2


def test_a_stage_file_by_revision(tmp_path: Path) -> None:
    account = import_("lm-eval", two(tmp_path / "in"), tmp_path / "log", stages="checkpoint,stage\nstep2,1\n")
    assert matrix(tmp_path / "log") == {(1, "a"): 0.5, (1, "b"): 0.5}
    assert left(account)[next(key for key in left(account) if key[0] == "runs")] == 1


def test_a_task_missing_from_one_checkpoint_is_a_missing_cell(tmp_path: Path) -> None:
    folder = two(tmp_path / "in")
    old(folder, "s3", {"a": {"acc": 0.9}}, "step3")
    import_("lm-eval", folder, tmp_path / "log")
    assert len(matrix(tmp_path / "log")) == 5


# Samples that are not whole


def new(folder: Path, scores: list[float], told: float | None = None, lines: str | None = None) -> Path:
    stamp = "2026-01-01T00-00-00.000001"
    folder.mkdir(parents=True)
    mean = sum(scores) / len(scores) if told is None else told
    results = {
        "results": {"a": {"acc,none": mean, "acc_stderr,none": 0.1}},
        "n-samples": {"a": {"original": 9, "effective": 4}},
    }
    (folder / f"results_{stamp}.json").write_text(json.dumps(results))
    rows = [
        {"doc_id": i, "doc_hash": "same" if i < 2 else f"h{i}", "filter": "none", "acc": s}
        for i, s in enumerate(scores)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows) if lines is None else lines
    (folder / f"samples_a_{stamp}.jsonl").write_text(text)
    return folder


def test_equal_documents_are_told_apart_by_their_place(tmp_path: Path) -> None:
    import_("lm-eval", new(tmp_path / "in", [1, 0, 1, 1]), tmp_path / "log")
    assert {r["item"]: r["score"] for r in cells(tmp_path / "log")} == {"same-0": 1, "same-1": 0, "h2": 1, "h3": 1}


def test_fewer_items_than_the_data_hold_are_told(tmp_path: Path) -> None:
    account = import_("lm-eval", new(tmp_path / "in", [1, 0, 1, 1]), tmp_path / "log")
    assert any("Fewer items were evaluated" in text for text in account.warnings)


ROW = '{"doc_id": %d, "doc_hash": "h%d", "filter": "none", "acc": 1}\n'


@pytest.mark.parametrize(
    ("scores", "told", "lines", "why"),
    [
        ([1, 0, 1, 1], 0.5, None, "mean is not the reported"),
        ([1, 0, 1], None, None, "not all of the items"),
        ([1, 1, 1, 1], 1, "".join(ROW % (i, i) for i in range(3)) + (ROW % (3, 3))[:25], "cut or no JSON"),
        ([1, 1, 1, 1], 1, "".join(ROW % (i % 2, i % 2) for i in range(4)), "twice"),
        ([1, 1, 1, 1], 1, '{"doc_id": 1, "filter": "none", "acc": [1, 2]}\n', "without a number"),
        ([1, 1, 1, 1], 1, "", "not all of the items"),
    ],
)
def test_samples_that_are_not_the_reported_value_give_way_to_it(
    tmp_path: Path, scores: list[float], told: float | None, lines: str | None, why: str
) -> None:
    account = import_("lm-eval", new(tmp_path / "in", scores, told, lines), tmp_path / "log")
    (row,) = cells(tmp_path / "log")
    assert "item" not in row
    assert row["n"] == 4
    assert row["score"] == (sum(scores) / len(scores) if told is None else told)
    assert any(why in reason for what, reason in left(account) if what == "files")


# Malformed results


@pytest.mark.parametrize(
    "text", ['{"results": {"a": {"acc": 0.', "", "[]", '{"results": 3}', '{"results": {"a": 3}}', "\xff", "{" * 100_000]
)
def test_a_damaged_file_is_one_line_alone_and_counted_beside_others(tmp_path: Path, text: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(LogRejected) as caught:
        import_("lm-eval", tmp_path / "in", tmp_path / "log")
    assert "\n" not in str(caught.value)
    account = import_("lm-eval", two(tmp_path / "in"), tmp_path / "log")
    assert len(matrix(tmp_path / "log")) == 4
    assert sum(left(account).values()) >= 1


def test_samples_without_results_are_counted(tmp_path: Path) -> None:
    folder = two(tmp_path / "in")
    (folder / "samples_a_2026.jsonl").write_text("{}\n")
    account = import_("lm-eval", folder, tmp_path / "log")
    assert left(account)["files", "samples without results of the same run beside them"] == 1


def test_hostile_names_of_tasks_do_not_reach_other_files(tmp_path: Path) -> None:
    folder = new(tmp_path / "in", [1, 1, 1, 1])
    path = next(folder.glob("results_*"))
    content = json.loads(path.read_text())
    content["results"]["../../secret"] = {"acc,none": 0.5}
    path.write_text(json.dumps(content))
    (tmp_path / "secret_2026-01-01T00-00-00.000001.jsonl").write_text("{}\n")
    import_("lm-eval", folder, tmp_path / "log")
    assert {row["task"] for row in cells(tmp_path / "log")} == {"a", "../../secret"}
