"""Whether names tell the order in which tasks arrived."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.logs.streams import evaluations, write
from toolkit.errors import LogRejected
from toolkit.logs.config import StreamConfig
from toolkit.logs.read import read_stream
from toolkit.logs.tasks import natural_order, with_tasks


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["t10", "t9", "t1"], ("t1", "t9", "t10")),
        (["2024-12", "2025-01", "2024-2"], ("2024-2", "2024-12", "2025-01")),
        (["3", "20", "1"], ("1", "3", "20")),
        (["only"], ("only",)),
        ([], ()),
        (["billing", "mail"], None),
        (["t1", "t2", "t"], None),
        (["cifar10", "mnist5"], None),
        (["t1", "t01"], None),
        (["1st", "2nd"], None),
    ],
)
def test_natural_order(names: list[str], order: tuple[str, ...] | None) -> None:
    """Only names that are equal but for their numbers, and end in one, sort by themselves."""
    assert natural_order(names) == order


def test_tasks_of_the_log_in_natural_order(tmp_path: Path) -> None:
    """Without [[tasks]] the names in all tables count."""
    names = [f"task-{i}" for i in (1, 2, 10)]
    write(tmp_path / "evaluations.jsonl", evaluations(tasks=names[::-1]))
    write(tmp_path / "samples.csv", [{"stage": 4, "task": "task-11", "sample": "a"}])
    with read_stream(tmp_path) as log:
        assert log.config.task_order() == (*names, "task-11")


def test_names_without_order_are_refused(tmp_path: Path) -> None:
    """The message says what to write, and where."""
    write(tmp_path / "evaluations.jsonl", evaluations())
    with pytest.raises(
        LogRejected, match=r"^[^\n]*alpha, beta, gamma[^\n]*\[\[tasks\]\][^\n]*streamreview init[^\n]*$"
    ):
        read_stream(tmp_path)


def test_the_default_order_serves_as_list(tmp_path: Path) -> None:
    """[orders] default is as good as [[tasks]]; an order of strangers is refused."""
    config = StreamConfig(name="x", orders={"default": ("b", "a"), "other": ("a", "b")})
    assert with_tasks(config, {"a", "b"}, tmp_path).task_order() == ("b", "a")
    strange = StreamConfig(name="x", orders={"default": ("b", "a"), "other": ("a", "z")})
    with pytest.raises(LogRejected, match="'z'"):
        with_tasks(strange, {"a", "b"}, tmp_path)
