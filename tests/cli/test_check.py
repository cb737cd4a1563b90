"""Do the facts that `check` reports equal a count by hand over the log's own rows?"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from toolkit.cli.check import check
from toolkit.cube.facts import gather
from toolkit.errors import LogRejected
from toolkit.logs import read_stream

CONFIG = 'name = "s"\nmax_rejected = 0.2\n[[tasks]]\nname = "a"\n[[tasks]]\nname = "b"\n[[tasks]]\nname = "c"\n'


def write(folder: Path, table: str, rows: list[dict[str, object]]) -> None:
    """One JSON Lines file."""
    (folder / f"{table}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    """Task c is the last, b is evaluated before it arrives, a is lost after stage 2; some labels match."""
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "stream.toml").write_text(CONFIG)
    cells = {"a": (1, 2), "b": (1, 2, 3), "c": (3,)}
    evaluations = [
        {"stage": stage, "task": task, "item": f"{task}{item}", "score": (item + stage) % 2, "seed": seed}
        for task, stages in cells.items()
        for stage in stages
        for item in range(5)
        for seed in (0, 1)
    ]
    alone = {"stage": 1, "task": "a", "item": "a0", "score": 1, "arm": "isolated"}
    write(folder, "evaluations", [*evaluations, alone, alone | {"step": 10}])
    base = {"score": 1, "rater": "r"}
    judge = base | {"source": "synthetic"}
    people = base | {"source": "human"}
    rows = [judge | {"stage": s, "task": "a", "item": f"a{i}"} for s in (1, 2) for i in range(4)]
    rows += [people | {"stage": 1, "task": "a", "item": f"a{i}", "probability": 0.5} for i in (0, 1)]
    rows += [people | {"stage": 1, "task": "a", "item": "a0", "rater": "second"}]
    rows += [people | {"stage": 1, "task": "a", "item": "a4"}]  # never judged by the judge
    rows += [people | {"stage": 2, "task": "a", "item": "a0", "abstained": True, "score": None}]
    write(folder, "feedback", rows)
    return folder


def test_facts_are_those_of_the_rows(stream: Path) -> None:
    with read_stream(stream) as log:
        facts = gather(log)
    assert facts.tasks == 3
    assert facts.arms == (("isolated", 1), ("stream", 2))
    assert facts.seeds("stream") == 2
    assert facts.rows == facts.rows_with_item == 62
    assert facts.items == 15
    assert facts.stages == 3
    assert facts.curves == 1
    assert facts.both == 1  # b alone: a lacks the last stage, c is the last
    assert facts.before == 1  # b at stage 1
    assert (facts.human, facts.synthetic, facts.matched, facts.twice, facts.chosen) == (4, 8, 3, 1, 2)
    assert facts.judged_stages == 2
    assert facts.samples == 0


def test_check_prints_ledger_people_and_advice(stream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(stream, rejected=False) == 0
    out = capsys.readouterr().out
    assert "evaluations\t62\t62\t0" in out
    assert "Human labels: 4, of which 3 match something a synthetic rater judged; 1 items" in out
    assert "joint training\tno\tlog the arm" in out
    assert "Cheapest to log next:\n  1. " in out


def test_check_lists_rejected_rows_also_of_a_log_that_cannot_be_used(
    stream: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with its file and line; a hostile name is shown without what a terminal would obey."""
    path = stream / "evaluations.jsonl"
    lines = path.read_text().splitlines()
    bad = random.Random(1).sample(range(len(lines)), 20)
    for number in bad:
        lines[number] = '{"stage": 1, "task": "\\u001b[31mx", "score": 1, "item": "x"}'
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(LogRejected, match=r"20 of 62 rows"):
        check(stream, rejected=True)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    for number in bad:
        assert f"evaluations.jsonl line {number + 1}\t" in out


def test_check_says_when_a_log_is_stale(stream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import os

    (stream / "stream.toml").write_text('expect_every = "1h"\n' + CONFIG)
    for file in stream.glob("*.jsonl"):
        os.utime(file, (1e9, 1e9))
    assert check(stream, rejected=False) == 5
    assert capsys.readouterr().err.count("\n") == 1
