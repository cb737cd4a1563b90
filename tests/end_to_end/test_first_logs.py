"""The commonest first logs, hostile names, and logs that cannot be used, by the command line."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pytest

from tests.end_to_end.conftest import HOSTILE, command, published


def write_items(folder):
    """One seed, arm stream only, items, all tasks at all stages."""
    rng = np.random.default_rng(1)
    tasks = ("billing", "returns", "claims")
    folder.mkdir(parents=True)
    listed = "".join(f"[[tasks]]\nname = {json.dumps(task)}\n" for task in tasks)
    (folder / "stream.toml").write_text(f'name = "first"\ntitle = "First log"\n{listed}')
    with (folder / "evaluations.jsonl").open("w") as file:
        for stage in range(len(tasks) + 1):
            for j, task in enumerate(tasks):
                share = 0.85 if 0 < j + 1 <= stage else 0.3
                for item in range(60):
                    score = int(rng.random() < share)
                    file.write(json.dumps({"stage": stage, "task": task, "item": f"i{item}", "score": score}) + "\n")
    return folder


def test_one_seed_no_isolated_arm_no_labels_gives_a_useful_page(first_log):
    first = first_log / "reports"
    results = published(first, "first", "1")
    verdicts = {axis["axis"]: axis["verdict"] for axis in results["axes"]}
    assert results["measured"] == 1
    assert verdicts["forgetting"] in ("healthy", "watch", "unclear", "act")
    assert [verdicts[a] for a in ("transfer", "feedback", "alignment", "generation")] == ["not measured"] * 4
    by_id = {e["id"]: e for e in results["estimates"]}
    assert by_id["zero_shot_transfer/stream/all"]["scope"] == "items"
    page = (first / "first" / "1" / "index.html").read_text()
    assert "1 of 5 measured" in re.sub(r"<[^>]+>", "", page)  # its numbers are marked
    assert "this training run only" in page
    assert "isolated" in page
    assert "irst release" in page
    assert "To log next" in page


def test_a_hostile_name_is_text_on_every_page(first_log):
    first = first_log / "reports"
    for page in (first / "first" / "1").glob("*.html"):
        text = page.read_text()
        assert HOSTILE not in text, page.name
    seen = sum(html.escape(HOSTILE) in p.read_text() for p in (first / "first" / "1").glob("*.html"))
    assert seen >= 2
    assert HOSTILE not in (first / "index.html").read_text()


def test_a_bare_matrix_gives_a_page(tmp_path, home):
    """Cell means of one seed: values without intervals, reasons in their place."""
    folder = tmp_path / "matrix"
    folder.mkdir()
    (folder / "evaluations.csv").write_text(
        "stage,task,score\n" + "".join(f"{s},task-{t},{0.2 + 0.6 * (s >= t)}\n" for s in range(4) for t in (1, 2, 3))
    )
    done = command("run", folder, "--release", "1", "--out", tmp_path / "reports", home=home)
    assert done.returncode == 0, done.stderr
    results = published(tmp_path / "reports", "matrix", "1")
    lost = next(e for e in results["estimates"] if e["quantity"] == "backward_transfer" and e["task"] is None)
    assert lost["value"] == pytest.approx(0)
    assert "at least two seeds" in lost["reason"]
    assert "at least two seeds" in (tmp_path / "reports" / "matrix" / "1" / "forgetting.html").read_text()


def test_init_makes_a_wide_matrix_runnable(tmp_path, home):
    """A CSV with a row a stage and a column a task: init, then check, and nothing by hand."""
    folder = tmp_path / "wide"
    folder.mkdir()
    (folder / "results.csv").write_text("stage,billing,returns\n0,0.1,0.2\n1,0.9,0.3\n2,0.7,0.8\n")
    done = command("init", folder, home=home)
    assert done.returncode == 0, done.stderr
    done = command("check", folder, home=home)
    assert done.returncode == 0, done.stderr
    assert "billing" in (folder / "stream.toml").read_text()


def _line(**fields):
    return json.dumps({"stage": 1, "task": "billing", "item": "x", "score": 1} | fields) + "\n"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("broken line", _line() + '{"stage": 1, "task": \n' + _line(item="y"), ["evaluations.jsonl", "2"]),
        ("score outside", _line(score=1.5), ["evaluations.jsonl", "1"]),
        ("conflicting duplicate", _line() + _line(score=0), ["evaluations.jsonl", "1"]),
        ("missing column", '{"stage": 1, "task": "billing"}\n', ["evaluations.jsonl", "score"]),
        ("empty file", "", ["evaluations.jsonl"]),
    ],
)
def test_logs_that_cannot_be_used_end_with_one_line(tmp_path, home, name, text, words):
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "stream.toml").write_text('name = "bad"\n[[tasks]]\nname = "billing"\n')
    (folder / "evaluations.jsonl").write_text(text)
    done = command("run", folder, "--out", tmp_path / "reports", home=home)
    assert done.returncode == 4, (name, done.stderr)
    message = done.stderr.strip().splitlines()[-1]
    assert all(word in message for word in words), message
    assert "Traceback" not in done.stderr


def test_a_missing_folder_is_wrong_usage(tmp_path, home):
    done = command("run", tmp_path / "nowhere", "--out", tmp_path / "reports", home=home)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_few_rejected_rows_are_listed_and_do_not_stop_the_run(tmp_path, home):
    folder = write_items(tmp_path / "log")
    with (folder / "evaluations.jsonl").open("a") as file:
        file.write(_line(score=7) + "no json at all\n")
    done = command("check", folder, "--rejected", home=home)
    assert done.returncode == 0, done.stderr
    assert "721" in done.stdout
    assert "722" in done.stdout
